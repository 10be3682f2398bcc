/* SPDX-License-Identifier: MIT
 *
 * Two steps, each of which may be absent. Between them stands what was
 * decompressed and is not a whole character yet.
 */
#include "shipper/sources/decoder.h"

#include "parsers/memory.h"
#include "shipper/sources/gunzip.h"

#include <errno.h>
#include <stdlib.h>

enum { STEP_BYTES = 64 << 10 /* decompressed at once */ };

struct decoder {
    struct gunzip *gunzip;         /* NULL: not compressed */
    struct transcoder *transcoder; /* NULL: UTF-8 */
    struct buffer between;
};

struct decoding decoding_of(struct span beginning, enum encoding configured)
{
    struct decoding decoding = {gunzip_is_gzip(beginning), configured};
    struct buffer text = {0};
    struct gunzip *gunzip;

    if (!decoding.is_gzip) {
        decoding.encoding = encoding_of(beginning, configured);
        return decoding;
    }
    gunzip = gunzip_new();
    gunzip_feed(gunzip, &beginning, DECODER_LOOK_BYTES, &text);
    decoding.encoding = encoding_of(buffer_span(&text), configured);
    gunzip_free(gunzip);
    buffer_finish(&text);
    return decoding;
}

struct decoder *decoder_new(struct decoding decoding, struct error *err)
{
    struct transcoder *transcoder = NULL;
    struct decoder *decoder;

    if (decoding.encoding != ENCODING_UTF_8) {
        transcoder = transcoder_new(decoding.encoding);
        if (!transcoder) {
            error_set(err, ERROR_SYSTEM, errno, "this system's iconv does not know %s",
                encoding_names[decoding.encoding]);
            return NULL;
        }
    }
    decoder = memory_new(sizeof(*decoder));
    decoder->transcoder = transcoder;
    decoder->gunzip = decoding.is_gzip ? gunzip_new() : NULL;
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    gunzip_free(decoder->gunzip);
    transcoder_free(decoder->transcoder);
    buffer_finish(&decoder->between);
    free(decoder);
}

static struct span first_of(struct span s, size_t most)
{
    return (struct span){s.at, s.len < most ? s.len : most};
}

/* Decompressed text in another encoding. */
static void transcode_between(struct decoder *decoder, struct buffer *out)
{
    struct span text = buffer_span(&decoder->between);

    transcoder_feed(decoder->transcoder, &text, out);
    if (text.len > 0)
        memmove(decoder->between.bytes, text.at, text.len);
    decoder->between.len = text.len;
}

enum decoder_result decoder_feed(struct decoder *decoder, struct span *in, struct buffer *out)
{
    struct span taken = first_of(*in, DECODER_INPUT_BYTES);
    enum decoder_result result = DECODER_MORE;

    if (decoder->gunzip) {
        static const enum decoder_result results[] = {
            [GUNZIP_MORE] = DECODER_MORE,
            [GUNZIP_FULL] = DECODER_FULL,
            [GUNZIP_END] = DECODER_END,
            [GUNZIP_BROKEN] = DECODER_BROKEN,
        };
        struct buffer *to = decoder->transcoder ? &decoder->between : out;

        result = results[gunzip_feed(decoder->gunzip, &taken, STEP_BYTES - 4, to)];
        if (decoder->transcoder)
            transcode_between(decoder, out);
    } else if (decoder->transcoder) {
        transcoder_feed(decoder->transcoder, &taken, out);
    } else {
        buffer_append(out, taken);
        taken = span_from(taken, taken.len);
    }
    *in = span_between(taken.at, span_end(*in));
    return result;
}

const char *decoder_trouble(const struct decoder *decoder)
{
    return decoder->gunzip ? gunzip_trouble(decoder->gunzip) : NULL;
}

bool decoder_is_complete(const struct decoder *decoder)
{
    return decoder->gunzip && gunzip_is_complete(decoder->gunzip);
}
