/* SPDX-License-Identifier: MIT
 *
 * chunk_reader cuts the lines; this gives it bytes without ever waiting for them, and
 * keeps the account. What was not committed can be had again: from the file itself, or
 * from the window. Not again: the middle of a compressed pipe, since nobody has its
 * beginning any more; that is said, and ends it.
 */
#include "shipper/sources/stdin_source.h"

#include "parsers/lines.h"
#include "parsers/memory.h"
#include "shipper/chunk_reader.h"
#include "shipper/log.h"
#include "shipper/sources/file_row.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    KEY = 1, /* of the one cursor */
    PIPE_BYTES = 1 << 20,
    CURSOR_VERSION = 1,
    IS_SKIPPING = 1,
    IS_PLAIN = 2,
    CURSOR_BYTES = 2 + 8 + FILE_HASH_BYTES,
};

/* What the spool keeps. */
struct stdin_cursor {
    uint64_t position;
    bool is_skipping; /* inside the rest of a line that was cut */
    bool is_plain;    /* neither compressed nor transcoded */
    struct file_hash source_id;
};

struct stdin_source {
    struct source source;
    struct stdin_options options;
    struct spool_delivered *delivered;
    struct chunk_reader reader;
    bool is_file;
    int64_t written_s; /* a file: when it was written to last */

    struct stdin_cursor cursor;
    struct buffer log;          /* the stream's name, for what rules keep */
    uint64_t raw;               /* bytes handed to the reader */
    uint64_t saved, committed;  /* positions */
    uint64_t hole, held;        /* bytes: not counted yet; behind the position */
    bool is_moved, is_outdated; /* the spool has another position; another stream */
    bool is_full, is_over, is_broken;
};

static struct stdin_source *of(struct source *source)
{
    return (struct stdin_source *)source;
}

static const struct stdin_source *of_const(const struct source *source)
{
    return (const struct stdin_source *)source;
}

/* --- the cursor in the spool ----------------------------------------------- */

static void encode(const struct stdin_cursor *cursor, char bytes[CURSOR_BYTES])
{
    bytes[0] = CURSOR_VERSION;
    bytes[1] = (char)((cursor->is_skipping ? IS_SKIPPING : 0) | (cursor->is_plain ? IS_PLAIN : 0));
    for (int i = 0; i < 8; i++)
        bytes[2 + i] = (char)(cursor->position >> (8 * i));
    memcpy(bytes + 10, cursor->source_id.bytes, FILE_HASH_BYTES);
}

/* A cursor of a newer version is as good as none: the pipe's bytes are in the window. */
static void restore(void *arg, uint64_t key, struct span value)
{
    struct stdin_source *s = arg;

    (void)key;
    s->is_outdated = true;
    if (value.len != CURSOR_BYTES || value.at[0] != CURSOR_VERSION)
        return;
    s->cursor = (struct stdin_cursor){
        .is_skipping = value.at[1] & IS_SKIPPING, .is_plain = value.at[1] & IS_PLAIN};
    for (int i = 0; i < 8; i++)
        s->cursor.position |= (uint64_t)(unsigned char)value.at[2 + i] << (8 * i);
    memcpy(s->cursor.source_id.bytes, value.at + 10, FILE_HASH_BYTES);
}

/* --- reading --------------------------------------------------------------- */

/* What is not committed must stay in the window. Of what is decoded that is no use. */
static bool is_window_full(const struct stdin_source *s)
{
    return (!s->reader.decoder || decoding_is_plain(s->reader.decoding)) &&
           s->raw + STDIN_READ_BYTES > s->committed + STDIN_WINDOW_BYTES;
}

static bool has_bytes(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};

    return poll(&poller, 1, 0) != 0;
}

/* As read(2) for the chunk reader. */
static ssize_t read_bytes(void *arg, char *to, size_t most)
{
    struct stdin_source *s = arg;
    struct stdin_window *window = s->options.window;
    ssize_t n;

    errno = EAGAIN;
    s->is_full = !s->is_file && is_window_full(s);
    if (s->is_file)
        n = pread(s->options.fd, to, most, window->base + (off_t)s->raw);
    else if (s->raw < window->end)
        n = (ssize_t)stdin_window_copy(window, s->raw, to, most);
    else if (s->is_full || !has_bytes(s->options.fd))
        n = -1;
    else
        n = stdin_window_read(window, s->options.fd, to, most);
    if (n > 0)
        s->raw += (size_t)n;
    return n;
}

static void identify(struct stdin_source *s, struct span bytes)
{
    struct span first;
    size_t whole;

    if (s->cursor.position > 0 || !lines_next(&bytes, &first, &whole))
        return;
    s->cursor.source_id = file_hash_of(first);
    s->cursor.is_plain = decoding_is_plain(s->reader.decoding);
}

static void give(struct stdin_source *s, const struct engine_chunk *chunk, const struct now *now,
    struct source_read *read)
{
    identify(s, chunk->bytes);
    buffer_clear(&s->log);
    buffer_printf(&s->log, "- %llu ", (unsigned long long)s->options.window->generation);
    buffer_append(&s->log, (struct span){(char *)s->cursor.source_id.bytes, FILE_HASH_BYTES});
    *read = (struct source_read){
        .origin = {.source_id = {(char *)s->cursor.source_id.bytes, FILE_HASH_BYTES},
            .generation = s->options.window->generation,
            .time = {.reference_s = s->is_file ? s->written_s : now->wall_s,
                .zone = s->options.zone},
            .log = buffer_span(&s->log),
            .may_repeat = true},
        .chunk = *chunk,
        .engine = s->options.engine,
        .key = KEY,
        .passed = s->reader.passed,
        .delivered = s->delivered,
    };
}

static void hold_back(struct stdin_source *s, size_t bytes)
{
    chunk_reader_take(&s->reader, 0);
    s->held = bytes;
    log_write(LOG_INFO,
        "standard input: the last line is unfinished (%zu bytes) and held back, until a run finds "
        "its end or has --final",
        bytes);
}

static void end(struct stdin_source *s, const struct error *err)
{
    if (err)
        log_failure(LOG_ERROR, err, "not reading the rest of it");
    s->is_over = s->is_moved = true;
    s->is_broken = err != NULL;
}

/* True if there is a chunk. */
static bool read_lines(struct stdin_source *s, struct engine_chunk *chunk)
{
    bool is_kept_open = s->is_file && !s->options.is_final && !s->reader.decoding.is_gzip;
    struct error why, err;

    switch (chunk_reader_next(&s->reader, chunk, &why)) {
    case CHUNK_UNFINISHED:
        if (!is_kept_open)
            return true;
        hold_back(s, chunk->bytes.len);
        end(s, NULL);
        return false;
    case CHUNK_WHOLE:
        return true;
    case CHUNK_WAIT:
        s->held = s->reader.held.len - s->reader.given;
        return false;
    case CHUNK_END:
        end(s, NULL);
        return false;
    case CHUNK_ERROR:
        error_set(&err, why.kind, why.code, "standard input: %.300s", why.message);
        end(s, &err);
        return false;
    }
    return false;
}

/* --- the verbs ------------------------------------------------------------- */

static int descriptor(const struct source *source)
{
    const struct stdin_source *s = of_const(source);

    return s->is_file ? -1 : s->options.fd;
}

static int64_t deadline(const struct source *source)
{
    const struct stdin_source *s = of_const(source);

    return s->is_file || s->is_full || s->raw < s->options.window->end ? 0 : INT64_MAX;
}

static enum source_result read_chunk(
    struct source *source, const struct now *now, struct source_read *read)
{
    struct stdin_source *s = of(source);
    struct engine_chunk chunk = {0};

    if (s->is_over || !read_lines(s, &chunk)) {
        chunk = (struct engine_chunk){.bytes = SPAN(""), .offset = s->reader.offset};
        if (!s->is_over)
            return s->is_full ? SOURCE_FULL : SOURCE_IDLE;
        if (s->reader.passed == 0 && s->reader.hole == 0)
            return s->is_broken ? SOURCE_BROKEN : SOURCE_END;
    }
    give(s, &chunk, now, read);
    return SOURCE_CHUNK;
}

static void advance(struct source *source, uint64_t taken)
{
    struct stdin_source *s = of(source);

    chunk_reader_take(&s->reader, taken);
    s->cursor.position = s->reader.offset + taken;
    s->cursor.is_skipping = s->reader.is_skipping;
    s->hole += s->reader.hole;
    s->reader.hole = s->reader.passed = 0;
    if (!s->is_over)
        s->held = s->reader.held.len - taken;
    s->is_moved = true;
}

static bool save(struct source *source, struct spool_batch *batch)
{
    struct stdin_source *s = of(source);
    char value[CURSOR_BYTES];
    bool is_any = s->is_outdated || s->is_moved;

    if (s->is_outdated)
        spool_batch_forget(batch, STDIN_KIND, KEY);
    s->is_outdated = false;
    if (!s->is_moved)
        return is_any;
    encode(&s->cursor, value);
    spool_batch_cursor(batch, STDIN_KIND, KEY, (struct span){value, CURSOR_BYTES});
    spool_batch_source(batch, STDIN_KIND, KEY,
        &(struct spool_source){
            .name = SPAN("standard input"),
            .position = s->cursor.position,
            .size = s->cursor.position + s->held,
            .held = s->held,
            .is_open = !s->is_over,
            .seen_s = clock_now().wall_s,
        });
    if (s->hole > 0)
        spool_batch_count(batch, STDIN_KIND, KEY, ACCOUNT_HOLE, s->hole, 0);
    s->hole = 0;
    s->saved = s->cursor.position;
    s->is_moved = false;
    return true;
}

static void committed(struct source *source)
{
    struct stdin_source *s = of(source);

    s->committed = s->saved;
}

static uint64_t held(const struct source *source)
{
    return of_const(source)->held > 0;
}

static void close_source(struct source *source)
{
    struct stdin_source *s = of(source);

    chunk_reader_finish(&s->reader);
    spool_delivered_free(s->delivered);
    buffer_finish(&s->log);
    free(s);
}

static const struct source_verbs verbs = {
    .kind = STDIN_KIND,
    .descriptor = descriptor,
    .deadline = deadline,
    .read = read_chunk,
    .advance = advance,
    .save = save,
    .committed = committed,
    .held = held,
    .close = close_source,
};

/* --- opening --------------------------------------------------------------- */

/* The first reader of this stream. */
static void begin(struct stdin_source *s, const struct now *now)
{
    struct stdin_window *window = s->options.window;

    s->cursor = (struct stdin_cursor){0};
    window->base = s->is_file ? lseek(s->options.fd, 0, SEEK_CUR) : -1;
    window->generation = 0;
    /* Nothing tells one stream of a program from its next but chance. */
    if (!s->options.is_once && getrandom(&window->generation, sizeof(window->generation), 0) < 0)
        window->generation = (uint64_t)now->wall_s;
    window->is_begun = true;
    /* Fewer turns for writer and reader; no pipe, or not allowed: it is as it is. */
    fcntl(s->options.fd, F_SETPIPE_SZ, PIPE_BYTES);
}

static void go_on(struct stdin_source *s)
{
    struct stdin_window *window = s->options.window;
    const struct stdin_cursor *cursor = &s->cursor;
    struct error err;

    s->is_outdated = false;
    stdin_window_mend(window);
    s->saved = s->committed = cursor->position;
    if (s->is_file) {
        chunk_reader_drop(&s->reader, cursor->position, cursor->is_skipping);
    } else if (cursor->position > 0 ? cursor->is_plain : window->end <= STDIN_WINDOW_BYTES) {
        s->raw = cursor->position;
        if (s->raw > 0)
            chunk_reader_resume(&s->reader, s->raw, cursor->is_skipping);
    } else {
        error_set(&err, ERROR_SYSTEM, 0,
            "standard input is compressed or in another encoding, and the reader died in it");
        error_hint(&err, "Pipe it in again: what was sent is not sent twice.");
        end(s, &err);
    }
}

struct source *stdin_source_open(const struct stdin_options *options, struct spool *spool,
    const struct now *now, struct error *err)
{
    struct stdin_source *s = memory_new(sizeof(*s));
    struct stat st;

    s->source.verbs = &verbs;
    s->options = *options;
    s->is_file = fstat(options->fd, &st) == 0 && S_ISREG(st.st_mode);
    s->written_s = s->is_file ? st.st_mtim.tv_sec : 0;
    chunk_reader_init(&s->reader, options->fd, options->encoding);
    s->reader.read = read_bytes;
    s->reader.arg = s;
    s->delivered = spool_delivered_load(spool, err);
    if (!s->delivered || !spool_each_cursor(spool, STDIN_KIND, restore, s, err)) {
        close_source(&s->source);
        return NULL;
    }
    if (options->window->is_begun)
        go_on(s);
    else
        begin(s, now);
    return &s->source;
}
