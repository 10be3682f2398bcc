/* SPDX-License-Identifier: MIT
 *
 * In place: there are never more records than lines.
 */
#include "draft_records.h"

#include "limits.h"

static bool begins(struct span line)
{
    return line.len > 0 && *line.at == '{';
}

bool draft_records_are_spread(const struct span *lines, size_t count)
{
    size_t spread = 0, whole = 0;

    for (size_t i = 0; i < count; i++)
        if (begins(lines[i]))
            *(span_trim(lines[i]).len == 1 ? &spread : &whole) += 1;
    return spread > whole;
}

/* How many of the lines are one record, and their bytes with a blank between them. */
static size_t take_record(const struct span *lines, size_t count, size_t *bytes)
{
    size_t n = 1;

    *bytes = lines[0].len;
    while (n < count && !begins(lines[n]) && n < LIMIT_RECORD_LINES &&
           *bytes + 1 + lines[n].len <= LIMIT_LINE_BYTES)
        *bytes += 1 + lines[n++].len;
    return n;
}

static struct span join(const struct span *lines, size_t count, char *to)
{
    struct span joined = {to, 0};

    for (size_t i = 0; i < count; i++) {
        struct span line = span_trim(lines[i]);

        if (i > 0)
            to[joined.len++] = ' ';
        memcpy(to + joined.len, line.at, line.len);
        joined.len += line.len;
    }
    return joined;
}

size_t draft_records_join(struct span *lines, size_t count, struct arena *arena)
{
    size_t records = 0;

    for (size_t i = 0; i < count;) {
        size_t bytes, n = begins(lines[i]) ? take_record(lines + i, count - i, &bytes) : 1;
        char *to = n > 1 ? arena_alloc(arena, bytes) : NULL;

        lines[records++] = to ? join(lines + i, n, to) : lines[i];
        i += n;
    }
    return records;
}
