/* SPDX-License-Identifier: MIT
 *
 * What timestamp_parse says it used is in the text, and is by itself the same
 * timestamp; a moment within the years it knows can be written and read back.
 */
#include "parsers/timestamp.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct zone_change changes[] = {{1774746000, 7200}, {1792890000, 3600}};
    static const struct zone zone = {3600, changes, 2};
    const struct time_context context = {1795428672, &zone};
    struct span text = {(const char *)bytes, len};
    char written[TIMESTAMP_TEXT_BYTES];
    struct timestamp first, again;
    size_t used, used_again;

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
