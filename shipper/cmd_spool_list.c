/* SPDX-License-Identifier: MIT
 *
 * spool list: numbers, then what is alike in one row, then the events themselves, few
 * of each state unless all are asked for. A spool may hold millions: of those not
 * listed only the number is told.
 */
#include "shipper/cmd_spool.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "parsers/timestamp.h"
#include "shipper/event_table.h"
#include "shipper/sender/verdict.h"

#include <stdlib.h>

enum { SHOWN_EVENTS = 20, SHOWN_GROUPS = 40, SHORT_ID_LEN = 12 };
enum { PRODUCT_WIDTH = 16, ACTIVITY_WIDTH = 16, USER_WIDTH = 22, ADDRESS_WIDTH = 15 };

/* Events that are alike: the words of its row. */
struct group {
    uint64_t count;
    char *words;
};

struct listing {
    struct spool_job *job;
    uint64_t seen[ENTRY_STATES];
    struct group groups[SHOWN_GROUPS];
    size_t group_count;
    uint64_t ungrouped;
    struct buffer rows, line;
};

/* --- texts ----------------------------------------------------------------------- */

void cmd_spool_write_time(int64_t at_s, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_BYTES];

    timestamp_write(at_s, text);
    buffer_printf(out, "%.10s %.8s", text, text + 11);
}

void cmd_spool_write_reason(const struct spool_entry *entry, struct buffer *out)
{
    struct judgement judgement =
        verdict_judge(&(struct answer){.status = entry->status, .body = entry->answer}, 0);

    buffer_append(out, span_of(judgement.reason));
}

static void put_why(const struct spool_entry *entry, struct buffer *out)
{
    if (!entry->is_sound)
        buffer_append(out, SPAN("its checksum is wrong: never sent"));
    else if (entry->state == ENTRY_REJECTED)
        cmd_spool_write_reason(entry, out);
}

/* Nothing but blanks stand in the last column. */
static void trim(struct buffer *out)
{
    while (out->len > 0 && out->bytes[out->len - 1] == ' ')
        out->len--;
}

/* --- gathering ------------------------------------------------------------------- */

static void add_to_group(struct listing *l, struct span words)
{
    size_t i = 0;

    while (i < l->group_count && !span_is(words, l->groups[i].words))
        i++;
    if (i == SHOWN_GROUPS) {
        l->ungrouped++;
        return;
    }
    if (i == l->group_count)
        l->groups[l->group_count++] = (struct group){.words = memory_string(words)};
    l->groups[i].count++;
}

static void group(
    struct listing *l, const struct spool_entry *entry, const struct event_body *event)
{
    struct buffer *line = &l->line;

    buffer_clear(line);
    event_table_cell(span_of(entry_state_names[entry->state]), strlen("rejected"), line);
    event_table_cell(event->product_id, PRODUCT_WIDTH, line);
    event_table_cell(event->activity_type, ACTIVITY_WIDTH, line);
    put_why(entry, line);
    trim(line);
    add_to_group(l, buffer_span(line));
}

static void put_row(
    struct buffer *out, const struct spool_entry *entry, const struct event_body *event)
{
    struct span id = entry->id;
    struct buffer time = {0};

    if (id.len > SHORT_ID_LEN)
        id.len = SHORT_ID_LEN;
    cmd_spool_write_time(event->at_s, &time);
    event_table_cell(id, SHORT_ID_LEN, out);
    event_table_cell(span_of(entry_state_names[entry->state]), strlen("rejected"), out);
    event_table_cell(buffer_span(&time), strlen("2026-11-23 10:11:12"), out);
    event_table_cell(event->product_id, PRODUCT_WIDTH, out);
    event_table_cell(event->activity_type, ACTIVITY_WIDTH, out);
    event_table_cell(event->user_id.at ? event->user_id : SPAN("-"), USER_WIDTH, out);
    event_table_cell(event->ip_addr.at ? event->ip_addr : SPAN("-"), ADDRESS_WIDTH, out);
    if (event->count > 0)
        buffer_printf(out, "%llu times  ", (unsigned long long)event->count);
    put_why(entry, out);
    trim(out);
    buffer_append_byte(out, '\n');
    buffer_finish(&time);
}

static bool take(void *arg, const struct spool_entry *entry)
{
    struct listing *l = arg;
    struct event_body event;

    if (++l->seen[entry->state] > LIMIT_LISTED_EVENTS && !l->job->is_all)
        return true;
    event_body_read(entry->body, &event);
    group(l, entry, &event);
    if (l->seen[entry->state] <= SHOWN_EVENTS || l->job->is_all)
        put_row(&l->rows, entry, &event);
    event_body_finish(&event);
    return true;
}

/* --- showing ---------------------------------------------------------------------- */

static int compare_groups(const void *a, const void *b)
{
    const struct group *one = a, *other = b;

    return one->count < other->count ? 1 : one->count > other->count ? -1 : 0;
}

static void put_groups(struct listing *l, struct buffer *out)
{
    qsort(l->groups, l->group_count, sizeof(*l->groups), compare_groups);
    buffer_append(out, SPAN("\n   EVENTS  STATE     PRODUCT           ACTIVITY          WHY\n"));
    for (size_t i = 0; i < l->group_count; i++)
        buffer_printf(
            out, "%9llu  %s\n", (unsigned long long)l->groups[i].count, l->groups[i].words);
    if (l->ungrouped > 0)
        buffer_printf(out, "%9llu  (others)\n", (unsigned long long)l->ungrouped);
    for (unsigned state = 0; state < ENTRY_STATES; state++)
        if (l->seen[state] > LIMIT_LISTED_EVENTS && !l->job->is_all)
            buffer_printf(out, "%9llu  %s, not looked at without --all\n",
                (unsigned long long)l->seen[state] - LIMIT_LISTED_EVENTS, entry_state_names[state]);
}

static void put_rows(const struct listing *l, struct buffer *out)
{
    uint64_t hidden = 0;

    buffer_append(out, SPAN("\n"));
    event_table_cell(SPAN("EVENT"), SHORT_ID_LEN, out);
    event_table_cell(SPAN("STATE"), strlen("rejected"), out);
    event_table_cell(SPAN("TIME (UTC)"), strlen("2026-11-23 10:11:12"), out);
    event_table_cell(SPAN("PRODUCT"), PRODUCT_WIDTH, out);
    event_table_cell(SPAN("ACTIVITY"), ACTIVITY_WIDTH, out);
    event_table_cell(SPAN("USER"), USER_WIDTH, out);
    event_table_cell(SPAN("ADDRESS"), ADDRESS_WIDTH, out);
    buffer_append(out, SPAN("WHY\n"));
    buffer_append(out, buffer_span(&l->rows));
    for (unsigned state = 0; state < ENTRY_STATES && !l->job->is_all; state++)
        hidden += l->seen[state] > SHOWN_EVENTS ? l->seen[state] - SHOWN_EVENTS : 0;
    if (hidden > 0)
        buffer_printf(out, "(%llu more: --all shows them, the oldest of each state are above)\n",
            (unsigned long long)hidden);
}

static void put_numbers(
    const struct spool_job *job, const struct spool_stats *stats, struct buffer *out)
{
    buffer_printf(out, "%llu waiting, %llu rejected, %llu damaged; ",
        (unsigned long long)stats->waiting, (unsigned long long)stats->rejected,
        (unsigned long long)stats->corrupt);
    buffer_printf(out, "%llu delivered, %llu dropped, %llu lost (%s/%s",
        (unsigned long long)stats->delivered, (unsigned long long)stats->dropped,
        (unsigned long long)stats->lost, job->dir, job->file ? job->file : "spool.db");
    if (job->service.pid > 0)
        buffer_printf(out, ", in use by process %d", (int)job->service.pid);
    buffer_append(out, SPAN(")\n"));
}

static bool has_any(const struct listing *l)
{
    return l->seen[ENTRY_WAITING] + l->seen[ENTRY_REJECTED] + l->seen[ENTRY_DAMAGED] > 0;
}

static int list_text(struct spool_job *job, const struct spool_stats *stats)
{
    struct listing l = {.job = job};
    struct buffer out = {0};
    struct error err;
    bool is_read = spool_selection_each(&job->selection, job->spool, take, &l, &err);

    put_numbers(job, stats, &out);
    if (has_any(&l)) {
        put_groups(&l, &out);
        put_rows(&l, &out);
    }
    fwrite(out.bytes, 1, out.len, stdout);
    for (size_t i = 0; i < l.group_count; i++)
        free(l.groups[i].words);
    buffer_finish(&l.rows);
    buffer_finish(&l.line);
    buffer_finish(&out);
    return is_read ? EXIT_FINE : command_fail("spool list", &err);
}

/* --- as JSON ------------------------------------------------------------------------ */

struct json_list {
    struct buffer line;
    bool has_any;
};

static bool put_json(void *arg, const struct spool_entry *entry)
{
    struct json_list *l = arg;

    buffer_clear(&l->line);
    buffer_append(&l->line, l->has_any ? SPAN(",\n") : SPAN("\n"));
    cmd_spool_write_json(entry, &l->line);
    l->has_any = true;
    return fwrite(l->line.bytes, 1, l->line.len, stdout) == l->line.len;
}

static int list_json(struct spool_job *job, const struct spool_stats *stats)
{
    struct json_list l = {.has_any = false};
    struct error err;
    bool is_read;

    printf("{\"waiting\":%llu,\"rejected\":%llu,\"damaged\":%llu,\"delivered\":%llu,"
           "\"dropped\":%llu,\"lost\":%llu,\"bytes\":%llu,\"events\":[",
        (unsigned long long)stats->waiting, (unsigned long long)stats->rejected,
        (unsigned long long)stats->corrupt, (unsigned long long)stats->delivered,
        (unsigned long long)stats->dropped, (unsigned long long)stats->lost,
        (unsigned long long)stats->bytes);
    is_read = spool_selection_each(&job->selection, job->spool, put_json, &l, &err);
    puts("]}");
    buffer_finish(&l.line);
    return is_read ? EXIT_FINE : command_fail("spool list", &err);
}

int cmd_spool_list(struct spool_job *job)
{
    struct spool_stats stats;
    struct error err;

    if (!spool_stats(job->spool, &stats, &err))
        return command_fail("spool list", &err);
    return job->is_json ? list_json(job, &stats) : list_text(job, &stats);
}
