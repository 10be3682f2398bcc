/* SPDX-License-Identifier: MIT
 *
 * Framing and cleaning: no byte of a chunk is lost between lines, and what is
 * left of a line is clean of what it was cleaned of, if not longer.
 */
#include "parsers/clean.h"
#include "parsers/limits.h"
#include "parsers/lines.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct arena *arena;
    struct span rest = {(const char *)bytes, len}, line, cleaned;
    size_t whole_bytes, sum = 0;

    if (!arena)
        arena = arena_new(LIMIT_ARENA_BYTES);
    while (lines_next(&rest, &line, &whole_bytes)) {
        assert(line.len <= whole_bytes && !span_find(line, '\n'));
        sum += whole_bytes;
        arena_reset(arena);
        assert(clean_line(line, arena, &cleaned) && cleaned.at && cleaned.len <= line.len);
        fuzz_touch(cleaned);
    }
    assert(sum == len);
    return 0;
}
