/* SPDX-License-Identifier: MIT
 *
 * A fixed table of buckets by source id. Never decides by name, and by inode
 * only between rows that both have the content.
 */
#include "shipper/sources/file_history.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/sources/file_seek.h"

#include <stdlib.h>

enum {
    BUCKETS = 4096,
    KEEP_S = 90 * 24 * 3600,
    WAKES_MOST = 8, /* files opened to see whether another is a copy of them */
    CLOCK_STEP_S = 3600,
};

struct passed {
    uint64_t key, bytes;
    enum account_class class;
};

struct file_history {
    struct past_file *buckets[BUCKETS];
    struct past_file *moved;
    size_t count;
    uint64_t next_key;
    uint64_t *forgotten; /* keys that the spool still has */
    size_t forgotten_count, forgotten_room;
    struct now expired; /* when that was looked at last; {0}: never */
    bool (*wake)(void *arg, struct followed *reader);
    void *arg;
    struct passed *passed; /* not saved yet */
    size_t passed_count, passed_room;
};

struct file_history *file_history_new(bool (*wake)(void *arg, struct followed *reader), void *arg)
{
    struct file_history *history = memory_new(sizeof(*history));

    history->wake = wake;
    history->arg = arg;
    history->next_key = 1;
    return history;
}

void file_history_free(struct file_history *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct past_file *past = history->buckets[i], *next; past; past = next) {
            next = past->next;
            free(past->path);
            free(past);
        }
    free(history->forgotten);
    free(history->passed);
    free(history);
}

/* The id is a hash: any of its bytes spread well. */
static size_t bucket_of(const struct file_hash *source_id)
{
    return (source_id->bytes[0] | (size_t)source_id->bytes[1] << 8) % BUCKETS;
}

static struct past_file *insert(
    struct file_history *history, uint64_t key, const struct file_row *row)
{
    struct past_file *past = memory_new(sizeof(*past));
    struct past_file **bucket = &history->buckets[bucket_of(&row->source_id)];

    past->row = *row;
    past->key = key;
    past->next = *bucket;
    *bucket = past;
    history->count++;
    return past;
}

bool file_history_restore(struct file_history *history, uint64_t key, struct span value)
{
    struct file_row row;

    if (key >= history->next_key)
        history->next_key = key + 1;
    if (!file_row_decode(value, &row))
        return false;
    insert(history, key, &row);
    return true;
}

struct past_file *file_history_next(const struct file_history *history,
    const struct file_hash *source_id, const struct past_file *past)
{
    struct past_file *next = past ? past->next : history->buckets[bucket_of(source_id)];

    while (next && !file_hash_equal(&next->row.source_id, source_id))
        next = next->next;
    return next;
}

/* Whether the file is that row's; *row is then what to read it by. */
static enum past_match compare(const struct file_history *history, const struct past_file *past,
    struct file_tail *tail, unsigned *wakes, struct file_row *row)
{
    *row = past->row;
    if (past->row.offset == 0)
        return PAST_NONE;
    if (file_seek_fits(tail, &past->row))
        return past->tail ? PAST_COPY : PAST_SAME;
    if (!past->tail || file_tail_reaches(tail, past->row.offset) ||
        (past->tail->descriptor < 0 && ++*wakes > WAKES_MOST))
        return PAST_NONE;
    if (history->wake(history->arg, past->reader) &&
        file_seek_copied(tail, past->tail, &past->row, row))
        return PAST_PREFIX;
    return PAST_NONE;
}

enum past_match file_history_match(const struct file_history *history, struct file_tail *tail,
    const struct file_hash *source_id, struct past_file **past, struct file_row *row)
{
    enum past_match best = PAST_NONE;
    bool is_best_inode = false;
    unsigned wakes = 0;

    for (struct past_file *p = NULL; (p = file_history_next(history, source_id, p));) {
        bool is_inode = p->row.device == tail->stat.st_dev && p->row.inode == tail->stat.st_ino;
        struct file_row found;
        enum past_match match;

        match = compare(history, p, tail, &wakes, &found);
        if (match == PAST_NONE)
            continue;
        if (best == PAST_NONE || found.offset > row->offset ||
            (found.offset == row->offset && is_inode && !is_best_inode)) {
            best = match;
            is_best_inode = is_inode;
            *past = p;
            *row = found;
        }
    }
    return best;
}

bool file_history_is_empty(const struct file_history *history)
{
    return history->count == 0;
}

struct past_file *file_history_add(struct file_history *history, const struct file_row *row)
{
    struct past_file *past = insert(history, history->next_key++, row);

    if (past->row.generation == 0)
        past->row.generation = past->key;
    return past;
}

void file_history_touch(struct file_history *history, struct past_file *past)
{
    if (past->is_moved)
        return;
    past->is_moved = true;
    past->next_moved = history->moved;
    history->moved = past;
}

void file_history_count(struct file_history *history, const struct past_file *past,
    enum account_class class, uint64_t bytes)
{
    history->passed = memory_room(
        history->passed, history->passed_count, &history->passed_room, sizeof(*history->passed));
    history->passed[history->passed_count++] = (struct passed){past->key, bytes, class};
}

static void save_source(const struct past_file *past, struct spool_batch *batch)
{
    spool_batch_source(batch, FILE_KIND, past->key,
        &(struct spool_source){
            .name = span_of(past->path),
            .position = past->row.offset,
            .size = past->size > past->row.offset ? past->size : past->row.offset,
            .held = past->held_bytes,
            .is_open = past->tail != NULL,
            .seen_s = past->row.seen_s,
        });
}

bool file_history_save(struct file_history *history, struct spool_batch *batch)
{
    struct buffer value = {0};
    bool is_any = history->moved || history->forgotten_count > 0;

    for (size_t i = 0; i < history->forgotten_count; i++)
        spool_batch_forget(batch, FILE_KIND, history->forgotten[i]);
    history->forgotten_count = 0;
    for (struct past_file *past = history->moved; past; past = past->next_moved) {
        buffer_clear(&value);
        file_row_encode(&past->row, &value);
        spool_batch_cursor(batch, FILE_KIND, past->key, buffer_span(&value));
        save_source(past, batch);
        past->is_moved = false;
    }
    history->moved = NULL;
    for (size_t i = 0; i < history->passed_count; i++)
        spool_batch_count(batch, FILE_KIND, history->passed[i].key, history->passed[i].class,
            history->passed[i].bytes, 0);
    history->passed_count = 0;
    buffer_finish(&value);
    return is_any;
}

static void forget(struct file_history *history, struct past_file **at)
{
    struct past_file *past = *at;

    history->forgotten = memory_room(history->forgotten, history->forgotten_count,
        &history->forgotten_room, sizeof(*history->forgotten));
    history->forgotten[history->forgotten_count++] = past->key;
    *at = past->next;
    history->count--;
    free(past->path);
    free(past);
}

/* Rows that are still to be saved stay until the next time. */
static void forget_before(struct file_history *history, int64_t seen_s)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct past_file **at = &history->buckets[i]; *at;)
            if (!(*at)->tail && !(*at)->is_moved && (*at)->row.seen_s < seen_s)
                forget(history, at);
            else
                at = &(*at)->next;
}

/* What the clock was set forward by since the last time is no age. */
static void discount(struct file_history *history, const struct now *now)
{
    int64_t passed_s = (now->monotonic_ms - history->expired.monotonic_ms) / 1000;
    int64_t step_s = now->wall_s - history->expired.wall_s - passed_s;

    if (history->expired.wall_s > 0 && step_s > CLOCK_STEP_S)
        for (size_t i = 0; i < BUCKETS; i++)
            for (struct past_file *past = history->buckets[i]; past; past = past->next) {
                past->row.seen_s += step_s;
                file_history_touch(history, past);
            }
    history->expired = *now;
}

void file_history_expire(struct file_history *history, const struct now *now)
{
    int64_t keep_s = KEEP_S;

    discount(history, now);
    do {
        forget_before(history, now->wall_s - keep_s);
        keep_s /= 2;
    } while (history->count > LIMIT_FILE_ROWS && keep_s > 0);
}
