/* SPDX-License-Identifier: MIT
 *
 * Any bytes as any kind of file (the first byte chooses, and where the input is
 * cut): in pieces they must decode to the same as at once.
 */
#include "shipper/sources/binary.h"
#include "shipper/sources/decoder.h"
#include "shipper/sources/hole.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_BYTES = 1 << 20 /* of what comes of it: compressed input may be a bomb */ };

/* Returns how many bytes were not taken. */
static size_t decode(struct decoding decoding, struct span in, size_t piece, struct buffer *out)
{
    struct error err;
    struct decoder *decoder = decoder_new(decoding, &err);
    size_t given = 0;

    assert(decoder);
    while (out->len < MOST_BYTES) {
        struct span rest = {in.at, given};
        size_t before = out->len;
        enum decoder_result result = decoder_feed(decoder, &rest, out);

        assert(out->len - before <= DECODER_MOST_BYTES && rest.len <= given);
        in = span_from(in, given - rest.len);
        if (rest.len < given || out->len > before) {
            given = rest.len;
            continue;
        }
        assert((result == DECODER_BROKEN) == (decoder_trouble(decoder) != NULL));
        if (given == in.len || result == DECODER_BROKEN)
            break;
        given = in.len - given < piece ? in.len : given + piece;
    }
    decoder_free(decoder);
    return in.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct span in = {(const char *)bytes, len};
    struct buffer whole = {0}, cut = {0};
    struct decoding decoding;
    const char *hole;
    size_t left;

    if (len == 0)
        return 0;
    in = span_from(in, 1);
    decoding = decoding_of(in, (enum encoding)(bytes[0] % ENCODINGS));
    left = decode(decoding, in, in.len, &whole);
    if (decode(decoding, in, 1 + bytes[0] / ENCODINGS, &cut) != left)
        assert(whole.len >= MOST_BYTES);
    assert(whole.len >= MOST_BYTES || span_equal(buffer_span(&whole), buffer_span(&cut)));
    (void)binary_kind(buffer_span(&whole));
    hole = hole_find(buffer_span(&whole));
    assert(!hole || (hole[0] == '\0' && hole[-1] == '\n'));
    buffer_finish(&whole);
    buffer_finish(&cut);
    return 0;
}
