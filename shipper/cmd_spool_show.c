/* SPDX-License-Identifier: MIT
 *
 * spool show and spool export: events whole, for a person and for programs. The API
 * key is not in the spool, so it cannot be shown.
 */
#include "shipper/cmd_spool.h"

#include "parsers/timestamp.h"
#include "shipper/event_table.h"

/* --- for programs ------------------------------------------------------------------ */

static void put_time(const char *name, int64_t at_s, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_BYTES];

    timestamp_write(at_s, text);
    buffer_printf(out, ",\"%s\":\"%s\"", name, text);
}

/* A body that is not what was written is shown as the text that it is. */
static void put_body(const struct spool_entry *entry, struct buffer *out)
{
    if (entry->is_sound) {
        buffer_append(out, SPAN(",\"request\":"));
        buffer_append(out, entry->body);
    } else {
        buffer_append(out, SPAN(",\"damaged_request\":"));
        event_write_string(entry->body, out);
    }
}

void cmd_spool_write_json(const struct spool_entry *entry, struct buffer *out)
{
    buffer_printf(out, "{\"state\":\"%s\",\"id\":", entry_state_names[entry->state]);
    event_write_string(entry->id, out);
    if (entry->state == ENTRY_REJECTED) {
        put_time("rejected_at", entry->at_s, out);
        buffer_printf(out, ",\"status\":%ld,\"answer\":", entry->status);
        event_write_string(entry->answer, out);
    }
    put_body(entry, out);
    buffer_append_byte(out, '}');
}

struct output {
    struct spool_job *job;
    struct buffer text;
    uint64_t count;
    bool is_broken; /* nobody reads on */
};

static bool flush(struct output *output)
{
    output->is_broken = fwrite(output->text.bytes, 1, output->text.len, stdout) != output->text.len;
    buffer_clear(&output->text);
    return !output->is_broken;
}

static bool export_one(void *arg, const struct spool_entry *entry)
{
    struct output *output = arg;

    output->count++;
    cmd_spool_write_json(entry, &output->text);
    buffer_append_byte(&output->text, '\n');
    return flush(output);
}

int cmd_spool_export(struct spool_job *job)
{
    struct output output = {.job = job};
    struct error err = {0};
    bool is_read = spool_selection_each(&job->selection, job->spool, export_one, &output, &err);

    if (is_read && (output.is_broken || fflush(stdout) != 0))
        is_read = error_system(&err, "cannot write");
    buffer_finish(&output.text);
    return is_read ? EXIT_FINE : command_fail("spool export", &err);
}

/* --- for people ---------------------------------------------------------------------- */

/* Safe for a terminal, line by line. */
static void put_lines(struct span text, struct buffer *out)
{
    while (text.len > 0) {
        event_table_text(span_cut(&text, '\n'), out);
        buffer_append_byte(out, '\n');
    }
}

/* What was posted, or would be. */
static void put_request(
    const struct spool_job *job, const struct spool_entry *entry, struct buffer *out)
{
    struct event_body event;
    struct buffer pretty = {0};
    bool is_aggregated = event_is_aggregated(entry->body);

    if (job->config)
        buffer_printf(out, "POST %s\n",
            is_aggregated ? job->config->endpoint.aggregate_url : job->config->endpoint.url);
    else
        buffer_printf(out, "POST, as %s\n", is_aggregated ? "a count" : "one event");
    buffer_append(out, SPAN("X-API-KEY: (not kept here)\nContent-Type: application/json\n\n"));
    if (entry->is_sound && event_body_read(entry->body, &event)) {
        event_body_write_pretty(&event, &pretty);
        put_lines(buffer_span(&pretty), out);
        event_body_finish(&event);
    } else {
        put_lines(entry->body, out);
    }
    buffer_finish(&pretty);
}

static void put_fate(const struct spool_entry *entry, struct buffer *out)
{
    switch (entry->state) {
    case ENTRY_WAITING:
        buffer_append(out, SPAN("waiting to be sent\n"));
        break;
    case ENTRY_REJECTED:
        buffer_append(out, SPAN("rejected at "));
        cmd_spool_write_time(entry->at_s, out);
        buffer_append(out, SPAN(" UTC: "));
        cmd_spool_write_reason(entry, out);
        buffer_append_byte(out, '\n');
        break;
    case ENTRY_DAMAGED:
    case ENTRY_STATES:
        break;
    }
    if (!entry->is_sound)
        buffer_append(out, SPAN("damaged: what is here is not what was written, and is never "
                                "sent\n"));
}

static bool show_one(void *arg, const struct spool_entry *entry)
{
    struct output *output = arg;
    struct buffer *out = &output->text;

    if (output->count++ > 0)
        buffer_append(out, SPAN("\n----\n\n"));
    buffer_append(out, SPAN("event "));
    event_table_text(entry->id, out);
    buffer_append_byte(out, '\n');
    put_fate(entry, out);
    buffer_append_byte(out, '\n');
    put_request(output->job, entry, out);
    if (entry->state == ENTRY_REJECTED) {
        buffer_printf(out, "\nHTTP %ld\n\n", entry->status);
        put_lines(entry->answer.len > 0 ? entry->answer : SPAN("(no body)"), out);
    }
    return flush(output);
}

int cmd_spool_show(struct spool_job *job)
{
    struct output output = {.job = job};
    struct error err = {0};
    bool is_read = spool_selection_each(
        &job->selection, job->spool, job->is_json ? export_one : show_one, &output, &err);

    buffer_finish(&output.text);
    if (!is_read)
        return command_fail("spool show", &err);
    if (output.count > 0)
        return EXIT_FINE;
    fputs("usage-shipper spool show: no such event\n", stderr);
    return EXIT_FOUND;
}
