/* SPDX-License-Identifier: MIT
 *
 * The chunk is searched as a whole; records are framed, cleaned and matched only
 * where something was found. What lies between is counted, by its newlines.
 */
#include "engine.h"

#include "limits.h"
#include "lines.h"
#include "matching.h"
#include "memory.h"
#include "parts.h"
#include "prefilter.h"
#include "rule.h"
#include "rule_names.h"

#include <stdlib.h>

const char *const line_class_names[LINE_CLASSES] = {
    "matched", "incomplete", "rule_error", "ignored", "excluded", "too_long", "no_rule"};

struct engine {
    const struct engine_settings *settings;
    struct roster roster;
    struct prefilter *prefilter;
    struct picks picks;
    struct matching *matching;
    struct arena *text_arena;    /* cleaned text; records have their own */
    format_read_part *read_part; /* NULL: a line is no part of one */
    bool is_keeping;
    struct notes *own_notes; /* NULL: it was given others, or needs none */
};

/* `multiline` says itself which lines are a record. */
static format_read_part *find_read_part(const struct engine_settings *settings)
{
    for (size_t i = 0; i < settings->rules_count && !settings->multiline; i++)
        if (settings->rules[i].file->chain[0]->read_part)
            return settings->rules[i].file->chain[0]->read_part;
    return NULL;
}

static bool is_any_keeping(const struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++)
        if (rule_is_keeping(roster->rules[i]))
            return true;
    return false;
}

static void begin_own_notes(struct engine *engine)
{
    notes_free(engine->own_notes);
    engine->own_notes = notes_new(LIMIT_NOTES, LIMIT_NOTE_BYTES, LIMIT_NOTE_LOGS);
    matching_set_notes(engine->matching, engine->own_notes);
}

struct engine *engine_new(const struct engine_settings *settings)
{
    struct engine *engine = memory_new(sizeof(*engine));

    engine->settings = settings;
    roster_init(&engine->roster, settings);
    engine->prefilter = prefilter_new(&engine->roster);
    picks_init(&engine->picks, engine->roster.count);
    engine->matching = matching_new(settings, &engine->roster);
    engine->text_arena = arena_new(LIMIT_ARENA_BYTES);
    engine->read_part = find_read_part(settings);
    engine->is_keeping = is_any_keeping(&engine->roster);
    if (engine->is_keeping)
        begin_own_notes(engine);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    prefilter_free(engine->prefilter);
    picks_finish(&engine->picks);
    matching_free(engine->matching);
    roster_finish(&engine->roster);
    arena_free(engine->text_arena);
    notes_free(engine->own_notes);
    free(engine);
}

bool engine_is_keeping(const struct engine *engine)
{
    return engine && engine->is_keeping;
}

void engine_set_notes(struct engine *engine, struct notes *notes)
{
    if (!engine->is_keeping)
        return;
    matching_set_notes(engine->matching, notes);
    notes_free(engine->own_notes);
    engine->own_notes = NULL;
}

void engine_end(
    struct engine *engine, const struct engine_output *output, struct engine_counts *counts)
{
    if (!engine->own_notes)
        return;
    keeping_end_counts(engine->own_notes, output, &counts->events);
    begin_own_notes(engine);
}

static enum line_class run_frame(struct engine *engine, const struct frame *frame,
    struct matching_input *input, struct engine_counts *counts)
{
    enum line_class class = LINE_RULE_ERROR;

    arena_reset(engine->text_arena);
    if (framing_text(frame, engine->text_arena, &input->text))
        class = matching_run(engine->matching, input, &engine->picks, &counts->events);
    return class;
}

/* A record has ended; `bytes`: terminators included. */
static void end_record(const struct matching_input *input, enum line_class class, size_t lines,
    size_t bytes, struct engine_counts *counts)
{
    const struct engine_output *output = input->output;

    counts->lines[class] += lines;
    counts->bytes[class] += bytes;
    if (output->record)
        output->record(output->arg, &(const struct engine_record){.text = input->text,
                                        .first = input->first,
                                        .offset = input->offset,
                                        .lines = lines,
                                        .class = class});
}

/* The records of a group, which are picked for together. */
static void run_group(struct engine *engine, const struct parts_group *group, uint64_t offset,
    struct matching_input *input, struct engine_counts *counts)
{
    struct parts_walk walk = {.rest = group->bytes};
    struct parts_record record;

    for (;;) {
        enum line_class class = LINE_RULE_ERROR;

        arena_reset(engine->text_arena);
        if (!parts_record(engine->read_part, &walk, engine->text_arena, &record, &input->text))
            return;
        input->first = record.first;
        input->offset = offset + (uint64_t)(record.first.at - group->bytes.at);
        if (input->text.at)
            class = matching_run(engine->matching, input, &engine->picks, &counts->events);
        if (class == LINE_NO_RULE && record.is_cut && group->is_cut)
            class = LINE_TOO_LONG;
        end_record(input, class, record.lines, record.bytes, counts);
    }
}

/* A value that the source gives stands in no line, so what rules need is only known to
 * be right if they know of the field (needs.c). */
static bool has_unknown_field(const struct engine_source *source)
{
    for (size_t i = 0; i < source->field_count; i++)
        if (!rule_names_is_of_source(source->fields[i].name))
            return true;
    return false;
}

/* `ignore` rules are there to be passed over. */
static void give_tallies(struct roster *roster, const struct engine_output *output)
{
    if (!roster->is_tallied || !output->tally)
        return;
    for (size_t i = 0; i < roster->count; i++) {
        struct engine_tally *tally = &roster->tallies[i];

        if (tally->candidates > 0 && !roster->rules[i]->is_ignore)
            output->tally(output->arg, roster->files[roster->owners[i]].rules->file->product,
                roster->rules[i]->name, tally);
        *tally = (struct engine_tally){0};
    }
    roster->is_tallied = false;
}

size_t engine_feed(struct engine *engine, const struct engine_source *source,
    const struct engine_chunk *chunk, const struct engine_output *output,
    struct engine_counts *counts)
{
    const struct framing *framing = engine->settings->multiline;
    struct matcher *matcher = matching_matcher(engine->matching);
    bool is_thorough = engine->settings->is_thorough || has_unknown_field(source);
    /* What is not complete must be counted as such, whether rules want it or not. */
    bool is_each = is_thorough || chunk->is_cut || output->record;
    struct span rest = chunk->bytes, taken;
    size_t lines = 0, bytes = 0;

    prefilter_begin(engine->prefilter, chunk->bytes);
    while (rest.len > 0) {
        const char *next = is_each ? rest.at : prefilter_next(engine->prefilter, rest.at);
        struct matching_input input = {.source = source, .output = output};
        enum line_class class;
        struct frame frame;

        if (!next && !framing) {
            rest = span_from(rest, rest.len);
            break;
        }
        framing_skip(framing, matcher, engine->text_arena, next ? next : span_end(rest) - 1, &rest);
        input.offset = chunk->offset + (uint64_t)(rest.at - chunk->bytes.at);
        if (engine->read_part) {
            struct parts_group group;

            if (!parts_next(engine->read_part, chunk->is_final || chunk->is_cut, &rest, &group))
                break;
            group.is_cut |= chunk->is_cut && rest.len == 0;
            prefilter_pick(engine->prefilter, group.bytes, &engine->picks);
            if (is_thorough)
                picks_add_all(&engine->picks);
            run_group(engine, &group, input.offset, &input, counts);
            lines += group.lines;
            bytes += group.bytes.len;
            continue;
        }
        if (!framing_next(framing, matcher, engine->text_arena, chunk->is_final || chunk->is_cut,
                &rest, &frame))
            break;
        prefilter_pick(engine->prefilter, frame.bytes, &engine->picks);
        if (is_thorough)
            picks_add_all(&engine->picks);
        input.first = frame.first;
        class = run_frame(engine, &frame, &input, counts);
        if (class == LINE_NO_RULE && frame.is_error)
            class = LINE_RULE_ERROR;
        if (class == LINE_NO_RULE && (frame.is_cut || (chunk->is_cut && rest.len == 0)))
            class = LINE_TOO_LONG;
        end_record(&input, class, frame.lines, frame.bytes.len, counts);
        lines += frame.lines;
        bytes += frame.bytes.len;
    }
    taken = span_between(chunk->bytes.at, rest.at);
    counts->lines[LINE_NO_RULE] += lines_count(taken) - lines;
    counts->bytes[LINE_NO_RULE] += taken.len - bytes;
    give_tallies(&engine->roster, output);
    return taken.len;
}
