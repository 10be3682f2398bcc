/* SPDX-License-Identifier: MIT
 *
 * What an engine makes of a chunk is drawn as text, and the texts are compared. A
 * rule that would run into its limits on a line may not be run on it at all by the
 * quick engine, so then only events count.
 */
#include "tests/support/both_ways.h"

void both_ways_init(struct both_ways *both, const struct engine_settings *settings)
{
    *both = (struct both_ways){.quick = *settings, .thorough = *settings};
    both->quick.is_thorough = false;
    both->thorough.is_thorough = true;
    both->quick_engine = engine_new(&both->quick);
    both->thorough_engine = engine_new(&both->thorough);
}

void both_ways_finish(struct both_ways *both)
{
    engine_free(both->quick_engine);
    engine_free(both->thorough_engine);
    buffer_finish(&both->quick_drawn);
    buffer_finish(&both->thorough_drawn);
}

/* What an engine's callbacks get. */
struct drawing {
    struct buffer *drawn;
    bool *is_any_suspended;
};

static void draw_event(void *arg, const struct event *event)
{
    const struct drawing *drawing = arg;
    struct buffer *drawn = drawing->drawn;

    buffer_printf(drawn, "@%llu %.*s ", (unsigned long long)event->offset, (int)event->rule.len,
        event->rule.at);
    event_write(event, drawn);
    buffer_append_byte(drawn, '\n');
}

static void draw_incomplete(void *arg, const struct incomplete *incomplete)
{
    const struct drawing *drawing = arg;

    buffer_printf(drawing->drawn, "@%llu %.*s incomplete: %s\n",
        (unsigned long long)incomplete->offset, (int)incomplete->rule_name.len,
        incomplete->rule_name.at, incomplete->field);
}

static void note_suspended(void *arg, struct span product, struct span rule_name)
{
    const struct drawing *drawing = arg;

    (void)product;
    (void)rule_name;
    *drawing->is_any_suspended = true;
}

static struct engine_counts feed(struct both_ways *both, struct engine *engine,
    const struct engine_chunk *chunk, struct buffer *drawn)
{
    struct drawing drawing = {drawn, &both->is_any_suspended};
    const struct engine_source source = {
        .source_id = SPAN("source"),
        .time = {.reference_s = 1795428672, .zone = &zone_utc},
    };
    const struct engine_output output = {
        .event = draw_event,
        .incomplete = draw_incomplete,
        .suspended = note_suspended,
        .arg = &drawing,
    };
    struct engine_counts counts = {.events = 0};

    buffer_clear(drawn);
    buffer_printf(drawn, "%zu taken\n", engine_feed(engine, &source, chunk, &output, &counts));
    engine_end(engine, &output, &counts);
    return counts;
}

static void draw_classes(const struct engine_counts *counts, struct buffer *drawn)
{
    for (unsigned i = 0; i < LINE_CLASSES; i++)
        buffer_printf(drawn, "%s: %llu lines, %llu bytes\n", line_class_names[i],
            (unsigned long long)counts->lines[i], (unsigned long long)counts->bytes[i]);
}

bool both_ways_feed(struct both_ways *both, struct span bytes, bool is_final, bool is_cut)
{
    const struct engine_chunk chunk = {
        .bytes = bytes, .offset = 1000, .is_final = is_final, .is_cut = is_cut};
    struct engine_counts quick = feed(both, both->quick_engine, &chunk, &both->quick_drawn);
    struct engine_counts thorough =
        feed(both, both->thorough_engine, &chunk, &both->thorough_drawn);

    if (thorough.lines[LINE_RULE_ERROR] == 0) {
        draw_classes(&quick, &both->quick_drawn);
        draw_classes(&thorough, &both->thorough_drawn);
    }
    both->counts.events += thorough.events;
    for (unsigned i = 0; i < LINE_CLASSES; i++) {
        both->counts.lines[i] += thorough.lines[i];
        both->counts.bytes[i] += thorough.bytes[i];
    }
    return both->is_any_suspended ||
           span_equal(buffer_span(&both->quick_drawn), buffer_span(&both->thorough_drawn));
}
