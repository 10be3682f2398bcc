/* SPDX-License-Identifier: MIT
 *
 * What every decoder must keep to, whatever the text: for the fuzz targets of
 * the formats.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "parsers/format.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Reads every byte of a span, so that the address sanitizer sees a wrong one. */
static inline void fuzz_touch(struct span s)
{
    volatile char last = 0;

    for (size_t i = 0; i < s.len; i++)
        last = s.at[i];
    (void)last;
}

static inline void fuzz_format(format_parse *parse, const uint8_t *bytes, size_t len)
{
    static struct record record;
    const struct span text = {(const char *)bytes, len};
    size_t at = 0;
    enum parse_result result;

    if (!record.arena)
        record_init(&record);
    record_reset(&record, text);
    result = parse(text, &record, &at);
    if (result == PARSE_NO)
        assert(record.count == 0 && !record.time.at && record.message.at == text.at &&
               record.message.len == len);
    assert(result != PARSE_BAD || at <= len);
    for (size_t i = 0; i < record.count; i++) {
        assert(record.fields[i].name.at && record.fields[i].value.at);
        fuzz_touch(record.fields[i].name);
        fuzz_touch(record.fields[i].value);
    }
    fuzz_touch(record.message);
    fuzz_touch(record.time);
}

#endif
