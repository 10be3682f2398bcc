/* SPDX-License-Identifier: MIT
 *
 * Keeps nothing between calls: a group that is not complete is looked at again when
 * there is more.
 */
#include "parts.h"

#include "clean.h"
#include "limits.h"
#include "lines.h"

static bool is_any_open(const bool is_open[FORMAT_STREAMS])
{
    for (unsigned i = 0; i < FORMAT_STREAMS; i++)
        if (is_open[i])
            return true;
    return false;
}

bool parts_next(format_read_part *read, bool is_final, struct span *rest, struct parts_group *group)
{
    bool is_open[FORMAT_STREAMS] = {false};
    struct span left = *rest, line;
    struct format_part part;
    size_t whole;

    *group = (struct parts_group){.bytes = {rest->at, 0}};
    do {
        struct span behind = left;

        if (!lines_next(&behind, &line, &whole)) {
            if (!is_final || group->lines == 0)
                return false;
            break;
        }
        group->is_cut = group->lines == LIMIT_RECORD_LINES ||
                        (group->lines > 0 && group->bytes.len + whole > LIMIT_LINE_BYTES);
        if (group->is_cut)
            break;
        group->bytes.len += whole;
        group->lines++;
        left = behind;
        if (read(line, &part))
            is_open[part.stream] = part.goes_on;
    } while (is_any_open(is_open));
    *rest = left;
    return true;
}

/* The parts behind the first: their number, and what they add up to. */
static void measure(
    format_read_part *read, struct span rest, unsigned stream, struct parts_record *record)
{
    struct format_part part;
    struct span line;
    size_t whole;

    while (record->is_cut && lines_next(&rest, &line, &whole))
        if (read(line, &part) && part.stream == stream) {
            record->bytes += whole;
            record->lines++;
            record->is_cut = part.goes_on;
        }
}

static struct span join(format_read_part *read, struct span rest, unsigned stream,
    const struct parts_record *record, struct arena *arena)
{
    char *joined = arena_alloc(arena, record->bytes + record->lines);
    struct format_part part;
    struct span line, cleaned;
    size_t whole, len = 0;

    if (!joined)
        return (struct span){NULL, 0};
    for (size_t left = record->lines; left > 0 && lines_next(&rest, &line, &whole);) {
        if (!read(line, &part) || part.stream != stream)
            continue;
        if (!clean_line(line, arena, &cleaned))
            return (struct span){NULL, 0};
        if (len > 0)
            joined[len++] = '\n';
        memcpy(joined + len, cleaned.at, cleaned.len);
        len += cleaned.len;
        left--;
    }
    return (struct span){joined, len};
}

bool parts_record(format_read_part *read, struct parts_walk *walk, struct arena *arena,
    struct parts_record *record, struct span *text)
{
    struct format_part part = {0};
    struct span line, begun;
    bool is_part, is_begun;
    size_t whole;

    do {
        begun = walk->rest;
        if (!lines_next(&walk->rest, &line, &whole))
            return false;
        is_part = read(line, &part);
        is_begun = is_part && walk->is_open[part.stream];
        if (is_part)
            walk->is_open[part.stream] = part.goes_on;
    } while (is_begun);
    *record = (struct parts_record){
        .first = line, .bytes = whole, .lines = 1, .is_cut = is_part && part.goes_on};
    measure(read, walk->rest, part.stream, record);
    if (record->lines > 1)
        *text = join(read, begun, part.stream, record, arena);
    else if (!clean_line(line, arena, text))
        *text = (struct span){NULL, 0};
    return true;
}
