/* SPDX-License-Identifier: MIT
 *
 * Buckets grow by about a half each, so that a quantile is off by a fifth of itself at
 * most. A slot that is older than the window is used anew.
 */
#include "shipper/answers.h"

#include "parsers/event.h"
#include "parsers/timestamp.h"
#include "shipper/bulletin.h"
#include "shipper/event_table.h"

#include <curl/curl.h>
#include <stdio.h>

enum { COMPARE_S = 60, DAY_S = 86400, OFF_S = 60 };

#define DECADE(ms) 1 * (ms), 3 * (ms) / 2, 2 * (ms), 3 * (ms), 5 * (ms), 7 * (ms)

const uint32_t answers_bounds_us[ANSWERS_BUCKETS - 1] = {DECADE(100), DECADE(1000), DECADE(10000),
    DECADE(100000), DECADE(1000000), DECADE(10000000), 100000000};

size_t answers_bucket(uint64_t took_us)
{
    size_t first = 0, end = ANSWERS_BUCKETS - 1;

    while (first < end) {
        size_t middle = (first + end) / 2;

        if (took_us > answers_bounds_us[middle])
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* Once a minute is enough. */
static void compare_clocks(struct answers *answers, struct span date, int64_t wall_s)
{
    char text[64];
    time_t theirs;

    if (!date.at || date.len >= sizeof(text) ||
        (wall_s >= answers->clock_at_s && wall_s < answers->clock_at_s + COMPARE_S))
        return;
    snprintf(text, sizeof(text), "%.*s", (int)date.len, date.at);
    theirs = curl_getdate(text, NULL);
    if (theirs == -1)
        return;
    answers->clock_at_s = wall_s;
    answers->clock_ahead_s = wall_s - theirs;
}

bool answers_clock_is_off(const struct answers *answers, int64_t now_s)
{
    int64_t age_s = now_s - answers->clock_at_s;

    return answers->clock_at_s > 0 && age_s < DAY_S && age_s > -DAY_S &&
           (answers->clock_ahead_s >= OFF_S || answers->clock_ahead_s <= -OFF_S);
}

void answers_add(struct answers *answers, const struct answer *answer,
    const struct judgement *judgement, int64_t wall_s)
{
    int64_t number = wall_s / ANSWERS_SLOT_S;
    struct answers_slot *slot = &answers->slots[(uint64_t)number % ANSWERS_SLOTS];

    answers->added++;
    answers->last_s = wall_s;
    answers->last_status = answer->transport_error ? 0 : answer->status;
    answers->last_verdict = judgement->verdict;
    memcpy(answers->last_reason, judgement->reason, sizeof(answers->last_reason));
    if (judgement->verdict == VERDICT_DELIVERED)
        answers->last_reason[0] = '\0';
    if (answer->transport_error)
        return;
    compare_clocks(answers, answer->date, wall_s);
    if (slot->number != number)
        *slot = (struct answers_slot){.number = number};
    slot->counts[answers_bucket(answer->took_us)]++;
}

void answers_look(const char *dir, struct answers *answers, int64_t *noted_s)
{
    struct bulletin_seen seen = {0};

    if (!bulletin_read(dir, ANSWERS_FILE, answers, sizeof(*answers), &seen) ||
        answers->last_verdict < 0 || answers->last_verdict >= VERDICTS ||
        !memchr(answers->last_reason, 0, sizeof(answers->last_reason)))
        *answers = (struct answers){0};
    *noted_s = seen.noted_s;
}

/* --- summing up ------------------------------------------------------------------ */

/* Evenly spread within its bucket. */
static double quantile_ms(const uint64_t *counts, uint64_t all, double part)
{
    double wanted = part * (double)all, before = 0;
    size_t i = 0;

    while (i < ANSWERS_BUCKETS - 1 && before + (double)counts[i] < wanted)
        before += (double)counts[i++];
    if (i == ANSWERS_BUCKETS - 1)
        return answers_bounds_us[i - 1] / 1000.0;
    double from = i > 0 ? answers_bounds_us[i - 1] : 0;
    double share = counts[i] > 0 ? (wanted - before) / (double)counts[i] : 1;

    return (from + share * (answers_bounds_us[i] - from)) / 1000;
}

struct answers_summary answers_sum(const struct answers *answers, int64_t now_s)
{
    struct answers_summary sum = {0};
    uint64_t counts[ANSWERS_BUCKETS] = {0}, lately = 0;
    int64_t now = now_s / ANSWERS_SLOT_S;

    for (size_t i = 0; i < ANSWERS_SLOTS; i++) {
        const struct answers_slot *slot = &answers->slots[i];

        if (slot->number > now || slot->number <= now - ANSWERS_SLOTS)
            continue;
        for (size_t k = 0; k < ANSWERS_BUCKETS; k++) {
            counts[k] += slot->counts[k];
            sum.count += slot->counts[k];
            if (slot->number > now - ANSWERS_RATE_S / ANSWERS_SLOT_S)
                lately += slot->counts[k];
        }
    }
    /* The slot under way has not lasted its whole time yet. */
    sum.per_s =
        (double)lately / (double)(ANSWERS_RATE_S - ANSWERS_SLOT_S + now_s % ANSWERS_SLOT_S + 1);
    if (sum.count > 0) {
        sum.p50_ms = quantile_ms(counts, sum.count, 0.5);
        sum.p90_ms = quantile_ms(counts, sum.count, 0.9);
        sum.p99_ms = quantile_ms(counts, sum.count, 0.99);
    }
    return sum;
}

/* --- showing --------------------------------------------------------------------- */

static void put_ms(const char *before, double ms, const char *name, struct buffer *out)
{
    buffer_printf(out, ms < 10 ? "%s%.1f ms (%s)" : "%s%.0f ms (%s)", before, ms, name);
}

void answers_write_text(const struct answers *answers, int64_t now_s, struct buffer *out)
{
    struct answers_summary sum = answers_sum(answers, now_s);
    char at[TIMESTAMP_TEXT_BYTES];

    buffer_append(out, SPAN("endpoint: "));
    if (answers->last_s == 0) {
        buffer_append(out, SPAN("no answer yet\n"));
        return;
    }
    if (sum.count > 0) {
        buffer_printf(out, "%.1f answers/s", sum.per_s);
        put_ms("; latency ", sum.p50_ms, "p50", out);
        put_ms(", ", sum.p90_ms, "p90", out);
        put_ms(", ", sum.p99_ms, "p99", out);
        buffer_append(out, SPAN("; "));
    }
    timestamp_write(answers->last_s, at);
    buffer_printf(out, "the last at %s: ", at);
    if (answers->last_verdict == VERDICT_DELIVERED)
        buffer_printf(out, "HTTP %lld, delivered", (long long)answers->last_status);
    else
        event_table_text(span_of(answers->last_reason), out);
    buffer_append_byte(out, '\n');
}

void answers_write_json(const struct answers *answers, int64_t now_s, struct buffer *out)
{
    struct answers_summary sum = answers_sum(answers, now_s);
    char at[TIMESTAMP_TEXT_BYTES];

    buffer_printf(out, "\"answers_per_s\":%.2f,\"window_s\":%d,\"answers\":%llu", sum.per_s,
        ANSWERS_WINDOW_S, (unsigned long long)sum.count);
    if (sum.count > 0)
        buffer_printf(out, ",\"latency_ms\":{\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f}", sum.p50_ms,
            sum.p90_ms, sum.p99_ms);
    else
        buffer_append(out, SPAN(",\"latency_ms\":null"));
    if (answers->clock_at_s > 0)
        buffer_printf(out, ",\"clock_ahead_s\":%lld", (long long)answers->clock_ahead_s);
    else
        buffer_append(out, SPAN(",\"clock_ahead_s\":null"));
    if (answers->last_s == 0) {
        buffer_append(out, SPAN(",\"last_answer\":null"));
        return;
    }
    timestamp_write(answers->last_s, at);
    buffer_printf(out,
        ",\"last_answer\":{\"at\":\"%s\",\"http_status\":%lld,\"verdict\":\"%s\","
        "\"reason\":",
        at, (long long)answers->last_status, verdict_name((enum verdict)answers->last_verdict));
    event_write_string(span_of(answers->last_reason), out);
    buffer_append_byte(out, '}');
}
