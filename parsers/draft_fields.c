/* SPDX-License-Identifier: MIT
 *
 * Names become such as ${…} takes: `cs(User-Agent)` is cs_user_agent. Date and time are
 * columns of their own, so that neither is the record's time.
 */
#include "draft_fields.h"

#define MARK "#Fields:"

enum { NAMES_MOST = 100 };

static void write_name(struct span name, struct buffer *out)
{
    bool is_gap = false;

    if (span_is(name, "time")) {
        buffer_append(out, SPAN("clock"));
        return;
    }
    for (size_t i = 0, written = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!byte_is_alpha(c) && !byte_is_digit(c)) {
            is_gap = written > 0;
            continue;
        }
        if (is_gap)
            buffer_append_byte(out, '_');
        buffer_append_byte(out, byte_lower(c));
        is_gap = false;
        written++;
    }
}

static void write_format(struct span names, bool has_tabs, struct buffer *out)
{
    struct span rest = span_trim(names);
    unsigned parts = 0;

    buffer_append(out, has_tabs ? SPAN("format: {tsv: [") : SPAN("format: {csv: {columns: ["));
    for (size_t i = 0; rest.at && i < NAMES_MOST; i++) {
        struct span name = span_cut(&rest, ' ');

        buffer_append(out, i > 0 ? SPAN(", ") : SPAN(""));
        write_name(name, out);
        parts += span_is(name, "date") || span_is(name, "time");
    }
    buffer_append(out, has_tabs ? SPAN("]}\n") : SPAN("], separator: ' '}}\n"));
    if (parts == 2)
        buffer_append(out, SPAN("time: '${date} ${clock}'\n"));
}

bool draft_fields_write(const struct span *lines, size_t count, struct buffer *out)
{
    size_t at = 0, next;

    while (at < count && !span_has_prefix(lines[at], SPAN(MARK " ")))
        at++;
    if (at == count)
        return false;
    for (next = at; next < count && lines[next].len > 0 && *lines[next].at == '#';)
        next++;
    write_format(span_from(lines[at], sizeof(MARK)),
        next < count && span_find(lines[next], '\t') != NULL, out);
    return true;
}
