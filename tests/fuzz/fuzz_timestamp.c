/* SPDX-License-Identifier: MIT
 *
 * What timestamp_parse says it used is in the text, and is by itself the same
 * timestamp, also in a format that is given (up to the first newline); a moment within the years it
 * knows can be written and read back.
 */
#include "parsers/timestamp.h"
#include "parsers/timestamp_format.h"
#include "tests/fuzz/fuzz.h"

/* The text up to its first newline as a format, for the rest. */
static void read_as_told(struct span text, const struct time_context *context)
{
    const char *end = span_find(text, '\n');
    struct arena *arena = arena_new(1 << 16);
    struct timestamp_format_fault fault;
    struct timestamp first, again;
    const char *shape;
    size_t used, used_again;

    if (end) {
        struct span format = span_between(text.at, end);

        shape = timestamp_format_compile(format, arena, &fault);
        text = span_from(text, format.len + 1);
        assert(shape || (fault.message && fault.hint && fault.offset + fault.len <= format.len));
        if (shape && timestamp_parse_as(&shape, 1, text, context, &first, &used) == PARSE_OK) {
            assert(used <= text.len && !first.is_order_guess);
            assert(timestamp_parse_as(&shape, 1, (struct span){text.at, used}, context, &again,
                       &used_again) == PARSE_OK);
            assert(used_again == used && again.unix_s == first.unix_s);
        }
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct zone_change changes[] = {{1774746000, 7200}, {1792890000, 3600}};
    static const struct zone_name names[] = {{"IST", 19800}, {"CAT", 7200}};
    static const struct zone zone = {
        .first_offset_s = 3600, .changes = changes, .count = 2, .names = {names, 2}};
    const struct time_context context = {.reference_s = 1795428672, .zone = &zone};
    struct span text = {(const char *)bytes, len};
    char written[TIMESTAMP_TEXT_BYTES];
    struct timestamp first, again;
    size_t used, used_again;

    read_as_told(text, &context);
    if (timestamp_parse(text, &context, &first, &used) != PARSE_OK)
        return 0;
    assert(used > 0 && used <= len);
    text.len = used;
    assert(timestamp_parse(text, &context, &again, &used_again) == PARSE_OK);
    assert(used_again == used && again.unix_s == first.unix_s);

    timestamp_write(first.unix_s, written);
    if (timestamp_parse(span_of(written), &context, &again, &used_again) == PARSE_OK)
        assert(again.unix_s == first.unix_s && again.has_full_date && again.has_zone);
    return 0;
}
