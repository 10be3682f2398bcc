/* SPDX-License-Identifier: MIT
 *
 * Any stream: what comes out are lines, every byte is done with at its end, what is
 * held back is bounded, and a split anywhere (the first two bytes say where) changes
 * nothing.
 */
#include "parsers/syslog_framing.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_BYTES = 100 };

static void check_lines(const struct buffer *lines, const struct syslog_framing *framing)
{
    uint64_t count = 0;

    assert(lines->len == 0 || lines->bytes[lines->len - 1] == '\n');
    for (size_t i = 0, start = 0; i < lines->len; i++)
        if (lines->bytes[i] == '\n') {
            assert(i - start <= MOST_BYTES);
            start = i + 1;
            count++;
        }
    assert(count == framing->messages && framing->cut + framing->unfinished <= count + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct syslog_framing whole = {.max_message_bytes = MOST_BYTES}, split = whole;
    struct buffer lines = {0}, split_lines = {0};
    struct span stream;
    size_t first, taken;

    if (len < 2)
        return 0;
    stream = (struct span){(const char *)bytes + 2, len - 2};
    first = ((size_t)bytes[0] << 8 | bytes[1]) % (stream.len + 1);

    taken = syslog_framing_take(&whole, stream, true, &lines);
    assert(taken == stream.len);
    check_lines(&lines, &whole);

    taken = syslog_framing_take(&split, (struct span){stream.at, first}, false, &split_lines);
    assert(taken <= first && first - taken <= MOST_BYTES + SYSLOG_FRAMING_HEADER_BYTES);
    taken += syslog_framing_take(&split, span_from(stream, taken), true, &split_lines);
    assert(taken == stream.len);
    assert(span_equal(buffer_span(&lines), buffer_span(&split_lines)));
    assert(whole.messages == split.messages && whole.cut == split.cut &&
           whole.cut_bytes == split.cut_bytes && whole.unfinished == split.unfinished &&
           whole.out_of_sync == split.out_of_sync && whole.skipped == split.skipped);
    buffer_finish(&lines);
    buffer_finish(&split_lines);
    return 0;
}
