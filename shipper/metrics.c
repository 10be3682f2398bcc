/* SPDX-License-Identifier: MIT
 *
 * A table for what is a number by itself; classes of lines are labels of one metric.
 */
#include "shipper/metrics.h"

#include "parsers/engine.h"
#include "shipper/clock.h"
#include "shipper/metrics_spool.h"

struct row {
    const char *name, *type, *help;
    size_t offset; /* of the counter in the page */
};

#define AT(member) offsetof(struct shared, member)

static const struct row rows[] = {
    {"usage_shipper_events_total", "counter", "Events put into the spool.", AT(reader.events)},
    {"usage_shipper_events_known_total", "counter",
        "Events left out since they were delivered before.", AT(reader.known)},
    {"usage_shipper_notes", "gauge", "What rules keep between lines: open counts and the like.",
        AT(reader.notes)},
    {"usage_shipper_notes_ended_early_total", "counter",
        "Notes that gave way to others, since there were too many.", AT(reader.notes_ended_early)},
    {"usage_shipper_held_lines", "gauge", "Unfinished last lines and records held back.",
        AT(reader.held_lines)},
    {"usage_shipper_spool_full", "gauge", "1 while reading waits for room in the spool.",
        AT(reader.is_spool_full)},
    {"usage_shipper_delivered_total", "counter", "Events that the endpoint took.",
        AT(sender.delivered)},
    {"usage_shipper_rejected_total", "counter", "Events set aside, expired ones among them.",
        AT(sender.rejected)},
    {"usage_shipper_expired_total", "counter", "Events older than max_age, never sent.",
        AT(sender.expired)},
    {"usage_shipper_retried_total", "counter", "Requests that will be tried again.",
        AT(sender.retried)},
    {"usage_shipper_requests_in_flight", "gauge", "Requests under way.", AT(sender.in_flight)},
    {"usage_shipper_spool_events", "gauge", "Events that wait in the spool, at the last look.",
        AT(sender.waiting)},
    {"usage_shipper_sender_trouble", "gauge",
        "What holds sending up: 0 nothing, 1 back-off, 2 unclear, 3 destination, 4 key, 5 "
        "rejections in a row.",
        AT(sender.trouble)},
    {"usage_shipper_last_answer_timestamp_seconds", "gauge",
        "When the endpoint last answered, or a request to it last failed, in UNIX seconds; 0: "
        "never.",
        AT(sender.last_answer_s)},
    {"usage_shipper_last_answer_status", "gauge",
        "HTTP status of that answer; 0: no complete answer came.", AT(sender.last_status)},
    {"usage_shipper_back_off_until_timestamp_seconds", "gauge",
        "When the next request starts after trouble, in UNIX seconds; 0: nothing to wait for.",
        AT(sender.back_off_until_s)},
    {"usage_shipper_opted_out", "gauge", "1 while somebody has opted out.", AT(is_opted_out)},
    {"usage_shipper_reader_refused_calls_total", "counter",
        "System calls that the reader's sandbox refused.", AT(reader_sandbox.refused.count)},
    {"usage_shipper_sender_refused_calls_total", "counter",
        "System calls that the sender's sandbox refused.", AT(sender_sandbox.refused.count)},
};

void metrics_write_head(const char *name, const char *type, const char *help, struct buffer *out)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_classes(const char *name, const char *help, counter *counts, struct buffer *out)
{
    metrics_write_head(name, "counter", help, out);
    for (unsigned i = 0; i < LINE_CLASSES; i++)
        buffer_printf(out, "%s{class=\"%s\"} %llu\n", name, line_class_names[i],
            (unsigned long long)counter_get(&counts[i]));
}

static void put_answers(struct sender_counters *sender, struct buffer *out)
{
    metrics_write_head("usage_shipper_answers_total", "counter",
        "Answers of the endpoint, and requests that failed, by what they mean.", out);
    for (unsigned i = 0; i < VERDICTS; i++)
        buffer_printf(out, "usage_shipper_answers_total{verdict=\"%s\"} %llu\n",
            verdict_name((enum verdict)i), (unsigned long long)counter_get(&sender->answers[i]));
}

/* Of each ten three: 1, 2 and 5. */
static void put_latency(struct sender_counters *sender, struct buffer *out)
{
    enum { FROM_US = 1000, EACH = 2 };
    unsigned long long count = 0;

    metrics_write_head("usage_shipper_request_duration_seconds", "histogram",
        "From the start of a request to the end of its answer.", out);
    for (size_t i = 0; i < ANSWERS_BUCKETS; i++) {
        count += counter_get(&sender->latency[i]);
        if (i == ANSWERS_BUCKETS - 1)
            buffer_printf(
                out, "usage_shipper_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n", count);
        else if (answers_bounds_us[i] >= FROM_US && i % EACH == 0)
            buffer_printf(out, "usage_shipper_request_duration_seconds_bucket{le=\"%g\"} %llu\n",
                answers_bounds_us[i] / 1e6, count);
    }
    buffer_printf(out, "usage_shipper_request_duration_seconds_sum %.6f\n",
        (double)counter_get(&sender->latency_us) / 1e6);
    buffer_printf(out, "usage_shipper_request_duration_seconds_count %llu\n", count);
}

void metrics_write(const struct metrics *metrics, struct buffer *out)
{
    struct shared *shared = metrics->shared;

    metrics_write_head("usage_shipper_build_info", "gauge", "The version that runs.", out);
    buffer_append(out, SPAN("usage_shipper_build_info{version=\"" VERSION "\"} 1\n"));
    metrics_write_head(
        "usage_shipper_process_up", "gauge", "1 while that process runs and is ready.", out);
    buffer_printf(out,
        "usage_shipper_process_up{process=\"reader\"} %d\n"
        "usage_shipper_process_up{process=\"sender\"} %d\n",
        metrics->is_reader_up, metrics->is_sender_up);
    put_classes("usage_shipper_lines_total", "Lines read, by what became of them.",
        shared->reader.lines, out);
    put_classes("usage_shipper_read_bytes_total", "Bytes read, by what became of their lines.",
        shared->reader.bytes, out);
    put_answers(&shared->sender, out);
    put_latency(&shared->sender, out);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        counter *value = (counter *)(void *)((char *)shared + rows[i].offset);

        metrics_write_head(rows[i].name, rows[i].type, rows[i].help, out);
        buffer_printf(out, "%s %llu\n", rows[i].name, (unsigned long long)counter_get(value));
    }
    metrics_spool_write(metrics->state_dir, metrics->spool_max_bytes, clock_now().wall_s, out);
}
