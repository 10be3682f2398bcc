/* SPDX-License-Identifier: MIT
 *
 * The engine, record by record: each goes to every rule file of the input; in a
 * file the first rule that takes it wins. Decoding happens once for neighbours
 * with the same chain of formats.
 */
#include "engine.h"

#include "fill.h"
#include "limits.h"
#include "memory.h"

#include <stdlib.h>

const char *const line_class_names[LINE_CLASSES] = {
    "matched", "incomplete", "rule_error", "ignored", "too_long", "no_rule"};

struct engine {
    const struct engine_settings *settings;
    struct matcher *matcher;
    struct record record;
    struct arena *text_arena; /* cleaned text; the record's own is reset with each chain */
    struct field captures[LIMIT_CAPTURES];
    struct fill_room room;
};

/* One record on its way through the rule files. */
struct pass {
    struct engine *engine;
    const struct engine_source *source;
    const struct engine_output *output;
    struct engine_counts *counts;
    struct frame frame;
    struct span text; /* what decoders see */
    uint64_t offset;
};

struct engine *engine_new(const struct engine_settings *settings)
{
    struct engine *engine = memory_new(sizeof(*engine));

    engine->settings = settings;
    engine->matcher = matcher_new();
    engine->text_arena = arena_new(LIMIT_ARENA_BYTES);
    record_init(&engine->record);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    matcher_free(engine->matcher);
    arena_free(engine->text_arena);
    record_finish(&engine->record);
    free(engine);
}

static bool is_wanted(const struct engine_rules *rules, const struct rule *rule)
{
    if (!rules->only)
        return true;
    for (size_t i = 0; i < rules->only_count; i++)
        if (rules->only[i] == rule)
            return true;
    return false;
}

/* A field's pattern on an absent field says no. */
static enum pattern_result run_match(
    struct engine *engine, const struct rule_match *match, struct field *captures, size_t *count)
{
    const struct record *record = &engine->record;
    struct span subject = match->field.at ? record_get(record, match->field) : record->message;

    if (!subject.at)
        return PATTERN_NO;
    return pattern_match(
        match->pattern, engine->matcher, subject, captures, captures ? LIMIT_CAPTURES : 0, count);
}

/* Whether the rule takes the record; captures are left in the engine. */
static enum pattern_result run_rule(
    struct engine *engine, const struct rule *rule, size_t *capture_count)
{
    enum pattern_result result = PATTERN_MATCH;
    size_t unused = 0;

    *capture_count = 0;
    for (size_t i = 0; i < rule->where_count && result == PATTERN_MATCH; i++)
        result = condition_check(&rule->where[i], &engine->record, engine->matcher);
    for (size_t i = 0; i < rule->match_count && result == PATTERN_MATCH; i++)
        result = run_match(engine, &rule->matches[i], engine->captures, capture_count);
    if (result != PATTERN_MATCH || !rule->unless.pattern)
        return result;
    switch (run_match(engine, &rule->unless, NULL, &unused)) {
    case PATTERN_MATCH:
        return PATTERN_NO;
    case PATTERN_NO:
        return PATTERN_MATCH;
    case PATTERN_LIMIT:
        break;
    }
    return PATTERN_LIMIT;
}

static enum line_class make_event(const struct pass *pass, const struct engine_rules *rules,
    const struct rule *rule, size_t capture_count)
{
    struct engine *engine = pass->engine;
    const struct fill fill = {
        .settings = engine->settings,
        .rules = rules,
        .source = pass->source,
        .rule = rule,
        .scope = {engine->captures, capture_count, &engine->record, engine->settings->host_address,
            engine->settings->host_name},
        .arena = engine->record.arena,
        .line = pass->frame.first,
        .offset = pass->offset,
    };
    struct incomplete incomplete = {
        .rule = rule,
        .product = rules->file->product,
        .rule_name = rule->name,
        .line = pass->frame.first,
        .offset = pass->offset,
    };
    struct event event;

    if (fill_event(&fill, &engine->room, &event, &incomplete.field, &incomplete.reason)) {
        pass->counts->events++;
        pass->output->event(pass->output->arg, &event);
        return LINE_MATCHED;
    }
    if (pass->output->incomplete)
        pass->output->incomplete(pass->output->arg, &incomplete);
    return LINE_INCOMPLETE;
}

/* The record is decoded for this file; runs its rules in order. */
static enum line_class run_file(const struct pass *pass, const struct engine_rules *rules)
{
    enum line_class class = LINE_NO_RULE, made = LINE_RULE_ERROR;
    size_t capture_count;

    for (size_t i = 0; i < rules->file->count; i++) {
        const struct rule *rule = &rules->file->rules[i];

        if (!is_wanted(rules, rule))
            continue;
        switch (run_rule(pass->engine, rule, &capture_count)) {
        case PATTERN_NO:
            continue;
        case PATTERN_LIMIT:
            made = LINE_RULE_ERROR;
            break;
        case PATTERN_MATCH:
            made = rule->is_ignore ? LINE_IGNORED : make_event(pass, rules, rule, capture_count);
            break;
        }
        if (made < class)
            class = made;
        /* A rule that ran into its limits has not taken the line. */
        if (made != LINE_RULE_ERROR && !rule->is_continue)
            break;
    }
    return class;
}

static bool is_same_chain(const struct format *const *a, const struct format *const *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static enum line_class run_record(const struct pass *pass)
{
    const struct engine_settings *settings = pass->engine->settings;
    struct record *record = &pass->engine->record;
    enum line_class class = LINE_NO_RULE, made;
    const struct format *const *chain = NULL;
    enum parse_result decoded = PARSE_NO;
    size_t at;

    for (size_t i = 0; i < settings->rules_count; i++) {
        const struct engine_rules *rules = &settings->rules[i];

        if (!chain || !is_same_chain(chain, rules->file->chain)) {
            chain = rules->file->chain;
            record_reset(record, pass->text);
            decoded = format_chain(chain, record, &at);
        }
        if (decoded != PARSE_OK)
            continue;
        made = run_file(pass, rules);
        if (made < class)
            class = made;
    }
    return class;
}

size_t engine_feed(struct engine *engine, const struct engine_source *source,
    const struct engine_chunk *chunk, const struct engine_output *output,
    struct engine_counts *counts)
{
    struct pass pass = {.engine = engine, .source = source, .output = output, .counts = counts};
    struct span rest = chunk->bytes;

    pass.offset = chunk->offset;
    while (framing_next(engine->settings->multiline, engine->matcher, engine->text_arena,
        chunk->is_final || chunk->is_cut, &rest, &pass.frame)) {
        bool is_cut = pass.frame.is_cut || (chunk->is_cut && rest.len == 0);
        enum line_class class = LINE_RULE_ERROR;

        arena_reset(engine->text_arena);
        if (framing_text(&pass.frame, engine->text_arena, &pass.text))
            class = run_record(&pass);
        if (class == LINE_NO_RULE && pass.frame.is_error)
            class = LINE_RULE_ERROR;
        if (class == LINE_NO_RULE && is_cut)
            class = LINE_TOO_LONG;
        counts->records++;
        counts->lines[class] += pass.frame.lines;
        counts->bytes[class] += pass.frame.bytes.len;
        pass.offset += pass.frame.bytes.len;
    }
    return chunk->bytes.len - rest.len;
}
