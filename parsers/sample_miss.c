/* SPDX-License-Identifier: MIT
 *
 * Each record of the sample is decoded again and looked at by near_miss.h; what is told
 * is of the one that comes nearest.
 */
#include "sample_miss.h"

#include "draft_format.h"
#include "framing.h"
#include "limits.h"
#include "near_field.h"
#include "near_reason.h"

struct look {
    const struct rule_file *file;
    const struct rule *rule;
    const struct sample *sample;
    struct error *err;
    struct near_finder *finder;
    unsigned nearest; /* of the records before, and one more: 0 before the first */

    const char *wire_field; /* that can't be filled: it is told of in `out`, nothing in `err` */
    struct buffer *out;
};

static bool is_within(struct span part, struct span whole)
{
    return part.at >= whole.at && span_end(part) <= span_end(whole);
}

/* Only where the value stands in the line as it is written, not in a copy. */
static void narrow(const struct look *look, struct span part)
{
    const struct node *node = look->sample->node;

    if (node && is_within(part, node->value))
        look->err->place =
            node_place_within(node, (size_t)(part.at - node->value.at), part.len ? part.len : 1);
}

static void tell_format(const struct look *look, const struct format *format,
    enum parse_result result, struct span rest)
{
    struct buffer likely = {0};

    if (result == PARSE_NO) {
        draft_format_write(rest, &likely);
        error_hint(look->err, "It is not of format %s, as `format` has it; it looks like %.*s.",
            format->name, (int)likely.len, likely.bytes);
        buffer_finish(&likely);
        return;
    }
    error_hint(look->err, "As `format` has it, it is %s, and here it is broken.", format->name);
    narrow(look, (struct span){rest.at, rest.len ? 1 : 0});
}

static void tell_miss(const struct look *look, const struct near_miss *miss)
{
    struct buffer reason = {0};
    size_t line, column;

    place_find(&miss->place, &line, &column);
    near_reason_write(miss, &reason);
    error_hint(
        look->err, "See line %zu, column %zu: %.*s.", line, column, (int)reason.len, reason.bytes);
    if (near_reason_has_place(miss))
        narrow(look, span_between(miss->value.at + miss->to, miss->value.at + miss->until));
    buffer_finish(&reason);
}

static void look_at(struct look *look, struct record *record)
{
    const struct format **chain = look->file->chain;
    enum parse_result result = PARSE_OK;
    struct near_miss miss;
    struct span text;
    size_t at = 0;

    for (; *chain; chain++) {
        text = record->message;
        result = format_run(*chain, text, record, &at);
        if (result == PARSE_OK)
            continue;
        if (!look->wire_field && look->nearest == 0) {
            look->nearest = 1;
            tell_format(look, *chain, result, result == PARSE_BAD ? span_from(text, at) : text);
        }
        return;
    }
    if (!near_finder_run_rule(
            look->finder, 0, (size_t)(look->rule - look->file->rules), record, &miss)) {
        if (look->wire_field && look->nearest == 0)
            look->nearest = near_field_write(look->rule, look->wire_field, record, look->out);
    } else if (!look->wire_field && miss.nearness + 2 > look->nearest) {
        look->nearest = miss.nearness + 2;
        tell_miss(look, &miss);
    }
}

/* How many records the sample has. */
static size_t look_at_all(struct look *look)
{
    const struct engine_rules rules = {.file = look->file};
    const struct sample *sample = look->sample;
    struct matcher *matcher = matcher_new();
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    struct span rest = sample->line, text;
    struct record record;
    struct frame frame;
    size_t records = 0;

    look->finder = near_finder_new(&rules, 1);
    record_init(&record);
    while (framing_next(look->file->multiline, matcher, arena, true, &rest, &frame)) {
        records++;
        if (!framing_text(&frame, arena, &text))
            continue;
        record_reset(&record, text);
        for (size_t i = 0; i < sample->field_count; i++)
            record_add(&record, sample->fields[i].key->value, sample->fields[i].value->value);
        look_at(look, &record);
    }
    record_finish(&record);
    arena_free(arena);
    matcher_free(matcher);
    near_finder_free(look->finder);
    return records;
}

void sample_miss_hint(const struct rule_file *file, const struct rule *rule,
    const struct sample *sample, struct error *err)
{
    struct look look = {.file = file, .rule = rule, .sample = sample, .err = err};
    size_t records;

    error_hint(err, "Compare `format`, `where` and `match` with the line.");
    records = look_at_all(&look);
    /* A list of lines is meant to be several. */
    if (sample->node && records > 1)
        error_hint(
            err, "Its lines are %zu records, and no rule matches one; see `multiline`.", records);
}

void sample_miss_fields(const struct rule_file *file, const struct rule *rule,
    const struct sample *sample, const char *wire_field, struct buffer *out)
{
    struct look look = {
        .file = file, .rule = rule, .sample = sample, .wire_field = wire_field, .out = out};

    look_at_all(&look);
}
