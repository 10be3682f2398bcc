/* SPDX-License-Identifier: MIT
 *
 * The source under test with everything real but the clock.
 */
#include "tests/support/file_world.h"

#include "parsers/memory.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void file_world_init(struct file_world *w)
{
    struct spool_options options = {.max_bytes = 1u << 30};
    struct error err;

    *w = (struct file_world){
        .logs = scratch_new(), .state = scratch_new_in_memory(), .now = {1000, 1795000000}};
    w->input.zone = &zone_utc;
    w->input.settle_ms = 30000;
    assert_true(spool_prepare(w->state, &err));
    w->spool = spool_open(w->state, &options, &err);
    assert_non_null(w->spool);
    w->batch = spool_batch_new();
}

void file_world_finish(struct file_world *w)
{
    file_world_close(w);
    spool_batch_free(w->batch);
    spool_close(w->spool);
    buffer_finish(&w->got);
    scratch_remove(w->logs);
    scratch_remove(w->state);
}

int file_world_set_up(void **state)
{
    struct file_world *w = memory_new(sizeof(*w));

    file_world_init(w);
    w->input.start = START_BEGINNING;
    *state = w;
    return 0;
}

int file_world_tear_down(void **state)
{
    struct file_world *w = *state;

    file_world_finish(w);
    free(w);
    return 0;
}

void file_world_check_got(struct file_world *w, const char *row, const char *wanted)
{
    check_span(row, buffer_span(&w->got), wanted);
    buffer_clear(&w->got);
}

void file_world_open(struct file_world *w, const char *pattern)
{
    struct file_source_options options = {
        .inputs = &w->input,
        .count = 1,
        .is_once = w->is_once,
        .is_final = w->is_final,
        .is_blind = w->is_blind,
        .watches_most = w->watches_most,
        .awake_most = w->awake_most,
    };
    struct error err;

    snprintf(w->pattern, sizeof(w->pattern), "%s/%s", w->logs, pattern);
    w->input.pattern = w->pattern;
    w->source = file_source_open(&options, w->spool, &w->now, &err);
    assert_non_null(w->source);
}

void file_world_close(struct file_world *w)
{
    if (w->source)
        w->source->verbs->close(w->source);
    w->source = NULL;
    spool_batch_clear(w->batch);
}

/* As the reader does it, with rules that match nothing. */
static void count_bytes(struct file_world *w)
{
    const struct source_read *read = &w->read;

    spool_batch_count(
        w->batch, w->source->verbs->kind, read->key, ACCOUNT_NO_RULE, read->chunk.bytes.len, 1);
    spool_batch_count(
        w->batch, w->source->verbs->kind, read->key, ACCOUNT_TOO_LONG, read->passed, 0);
}

bool file_world_turn(struct file_world *w)
{
    if (w->source->verbs->read(w->source, &w->now, &w->read) != SOURCE_CHUNK)
        return false;
    w->chunks++;
    count_bytes(w);
    buffer_append(&w->got, w->read.chunk.bytes);
    w->left = 0;
    if (w->each)
        w->each(w, &w->read);
    w->source->verbs->advance(w->source, w->read.chunk.bytes.len - w->left);
    return true;
}

void file_world_drain(struct file_world *w, int64_t passed_ms)
{
    w->now.monotonic_ms += passed_ms;
    w->now.wall_s += passed_ms / 1000;
    while (file_world_turn(w) || w->source->verbs->deadline(w->source) <= w->now.monotonic_ms)
        if (w->is_once && w->source->verbs->deadline(w->source) > 0)
            break;
}

void file_world_commit(struct file_world *w)
{
    struct error err;

    w->source->verbs->save(w->source, w->batch);
    assert_int_equal(spool_commit(w->spool, w->batch, &err), SPOOL_DONE);
    spool_batch_clear(w->batch);
}

const char *file_world_path(const struct file_world *w, const char *name)
{
    return scratch_path(w->logs, name);
}

static void copy_to(int to, const char *bytes, size_t len)
{
    assert_true(to >= 0);
    assert_int_equal(write(to, bytes, len), (ssize_t)len);
}

void file_world_append(const struct file_world *w, const char *name, const char *text)
{
    int fd = open(file_world_path(w, name), O_WRONLY | O_CREAT | O_APPEND, 0600);

    copy_to(fd, text, strlen(text));
    close(fd);
}

void file_world_rename(const struct file_world *w, const char *from, const char *to)
{
    assert_int_equal(rename(file_world_path(w, from), file_world_path(w, to)), 0);
}

void file_world_copy(const struct file_world *w, const char *from, const char *to)
{
    scratch_copy(file_world_path(w, from), file_world_path(w, to));
}
