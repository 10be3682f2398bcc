/* SPDX-License-Identifier: MIT
 *
 * zlib's deflate in gzip's dress, in one call.
 */
#include "tests/support/gzip.h"

#include "tests/support/test.h"

#include <zlib.h>

void gzip_append(struct buffer *out, struct span content)
{
    z_stream z = {0};
    struct buffer copy = {0}; /* zlib's pointers are not const */
    uLong bound;

    buffer_append(&copy, content);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    bound = deflateBound(&z, content.len);
    z.next_in = (Bytef *)copy.bytes;
    z.avail_in = (uInt)content.len;
    z.next_out = (Bytef *)buffer_reserve(out, bound);
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += bound - z.avail_out;
    deflateEnd(&z);
    buffer_finish(&copy);
}
