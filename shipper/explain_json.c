/* SPDX-License-Identifier: MIT
 *
 * The same for programs. A value that is no UTF-8 has U+FFFD for each such byte; offsets
 * are bytes of what the line has.
 */
#include "parsers/event.h"
#include "shipper/explain_print.h"

static void put_name(const char *name, struct buffer *out)
{
    char before = out->len > 0 ? out->bytes[out->len - 1] : '{';

    if (before != '{' && before != '[')
        buffer_append_byte(out, ',');
    buffer_printf(out, "\"%s\":", name);
}

static void put_text(const char *name, struct span value, struct buffer *out)
{
    put_name(name, out);
    if (value.at)
        event_write_string(value, out);
    else
        buffer_append(out, SPAN("null"));
}

static void put_number(const char *name, uint64_t value, struct buffer *out)
{
    put_name(name, out);
    buffer_printf(out, "%llu", (unsigned long long)value);
}

static void put_rule(const struct engine_rules *rules, const struct rule *rule, struct buffer *out)
{
    put_text("product", rules->file->product, out);
    put_text("rule", rule->name, out);
}

static struct span part(struct span s, size_t from, size_t to)
{
    return s.at ? (struct span){s.at + from, to - from} : s;
}

static void put_miss(const struct near_miss *miss, struct buffer *out)
{
    size_t line, column;

    place_find(&miss->place, &line, &column);
    put_text("step", span_of(near_step_names[miss->step]), out);
    put_text("file", span_of(miss->place.text->name), out);
    put_number("line", line, out);
    put_number("column", column, out);
    put_text("wanted", miss->wanted, out);
    put_text("field", miss->field, out);
    put_text("value", miss->value, out);
    put_text("matched", part(miss->value, miss->from, miss->to), out);
    put_text("found", part(miss->value, miss->to, miss->until), out);
    put_number("at", miss->to, out);
    put_name("sought", out);
    buffer_append(out, miss->is_sought ? SPAN("true") : SPAN("false"));
    put_name("untraced", out);
    buffer_append(out, miss->is_untraced ? SPAN("true") : SPAN("false"));
    put_number("nearness", miss->nearness, out);
}

/* --- one record ------------------------------------------------------------------ */

/* Of fields of one name rules see the first. */
static bool is_first(const struct record *record, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (span_equal(record->fields[j].name, record->fields[i].name))
            return false;
    return true;
}

static void put_fields(const struct record *record, struct buffer *out)
{
    put_name("fields", out);
    buffer_append_byte(out, '{');
    for (size_t i = 0; i < record->count; i++) {
        if (!is_first(record, i))
            continue;
        if (i > 0)
            buffer_append_byte(out, ',');
        event_write_string(record->fields[i].name, out);
        buffer_append_byte(out, ':');
        event_write_string(record->fields[i].value, out);
    }
    buffer_append_byte(out, '}');
}

static void put_names(const char *what, const char *const *names, size_t count, struct buffer *out)
{
    put_name(what, out);
    for (size_t i = 0; i < count; i++) {
        buffer_append_byte(out, i > 0 ? ',' : '[');
        event_write_string(span_of(names[i]), out);
    }
    buffer_append_byte(out, ']');
}

static void put_file(const struct explained_file *file, struct buffer *out)
{
    static const char *const results[] = {
        [PARSE_OK] = "ok", [PARSE_NO] = "no", [PARSE_BAD] = "broken"};

    buffer_append(out, SPAN("{"));
    put_text("product", file->rules->file->product, out);
    put_name("format", out);
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < file->format_count; i++) {
        const struct explained_format *format = &file->formats[i];

        buffer_append(out, i > 0 ? SPAN(",{") : SPAN("{"));
        put_text("name", span_of(format->name), out);
        put_text("result", span_of(results[format->result]), out);
        if (format->detected_count > 0)
            put_names("detected", format->detected, format->detected_count, out);
        if (format->result == PARSE_BAD)
            put_number("at", format->at, out);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
    put_text("message", file->record.message, out);
    put_text("time", file->record.time, out);
    put_fields(&file->record, out);
    put_name("nearest", out);
    if (file->has_nearest) {
        buffer_append_byte(out, '{');
        put_text("rule", file->nearest.rule->name, out);
        put_miss(&file->nearest, out);
        buffer_append_byte(out, '}');
    } else {
        buffer_append(out, SPAN("null"));
    }
    buffer_append_byte(out, '}');
}

static void put_taker(const struct explained_taker *taker, struct buffer *out)
{
    buffer_append_byte(out, '{');
    put_rule(taker->rules, taker->rule, out);
    if (taker->missing) {
        put_text("missing", span_of(taker->missing), out);
        put_text("reason", span_of(taker->reason), out);
        put_text("value", span_of(taker->value), out);
    } else if (taker->excluded) {
        put_text("excluded", span_of(taker->excluded), out);
    } else if (taker->rule->is_ignore) {
        put_name("ignored", out);
        buffer_append(out, SPAN("true"));
    } else if (taker->event.at) {
        put_name("event", out);
        buffer_append(out, taker->event);
    }
    if (taker->guess[0])
        put_text("time_guess", span_of(taker->guess), out);
    buffer_append_byte(out, '}');
}

void explain_json_record(const struct explained *explained, const struct explained_file *files,
    size_t file_count, struct buffer *out)
{
    buffer_append_byte(out, '{');
    put_text("path", span_of(explained->path), out);
    put_number("line_number", explained->line_number, out);
    put_text("line", explained->record.text, out);
    put_text("class", span_of(line_class_names[explained->record.class]), out);
    put_name("taken", out);
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < explained->taker_count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        put_taker(&explained->takers[i], out);
    }
    buffer_append_byte(out, ']');
    put_name("files", out);
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < file_count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        put_file(&files[i], out);
    }
    buffer_append(out, SPAN("]}\n"));
}

/* --- many -------------------------------------------------------------------------- */

static void put_example(const char *path, uint64_t line_number, struct buffer *out)
{
    put_text("path", span_of(path), out);
    put_number("line_number", line_number, out);
}

static void put_shapes(const struct explain_group *group, struct buffer *out)
{
    put_name("shapes", out);
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < group->shape_count; i++) {
        const struct explain_shape *shape = &group->shapes[i];
        struct buffer text = {0};

        buffer_append(out, i > 0 ? SPAN(",{") : SPAN("{"));
        cluster_write(shape->cluster, &text);
        put_number("count", shape->count, out);
        put_text("shape", buffer_span(&text), out);
        put_example(shape->path, shape->line_number, out);
        buffer_append_byte(out, '}');
        buffer_finish(&text);
    }
    buffer_append_byte(out, ']');
}

static void put_group(const struct explain_group *group, struct buffer *out)
{
    static const char *const fates[] = {[FATE_TAKEN] = "taken",
        [FATE_NEAR] = "near",
        [FATE_FAR] = "far",
        [FATE_NOT_DECODED] = "not_decoded"};

    buffer_append_byte(out, '{');
    put_text("fate", span_of(fates[group->fate]), out);
    put_number("count", group->count, out);
    if (group->rule)
        put_rule(group->rules, group->rule, out);
    if (group->missing) {
        put_text("missing", span_of(group->missing), out);
        put_text("reason", span_of(group->reason), out);
        put_text("value", span_of(group->value), out);
    }
    if (group->excluded)
        put_text("excluded", span_of(group->excluded), out);
    if (group->format)
        put_text("format", span_of(group->format), out);
    put_name("example", out);
    buffer_append_byte(out, '{');
    put_example(group->path, group->line_number, out);
    put_text("line", span_of(group->line), out);
    buffer_append_byte(out, '}');
    if (group->fate == FATE_NEAR) {
        put_name("nearest", out);
        buffer_append_byte(out, '{');
        put_miss(&group->miss, out);
        buffer_append_byte(out, '}');
    }
    if (group->fate != FATE_TAKEN)
        put_shapes(group, out);
    buffer_append_byte(out, '}');
}

static void put_detection(const struct detection *detection, struct buffer *out)
{
    for (size_t i = 0; i < detection->count; i++) {
        const struct detection_row *row = &detection->rows[i];

        if (i == 0) {
            put_name("detected", out);
            buffer_append_byte(out, '[');
        }
        buffer_append(out, i > 0 ? SPAN(",{") : SPAN("{"));
        put_names("format", row->names, row->name_count, out);
        put_number("records", row->records, out);
        buffer_append(out, i + 1 < detection->count ? SPAN("}") : SPAN("}]"));
    }
}

void explain_json_groups(
    const struct explain_groups *groups, const struct engine_counts *counts, struct buffer *out)
{
    buffer_append_byte(out, '{');
    put_number("records", groups->lines, out);
    put_name("lines", out);
    buffer_append_byte(out, '{');
    for (int class = 0; class < LINE_CLASSES; class ++)
        put_number(line_class_names[class], counts->lines[class], out);
    buffer_append_byte(out, '}');
    put_detection(&groups->detection, out);
    put_name("groups", out);
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < groups->count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        put_group(groups->items[i], out);
    }
    buffer_append(out, SPAN("]}\n"));
}
