/* SPDX-License-Identifier: MIT
 *
 * What must hold for lines that may be parts, whatever they say.
 */
#ifndef TESTS_FUZZ_FUZZ_PARTS_H
#define TESTS_FUZZ_FUZZ_PARTS_H

#include "parsers/limits.h"
#include "parsers/lines.h"
#include "parsers/parts.h"
#include "tests/fuzz/fuzz.h"

static inline void fuzz_parts(format_read_part *read, const char *(*find_hidden)(struct span),
    const uint8_t *bytes, size_t len)
{
    static struct arena *arena;
    struct span rest = {(const char *)bytes, len}, line, text;
    struct format_part part;
    struct parts_group group;
    size_t whole;

    if (!arena)
        arena = arena_new(LIMIT_ARENA_BYTES);
    while (parts_next(read, true, &rest, &group)) {
        struct parts_walk walk = {.rest = group.bytes};
        struct parts_record record;
        size_t covered = 0;

        arena_reset(arena);
        while (parts_record(read, &walk, arena, &record, &text)) {
            fuzz_touch(text);
            covered += record.bytes;
        }
        assert(covered == group.bytes.len && group.lines > 0);
    }
    assert(rest.len == 0);
    rest = (struct span){(const char *)bytes, len};
    while (lines_next(&rest, &line, &whole))
        assert(!read(line, &part) || !part.goes_on || find_hidden(line));
}

#endif
