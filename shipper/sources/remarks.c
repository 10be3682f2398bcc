/* SPDX-License-Identifier: MIT
 *
 * One line each, and never what the file contains.
 */
#include "shipper/sources/remarks.h"

#include "parsers/limits.h"
#include "shipper/log.h"

/* Whether this is the first time. */
static bool is_new(bool *said)
{
    bool before = *said;

    *said = true;
    return !before;
}

void remarks_chunk(struct remarks *said, const char *path, const struct tail_chunk *chunk)
{
    bool is_line_cut = chunk->is_cut && !span_find(chunk->lines, '\n');

    if (chunk->hole > 0 && is_new(&said->hole))
        log_write(LOG_INFO, "%s has a hole of NUL bytes up to byte %llu, passing over it", path,
            (unsigned long long)chunk->offset);
    if (is_line_cut && is_new(&said->long_line))
        log_write(LOG_WARNING,
            "%s has a line of more than %u bytes at byte %llu, cutting such lines there", path,
            LIMIT_LINE_BYTES, (unsigned long long)chunk->offset);
}

void remarks_rest(
    struct remarks *said, const char *path, const struct file_tail *tail, bool is_settled)
{
    const char *trouble;
    uint64_t left;

    if (!tail->stream)
        return;
    left = file_stream_unread(tail->stream, &tail->stat);
    trouble = file_stream_trouble(tail->stream);
    if (trouble && is_new(&said->damage))
        log_write(LOG_WARNING, "%s %s, not reading its last %llu bytes", path, trouble,
            (unsigned long long)left);
    if (!trouble && is_settled && file_stream_is_incomplete(tail->stream) &&
        is_new(&said->missing_end))
        log_write(LOG_WARNING,
            "%s ends in the middle of its compressed data, reading on if the rest comes", path);
}
