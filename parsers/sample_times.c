/* SPDX-License-Identifier: MIT
 *
 * The samples are run as they are for `test`, and the engine tells of its guesses. One
 * warning of a kind is enough: the rules of a file read the same log.
 */
#include "sample_times.h"

#include "rule.h"
#include "samples.h"
#include "time_guess.h"

struct look {
    const struct sample *sample;
    bool has_order, has_zone; /* said */
    struct errors *warnings;
};

/* Where the text stands in the rule file, if the sample has it as it is. */
static struct place place_of(const struct sample *sample, struct span text)
{
    struct span line = sample->node ? sample->node->value : SPAN("");
    const char *at = line.len > 0 ? memmem(line.at, line.len, text.at, text.len) : NULL;

    return at ? node_place_within(sample->node, (size_t)(at - line.at), text.len) : sample->place;
}

static void warn(const struct look *look, const struct rule *rule, struct span text,
    struct buffer *guess, struct buffer *hint)
{
    error_hint(errors_add(look->warnings, place_of(look->sample, text),
                   "warning: rule \"%.*s\": %.*s", rule->name.len < 100 ? (int)rule->name.len : 100,
                   rule->name.at, (int)guess->len, guess->bytes),
        "%.*s", (int)hint->len, hint->bytes);
    buffer_clear(guess);
    buffer_clear(hint);
}

static void take_guess(
    void *arg, const struct rule *rule, struct span text, const struct timestamp *time)
{
    struct look *look = arg;
    struct buffer guess = {0}, hint = {0};

    if (time->is_order_guess && !look->has_order) {
        look->has_order = true;
        time_guess_order(text, &guess);
        time_guess_order_hint(text, &hint);
        warn(look, rule, text, &guess, &hint);
    }
    if (time->is_zone_guess && !look->has_zone) {
        look->has_zone = true;
        time_guess_zone(text, time, &guess);
        time_guess_zone_hint(text, &hint);
        warn(look, rule, text, &guess, &hint);
    }
    buffer_finish(&guess);
    buffer_finish(&hint);
}

static void drop_event(void *arg, const struct event *event)
{
    (void)arg;
    (void)event;
}

void sample_times_check(const struct rule_file *file, const struct zone *zone,
    const struct zone_names *names, struct errors *warnings)
{
    const struct engine_rules rules = {.file = file};
    struct engine_settings settings = sample_settings(&rules);
    const struct engine_source source = {
        .source_id = file->product, .time = {.reference_s = SAMPLE_REFERENCE_S, .zone = zone}};
    struct look look = {.warnings = warnings};
    const struct engine_output output = {.event = drop_event, .guessed = take_guess, .arg = &look};
    struct engine_counts counts = {0};
    struct engine *engine;

    settings.zone_names = names;
    engine = engine_new(&settings);
    for (size_t i = 0; i < file->count; i++)
        for (size_t j = 0; j < file->rules[i].sample_count; j++) {
            const struct engine_chunk chunk = {
                .bytes = file->rules[i].samples[j].line, .is_final = true};

            look.sample = &file->rules[i].samples[j];
            engine_feed(engine, &source, &chunk, &output, &counts);
            engine_end(engine, &output, &counts);
        }
    engine_free(engine);
}
