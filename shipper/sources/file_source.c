/* SPDX-License-Identifier: MIT
 *
 * Looking around and taking turns. Events of inotify are hints; a sweep over the
 * patterns finds what they missed. Which file is which is decided in follow.c.
 */
#include "shipper/sources/file_source.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/sources/awake.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/rotation.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,        /* how often what is due is looked for */
    SWEEP_MS = 60000,      /* where inotify tells of changes */
    SWEEP_BLIND_MS = 1000, /* where it does not */
    SOONEST_MS = 100,      /* between two looks at the same, however much happens there */
    WALK_MS = 5000,        /* between two looks for folders, */
    WALK_MS_A_FOLDER = 6,  /* or more where there are many */
    DEAF_MS = 50,          /* not listening after events that meant nothing to us */
    FORGET_MS = 3 * SWEEP_MS,
    EXPIRE_MS = 600 * 1000, /* how often old rows are looked for */
};

struct file_source {
    struct source source;
    struct followed_input *inputs;
    size_t input_count;
    bool is_once, is_final;

    struct following f;
    int64_t ticked_ms, next_tick_ms, deaf_until_ms, next_expire_ms;
    bool has_meaning;         /* one of the events just read was about a file of ours */
    struct followed *reading; /* whose chunk was given out last */
    struct tail_chunk chunk;  /* which is in f.buffer */
};

static struct file_source *of(struct source *source)
{
    return (struct file_source *)source;
}

static const struct file_source *of_const(const struct source *source)
{
    return (const struct file_source *)source;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Of a file whose first line is not finished. */
static const struct file_row unread_row;

/* --- looking around: folders ----------------------------------------------- */

struct walk {
    struct file_source *source;
    struct followed_input *input;
    unsigned folders;
    bool has_failed;
};

static void walk_directory(void *arg, const char *path, const char *names)
{
    struct walk *walk = arg;
    struct file_source *s = walk->source;

    folders_see(&s->f.folders, walk->input, path, names, s->f.now.monotonic_ms);
    walk->folders++;
}

static void walk_failed(void *arg, const char *path, int code)
{
    struct walk *walk = arg;
    struct error err;

    walk->has_failed = true;
    errno = code;
    error_system(&err, "cannot look into %s", path);
    follow_note(&walk->source->f, path, LOG_WARNING, &err);
}

static void walk_input(struct file_source *s, struct followed_input *input)
{
    struct walk walk = {.source = s, .input = input};
    struct glob_visit visit = {walk_directory, walk_failed, &walk};
    struct error err;
    int64_t pause_ms = WALK_MS;

    input->walk++;
    if (!glob_walk(input->settings.pattern, &visit)) {
        error_set(&err, ERROR_SYSTEM, 0, "%s stands for over %u directories, the rest is left out",
            input->settings.pattern, LIMIT_FOLDERS);
        follow_note(&s->f, input->settings.pattern, LOG_WARNING, &err);
    }
    if (walk.folders == 0)
        pause_ms = TICK_MS; /* its folder is not there: nothing tells when it is */
    else if ((int64_t)walk.folders * WALK_MS_A_FOLDER > WALK_MS)
        pause_ms = earlier((int64_t)walk.folders * WALK_MS_A_FOLDER, SWEEP_MS);
    input->folders = walk.folders;
    input->is_in_reach = !walk.has_failed;
    input->walked_ms = s->f.now.monotonic_ms;
    input->next_walk_ms = input->walked_ms + pause_ms;
}

/* Folders that are not there any more go when no file refers to them. */
static void drop_folders(struct file_source *s)
{
    struct folders *folders = &s->f.folders;

    for (size_t i = folders->count; i-- > 0;) {
        struct folder *folder = folders->items[i];
        bool is_there = folder->is_target
                            ? s->f.now.monotonic_ms - folder->seen_ms < FORGET_MS
                            : folder->walk == folder->input->walk || !folder->input->is_in_reach;

        if (is_there)
            continue;
        s->f.sweep++;
        follow_end_sweep(&s->f, folder);
        if (LIST_EMPTY(&folder->files))
            folders_remove(folders, i);
    }
}

/* --- looking around: files ------------------------------------------------- */

struct sweep {
    struct file_source *source;
    struct folder *folder;
};

static void sweep_match(void *arg, const char *path)
{
    struct sweep *sweep = arg;

    follow_look_at(&sweep->source->f, sweep->folder, path, false);
}

static void sweep_folder(struct file_source *s, struct folder *folder)
{
    struct sweep sweep = {s, folder};
    bool is_blind = folder->is_blind || folder->has_blind_target;
    struct error err;

    s->f.sweep++;
    if (glob_list(folder->path, folder->names, sweep_match, &sweep))
        follow_end_sweep(&s->f, folder);
    else if (errno != ENOENT) {
        error_system(&err, "cannot look into %s", folder->path);
        follow_note(&s->f, folder->path, LOG_WARNING, &err);
    }
    folder->swept_ms = s->f.now.monotonic_ms;
    folder->next_sweep_ms = folder->swept_ms + (is_blind ? SWEEP_BLIND_MS : SWEEP_MS);
}

static void tick(struct file_source *s)
{
    int64_t now_ms = s->f.now.monotonic_ms, next_ms = now_ms + SWEEP_MS;
    bool has_walked = false;

    for (size_t i = 0; i < s->input_count; i++) {
        if (now_ms >= s->inputs[i].next_walk_ms) {
            walk_input(s, &s->inputs[i]);
            has_walked = true;
        }
        next_ms = earlier(next_ms, s->inputs[i].next_walk_ms);
    }
    if (has_walked)
        drop_folders(s);
    for (size_t i = 0; i < s->f.folders.count; i++) {
        struct folder *folder = s->f.folders.items[i];

        if (!folder->names)
            continue;
        if (now_ms >= folder->next_sweep_ms)
            sweep_folder(s, folder);
        next_ms = earlier(next_ms, folder->next_sweep_ms);
    }
    troubles_forget(&s->f.troubles, now_ms - FORGET_MS);
    s->ticked_ms = now_ms;
    s->next_tick_ms = next_ms > now_ms + TICK_MS ? next_ms : now_ms + TICK_MS;
}

static void tick_soon(struct file_source *s)
{
    s->next_tick_ms = earlier(s->next_tick_ms, s->ticked_ms + SOONEST_MS);
    s->has_meaning = true;
}

static void walk_soon(struct file_source *s, struct followed_input *input)
{
    int64_t pause_ms = (int64_t)input->folders > SOONEST_MS ? (int64_t)input->folders : SOONEST_MS;

    input->next_walk_ms = earlier(input->next_walk_ms, input->walked_ms + pause_ms);
    tick_soon(s);
}

static void sweep_soon(struct file_source *s, struct folder *folder)
{
    folder->next_sweep_ms = earlier(folder->next_sweep_ms, folder->swept_ms + SOONEST_MS);
    tick_soon(s);
}

/* Something happened where links lead to: to a file that is followed, or to a link
 * on the way to one. */
static void target_changed(
    struct file_source *s, const struct folder *target, const char *path, bool is_entry)
{
    struct followed *file;
    struct stat st;

    if (stat(path, &st) == 0 && (file = file_set_find(&s->f.set, st.st_dev, st.st_ino))) {
        follow_push(&s->f, file);
        s->has_meaning = true;
    }
    for (size_t i = 0; is_entry && i < s->f.folders.count; i++)
        if (s->f.folders.items[i]->input == target->input && s->f.folders.items[i]->has_links)
            sweep_soon(s, s->f.folders.items[i]);
}

static void name_changed(
    struct file_source *s, struct folder *folder, const char *name, bool is_entry)
{
    struct buffer path = {0};

    if (!folder->is_target && !(folder->names && glob_is_name(folder->names, name)))
        return;
    buffer_append(&path, span_of(folder->path));
    buffer_append(&path, span_of(name));
    buffer_append_byte(&path, '\0');
    if (folder->is_target)
        target_changed(s, folder, path.bytes, is_entry);
    else {
        follow_look_at(&s->f, folder, path.bytes, true);
        s->has_meaning = true;
        /* That it was removed is not told while a file that was in it is open. */
        if (is_entry && *folder->path && access(folder->path, F_OK) < 0)
            walk_soon(s, folder->input);
    }
    buffer_finish(&path);
}

static void lost_events(struct file_source *s)
{
    for (size_t i = 0; i < s->input_count; i++)
        walk_soon(s, &s->inputs[i]);
    for (size_t i = 0; i < s->f.folders.count; i++)
        sweep_soon(s, s->f.folders.items[i]);
}

static void changed(void *arg, int watch, const char *name, bool is_entry)
{
    struct file_source *s = arg;

    if (watch < 0) {
        lost_events(s);
        return;
    }
    for (struct folder *folder = folders_watched(&s->f.folders, watch); folder;
         folder = folders_next(folder))
        if (name)
            name_changed(s, folder, name, is_entry);
        else
            walk_soon(s, folder->input);
}

/* Others may be busy where our logs are: events about them are taken in heaps. */
static void listen(struct file_source *s)
{
    if (!s->f.folders.watch || s->f.now.monotonic_ms < s->deaf_until_ms)
        return;
    s->has_meaning = false;
    if (watch_read(s->f.folders.watch, changed, s) && !s->has_meaning)
        s->deaf_until_ms = s->f.now.monotonic_ms + DEAF_MS;
}

static void look_around(struct file_source *s)
{
    listen(s);
    if (s->f.now.monotonic_ms >= s->next_tick_ms)
        tick(s);
    follow_look_at_ageing(&s->f);
    if (s->f.now.monotonic_ms >= s->next_expire_ms) {
        file_history_expire(s->f.history, &s->f.now);
        s->next_expire_ms = s->f.now.monotonic_ms + EXPIRE_MS;
    }
}

static void look_at_everything(struct file_source *s)
{
    for (size_t i = 0; i < s->f.folders.count; i++)
        if (s->f.folders.items[i]->names)
            sweep_folder(s, s->f.folders.items[i]);
    for (size_t i = 0; i < s->f.folders.count; i++)
        if (s->f.folders.items[i]->names)
            rotation_look(&s->f, s->f.folders.items[i], NULL);
}

static void look_first(struct file_source *s)
{
    for (size_t i = 0; i < s->input_count; i++)
        walk_input(s, &s->inputs[i]);
    s->f.is_by_inode = !file_history_is_empty(s->f.history);
    if (s->f.is_by_inode)
        look_at_everything(s);
    s->f.is_by_inode = false;
    look_at_everything(s);
    rotation_order(&s->f);
    s->f.has_swept = true;
    /* So that later on not all are looked into at once. */
    for (size_t i = 0; i < s->f.folders.count; i++)
        if (s->f.folders.items[i]->names && !s->f.folders.items[i]->is_blind)
            s->f.folders.items[i]->next_sweep_ms -= (int64_t)(i % (SWEEP_MS / TICK_MS)) * TICK_MS;
    for (size_t i = 0; i < s->input_count; i++)
        if (!s->inputs[i].is_seen) {
            s->inputs[i].is_seen = true;
            s->inputs[i].is_moved = true;
        }
    s->ticked_ms = s->f.now.monotonic_ms;
    s->next_tick_ms = s->ticked_ms + TICK_MS;
}

/* --- reading --------------------------------------------------------------- */

/* When the lines of a file were written, if they do not say so: just now, or as
 * the file was last written to while it has not been read to its end before. */
static int64_t reference_of(const struct file_source *s, const struct followed *file)
{
    int64_t mtime_s = file->tail.stat.st_mtim.tv_sec;

    return file->is_catching_up && mtime_s < s->f.now.wall_s ? mtime_s : s->f.now.wall_s;
}

static void fill(struct file_source *s, struct followed *file, struct source_read *read)
{
    const struct file_row *row = &file->past->row;

    *read = (struct source_read){
        .origin = {.source_id = {(const char *)row->source_id.bytes, sizeof(row->source_id.bytes)},
            .generation = row->generation,
            .time = {reference_of(s, file), file->input->settings.zone}},
        .chunk = {s->chunk.lines, s->chunk.offset, s->chunk.is_cut, s->chunk.is_final},
        .engine = file->input->settings.engine,
        .key = file->past->key,
        .passed = s->chunk.is_late ? 0 : s->chunk.passed,
    };
}

/* Nothing more in it for now. was_final: nor ever. */
static void rest(struct file_source *s, struct followed *file, bool was_final)
{
    const struct past_file *past = file->past;
    bool is_settled = s->is_once || s->f.now.wall_s - file->tail.stat.st_mtim.tv_sec >=
                                        file->input->settings.settle_ms / 1000;

    remarks_rest(&file->said, file->path, &file->tail, is_settled);
    file->is_waited_for =
        !is_settled && file->tail.stream && file_stream_is_incomplete(file->tail.stream);
    if (past && file_tail_seal(&file->tail, &file->past->row))
        follow_touch(&s->f, file);
    file_tail_rest(&file->tail, past ? &past->row : &unread_row, is_settled);
    if (s->f.inflating == file)
        s->f.inflating = NULL;
    if (past && past->row.offset > 0 && past->held_bytes != file->tail.held_bytes)
        follow_touch(&s->f, file);
    file->is_catching_up = false;
    follow_age(&s->f, file);
    if (!(s->is_once ? s->is_final : follow_is_settled(&s->f, file)))
        return;
    if (file->tail.held_bytes > 0 && !was_final) {
        file->tail.is_final = true;
        follow_push(&s->f, file);
    } else if (file->is_gone)
        follow_close(&s->f, file);
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
        result = follow_identify(&s->f, file, false, err);
    if (result == TAIL_CHUNK) {
        follow_original(&s->f, file);
        result = file_tail_read(&file->tail, &file->past->row, &s->f.buffer, &s->chunk, err);
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
        if (s->chunk.has_more || s->is_once || file->tail.held_bytes > 0)
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
    const struct file_source *s = of_const(source);

    if (!s->f.folders.watch || s->f.now.monotonic_ms < s->deaf_until_ms)
        return -1;
    return watch_descriptor(s->f.folders.watch);
}

/* When to look around again. */
static int64_t next_look(const struct file_source *s)
{
    int64_t next_ms = s->next_tick_ms;

    if (!LIST_EMPTY(&s->f.ageing))
        next_ms = earlier(next_ms, s->f.next_ageing_ms);
    return s->f.now.monotonic_ms < s->deaf_until_ms ? earlier(next_ms, s->deaf_until_ms) : next_ms;
}

static int64_t deadline(const struct source *source)
{
    return TAILQ_EMPTY(&of_const(source)->f.dirty) ? next_look(of_const(source)) : 0;
}

static int64_t look(struct source *source, const struct now *now)
{
    struct file_source *s = of(source);

    s->f.now = *now;
    if (s->is_once)
        return INT64_MAX;
    look_around(s);
    return next_look(s);
}

static enum source_result read_chunk(
    struct source *source, const struct now *now, struct source_read *read)
{
    struct file_source *s = of(source);

    s->f.now = *now;
    if (!s->is_once)
        look_around(s);
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
    if (!s->is_once || s->f.dirty_count > 0)
        return SOURCE_IDLE;
    say_what_is_held(s);
    return SOURCE_END;
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
    follow_finish(&s->f);
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

struct source *file_source_open(const struct file_source_options *options, struct spool *spool,
    const struct now *now, struct error *err)
{
    struct file_source *s = memory_new(sizeof(*s));

    s->source.verbs = &verbs;
    s->is_once = options->is_once;
    s->is_final = options->is_final;
    s->f.now = *now;
    s->next_expire_ms = now->monotonic_ms + EXPIRE_MS;
    s->inputs = memory_new(options->count * sizeof(*s->inputs));
    s->input_count = options->count;
    for (size_t i = 0; i < options->count; i++) {
        s->inputs[i].settings = options->inputs[i];
        if (options->inputs[i].start == START_DEFAULT)
            s->inputs[i].settings.start = options->is_once ? START_BEGINNING : START_END;
    }
    follow_init(&s->f);
    if (options->awake_most > 0)
        s->f.awake_most = options->awake_most;
    folders_init(&s->f.folders, !options->is_once && !options->is_blind, options->watches_most);
    if (!spool_each_cursor(spool, verbs.kind, restore_row, s, err) ||
        !spool_each_cursor(spool, FILE_INPUT_KIND, restore_input, s, err)) {
        close_source(&s->source);
        return NULL;
    }
    look_first(s);
    return &s->source;
}

size_t file_source_found(const struct source *source, size_t input)
{
    return of_const(source)->inputs[input].found;
}
