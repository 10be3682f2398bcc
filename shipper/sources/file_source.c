/* SPDX-License-Identifier: MIT
 *
 * Taking turns: what is dirty is read, a chunk of each file. What becomes dirty is
 * found in lookout.c, which file is which in follow.c.
 */
#include "shipper/sources/file_source.h"

#include "parsers/memory.h"
#include "shipper/sources/awake.h"
#include "shipper/sources/container_path.h"
#include "shipper/sources/identity.h"
#include "shipper/sources/log_name.h"
#include "shipper/sources/lookout.h"
#include "shipper/sources/rotation.h"

#include <stdlib.h>

enum { MTIME_UNSET_S = 366 * 24 * 3600 };

struct file_source {
    struct source source;
    struct followed_input *inputs;
    size_t input_count;
    struct buffer log; /* the name of the one that is being read */

    struct following f;
    struct lookout lookout;
    struct followed *reading;                   /* whose chunk was given out last */
    struct tail_chunk chunk;                    /* which is in f.buffer */
    struct field fields[CONTAINER_FIELDS_MOST]; /* of the file that is read */
};

static struct file_source *of(struct source *source)
{
    return (struct file_source *)source;
}

static const struct file_source *of_const(const struct source *source)
{
    return (const struct file_source *)source;
}

/* Of a file whose first line is not finished. */
static const struct file_row unread_row;

/* --- reading --------------------------------------------------------------- */

/* When the lines of a file were written, if they do not say so: just now, or as
 * the file was last written to while it has not been read to its end before. A clock
 * that was never set, and tools that keep no times, leave one of 1970: it says nothing. */
static int64_t reference_of(const struct file_source *s, const struct followed *file)
{
    int64_t mtime_s = file->tail.stat.st_mtim.tv_sec;

    if (!file->is_catching_up || mtime_s < MTIME_UNSET_S || mtime_s > s->f.now.wall_s)
        return s->f.now.wall_s;
    return mtime_s;
}

static void fill(struct file_source *s, struct followed *file, struct source_read *read)
{
    const struct file_row *row = &file->past->row;
    struct engine *engine = file->input->settings.engine;
    struct span log = {NULL, 0};

    if (engine_is_keeping(engine))
        log = log_name_of(&s->f, file, &s->log);
    *read = (struct source_read){
        .origin = {.source_id = {(const char *)row->source_id.bytes, sizeof(row->source_id.bytes)},
            .generation = row->generation,
            .time = {.reference_s = reference_of(s, file), .zone = file->input->settings.zone},
            .fields = s->fields,
            .field_count = container_path_read(file->path, s->fields),
            .log = log},
        .chunk = {s->chunk.lines, s->chunk.offset, s->chunk.is_cut, s->chunk.is_final},
        .engine = engine,
        .name = file->path,
        .key = file->past->key,
        .passed = s->chunk.is_late ? 0 : s->chunk.passed,
    };
}

/* Nothing more in it for now. was_final: nor ever. */
static void rest(struct file_source *s, struct followed *file, bool was_final)
{
    struct past_file *past = file->past;
    uint64_t held_bytes = file->tail.held_bytes;
    bool is_settled = s->f.is_once || s->f.now.wall_s - file->tail.stat.st_mtim.tv_sec >=
                                          file->input->settings.settle_ms / 1000;

    remarks_rest(&file->said, file->path, &file->tail, is_settled);
    file->is_waited_for =
        !is_settled && file->tail.stream && file_stream_is_incomplete(file->tail.stream);
    if (past && file_tail_seal(&file->tail, &file->past->row))
        follow_touch(&s->f, file);
    file_tail_rest(&file->tail, past ? &past->row : &unread_row, is_settled);
    if (s->f.inflating == file)
        s->f.inflating = NULL;
    if (past && past->row.offset > 0 && past->held_bytes != held_bytes)
        follow_touch(&s->f, file);
    file->is_catching_up = false;
    follow_age(&s->f, file);
    if (!follow_is_settled(&s->f, file))
        return;
    if (held_bytes > 0 && !was_final) {
        file->tail.is_final = true;
        follow_push(&s->f, file);
    } else if (file->is_gone) {
        follow_close(&s->f, file);
        if (past && held_bytes > 0)
            past->size = past->row.offset; /* the rest is the other file's, not lost */
    }
}

/* Truncated or rewritten. What was not read before may stand in a copy. */
static void begin_again(struct file_source *s, struct followed *file)
{
    struct past_file *past = file->past;

    log_write(LOG_INFO, "%s was truncated or rewritten, reading it from its beginning", file->path);
    follow_release(&s->f, file);
    rotation_look(&s->f, file->folder, file->path);
    if (past && past->reader && past->reader != file) {
        follow_push(&s->f, past->reader);
        follow_set_after(file, past->reader);
    }
    follow_push(&s->f, file);
}

static void lose(struct file_source *s, struct followed *file)
{
    uint64_t size = (uint64_t)file->tail.stat.st_size;
    uint64_t offset = file->past ? file->past->row.offset : 0;

    if (size > offset)
        log_write(LOG_WARNING, "%s is gone, the last %llu bytes of it were not read", file->path,
            (unsigned long long)(size - offset));
    follow_close(&s->f, file);
}

static enum tail_result read_lines(struct file_source *s, struct followed *file, struct error *err)
{
    enum tail_result result = TAIL_CHUNK;
    uint64_t held_bytes = file->tail.held_bytes;

    if (!file->past)
        result = identity_find(&s->f, file, false, err);
    if (result == TAIL_CHUNK) {
        identity_keep_up(&s->f, file);
        result = file_tail_read(&file->tail, &file->past->row, &s->f.buffer, &s->chunk, err);
    }
    if (result == TAIL_CHUNK && s->chunk.unfinished > 0 &&
        identity_goes_on(&s->f, file, s->chunk.offset + s->chunk.lines.len)) {
        file_tail_hold(&file->tail, &s->chunk);
        if (s->chunk.passed + s->chunk.hole + s->chunk.lines.len == 0)
            result = TAIL_QUIET;
    }
    file->tail.is_final = false;
    if (result == TAIL_CHUNK || file->tail.held_bytes != held_bytes)
        file->quiet_since_ms = s->f.now.monotonic_ms;
    return result;
}

/* True if there is a chunk to give out. */
static bool take_turn(struct file_source *s, struct followed *file, struct source_read *read)
{
    bool was_final = file->tail.is_final;
    struct error err;

    if (file_tail_is_heavy(&file->tail) && s->f.inflating && s->f.inflating != file) {
        follow_push(&s->f, file);
        return false;
    }
    switch (awake_wake(&s->f, file, &err)) {
    case AWAKE_OPEN:
        break;
    case AWAKE_LOST:
        lose(s, file);
        return false;
    case AWAKE_FAILED:
        follow_wait(&s->f, file, &err);
        return false;
    }
    awake_touch(&s->f, file);
    switch (read_lines(s, file, &err)) {
    case TAIL_CHUNK:
        s->reading = file;
        if (file_tail_is_heavy(&file->tail) && s->chunk.has_more)
            s->f.inflating = file;
        remarks_chunk(&file->said, file->path, &s->chunk);
        fill(s, file, read);
        file->is_catching_up = file->is_catching_up && s->chunk.has_more;
        if (s->chunk.has_more || s->f.is_once || file->tail.held_bytes > 0)
            follow_push(&s->f, file);
        return true;
    case TAIL_QUIET:
        rest(s, file, was_final);
        return false;
    case TAIL_CHANGED:
        begin_again(s, file);
        return false;
    case TAIL_FAILED:
        follow_give_up(&s->f, file, &err);
        return false;
    }
    return false;
}

static void say_what_is_held(const struct file_source *s)
{
    for (size_t i = 0; i < s->f.set.count; i++) {
        const struct followed *file = s->f.set.items[i];

        if (file->tail.held_bytes > 0)
            log_write(LOG_INFO,
                "%s: the last %s is unfinished (%llu bytes) and held back, until a run finds "
                "its end or has --final",
                file->path, file->tail.open_end > 0 ? "record" : "line",
                (unsigned long long)file->tail.held_bytes);
    }
}

/* --- the verbs ------------------------------------------------------------- */

static int descriptor(const struct source *source)
{
    return lookout_descriptor(&of_const(source)->lookout);
}

static int64_t deadline(const struct source *source)
{
    const struct file_source *s = of_const(source);

    return TAILQ_EMPTY(&s->f.dirty) ? lookout_deadline(&s->lookout) : 0;
}

static int64_t look(struct source *source, const struct now *now)
{
    struct file_source *s = of(source);

    s->f.now = *now;
    if (s->f.is_once)
        return INT64_MAX;
    lookout_turn(&s->lookout);
    return lookout_deadline(&s->lookout);
}

static enum source_result read_chunk(
    struct source *source, const struct now *now, struct source_read *read)
{
    struct file_source *s = of(source);

    s->f.now = *now;
    if (!s->f.is_once)
        lookout_turn(&s->lookout);
    for (size_t left = s->f.dirty_count; left > 0; left--) {
        struct followed *file = follow_pop(&s->f);
        bool is_chunk;

        if (file->after && !file->after->is_dirty)
            follow_set_after(file, NULL);
        if (file->after) {
            follow_push(&s->f, file);
            continue;
        }
        s->f.pinned = file;
        is_chunk = take_turn(s, file, read);
        s->f.pinned = NULL;
        if (is_chunk)
            return SOURCE_CHUNK;
    }
    if (!s->f.is_once || s->f.dirty_count > 0)
        return SOURCE_IDLE;
    say_what_is_held(s);
    return troubles_say_failures(&s->f.troubles) ? SOURCE_BROKEN : SOURCE_END;
}

static void advance(struct source *source, uint64_t taken)
{
    struct file_source *s = of(source);
    struct followed *file = s->reading;

    if (s->chunk.is_late)
        file_history_count(s->f.history, file->past, ACCOUNT_LATE, s->chunk.passed);
    file_tail_advance(&file->tail, &file->past->row, &s->chunk, taken);
    if (s->chunk.hole > 0)
        file_history_count(s->f.history, file->past, ACCOUNT_HOLE, s->chunk.hole);
    follow_touch(&s->f, file);
    s->reading = NULL;
}

static bool save(struct source *source, struct spool_batch *batch)
{
    struct file_source *s = of(source);
    bool is_any = file_history_save(s->f.history, batch);

    for (size_t i = 0; i < s->input_count; i++)
        is_any = followed_input_save(&s->inputs[i], batch) || is_any;
    return is_any;
}

static uint64_t held(const struct source *source)
{
    const struct file_set *set = &of_const(source)->f.set;
    uint64_t count = 0;

    for (size_t i = 0; i < set->count; i++)
        count += set->items[i]->tail.held_bytes > 0;
    return count;
}

static void close_source(struct source *source)
{
    struct file_source *s = of(source);

    for (size_t i = 0; i < s->input_count; i++)
        followed_input_finish(&s->inputs[i]);
    free(s->inputs);
    lookout_finish(&s->lookout);
    follow_finish(&s->f);
    buffer_finish(&s->log);
    free(s);
}

static const struct source_verbs verbs = {
    .kind = FILE_KIND,
    .descriptor = descriptor,
    .deadline = deadline,
    .look = look,
    .read = read_chunk,
    .advance = advance,
    .save = save,
    .held = held,
    .close = close_source,
};

/* --- opening --------------------------------------------------------------- */

static void restore_row(void *arg, uint64_t key, struct span value)
{
    struct file_source *s = arg;

    if (!file_history_restore(s->f.history, key, value))
        log_write(LOG_WARNING,
            "cursor %llu of a file cannot be read, reading that file from its beginning",
            (unsigned long long)key);
}

static void restore_input(void *arg, uint64_t key, struct span value)
{
    struct file_source *s = arg;

    for (size_t i = 0; i < s->input_count; i++)
        followed_input_restore(&s->inputs[i], key, value);
}

static void count_as_seen(struct file_source *s)
{
    for (size_t i = 0; i < s->input_count; i++) {
        s->inputs[i].is_moved = s->inputs[i].is_moved || !s->inputs[i].is_seen;
        s->inputs[i].is_seen = true;
    }
}

struct source *file_source_open(const struct file_source_options *options, struct spool *spool,
    const struct now *now, struct error *err)
{
    struct file_source *s = memory_new(sizeof(*s));

    s->source.verbs = &verbs;
    s->f.now = *now;
    s->inputs = memory_new(options->count * sizeof(*s->inputs));
    s->input_count = options->count;
    for (size_t i = 0; i < options->count; i++) {
        s->inputs[i].settings = options->inputs[i];
        if (options->inputs[i].start == START_DEFAULT)
            s->inputs[i].settings.start = options->is_once ? START_BEGINNING : START_END;
    }
    follow_init(&s->f);
    s->f.is_once = options->is_once;
    s->f.is_final = options->is_final;
    s->lookout = (struct lookout){.f = &s->f, .inputs = s->inputs, .count = s->input_count};
    if (options->awake_most > 0)
        s->f.awake_most = options->awake_most;
    folders_init(&s->f.folders, !options->is_once && !options->is_blind, options->watches_most);
    if (!spool_each_cursor(spool, verbs.kind, restore_row, s, err) ||
        !spool_each_cursor(spool, FILE_INPUT_KIND, restore_input, s, err)) {
        close_source(&s->source);
        return NULL;
    }
    if (options->is_rescued)
        count_as_seen(s);
    lookout_begin(&s->lookout);
    return &s->source;
}

size_t file_source_found(const struct source *source, size_t input)
{
    return of_const(source)->inputs[input].found;
}
