/* SPDX-License-Identifier: MIT
 *
 * What the engine's callbacks tell, kept for the summary.
 */
#include "shipper/preview.h"

/* What the engine's callbacks need while a file is read. */
struct showing {
    void (*event)(void *arg, const struct event *event, bool is_unfinished);
    void *arg;
    const char *path;
    struct log_place place;
    struct preview_result *result;
};

static void pass_event(void *arg, const struct event *event)
{
    struct showing *showing = arg;

    showing->result->undated += !event->has_time;
    showing->event(showing->arg, event, showing->place.is_unfinished);
}

static void count_detected(void *arg, const struct engine_rules *rules, const struct record *record)
{
    struct showing *showing = arg;

    (void)rules;
    detection_add(&showing->result->detection, record->detected, record->detected_count);
}

static void count_reason(void *arg, const struct incomplete *incomplete)
{
    struct showing *showing = arg;
    struct preview_result *result = showing->result;
    struct preview_reason *reason = result->reasons;

    while (
        reason < result->reasons + result->reason_count &&
        !(span_equal(reason->rule, incomplete->rule_name) &&
            span_equal(reason->product, incomplete->product) && reason->field == incomplete->field))
        reason++;
    if (reason == result->reasons + PREVIEW_REASONS_MOST)
        return;
    if (reason == result->reasons + result->reason_count) {
        result->reason_count++;
        *reason = (struct preview_reason){
            .product = incomplete->product,
            .rule = incomplete->rule_name,
            .field = incomplete->field,
            .reason = incomplete->reason,
            .first_path = showing->path,
            .first_line = log_place_line(&showing->place, incomplete->offset),
        };
        memcpy(reason->value, incomplete->value, sizeof(reason->value));
    }
    reason->lines++;
}

bool preview_file(struct engine *engine, const struct log_file *log,
    void (*event)(void *arg, const struct event *event, bool is_unfinished), void *arg,
    struct preview_result *result, struct error *err)
{
    struct showing showing = {.event = event, .arg = arg, .path = log->path, .result = result};
    const struct engine_output output = {.event = pass_event,
        .incomplete = count_reason,
        .detected = count_detected,
        .arg = &showing};

    return log_file_feed(engine, log, &output, &result->counts, &showing.place, err);
}

void preview_end(struct engine *engine,
    void (*event)(void *arg, const struct event *event, bool is_unfinished), void *arg,
    struct preview_result *result)
{
    struct showing showing = {
        .event = event, .arg = arg, .place = {.is_unfinished = true}, .result = result};

    engine_end(
        engine, &(struct engine_output){.event = pass_event, .arg = &showing}, &result->counts);
}
