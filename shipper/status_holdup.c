/* SPDX-License-Identifier: MIT
 *
 * Why events wait, and why nothing is read: a line each for people, an object each
 * for machines.
 */
#include "parsers/event.h"
#include "parsers/timestamp.h"
#include "shipper/event_table.h"
#include "shipper/status.h"

/* --- for people -------------------------------------------------------------- */

static void put_time(const char *before, int64_t at_s, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_BYTES];

    timestamp_write(at_s, text);
    buffer_printf(out, "%s%s", before, text);
}

static void put_why(const struct status_process *process, struct buffer *out)
{
    const struct holdup *holdup = &process->seen.holdup;
    bool is_slowed = holdup->why == HOLDUP_RATE_LIMIT || holdup->why == HOLDUP_RAMP;

    if (holdup->why == HOLDUP_NOTHING) {
        buffer_append(out, SPAN("nothing holds it up"));
        return;
    }
    put_time(is_slowed ? "slowed down since " : "held up since ", holdup->since_s, out);
    buffer_append(out, SPAN(": "));
    event_table_text(span_of(holdup->text), out);
    if (holdup->until_s > 0 && process->is_running)
        put_time("; next try at ", holdup->until_s, out);
}

static void put_single_events(const struct holdup *holdup, struct buffer *out)
{
    if (holdup->backing_off > 0) {
        buffer_printf(out, "; %llu %s after failures of their own, the first until ",
            (unsigned long long)holdup->backing_off,
            holdup->backing_off == 1 ? "event waits" : "events wait");
        put_time("", holdup->backing_off_until_s, out);
    }
    if (holdup->held > 0) {
        buffer_printf(out, "; %llu refused %s until a delivery shows that the settings are right, ",
            (unsigned long long)holdup->held, holdup->held == 1 ? "event waits" : "events wait");
        put_time("at the latest ", holdup->held_until_s, out);
    }
}

static const char *describe_absence(const struct status *status, const struct holdup_seen *seen)
{
    if (!status->service.is_there)
        return "not running";
    return seen->is_there ? "its process is down, to be started again" : "not known";
}

static void put_process(const char *name, const struct status *status,
    const struct status_process *process, struct buffer *out)
{
    const struct holdup_seen *seen = &process->seen;

    buffer_printf(out, "%s: ", name);
    if (process->is_running) {
        put_why(process, out);
        put_single_events(&seen->holdup, out);
    } else {
        buffer_printf(out, "%s", describe_absence(status, seen));
        if (seen->is_there && seen->holdup.why != HOLDUP_NOTHING) {
            put_time("; at ", seen->noted_s, out);
            buffer_append(out, SPAN(" it was "));
            put_why(process, out);
        }
    }
    buffer_append_byte(out, '\n');
}

void status_write_holdups_text(const struct status *status, struct buffer *out)
{
    put_process("sending", status, &status->sender, out);
    put_process("reading", status, &status->reader, out);
}

/* --- for machines ------------------------------------------------------------- */

/* null: there is none. */
static void put_json_time(const char *name, int64_t at_s, struct buffer *out)
{
    buffer_printf(out, ",\"%s\":", name);
    if (at_s > 0) {
        put_time("\"", at_s, out);
        buffer_append_byte(out, '"');
    } else {
        buffer_append(out, SPAN("null"));
    }
}

static void put_json_process(
    const char *name, const struct status_process *process, bool is_sender, struct buffer *out)
{
    const struct holdup *holdup = &process->seen.holdup;

    buffer_printf(out, "\"%s\":{\"running\":%s", name, process->is_running ? "true" : "false");
    if (process->seen.is_there) {
        put_json_time("noted_at", process->seen.noted_s, out);
        buffer_printf(out, ",\"held_up_by\":\"%s\"", holdup_name(holdup->why));
        put_json_time("since", holdup->why == HOLDUP_NOTHING ? 0 : holdup->since_s, out);
        buffer_append(out, SPAN(",\"reason\":"));
        event_write_string(span_of(holdup->text), out);
    }
    if (process->seen.is_there && is_sender) {
        put_json_time("next_try_at", holdup->until_s, out);
        buffer_printf(out, ",\"backing_off\":%llu", (unsigned long long)holdup->backing_off);
        put_json_time("backing_off_until", holdup->backing_off_until_s, out);
        buffer_printf(out, ",\"refused_held\":%llu", (unsigned long long)holdup->held);
        put_json_time("refused_held_until", holdup->held_until_s, out);
    }
    buffer_append(out, SPAN("},\n"));
}

void status_write_holdups_json(const struct status *status, struct buffer *out)
{
    put_json_process("sending", &status->sender, true, out);
    put_json_process("reading", &status->reader, false, out);
}
