/* SPDX-License-Identifier: MIT
 *
 * Status for machines. Every class is there, zero or not.
 */
#include "parsers/event.h"
#include "parsers/timestamp.h"
#include "shipper/status.h"

static void put_number(const char *name, uint64_t value, struct buffer *out)
{
    buffer_printf(out, "\"%s\":%llu", name, (unsigned long long)value);
}

static void put_time(const char *name, int64_t at_s, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_BYTES];

    timestamp_write(at_s, text);
    buffer_printf(out, "\"%s\":\"%s\"", name, text);
}

static void put_bool(const char *name, bool value, struct buffer *out)
{
    buffer_printf(out, "\"%s\":%s", name, value ? "true" : "false");
}

/* size, and what adds up to it; then the lines. */
static void put_figures(const struct status_source *source, bool adds_up, struct buffer *out)
{
    put_number("size", source->size, out);
    buffer_append(out, SPAN(",\"bytes\":{"));
    for (unsigned i = 0; i < ACCOUNT_CLASSES; i++) {
        put_number(account_class_name(i), source->account.bytes[i], out);
        buffer_append_byte(out, ',');
    }
    put_number("held", source->held, out);
    buffer_append_byte(out, ',');
    put_number("not_yet_read", source->unread, out);
    buffer_append(out, SPAN("},\"lines\":{"));
    for (unsigned i = 0; i < ACCOUNT_CLASSES; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        put_number(account_class_name(i), source->account.lines[i], out);
    }
    buffer_append(out, SPAN("},"));
    put_bool("adds_up", adds_up, out);
}

static void put_syslog(const struct status_source *source, struct buffer *out)
{
    buffer_append(out, SPAN(",\"syslog\":"));
    for (unsigned i = 0; i < SYSLOG_COUNTS; i++) {
        buffer_append_byte(out, i == 0 ? '{' : ',');
        put_number(syslog_count_names[i], source->syslog[i], out);
    }
    buffer_append_byte(out, '}');
}

/* null: not known. */
static void put_pace(const struct status_source *source, struct buffer *out)
{
    put_number("lag_bytes", source->held + source->unread, out);
    if (source->lag_s < 0)
        buffer_append(out, SPAN(",\"lag_s\":null"));
    else
        buffer_printf(out, ",\"lag_s\":%lld", (long long)source->lag_s);
    buffer_printf(out, ",\"lines_per_s\":%.2f,", source->lines_per_s);
}

static void put_source(const struct status_source *source, struct buffer *out)
{
    buffer_append(out, SPAN("{\"name\":"));
    event_write_string(span_of(source->name), out);
    buffer_append(out, SPAN(",\"kind\":"));
    event_write_string(span_of(source->kind), out);
    buffer_append_byte(out, ',');
    put_bool("followed", source->is_followed, out);
    buffer_append_byte(out, ',');
    put_bool("here", source->is_here, out);
    buffer_append_byte(out, ',');
    put_time("seen_at", source->seen_s, out);
    buffer_append_byte(out, ',');
    put_number("position", source->position, out);
    buffer_append_byte(out, ',');
    put_pace(source, out);
    put_figures(source, source->missing == 0, out);
    if (source->advice) {
        buffer_append(out, SPAN(",\"unreadable\":"));
        event_write_string(span_of(source->advice), out);
    }
    if (source->is_syslog)
        put_syslog(source, out);
    buffer_append_byte(out, '}');
}

static void put_service(const struct status *status, struct buffer *out)
{
    buffer_append(out, SPAN("{\"state_dir\":"));
    event_write_string(span_of(status->dir), out);
    buffer_append_byte(out, ',');
    put_bool("running", status->service.is_there, out);
    if (status->service.pid > 0) {
        buffer_append_byte(out, ',');
        put_number("pid", (uint64_t)status->service.pid, out);
    }
    if (status->service.is_there) {
        buffer_append_byte(out, ',');
        put_time("since", status->service.since_s, out);
    }
    buffer_append(out, SPAN(",\n"));
}

static void put_spool(const struct status *status, struct buffer *out)
{
    const struct spool_stats *spool = &status->spool;

    buffer_printf(out, "\"spool\":{\"waiting\":%llu,\"rejected\":%llu,\"delivered\":%llu,",
        (unsigned long long)spool->waiting, (unsigned long long)spool->rejected,
        (unsigned long long)spool->delivered);
    buffer_printf(out, "\"dropped\":%llu,\"damaged\":%llu,\"lost\":%llu,",
        (unsigned long long)spool->dropped, (unsigned long long)spool->corrupt,
        (unsigned long long)spool->lost);
    put_number("expired", status->expired, out);
    buffer_append_byte(out, ',');
    put_number("bytes", spool->bytes, out);
    if (status->spool_max_bytes > 0) {
        buffer_append_byte(out, ',');
        put_number("max_bytes", status->spool_max_bytes, out);
    }
    buffer_append(out, SPAN("},\n"));
}

static void put_notes(const struct notes_stats *notes, struct buffer *out)
{
    buffer_printf(out,
        "\"kept\":{\"counts\":%llu,\"once\":%llu,\"pairs\":%llu,\"remembered\":%llu,"
        "\"ended_early\":%llu},\n",
        (unsigned long long)notes->kept[NOTE_COUNT], (unsigned long long)notes->kept[NOTE_ONCE],
        (unsigned long long)notes->kept[NOTE_PAIR], (unsigned long long)notes->kept[NOTE_VALUES],
        (unsigned long long)notes->ended_early);
}

/* The back-off ends with the process that waits. */
static void put_endpoint(const struct status *status, struct buffer *out)
{
    int64_t until_s = status->sender.is_running ? status->sender.seen.holdup.until_s : 0;

    buffer_append(out, SPAN("\"endpoint\":{"));
    answers_write_json(&status->answers, status->answers_s, out);
    buffer_append_byte(out, ',');
    if (until_s > 0)
        put_time("back_off_until", until_s, out);
    else
        buffer_append(out, SPAN("\"back_off_until\":null"));
    buffer_append(out, SPAN("},\n"));
}

void status_write_json(const struct status *status, bool is_all, struct buffer *out)
{
    struct status_source total = status_sum(status, 0, status->count);
    size_t shown = is_all ? status->count : status->count - status->gone;

    put_service(status, out);
    facts_write_json(&status->facts, out);
    put_spool(status, out);
    put_endpoint(status, out);
    put_notes(&status->notes, out);
    status_write_alerts_json(status, out);
    status_rules_json(&status->rules, status->known_s, out);
    status_write_holdups_json(status, out);
    buffer_append(out, SPAN("\"sources\":["));
    for (size_t i = 0; i < shown; i++) {
        buffer_append(out, i > 0 ? SPAN(",\n") : SPAN("\n"));
        put_source(&status->sources[i], out);
    }
    buffer_append(out, SPAN("],\n"));
    put_number("gone", status->gone, out);
    buffer_append(out, SPAN(",\n\"all\":{"));
    put_pace(&total, out);
    put_figures(&total, status_faults(status) == 0, out);
    buffer_append(out, SPAN("}}\n"));
}
