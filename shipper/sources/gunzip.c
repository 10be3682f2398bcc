/* SPDX-License-Identifier: MIT
 *
 * zlib's inflate with the check of each member's sum and length. What came out
 * before the fault of a broken file stays out: it was in the file.
 */
#include "shipper/sources/gunzip.h"

#include "parsers/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16 /* zlib's way of saying: the largest, in gzip's dress */ };

struct gunzip {
    z_stream z;
    bool is_between; /* two members; at first true as well */
    bool is_begun;
    const char *trouble; /* NULL: none */
};

bool gunzip_is_gzip(struct span beginning)
{
    /* The third byte is the method; there is only deflate. */
    return span_has_prefix(beginning, SPAN("\x1F\x8B\x08"));
}

struct gunzip *gunzip_new(void)
{
    struct gunzip *gunzip = memory_new(sizeof(*gunzip));

    if (inflateInit2(&gunzip->z, GZIP_WINDOW) != Z_OK)
        abort(); /* out of memory: memory.h */
    gunzip->is_between = true;
    return gunzip;
}

void gunzip_free(struct gunzip *gunzip)
{
    if (!gunzip)
        return;
    inflateEnd(&gunzip->z);
    free(gunzip);
}

/* Up to the next member; false if something else follows. */
static bool begin_member(struct gunzip *gunzip, struct span *in)
{
    if (gunzip->is_begun)
        while (in->len > 0 && in->at[0] == '\0')
            *in = span_from(*in, 1);
    if (in->len == 0)
        return true;
    if (in->at[0] != '\x1F') {
        gunzip->trouble = "has bytes behind its compressed data that are none";
        return false;
    }
    inflateReset(&gunzip->z);
    gunzip->is_between = false;
    gunzip->is_begun = true;
    return true;
}

/* One call of inflate; what it says. */
static int inflate_some(struct gunzip *gunzip, struct span *in, size_t most, struct buffer *out)
{
    z_stream *z = &gunzip->z;
    union {
        const char *at;
        Bytef *bytes; /* zlib does not write there */
    } from = {in->at};
    int result;

    assert(in->len <= UINT32_MAX && most <= UINT32_MAX);
    z->next_in = from.bytes;
    z->avail_in = (uInt)in->len;
    z->next_out = (Bytef *)buffer_reserve(out, most);
    z->avail_out = (uInt)most;
    result = inflate(z, Z_NO_FLUSH);
    *in = span_from(*in, in->len - z->avail_in);
    out->len += most - z->avail_out;
    return result;
}

enum gunzip_result gunzip_feed(
    struct gunzip *gunzip, struct span *in, size_t most, struct buffer *out)
{
    size_t end = out->len + most;

    while (!gunzip->trouble) {
        if (gunzip->is_between && !begin_member(gunzip, in))
            break;
        if (gunzip->is_between)
            return GUNZIP_END;
        switch (inflate_some(gunzip, in, end - out->len, out)) {
        case Z_OK:
        case Z_BUF_ERROR: /* neither input nor room: not an error */
            if (out->len == end)
                return GUNZIP_FULL;
            if (in->len == 0)
                return GUNZIP_MORE;
            break;
        case Z_STREAM_END:
            gunzip->is_between = true;
            break;
        case Z_MEM_ERROR:
            abort();
        default:
            gunzip->trouble = "has damaged compressed data";
        }
    }
    return GUNZIP_BROKEN;
}

bool gunzip_is_complete(const struct gunzip *gunzip)
{
    return gunzip->is_begun && gunzip->is_between;
}

const char *gunzip_trouble(const struct gunzip *gunzip)
{
    return gunzip->trouble;
}
