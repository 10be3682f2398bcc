/* SPDX-License-Identifier: MIT
 *
 * shipper/spool/spool_ledger.c through spool.h: accounts that move with their
 * cursors or not at all, and looking without being noticed.
 */
#include "shipper/spool/spool.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY_BYTES = 64 << 20, KILLS = 15, BOUND_MS = 30000 };

static const char kind[] = "file";
static struct error err;

struct fixture {
    char *dir;
    struct spool *spool;
    struct spool_batch *batch;
};

static struct spool *open_writer(const char *dir)
{
    struct spool *spool = spool_open(
        dir, &(struct spool_options){.max_bytes = MANY_BYTES, .is_sync_full = true}, &err);

    assert_non_null(spool);
    return spool;
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));

    f->dir = scratch_new();
    assert_true(spool_prepare(f->dir, &err));
    f->spool = open_writer(f->dir);
    f->batch = spool_batch_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    spool_batch_free(f->batch);
    spool_close(f->spool);
    scratch_remove(f->dir);
    test_free(f);
    return 0;
}

/* Moves the cursor of a source to that position. */
static void move(struct spool_batch *batch, uint64_t key, const char *name, uint64_t position)
{
    const struct spool_source source = {
        .name = span_of(name),
        .position = position,
        .size = position + 10,
        .held = 3,
        .is_open = true,
        .seen_s = 1795000000,
    };

    spool_batch_cursor(batch, kind, key, SPAN("opaque"));
    spool_batch_source(batch, kind, key, &source);
}

static void commit(struct fixture *f)
{
    assert_int_equal(spool_commit(f->spool, f->batch, &err), SPOOL_DONE);
    spool_batch_clear(f->batch);
}

/* "name@position/size: matched 10 in 1, late 5 in 0; " for each source. */
static void draw(void *arg, const struct spool_ledger_row *row)
{
    struct buffer *out = arg;
    const struct spool_source *source = &row->source;
    const char *separator = "";

    buffer_append(out, source->name);
    buffer_printf(
        out, "@%llu/%llu:", (unsigned long long)source->position, (unsigned long long)source->size);
    for (unsigned i = 0; i < ACCOUNT_CLASSES; i++)
        if (row->account.bytes[i] + row->account.lines[i] > 0) {
            buffer_printf(out, "%s %s %llu in %llu", separator, account_class_name(i),
                (unsigned long long)row->account.bytes[i],
                (unsigned long long)row->account.lines[i]);
            separator = ",";
        }
    buffer_append(out, SPAN("; "));
}

static void check_ledger(const char *row, struct spool *spool, const char *wanted)
{
    struct buffer drawn = {0};

    assert_true(spool_each_source(spool, draw, &drawn, &err));
    check_span(row, buffer_span(&drawn), wanted);
    buffer_finish(&drawn);
}

static void counts_add_to_what_stood_there(void **state)
{
    struct fixture *f = *state;

    move(f->batch, 2, "b.log", 30);
    spool_batch_count(f->batch, kind, 2, ACCOUNT_MATCHED, 10, 1);
    spool_batch_count(f->batch, kind, 2, ACCOUNT_NO_RULE, 5, 1);
    spool_batch_count(f->batch, kind, 2, ACCOUNT_MATCHED, 15, 2);
    commit(f);
    move(f->batch, 1, "a.log", 7);
    spool_batch_count(f->batch, kind, 1, ACCOUNT_BEFORE_START, 7, 0);
    move(f->batch, 2, "renamed.log", 34);
    spool_batch_count(f->batch, kind, 2, ACCOUNT_LATE, 4, 1);
    check_ledger("before the commit", f->spool, "b.log@30/40: matched 25 in 3, no_rule 5 in 1; ");
    commit(f);
    check_ledger("after it", f->spool,
        "a.log@7/17: before_start 7 in 0; "
        "renamed.log@34/44: matched 25 in 3, no_rule 5 in 1, late 4 in 1; ");
}

static void note_pace(void *arg, const struct spool_ledger_row *row)
{
    buffer_printf(
        arg, "behind since %lld, %.2f lines/s", (long long)row->behind_s, row->lines_per_s);
}

/* A look at a source, and lines that were read of it since the one before. */
static void check_pace(
    struct fixture *f, const struct spool_source *source, uint64_t lines, const char *wanted)
{
    struct buffer drawn = {0};

    spool_batch_cursor(f->batch, kind, 1, SPAN("opaque"));
    spool_batch_source(f->batch, kind, 1, source);
    spool_batch_count(f->batch, kind, 1, ACCOUNT_NO_RULE, lines * 2, lines);
    spool_batch_count(f->batch, kind, 1, ACCOUNT_LATE, 0, 1000);
    commit(f);
    assert_true(spool_each_source(f->spool, note_pace, &drawn, &err));
    check_span(wanted, buffer_span(&drawn), wanted);
    buffer_finish(&drawn);
}

static void how_fast_a_source_is_read_and_since_when_it_is_behind(void **state)
{
    struct spool_source source = {
        .name = SPAN("a.log"), .size = 10, .position = 10, .seen_s = 1000};

    check_pace(*state, &source, 60, "behind since 0, 1.00 lines/s");
    source.seen_s = 1015;
    source.size = 100;
    check_pace(*state, &source, 30, "behind since 1015, 1.25 lines/s");
    source.seen_s = 1030;
    source.position = 90;
    check_pace(*state, &source, 0, "behind since 1015, 0.94 lines/s");
    source.held = 10;
    check_pace(*state, &source, 6, "behind since 0, 1.04 lines/s");
    source.seen_s = 900; /* the clock was set back */
    source.size = 200;
    check_pace(*state, &source, 0, "behind since 900, 1.04 lines/s");
    source.seen_s = 2000;
    check_pace(*state, &source, 0, "behind since 900, 0.00 lines/s");
}

static void what_it_says_of_a_source_comes_back(void **state)
{
    struct fixture *f = *state;

    move(f->batch, 1, "bytes, \xff too", 5);
    commit(f);
    check_ledger("name", f->spool, "bytes, \xff too@5/15:; ");
}

static void a_forgotten_cursor_takes_its_account_along(void **state)
{
    struct fixture *f = *state;

    move(f->batch, 1, "a.log", 1);
    spool_batch_count(f->batch, kind, 1, ACCOUNT_MATCHED, 1, 1);
    move(f->batch, 2, "b.log", 2);
    spool_batch_count(f->batch, kind, 2, ACCOUNT_MATCHED, 2, 1);
    commit(f);
    spool_batch_forget(f->batch, kind, 1);
    commit(f);
    check_ledger("the other stays", f->spool, "b.log@2/12: matched 2 in 1; ");
    move(f->batch, 1, "a.log", 0);
    commit(f);
    check_ledger("it begins anew", f->spool, "a.log@0/10:; b.log@2/12: matched 2 in 1; ");
}

static void a_cursor_without_source_is_not_shown(void **state)
{
    struct fixture *f = *state;

    spool_batch_cursor(f->batch, "file-input", 1, SPAN("opaque"));
    commit(f);
    check_ledger("nothing", f->spool, "");
}

/* Line n has n % 50 + 1 bytes, so that no two states look alike. */
static void write_until_killed(const char *dir, uint64_t position)
{
    struct spool *spool = open_writer(dir);
    struct spool_batch *batch = spool_batch_new();

    for (unsigned n = 0;; n++) {
        uint64_t bytes = n % 50 + 1;

        spool_batch_clear(batch);
        position += bytes;
        spool_batch_event(batch, "0123456789abcdef0123456789abcdef", SPAN("{}"));
        spool_batch_count(batch, kind, 1, n % 3 ? ACCOUNT_MATCHED : ACCOUNT_NO_RULE, bytes, 1);
        move(batch, 1, "a.log", position);
        if (spool_commit(spool, batch, &err) != SPOOL_DONE)
            _exit(1);
    }
}

struct seen {
    const char *dir;
    uint64_t position, bytes, lines;
};

static void note_row(void *arg, const struct spool_ledger_row *row)
{
    struct seen *seen = arg;

    seen->position = row->source.position;
    seen->bytes = account_bytes(&row->account);
    seen->lines = row->account.lines[ACCOUNT_MATCHED] + row->account.lines[ACCOUNT_NO_RULE];
}

/* As `status` does it, beside the writer. */
static void look(struct seen *seen)
{
    struct spool *spool =
        spool_open(seen->dir, &(struct spool_options){.is_only_looking = true}, &err);

    assert_non_null(spool);
    assert_true(spool_each_source(spool, note_row, seen, &err));
    spool_close(spool);
    check_number("the account adds up to the position", seen->bytes, seen->position);
}

static bool has_moved(void *arg)
{
    struct seen now = *(struct seen *)arg;

    look(&now);
    return now.position > ((struct seen *)arg)->position;
}

static void killed_at_random_account_and_position_agree(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.dir = f->dir};
    unsigned seed = 1;

    spool_close(f->spool); /* before a fork: SQLite's locks are not the child's */
    f->spool = NULL;
    for (int i = 0; i < KILLS; i++) {
        struct spool_stats stats;
        struct spool *spool;
        pid_t pid = fork();

        if (pid == 0)
            write_until_killed(f->dir, seen.position);
        assert_true(scratch_until(has_moved, &seen, BOUND_MS));
        usleep((useconds_t)(rand_r(&seed) % 3000)); /* any moment will do */
        assert_int_equal(kill(pid, SIGKILL), 0);
        check_row("killed while writing", WIFSIGNALED(scratch_wait(pid, BOUND_MS)));
        look(&seen);
        spool = spool_open(f->dir, &(struct spool_options){.is_only_looking = true}, &err);
        assert_non_null(spool);
        assert_true(spool_stats(spool, &stats, &err));
        check_number("events and lines", stats.waiting, seen.lines);
        spool_close(spool);
    }
}

static void looking_waits_for_nobody_and_writes_nothing(void **state)
{
    struct fixture *f = *state;
    const char *path = scratch_path(f->dir, "spool.lock");
    struct seen seen = {.dir = f->dir};
    struct spool *looking;
    int lock = open(path, O_RDWR);

    move(f->batch, 1, "a.log", 0);
    commit(f);
    assert_int_equal(flock(lock, LOCK_EX), 0); /* a writer that has its turn */
    look(&seen);
    close(lock);
    looking = spool_open(f->dir, &(struct spool_options){.is_only_looking = true}, &err);
    assert_int_equal(spool_commit(looking, f->batch, &err), SPOOL_FAILED);
    spool_close(looking);
}

static void looking_at_nothing_makes_nothing(void **state)
{
    char *dir = scratch_new();
    struct stat st;

    (void)state;
    assert_null(spool_open(dir, &(struct spool_options){.is_only_looking = true}, &err));
    check_number("kind", err.kind, ERROR_SYSTEM);
    check_row("no database", stat(scratch_path(dir, "spool.db"), &st) < 0);
    check_row("no lock", stat(scratch_path(dir, "spool.lock"), &st) < 0);
    scratch_remove(dir);
}

static void delivered_events_are_counted(void **state)
{
    struct fixture *f = *state;
    struct spool_event events[3];
    struct spool_verdict verdicts[3] = {{0}};
    struct spool_stats stats;
    size_t count;

    for (int i = 0; i < 3; i++)
        spool_batch_event(f->batch, "0123456789abcdef0123456789abcdef", SPAN("{}"));
    commit(f);
    assert_true(spool_lease(f->spool, events, 3, &count, &err));
    assert_int_equal(count, 3);
    for (int i = 0; i < 2; i++) {
        verdicts[i].row = events[i].row;
        memcpy(verdicts[i].id, events[i].id, sizeof(verdicts[i].id));
    }
    verdicts[1].is_rejected = true;
    assert_true(spool_settle(f->spool, verdicts, 2, &err));
    assert_true(spool_stats(f->spool, &stats, &err));
    check_number("delivered", stats.delivered, 1);
    check_number("rejected", stats.rejected, 1);
    check_number("waiting", stats.waiting, 1);
}

static void every_class_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ACCOUNT_CLASSES; i++)
        check_number(account_class_name(i), account_class_named(span_of(account_class_name(i))), i);
    check_number("unknown", account_class_named(SPAN("nonsense")), ACCOUNT_CLASSES);
}

#define WITH_SPOOL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SPOOL(counts_add_to_what_stood_there),
        WITH_SPOOL(how_fast_a_source_is_read_and_since_when_it_is_behind),
        WITH_SPOOL(what_it_says_of_a_source_comes_back),
        WITH_SPOOL(a_forgotten_cursor_takes_its_account_along),
        WITH_SPOOL(a_cursor_without_source_is_not_shown),
        WITH_SPOOL(killed_at_random_account_and_position_agree),
        WITH_SPOOL(looking_waits_for_nobody_and_writes_nothing),
        cmocka_unit_test(looking_at_nothing_makes_nothing),
        WITH_SPOOL(delivered_events_are_counted),
        cmocka_unit_test(every_class_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests_name("spool_ledger", tests, NULL, NULL);
}
