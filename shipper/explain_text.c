/* SPDX-License-Identifier: MIT
 *
 * For people: sentences, the line with what was matched underlined, and the place in the
 * rule file. What comes from a log is made safe for a terminal.
 */
#include "parsers/detection.h"
#include "parsers/draft_format.h"
#include "parsers/near_field.h"
#include "parsers/near_reason.h"
#include "shipper/event_table.h"
#include "shipper/explain_print.h"

#include <stdio.h>

#define ENDS_EARLY "it ends too early: has a record several lines? See `multiline`"

enum { SHOWN_BYTES = 110, NAME_WIDTH = 12, GROUPS_MOST = 10, SHAPES_MOST = 3 };

static void put_quoted(struct span s, struct buffer *out)
{
    buffer_append_byte(out, '"');
    event_table_text((struct span){s.at, s.len < SHOWN_BYTES ? s.len : SHOWN_BYTES}, out);
    buffer_append(out, s.len < SHOWN_BYTES ? SPAN("\"") : SPAN("…\""));
}

static void put_rule(const struct engine_rules *rules, const struct rule *rule, struct buffer *out)
{
    event_table_text(rules->file->product, out);
    buffer_append_byte(out, '/');
    event_table_text(rule->name, out);
}

static void put_count(uint64_t count, const char *what, struct buffer *out)
{
    buffer_printf(out, "%llu %s%s", (unsigned long long)count, what, count == 1 ? "" : "s");
}

/* --- near misses -------------------------------------------------------------- */

static struct span part(struct span s, size_t from, size_t to)
{
    return (struct span){s.at + from, to - from};
}

static size_t count_characters(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    return n;
}

static void put_run(char c, size_t count, struct buffer *out)
{
    while (count-- > 0)
        buffer_append_byte(out, c);
}

/* The value with ~~~ under what was matched and ^^^ under what was not wanted; of a
 * long one what is around that. */
static void draw_value(const struct near_miss *miss, struct buffer *out)
{
    struct span value = miss->value;
    size_t start = miss->to > SHOWN_BYTES * 2 / 3 ? miss->to - SHOWN_BYTES * 2 / 3 : 0, end;
    size_t from, until;

    while (start > 0 && start < value.len && ((unsigned char)value.at[start] & 0xC0) == 0x80)
        start++;
    end = value.len - start < SHOWN_BYTES ? value.len : start + SHOWN_BYTES;
    from = miss->from > start ? miss->from : start;
    until = miss->until < end ? miss->until : end;
    buffer_append(out, start > 0 ? SPAN("  …") : SPAN("    "));
    if (start > 0)
        buffer_append_byte(out, ' ');
    event_table_text(part(value, start, end), out);
    buffer_append(out, end < value.len ? SPAN("…\n    ") : SPAN("\n    "));
    put_run(' ', count_characters(part(value, start, from)), out);
    put_run('~', count_characters(part(value, from, miss->to)), out);
    put_run('^', until > miss->to ? count_characters(part(value, miss->to, until)) : 1, out);
    buffer_append_byte(out, '\n');
}

static void put_miss(const struct engine_rules *rules, const struct near_miss *miss,
    const char *before, struct buffer *out)
{
    struct error err = {.place = miss->place};
    struct buffer message = {0}, reason = {0};

    if (near_reason_has_place(miss))
        draw_value(miss, out);
    buffer_append(&message, span_of(before));
    put_rule(rules, miss->rule, &message);
    buffer_append(&message, SPAN(": "));
    near_reason_write(miss, &reason);
    event_table_text(buffer_span(&reason), &message);
    snprintf(err.message, sizeof(err.message), "%.*s", (int)message.len, message.bytes);
    error_render(&err, out);
    buffer_finish(&reason);
    buffer_finish(&message);
}

/* --- one record ------------------------------------------------------------------ */

static void put_field(struct span name, struct span value, struct buffer *out)
{
    buffer_append(out, SPAN("  "));
    event_table_cell(name, NAME_WIDTH, out);
    event_table_text(value, out);
    buffer_append_byte(out, '\n');
}

static void put_likely(struct span line, struct buffer *out)
{
    buffer_append(out, SPAN("it looks like "));
    draft_format_write(line, out);
}

static void put_file(const struct explained_file *file, struct buffer *out)
{
    const struct record *record = &file->record;

    buffer_append(out, SPAN("read as"));
    for (size_t i = 0; i < file->format_count; i++) {
        const struct explained_format *format = &file->formats[i];

        buffer_printf(out, "%s %s", i > 0 ? "," : "", format->name);
        if (format->detected_count > 0) {
            buffer_append(out, SPAN(": "));
            detection_name(format->detected, format->detected_count, out);
        }
        if (format->result == PARSE_NO) {
            buffer_append(out, SPAN(", which it is not; "));
            put_likely(format->text, out);
        }
        if (explain_ends_early(format)) {
            buffer_append(out, SPAN(", which it would be: " ENDS_EARLY));
        } else if (format->result == PARSE_BAD) {
            buffer_printf(out, ", which is broken at byte %zu: ", format->at);
            put_quoted(span_from(format->text, format->at), out);
        }
    }
    buffer_append_byte(out, '\n');
    for (size_t i = 0; i < record->count; i++)
        put_field(record->fields[i].name, record->fields[i].value, out);
    if (record->time.at)
        put_field(SPAN("(time)"), record->time, out);
    if (record->message.at != record->line.at || record->message.len != record->line.len)
        put_field(SPAN("(message)"), record->message, out);
}

static void put_incomplete(const char *before, const char *field, const char *reason,
    const char *value, struct buffer *out)
{
    buffer_printf(out, "%s: %s: %s", before, field, reason);
    if (!*value)
        return;
    buffer_append(out, SPAN(" ("));
    put_quoted(span_of(value), out);
    buffer_append_byte(out, ')');
}

/* What the record has in place of the names that gave nothing. */
static void put_near_field(const struct explained_taker *taker, const struct explained_file *files,
    size_t file_count, struct buffer *out)
{
    struct buffer near = {0};

    for (size_t i = 0; i < file_count && !*taker->value; i++)
        if (files[i].rules == taker->rules && files[i].is_decoded)
            near_field_write(taker->rule, taker->missing, &files[i].record, &near);
    event_table_text(buffer_span(&near), out);
    buffer_finish(&near);
}

static void put_taker(const struct explained_taker *taker, const struct explained_file *files,
    size_t file_count, struct buffer *out)
{
    buffer_append(out, SPAN("taken by "));
    put_rule(taker->rules, taker->rule, out);
    if (taker->missing) {
        put_incomplete(", but incomplete", taker->missing, taker->reason, taker->value, out);
        put_near_field(taker, files, file_count, out);
        buffer_append_byte(out, '\n');
    } else if (taker->excluded)
        buffer_printf(out, ", but left out for its %s (`exclude`)\n", taker->excluded);
    else if (taker->rule->is_ignore)
        buffer_append(out, SPAN(", which ignores it\n"));
    else if (!taker->rule->has_event)
        buffer_append(out, SPAN(", which remembers what it says\n"));
    else if (!taker->event.at && taker->rule->count.every_s > 0)
        buffer_append(out, SPAN(", which counts it\n"));
    else if (!taker->event.at)
        buffer_append(out, SPAN(", whose event was sent before (`once`, `pair`)\n"));
    else {
        buffer_append(out, SPAN(", which sends\n  "));
        buffer_append(out, taker->event);
        buffer_append_byte(out, '\n');
    }
    if (taker->guess[0]) {
        buffer_append(out, SPAN("its time is a guess: "));
        event_table_text(span_of(taker->guess), out);
        buffer_append_byte(out, '\n');
    }
}

void explain_text_record(const struct explained *explained, const struct explained_file *files,
    size_t file_count, struct buffer *out)
{
    const struct explained_file *nearest = explain_nearest(files, file_count);

    for (size_t i = 0; i < file_count; i++) {
        bool is_as_before = i > 0 && files[i].format_count == files[0].format_count;

        for (size_t j = 0; is_as_before && j < files[i].format_count; j++)
            is_as_before = files[i].formats[j].name == files[0].formats[j].name;
        if (!is_as_before)
            put_file(&files[i], out);
    }
    for (size_t i = 0; i < explained->taker_count; i++)
        put_taker(&explained->takers[i], files, file_count, out);
    if (explained->is_unfinished)
        buffer_append(out, SPAN("not finished: `run` waits for what follows\n"));
    if (explained->taker_count > 0)
        return;
    buffer_printf(out, "%s\n",
        explained->record.class == LINE_RULE_ERROR
            ? "no rule takes it; a pattern ran into its limits"
            : "no rule takes it");
    if (nearest)
        put_miss(nearest->rules, &nearest->nearest,
            nearest->nearest.nearness >= NEAR_ENOUGH ? "nearest is "
                                                     : "nothing is near; nearest is ",
            out);
}

/* --- many -------------------------------------------------------------------------- */

static void put_where(const char *path, uint64_t line_number, struct buffer *out)
{
    buffer_append(out, SPAN("  ["));
    event_table_text(span_of(path), out);
    buffer_printf(out, ":%llu]\n", (unsigned long long)line_number);
}

static void put_shapes(const struct explain_group *group, bool is_all, struct buffer *out)
{
    size_t shown = 0;

    for (; shown < group->shape_count && (is_all || shown < SHAPES_MOST); shown++) {
        const struct explain_shape *shape = &group->shapes[shown];
        struct buffer text = {0};

        cluster_write(shape->cluster, &text);
        buffer_printf(out, "%12llu  ", (unsigned long long)shape->count);
        event_table_text(
            (struct span){text.bytes, text.len < SHOWN_BYTES ? text.len : SHOWN_BYTES}, out);
        buffer_append(out, text.len < SHOWN_BYTES ? SPAN("") : SPAN("…"));
        put_where(shape->path, shape->line_number, out);
        buffer_finish(&text);
    }
    if (shown < group->shape_count) {
        buffer_append(out, SPAN("              and lines of "));
        put_count(group->shape_count - shown, "other shape", out);
        buffer_append_byte(out, '\n');
    }
}

static void put_taken(const struct explain_group *group, struct buffer *out)
{
    buffer_printf(out, "%8llu  ", (unsigned long long)group->count);
    put_rule(group->rules, group->rule, out);
    if (group->missing)
        put_incomplete(", incomplete", group->missing, group->reason, group->value, out);
    else if (group->excluded)
        buffer_printf(out, ", left out for its %s", group->excluded);
    else if (group->rule->is_ignore)
        buffer_append(out, SPAN(", ignored"));
    put_where(group->path, group->line_number, out);
}

static void put_untaken(const struct explain_group *group, bool is_all, struct buffer *out)
{
    buffer_printf(out, "\n%8llu  ", (unsigned long long)group->count);
    if (group->fate == FATE_NEAR) {
        buffer_append(out, SPAN("near "));
        put_rule(group->rules, group->rule, out);
    } else if (group->fate == FATE_NOT_DECODED) {
        buffer_printf(out, "not of format %s; ", group->format);
        if (group->ends_early)
            buffer_append(out, SPAN(ENDS_EARLY));
        else
            put_likely(span_of(group->line), out);
    } else {
        buffer_append(out, SPAN("near no rule"));
    }
    buffer_append_byte(out, '\n');
    if (group->fate == FATE_NEAR)
        put_miss(group->rules, &group->miss, "", out);
    put_shapes(group, is_all, out);
}

void explain_text_groups(const struct explain_groups *groups, const struct engine_counts *counts,
    bool is_all, struct buffer *out)
{
    size_t shown = 0, left = 0;
    bool has_any = false;

    put_count(groups->lines, "record", out);
    for (int class = 0; class < LINE_CLASSES; class ++)
        if (counts->lines[class] > 0) {
            buffer_printf(out, "%s ", has_any ? "," : ":");
            put_count(counts->lines[class], "line", out);
            buffer_printf(out, " %s", line_class_names[class]);
            has_any = true;
        }
    buffer_append_byte(out, '\n');
    if (groups->detection.count > 0) {
        buffer_append(out, SPAN("format auto reads them: "));
        detection_write(&groups->detection, out);
        buffer_append_byte(out, '\n');
    }
    for (size_t i = 0; i < groups->count; i++)
        if (groups->items[i]->fate == FATE_TAKEN)
            put_taken(groups->items[i], out);
        else if (is_all || shown++ < GROUPS_MOST)
            put_untaken(groups->items[i], is_all, out);
        else
            left++;
    if (left > 0) {
        buffer_append(out, SPAN("\nand "));
        put_count(left, "smaller group", out);
        buffer_append(out, SPAN("; --all shows them\n"));
    }
}
