/* SPDX-License-Identifier: MIT
 *
 * The C library's iconv knows the tables. It is given bounded input with room for
 * all that can come of it, so that it only ever stops at what is no character or
 * not a whole one. Never guesses an encoding from the text.
 */
#include "shipper/sources/encoding.h"

#include "parsers/memory.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

enum { MOST_FOR_ONE_BYTE = 3 };

#define REPLACEMENT "\xEF\xBF\xBD"

const char *const encoding_names[ENCODINGS + 1] = {
    "utf-8", "iso-8859-1", "windows-1252", "utf-16le", "utf-16be", NULL};

struct transcoder {
    iconv_t iconv;
    size_t unit_bytes;
};

enum encoding encoding_of(struct span beginning, enum encoding configured)
{
    if (span_has_prefix(beginning, SPAN("\xEF\xBB\xBF")))
        return ENCODING_UTF_8;
    if (span_has_prefix(beginning, SPAN("\xFF\xFE")))
        return ENCODING_UTF_16LE;
    if (span_has_prefix(beginning, SPAN("\xFE\xFF")))
        return ENCODING_UTF_16BE;
    return configured;
}

struct transcoder *transcoder_new(enum encoding encoding)
{
    iconv_t opened = iconv_open("utf-8", encoding_names[encoding]);
    struct transcoder *transcoder;

    /* That is how iconv_open says no. */
    if (opened == (iconv_t)-1)
        return NULL;
    transcoder = memory_new(sizeof(*transcoder));
    transcoder->iconv = opened;
    transcoder->unit_bytes = encoding == ENCODING_UTF_16LE || encoding == ENCODING_UTF_16BE ? 2 : 1;
    return transcoder;
}

void transcoder_free(struct transcoder *transcoder)
{
    if (!transcoder)
        return;
    iconv_close(transcoder->iconv);
    free(transcoder);
}

/* True if iconv stopped at what is no character. */
static bool convert(struct transcoder *transcoder, struct span *in, struct buffer *out)
{
    size_t room = in->len * MOST_FOR_ONE_BYTE, left = room;
    char *to = buffer_reserve(out, room);
    union {
        const char *read;
        char *passed; /* iconv wants it so, and does not write there */
    } from = {in->at};
    size_t converted = iconv(transcoder->iconv, &from.passed, &in->len, &to, &left);

    in->at = from.read;
    out->len += room - left;
    return converted == (size_t)-1 && errno == EILSEQ;
}

void transcoder_feed(struct transcoder *transcoder, struct span *in, struct buffer *out)
{
    while (in->len >= transcoder->unit_bytes && convert(transcoder, in, out)) {
        buffer_append(out, SPAN(REPLACEMENT));
        *in = span_from(*in, transcoder->unit_bytes);
    }
}
