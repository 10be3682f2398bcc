/* SPDX-License-Identifier: MIT
 *
 * A window of decoded bytes that moves over the file. The file is another's, who
 * may truncate or rewrite it at any moment: its bytes before the place where
 * decoding stands are compared with what was decoded there, and if they differ all
 * begins again, so that the caller finds out by the decoded bytes.
 */
#include "shipper/sources/file_stream.h"

#include "parsers/limits.h"
#include "parsers/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BEHIND_BYTES = 256,      /* of the file, before the place */
    SLACK_BYTES = 256 << 10, /* before anything is moved down in the window */
    PLACES = 64,             /* remembered, and how far apart */
    PLACE_EVERY_BYTES = 32 << 10,
};

struct file_stream {
    int descriptor;
    struct decoding decoding;
    struct decoder *decoder; /* NULL: nothing decoded, the window is empty */
    struct buffer window;
    uint64_t start; /* offset of the window's first byte */
    uint64_t raw;   /* bytes of the file that were decoded for what is up to the window's end */
    char behind[BEHIND_BYTES]; /* the last of these */
    size_t behind_bytes;
    enum stream_end state;
    char head[FILE_HEAD_BYTES]; /* the first decoded bytes: often asked for */
    size_t head_bytes;

    struct file_place places[PLACES]; /* where decoding may begin, in order */
    size_t place_count;
    struct file_place resume; /* of the row that it is read by */

    const char *trouble;
    bool is_at_end;   /* the latest piece was the last */
    struct stat stat; /* of the file, before that piece was read */
    bool is_resting;  /* all was read with the reader at rest_offset, */
    uint64_t rest_offset;
    struct stat rest_stat; /* and the file like this */
    bool is_rest_end;      /* it stood at the end, not before half a line */
};

static ssize_t read_file(int descriptor, char *to, size_t wanted, uint64_t offset)
{
    ssize_t n;

    do
        n = pread(descriptor, to, wanted, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n;
}

bool file_stream_open(
    int descriptor, enum encoding configured, struct file_stream **stream, struct error *err)
{
    char beginning[DECODER_LOOK_BYTES];
    ssize_t n = read_file(descriptor, beginning, sizeof(beginning), 0);
    struct decoding decoding;
    struct decoder *decoder;

    if (n < 0)
        return error_system(err, "cannot read");
    decoding = decoding_of((struct span){beginning, (size_t)n}, configured);
    if (decoding_is_plain(decoding)) {
        *stream = NULL;
        return true;
    }
    decoder = decoder_new(decoding, err);
    if (!decoder)
        return false;
    *stream = memory_new(sizeof(**stream));
    (*stream)->descriptor = descriptor;
    (*stream)->decoding = decoding;
    (*stream)->decoder = decoder;
    return true;
}

void file_stream_free(struct file_stream *stream)
{
    if (!stream)
        return;
    decoder_free(stream->decoder);
    buffer_finish(&stream->window);
    free(stream);
}

static uint64_t end_of(const struct file_stream *stream)
{
    return stream->start + stream->window.len;
}

static void drop_decoder(struct file_stream *stream)
{
    decoder_free(stream->decoder);
    stream->decoder = NULL;
    buffer_finish(&stream->window);
}

/* --- decoding -------------------------------------------------------------- */

/* Begins at a place that is known; false with errno. */
static bool begin_at(struct file_stream *stream, struct file_place place)
{
    struct error err;

    drop_decoder(stream);
    stream->behind_bytes = 0;
    stream->decoder = decoder_new(stream->decoding, &err);
    if (!stream->decoder) {
        errno = err.code;
        return false;
    }
    stream->start = place.offset;
    stream->raw = place.raw;
    stream->state = STREAM_GROWING;
    stream->trouble = NULL;
    return true;
}

static void remember_behind(struct file_stream *stream, struct span decoded)
{
    size_t kept;

    if (decoded.len >= BEHIND_BYTES) {
        memcpy(stream->behind, span_end(decoded) - BEHIND_BYTES, BEHIND_BYTES);
        stream->behind_bytes = BEHIND_BYTES;
        return;
    }
    kept = BEHIND_BYTES - decoded.len;
    if (kept > stream->behind_bytes)
        kept = stream->behind_bytes;
    memmove(stream->behind, stream->behind + stream->behind_bytes - kept, kept);
    memcpy(stream->behind + kept, decoded.at, decoded.len);
    stream->behind_bytes = kept + decoded.len;
}

/* Decoding may begin where it stands now, unless it is inside a gzip. */
static void remember_place(struct file_stream *stream)
{
    const struct file_place here = {end_of(stream), stream->raw};
    size_t count = stream->place_count;

    if (stream->decoding.is_gzip ||
        (count > 0 && here.offset < stream->places[count - 1].offset + PLACE_EVERY_BYTES))
        return;
    if (count == PLACES)
        memmove(stream->places, stream->places + 1, --count * sizeof(*stream->places));
    stream->places[count] = here;
    stream->place_count = count + 1;
}

static void remember_head(struct file_stream *stream)
{
    if (stream->start > 0)
        return;
    stream->head_bytes =
        stream->window.len < FILE_HEAD_BYTES ? stream->window.len : FILE_HEAD_BYTES;
    memcpy(stream->head, buffer_span(&stream->window).at, stream->head_bytes);
}

/* Decodes a piece: 1, 0 at the end of what can be decoded now, -1 with errno. */
static int decode_more(struct file_stream *stream)
{
    static const enum stream_end states[] = {
        [DECODER_MORE] = STREAM_GROWING,
        [DECODER_FULL] = STREAM_GROWING,
        [DECODER_END] = STREAM_FINAL,
        [DECODER_BROKEN] = STREAM_BROKEN,
    };
    char bytes[DECODER_INPUT_BYTES];
    uint64_t end = end_of(stream);
    struct span in = {bytes, 0};
    ssize_t n;

    if (fstat(stream->descriptor, &stream->stat) < 0)
        return -1;
    n = read_file(stream->descriptor, bytes, sizeof(bytes), stream->raw);
    if (n < 0)
        return -1;
    remember_place(stream);
    in.len = (size_t)n;
    stream->state = states[decoder_feed(stream->decoder, &in, &stream->window)];
    remember_head(stream);
    remember_behind(stream, span_between(bytes, in.at));
    stream->raw += (uint64_t)(in.at - bytes);
    if (stream->state == STREAM_BROKEN) {
        stream->trouble = decoder_trouble(stream->decoder);
        if (decoder_is_complete(stream->decoder))
            stream->state = STREAM_FINAL;
    }
    stream->is_at_end = end_of(stream) == end && in.at == bytes;
    return !stream->is_at_end;
}

/* Forgets what is before the offset. */
static void forget_before(struct file_stream *stream, uint64_t offset)
{
    size_t gone;

    if (offset <= stream->start)
        return;
    gone = offset < end_of(stream) ? (size_t)(offset - stream->start) : stream->window.len;
    if (gone == 0)
        return;
    stream->window.len -= gone;
    memmove(stream->window.bytes, stream->window.bytes + gone, stream->window.len);
    stream->start += gone;
}

/* Like forget_before, but not for each piece. */
static void forget_some(struct file_stream *stream, uint64_t offset)
{
    if (offset > stream->start + SLACK_BYTES)
        forget_before(stream, offset);
}

/* Where to begin for that offset if it is not in the window or near behind it. */
static struct file_place nearest_place(const struct file_stream *stream, uint64_t offset)
{
    struct file_place nearest = {0, 0};

    if (stream->resume.offset <= offset)
        nearest = stream->resume;
    for (size_t i = 0; i < stream->place_count; i++)
        if (stream->places[i].offset <= offset && stream->places[i].offset > nearest.offset)
            nearest = stream->places[i];
    return nearest;
}

/* Nothing is known of the file any more. */
static void forget_all(struct file_stream *stream)
{
    drop_decoder(stream);
    stream->place_count = stream->head_bytes = stream->behind_bytes = 0;
    stream->resume = (struct file_place){0, 0};
}

static bool go_to(struct file_stream *stream, uint64_t offset)
{
    struct file_place place = nearest_place(stream, offset);

    if (stream->decoder && offset >= stream->start && place.offset <= end_of(stream))
        return true;
    return begin_at(stream, place);
}

ssize_t file_stream_read(struct file_stream *stream, char *to, size_t wanted, uint64_t offset)
{
    size_t before, got;
    int more = 1;

    if (!file_stream_is_same(stream))
        forget_all(stream);
    if (offset + wanted <= stream->head_bytes) {
        memcpy(to, stream->head + offset, wanted);
        return (ssize_t)wanted;
    }
    if (!go_to(stream, offset))
        return -1;
    while (more > 0 && end_of(stream) < offset + wanted) {
        forget_some(stream, end_of(stream) < offset ? end_of(stream) : offset);
        more = decode_more(stream);
    }
    if (more < 0)
        return -1;
    if (end_of(stream) <= offset)
        return 0;
    before = (size_t)(offset - stream->start);
    got = stream->window.len - before < wanted ? stream->window.len - before : wanted;
    memcpy(to, stream->window.bytes + before, got);
    return (ssize_t)got;
}

int64_t file_stream_end(struct file_stream *stream)
{
    int more = 1;

    if (!file_stream_is_same(stream))
        forget_all(stream);
    if (!go_to(stream, stream->decoder ? end_of(stream) : stream->resume.offset))
        return -1;
    while (more > 0) {
        if (end_of(stream) > FILE_STREAM_HISTORY_BYTES)
            forget_some(stream, end_of(stream) - FILE_STREAM_HISTORY_BYTES);
        more = decode_more(stream);
    }
    return more < 0 ? -1 : (int64_t)end_of(stream);
}

/* --- what is known of it --------------------------------------------------- */

bool file_stream_is_same(const struct file_stream *stream)
{
    char now[BEHIND_BYTES];
    size_t len = stream->behind_bytes;

    return read_file(stream->descriptor, now, len, stream->raw - len) == (ssize_t)len &&
           memcmp(now, stream->behind, len) == 0;
}

enum stream_end file_stream_state(const struct file_stream *stream)
{
    return stream->state;
}

bool file_stream_is_gzip(const struct file_stream *stream)
{
    return stream->decoding.is_gzip;
}

bool file_stream_is_incomplete(const struct file_stream *stream)
{
    return stream->decoding.is_gzip && stream->is_at_end && stream->state == STREAM_GROWING;
}

const char *file_stream_trouble(const struct file_stream *stream)
{
    return stream->trouble;
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool file_stream_is_resting(
    const struct file_stream *stream, uint64_t offset, const struct stat *now)
{
    return stream->is_resting && stream->rest_offset == offset &&
           is_unchanged(&stream->rest_stat, now);
}

bool file_stream_ends_at(const struct file_stream *stream, uint64_t offset, const struct stat *now)
{
    return stream->is_rest_end && file_stream_is_resting(stream, offset, now);
}

uint64_t file_stream_unread(const struct file_stream *stream, const struct stat *now)
{
    return (uint64_t)now->st_size > stream->raw ? (uint64_t)now->st_size - stream->raw : 0;
}

/* --- rows and rest --------------------------------------------------------- */

void file_stream_resume(struct file_stream *stream, const struct file_row *row)
{
    stream->resume = (struct file_place){0, 0};
    if (!stream->decoding.is_gzip && row->encoding == stream->decoding.encoding)
        stream->resume = row->resume;
}

void file_stream_doubt(struct file_stream *stream)
{
    if (!stream->decoding.is_gzip)
        forget_all(stream);
}

void file_stream_keep(const struct file_stream *stream, struct file_row *row)
{
    uint64_t lead = file_row_lead(row);

    row->encoding = stream->decoding.encoding;
    row->resume = nearest_place(stream, row->offset - lead);
}

static void note_rest(struct file_stream *stream, const struct file_row *row, bool is_end)
{
    stream->is_resting = true;
    stream->is_rest_end = is_end;
    stream->rest_offset = row->offset;
    stream->rest_stat = stream->stat;
}

/* Whether the row is at the end, which may have to be looked for. */
static bool is_at_end_of(struct file_stream *stream, const struct file_row *row)
{
    return stream->decoder && end_of(stream) == row->offset &&
           (stream->is_at_end || decode_more(stream) == 0);
}

void file_stream_put_aside(struct file_stream *stream, const struct file_row *row)
{
    if (is_at_end_of(stream, row))
        note_rest(stream, row, true);
    drop_decoder(stream);
}

bool file_stream_seal(struct file_stream *stream, struct file_row *row)
{
    bool is_new = row->sealed_bytes == 0;

    if (!stream->decoding.is_gzip || !is_at_end_of(stream, row) || stream->state != STREAM_FINAL ||
        stream->raw != (uint64_t)stream->stat.st_size)
        return false;
    row->sealed_bytes = stream->raw;
    row->seal = file_hash_of((struct span){stream->behind, stream->behind_bytes});
    return is_new;
}

bool file_stream_is_sealed(struct file_stream *stream, const struct file_row *row)
{
    char bytes[BEHIND_BYTES];
    size_t len = row->sealed_bytes < sizeof(bytes) ? (size_t)row->sealed_bytes : sizeof(bytes);
    struct file_hash hash;
    struct stat now;

    if (!stream->decoding.is_gzip || len == 0 || fstat(stream->descriptor, &now) < 0 ||
        (uint64_t)now.st_size != row->sealed_bytes ||
        read_file(stream->descriptor, bytes, len, row->sealed_bytes - len) != (ssize_t)len)
        return false;
    hash = file_hash_of((struct span){bytes, len});
    if (!file_hash_equal(&hash, &row->seal))
        return false;
    stream->stat = now;
    note_rest(stream, row, true);
    return true;
}

void file_stream_rest(struct file_stream *stream, const struct file_row *row, bool is_done)
{
    struct buffer kept = {0};

    if (!stream->decoder)
        return;
    if (stream->is_at_end)
        note_rest(stream, row, end_of(stream) == row->offset);
    if (is_done) {
        drop_decoder(stream);
        return;
    }
    forget_before(stream, row->offset - file_row_lead(row));
    buffer_append(&kept, buffer_span(&stream->window));
    buffer_finish(&stream->window);
    stream->window = kept;
}
