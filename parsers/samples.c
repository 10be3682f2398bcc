/* SPDX-License-Identifier: MIT
 *
 * A sample holds when its rule makes the wanted event of the line, or, with
 * `event: none`, when its rule makes none (for an `ignore` rule: when the line
 * is ignored). Only the fields that a sample names are compared.
 */
#include "samples.h"

#include "limits.h"
#include "rule.h"
#include "sample_miss.h"

#include <stdio.h>

#define SAMPLE_HOST_ADDRESS "192.0.2.1"

/* What one sample is run with, and what came of it. */
struct trial {
    const struct rule_file *file;
    const struct rule *rule;
    const struct sample *sample;
    struct errors *errors;
    bool was_taken;   /* the rule took a record */
    int64_t events;   /* that it made; the last of them is compared with what is wanted */
    bool is_counting; /* in a first round */
    const char *missing_field, *missing_reason;
    char missing_value[INCOMPLETE_VALUE_BYTES];
    struct span other_rule; /* another rule made an event of the line */
};

/* The wanted event_at: a number or a time. */
static bool read_time(struct span text, int64_t *unix_s)
{
    const struct time_context context = {.reference_s = SAMPLE_REFERENCE_S, .zone = &zone_utc};
    struct timestamp time;
    uint64_t number;
    size_t used;

    if (span_to_u64(text, &number) && number <= INT64_MAX) {
        *unix_s = (int64_t)number;
        return true;
    }
    if (timestamp_parse(text, &context, &time, &used) != PARSE_OK)
        return false;
    *unix_s = time.unix_s;
    return true;
}

static const struct node *find_wanted(const struct sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->wanted_count; i++)
        if (span_is(sample->wanted[i].key->value, name))
            return sample->wanted[i].value;
    return NULL;
}

/* Whether the rule's `event` says what the field is, in case a sample wants it. */
static bool is_in_rule(const struct rule *rule, const char *name)
{
    struct span field = span_of(name);

    if (span_is(field, "user_id"))
        return rule->event.user_id.count > 0;
    if (span_is(field, "user_agent"))
        return rule->event.user_agent.count > 0;
    for (size_t i = 0; i < rule->event.meta_count; i++)
        if (span_equal(rule->event.meta[i].name, span_from(field, sizeof("meta.") - 1)))
            return true;
    return !span_has_prefix(field, SPAN("meta."));
}

/* NULL if there is none. */
static struct error *report_difference(const struct trial *trial, const struct node *node,
    const char *name, struct span wanted, struct span got)
{
    struct error *err;

    if (span_equal(wanted, got) && got.at)
        return NULL;
    if (got.at)
        return errors_add(trial->errors, node->place,
            "rule \"%.*s\": %s is \"%.*s\", the sample wants \"%.*s\"", (int)trial->rule->name.len,
            trial->rule->name.at, name, (int)got.len, got.at, (int)wanted.len, wanted.at);
    err = errors_add(trial->errors, node->place,
        "rule \"%.*s\": %s is not in the event, the sample wants \"%.*s\"",
        (int)trial->rule->name.len, trial->rule->name.at, name, (int)wanted.len, wanted.at);
    if (!is_in_rule(trial->rule, name))
        error_hint(err, "The rule's `event` does not say what its %s is.", name);
    return err;
}

static void compare_address(const struct trial *trial, const struct event *event)
{
    const struct node *node = find_wanted(trial->sample, "ip_addr");
    struct error *err =
        node ? report_difference(trial, node, "ip_addr", node->value, event->ip_addr) : NULL;

    if (err && span_is(event->ip_addr, SAMPLE_HOST_ADDRESS))
        error_hint(err, "That is this host in samples: `ip_addr` gave no usable address.");
}

static void compare_time(const struct trial *trial, const struct event *event)
{
    const struct node *node = find_wanted(trial->sample, "event_at");
    char text[TIMESTAMP_TEXT_BYTES];
    int64_t wanted_s;

    if (!node)
        return;
    if (!event->has_time) {
        error_hint(errors_add(trial->errors, node->place,
                       "rule \"%.*s\": no time is understood in this line",
                       (int)trial->rule->name.len, trial->rule->name.at),
            "Capture it in `match` and say what it is, like `time: '${date} ${clock}'`.");
        return;
    }
    if (read_time(node->value, &wanted_s) && wanted_s == event->at_s)
        return;
    timestamp_write(event->at_s, text);
    report_difference(trial, node, "event_at", node->value, span_of(text));
}

static void compare_meta(const struct trial *trial, const struct event *event)
{
    const struct node *node = find_wanted(trial->sample, "meta");

    for (size_t i = 0; node && i < node->count; i++) {
        struct span name = node->pairs[i].key->value, got = {NULL, 0};
        struct buffer shown = {0};

        for (size_t j = 0; j < event->meta_count; j++)
            if (span_equal(event->meta[j].name, name))
                got = event->meta[j].value;
        buffer_printf(&shown, "meta.%.*s", (int)name.len, name.at);
        buffer_append_byte(&shown, '\0');
        report_difference(
            trial, node->pairs[i].value, shown.bytes, node->pairs[i].value->value, got);
        buffer_finish(&shown);
    }
}

static void compare_count(const struct trial *trial, const struct event *event)
{
    const struct node *node = find_wanted(trial->sample, "count");
    char text[24];

    if (!node)
        return;
    snprintf(text, sizeof(text), "%llu", (unsigned long long)event->count);
    report_difference(trial, node, "count", node->value,
        event->count > 0 ? span_of(text) : (struct span){NULL, 0});
}

static void compare_event(const struct trial *trial, const struct event *event)
{
    const struct {
        const char *name;
        struct span got;
    } fields[] = {
        {"activity_type", event->activity_type},
        {"source", event->source},
        {"environment", event->environment},
        {"product_id", event->product_id},
        {"user_id", event->user_id},
        {"user_id_type", event->user_id_type},
        {"user_agent", event->user_agent},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        const struct node *node = find_wanted(trial->sample, fields[i].name);

        if (node)
            report_difference(trial, node, fields[i].name, node->value, fields[i].got);
    }
    compare_address(trial, event);
    compare_time(trial, event);
    compare_count(trial, event);
    compare_meta(trial, event);
}

static void take_event(void *arg, const struct event *event)
{
    struct trial *trial = arg;

    if (!span_equal(event->rule, trial->rule->name)) {
        trial->other_rule = event->rule;
        return;
    }
    if (trial->is_counting)
        trial->events++;
    else if (--trial->events == 0 && !trial->sample->is_none)
        compare_event(trial, event);
}

static void take_record(void *arg, const struct engine_rules *rules, const struct rule *rule)
{
    struct trial *trial = arg;

    (void)rules;
    trial->was_taken |= rule == trial->rule;
}

static void take_incomplete(void *arg, const struct incomplete *incomplete)
{
    struct trial *trial = arg;

    if (incomplete->rule == trial->rule) {
        trial->missing_field = incomplete->field;
        trial->missing_reason = incomplete->reason;
        memcpy(trial->missing_value, incomplete->value, sizeof(trial->missing_value));
    }
}

/* Who has taken the line in place of its rule, or else why that rule does not. */
static void hint_at_takers(
    const struct trial *trial, const struct engine_counts *counts, struct error *err)
{
    if (trial->other_rule.at)
        error_hint(
            err, "Rule \"%.*s\" takes it first.", (int)trial->other_rule.len, trial->other_rule.at);
    else if (counts->lines[LINE_IGNORED] > 0)
        error_hint(err, "A rule with `ignore: true` takes it first.");
    else if (counts->lines[LINE_RULE_ERROR] > 0)
        error_hint(err, "A pattern ran into its limits on it; make it more exact.");
    else
        sample_miss_hint(trial->file, trial->rule, trial->sample, err);
}

static void hint_at_missing(const struct trial *trial, struct error *err)
{
    struct buffer why = {0};

    buffer_append(&why, span_of(trial->missing_reason));
    if (*trial->missing_value)
        buffer_printf(&why, " (\"%s\")", trial->missing_value);
    else
        sample_miss_fields(trial->file, trial->rule, trial->sample, trial->missing_field, &why);
    error_hint(err, "It matches, but %s can't be filled: %.*s.", trial->missing_field, (int)why.len,
        why.bytes);
    buffer_finish(&why);
}

static void judge(const struct trial *trial, const struct engine_counts *counts)
{
    const struct rule *rule = trial->rule;
    struct place place = trial->sample->place;
    struct error *err;

    if (rule->is_ignore) {
        if (counts->lines[LINE_IGNORED] == 0) {
            err = errors_add(trial->errors, place,
                "rule \"%.*s\" does not take this line, so it is not ignored", (int)rule->name.len,
                rule->name.at);
            hint_at_takers(trial, counts, err);
        }
    } else if (trial->sample->is_none && (rule->has_event ? trial->events > 0 : trial->was_taken)) {
        errors_add(trial->errors, place, "rule \"%.*s\" takes this line, the sample wants none",
            (int)rule->name.len, rule->name.at);
    } else if (!trial->sample->is_none &&
               (rule->has_event ? trial->events == 0 : !trial->was_taken)) {
        err = errors_add(trial->errors, place, "rule \"%.*s\" %s this line", (int)rule->name.len,
            rule->name.at, rule->has_event ? "makes no event of" : "does not take");
        if (trial->missing_field)
            hint_at_missing(trial, err);
        else
            hint_at_takers(trial, counts, err);
    } else if (trial->sample->events > 0 && trial->events != trial->sample->events) {
        errors_add(trial->errors, place,
            "rule \"%.*s\" makes %lld events of this, the sample wants %lld", (int)rule->name.len,
            rule->name.at, (long long)trial->events, (long long)trial->sample->events);
    }
}

void sample_feed(struct engine *engine, const struct rule_file *file, const struct sample *sample,
    const struct engine_output *output, struct engine_counts *counts)
{
    const struct engine_chunk chunk = {.bytes = sample->line, .is_final = true};
    struct engine_source source = {
        .source_id = file->product,
        .time = {.reference_s = SAMPLE_REFERENCE_S, .zone = &zone_utc},
    };
    struct field fields[LIMIT_SAMPLE_FIELDS];
    const struct node *at = find_wanted(sample, "event_at");

    for (size_t i = 0; i < sample->field_count; i++) {
        const struct pair *pair = &sample->fields[i];

        fields[i] = (struct field){pair->key->value, pair->value->value};
    }
    source.fields = fields;
    source.field_count = sample->field_count;
    if (at)
        read_time(at->value, &source.time.reference_s);
    engine_feed(engine, &source, &chunk, output, counts);
    engine_end(engine, output, counts);
}

static void run_sample(struct engine *engine, struct trial *trial)
{
    const struct engine_output output = {
        .event = take_event, .incomplete = take_incomplete, .taken = take_record, .arg = trial};
    struct engine_counts counts = {0};

    trial->is_counting = true;
    sample_feed(engine, trial->file, trial->sample, &output, &counts);
    judge(trial, &counts);
    trial->is_counting = false;
    if (trial->events > 0 && trial->sample->wanted_count > 0)
        sample_feed(engine, trial->file, trial->sample, &output, &counts);
}

struct engine_settings sample_settings(const struct engine_rules *rules)
{
    return (struct engine_settings){
        .instance = SPAN("sample"),
        .host_name = SPAN("sample-host"),
        .host_address = SPAN(SAMPLE_HOST_ADDRESS),
        .missing_address = MISSING_HOST,
        .hash_secret = SAMPLES_SECRET,
        .multiline = rules->file->multiline,
        .rules = rules,
        .rules_count = 1,
    };
}

size_t samples_run(const struct rule_file *file, size_t *failed, struct errors *errors)
{
    const struct engine_rules rules = {.file = file};
    const struct engine_settings settings = sample_settings(&rules);
    struct engine *engine = engine_new(&settings);
    size_t ran = 0;

    *failed = 0;
    for (size_t i = 0; i < file->count; i++)
        for (size_t j = 0; j < file->rules[i].sample_count; j++, ran++) {
            struct trial trial = {
                .file = file,
                .rule = &file->rules[i],
                .sample = &file->rules[i].samples[j],
                .errors = errors,
            };
            size_t before = errors->count + errors->dropped;

            run_sample(engine, &trial);
            *failed += errors->count + errors->dropped > before;
        }
    engine_free(engine);
    return ran;
}

static void drop_event(void *arg, const struct event *event)
{
    (void)arg;
    (void)event;
}

static void add_detected(void *arg, const struct engine_rules *rules, const struct record *record)
{
    (void)rules;
    detection_add(arg, record->detected, record->detected_count);
}

void samples_detect(const struct rule_file *file, struct detection *detection)
{
    const struct engine_rules rules = {.file = file};
    struct engine_settings settings = sample_settings(&rules);
    const struct engine_output output = {
        .event = drop_event, .detected = add_detected, .arg = detection};
    struct engine_counts counts = {0};
    struct engine *engine;

    settings.is_thorough = true;
    engine = engine_new(&settings);
    for (size_t i = 0; i < file->count; i++)
        for (size_t j = 0; j < file->rules[i].sample_count; j++) {
            const struct engine_source source = {
                .source_id = file->product, .time = {SAMPLE_REFERENCE_S, &zone_utc, NULL}};
            const struct engine_chunk chunk = {
                .bytes = file->rules[i].samples[j].line, .is_final = true};

            engine_feed(engine, &source, &chunk, &output, &counts);
        }
    engine_free(engine);
}
