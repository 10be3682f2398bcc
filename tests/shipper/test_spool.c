/* SPDX-License-Identifier: MIT
 *
 * shipper/spool through its header, with a second connection to look at what is
 * on disk, and processes that are killed while they write.
 */
#include "shipper/spool/spool.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY_BYTES = 64 << 20, WRITES = 40, KILLS = 25, BOUND_MS = 30000 };

static struct error err;

struct fixture {
    char *dir;
    struct spool *reader, *sender;
    struct spool_batch *batch;
};

static struct spool *open_with(const char *dir, uint64_t max_bytes)
{
    struct spool *spool = spool_open(
        dir, &(struct spool_options){.max_bytes = max_bytes, .is_sync_full = true}, &err);

    if (!spool)
        print_error("%s\n", err.message);
    assert_non_null(spool);
    return spool;
}

static void open_both(struct fixture *f)
{
    f->reader = open_with(f->dir, MANY_BYTES);
    f->sender = open_with(f->dir, 0);
}

/* Before a fork, too: SQLite's locks are not the child's, but it would think so. */
static void close_both(struct fixture *f)
{
    spool_close(f->reader);
    spool_close(f->sender);
    f->reader = f->sender = NULL;
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));

    f->dir = scratch_new();
    assert_true(spool_prepare(f->dir, &err));
    open_both(f);
    f->batch = spool_batch_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    spool_batch_free(f->batch);
    close_both(f);
    scratch_remove(f->dir);
    test_free(f);
    return 0;
}

/* As after a crash of the sender: its leases are gone. */
static void restart_sender(struct fixture *f)
{
    spool_close(f->sender);
    f->sender = open_with(f->dir, 0);
}

static const char *id_of(unsigned number)
{
    static char id[EVENT_ID_LEN + 1];

    snprintf(id, sizeof(id), "%032x", number);
    return id;
}

static void add_events(struct spool_batch *batch, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        char body[64];

        snprintf(body, sizeof(body), "{\"payload\":{\"n\":%u}}", i);
        spool_batch_event(batch, id_of(i), span_of(body));
    }
}

static void commit_events(struct fixture *f, unsigned first, unsigned count)
{
    spool_batch_clear(f->batch);
    add_events(f->batch, first, count);
    assert_int_equal(spool_commit(f->reader, f->batch, &err), SPOOL_DONE);
}

static size_t lease(struct fixture *f, struct spool_event *events, size_t most)
{
    size_t count = SIZE_MAX;

    assert_true(spool_lease(f->sender, events, most, &count, &err));
    return count;
}

static struct spool_verdict delivered(const struct spool_event *event)
{
    struct spool_verdict verdict = {.row = event->row};

    memcpy(verdict.id, event->id, sizeof(verdict.id));
    return verdict;
}

static void check_stats(const char *row, struct spool *spool, uint64_t waiting, uint64_t rejected)
{
    struct spool_stats stats;

    assert_true(spool_stats(spool, &stats, &err));
    check_number(row, stats.waiting, waiting);
    check_number(row, stats.rejected, rejected);
}

/* A connection of somebody else: runs SQL, and gives its first column as text. */
static void run_sql(const char *dir, const char *sql, struct buffer *out)
{
    sqlite3 *db;
    sqlite3_stmt *statement;

    assert_int_equal(sqlite3_open(scratch_path(dir, "spool.db"), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, BOUND_MS);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW && out)
        buffer_printf(out, "%s;", (const char *)sqlite3_column_text(statement, 0));
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    sqlite3_close(db);
}

static void note_cursor(void *arg, uint64_t key, struct span value)
{
    buffer_printf(arg, "%llx=%.*s ", (unsigned long long)key, (int)value.len, value.at);
}

static void check_cursors(const char *row, struct spool *spool, const char *wanted)
{
    struct buffer drawn = {0};

    assert_true(spool_each_cursor(spool, "file", note_cursor, &drawn, &err));
    check_span(row, buffer_span(&drawn), wanted);
    buffer_finish(&drawn);
}

static void leases_oldest_first_and_none_twice(void **state)
{
    struct fixture *f = *state;
    struct spool_event events[8];

    commit_events(f, 1, 3);
    commit_events(f, 4, 2);
    assert_int_equal(lease(f, events, 2), 2);
    assert_int_equal(lease(f, events + 2, 6), 3);
    assert_int_equal(lease(f, events + 5, 3), 0);
    for (unsigned i = 0; i < 5; i++) {
        char body[64];

        snprintf(body, sizeof(body), "{\"payload\":{\"n\":%u}}", i + 1);
        check_span(events[i].id, span_of(events[i].id), id_of(i + 1));
        check_span(events[i].id, events[i].body, body);
        check_number(events[i].id, strlen(events[i].body.at), events[i].body.len);
    }
    check_stats("leases change nothing", f->reader, 5, 0);
}

static void restart_leases_what_was_not_acked(void **state)
{
    struct fixture *f = *state;
    struct spool_event before[5], after[5];
    struct spool_verdict acked[2];

    commit_events(f, 1, 5);
    assert_int_equal(lease(f, before, 5), 5);
    acked[0] = delivered(&before[3]);
    acked[1] = delivered(&before[0]);
    assert_true(spool_settle(f->sender, acked, 2, &err));
    check_stats("acked", f->reader, 3, 0);
    check_span("body of a lease that stays", before[4].body, "{\"payload\":{\"n\":5}}");
    restart_sender(f);
    assert_int_equal(lease(f, after, 5), 3);
    check_span("first", span_of(after[0].id), id_of(2));
    check_span("second", span_of(after[1].id), id_of(3));
    check_span("third", span_of(after[2].id), id_of(5));
    check_number("row of the third", (uint64_t)after[2].row, 5);
}

static void row_numbers_are_never_used_twice(void **state)
{
    struct fixture *f = *state;
    struct spool_event event;
    struct spool_verdict verdict;

    for (unsigned i = 1; i <= 3; i++) {
        commit_events(f, i, 1);
        assert_int_equal(lease(f, &event, 1), 1);
        check_number("row", (uint64_t)event.row, i);
        verdict = delivered(&event);
        assert_true(spool_settle(f->sender, &verdict, 1, &err));
        check_stats("empty again", f->reader, 0, 0);
    }
}

static void rejecting_keeps_request_and_answer(void **state)
{
    struct fixture *f = *state;
    struct spool_event events[2];
    struct spool_verdict verdicts[2];
    struct buffer kept = {0};

    commit_events(f, 1, 2);
    assert_int_equal(lease(f, events, 2), 2);
    verdicts[0] = delivered(&events[0]);
    verdicts[1] = delivered(&events[1]);
    verdicts[1].is_rejected = true;
    verdicts[1].at_s = 1795000000;
    verdicts[1].status = 422;
    verdicts[1].answer = SPAN("no such metric");
    assert_true(spool_settle(f->sender, verdicts, 2, &err));
    check_stats("one rejected", f->reader, 0, 1);
    run_sql(f->dir,
        "SELECT row || ' ' || id || ' ' || request || ' ' || status || ' ' || at || ' ' || answer"
        " FROM rejected",
        &kept);
    check_span("kept", buffer_span(&kept),
        "2 00000000000000000000000000000002 {\"payload\":{\"n\":2}} 422 1795000000 no such "
        "metric;");
    buffer_finish(&kept);
}

static void only_the_newest_rejected_are_kept(void **state)
{
    struct fixture *f = *state;
    struct spool_event event;
    struct spool_verdict verdict;
    struct buffer kept = {0};

    run_sql(f->dir,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
        " INSERT INTO rejected SELECT i, i, 'x', 'x', 0, 'x', 400, 1 FROM n",
        NULL);
    run_sql(f->dir, "UPDATE totals SET rejected = 10000", NULL);
    commit_events(f, 1, 1);
    assert_int_equal(lease(f, &event, 1), 1);
    verdict = delivered(&event);
    verdict.is_rejected = true;
    assert_true(spool_settle(f->sender, &verdict, 1, &err));
    check_stats("no more than the newest", f->sender, 0, 10000);
    run_sql(f->dir, "SELECT min(number) || ' ' || max(number) FROM rejected", &kept);
    check_span("numbers", buffer_span(&kept), "2 10001;");
    buffer_finish(&kept);
}

static void rejected_events_are_kept_for_thirty_days(void **state)
{
    enum { DAY_S = 24 * 3600 };
    struct fixture *f = *state;
    struct buffer kept = {0};
    bool has_more;

    run_sql(f->dir,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
        " INSERT INTO rejected SELECT i, i, 'x', 'x', 0, 'x', 400, i * 86400 FROM n",
        NULL);
    run_sql(f->dir, "UPDATE totals SET rejected = 40", NULL);
    assert_true(spool_tidy(f->reader, 40 * DAY_S, &has_more, &err));
    check_stats("those of day 10 to 40", f->reader, 0, 31);
    run_sql(f->dir, "SELECT min(number) || ' ' || max(number) FROM rejected", &kept);
    check_span("numbers", buffer_span(&kept), "10 40;");
    buffer_finish(&kept);
}

static void a_verdict_on_another_id_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct spool_event event;
    struct spool_verdict verdict;

    commit_events(f, 1, 1);
    assert_int_equal(lease(f, &event, 1), 1);
    verdict = delivered(&event);
    verdict.id[0] = 'f';
    assert_true(spool_settle(f->sender, &verdict, 1, &err));
    verdict.is_rejected = true;
    assert_true(spool_settle(f->sender, &verdict, 1, &err));
    check_stats("still there", f->sender, 1, 0);
}

static void damaged_rows_are_set_aside_and_never_leased(void **state)
{
    struct fixture *f = *state;
    struct spool_event events[5];
    struct spool_stats stats;

    commit_events(f, 1, 5);
    run_sql(f->dir, "UPDATE event SET body = replace(body, ':2}', ':7}') WHERE row = 2", NULL);
    run_sql(f->dir, "UPDATE event SET id = replace(id, '3', '4') WHERE row = 3", NULL);
    run_sql(f->dir, "UPDATE event SET id = 'short' WHERE row = 5", NULL);
    assert_int_equal(lease(f, events, 5), 2);
    check_span("before the damage", span_of(events[0].id), id_of(1));
    check_span("after the damage", span_of(events[1].id), id_of(4));
    assert_true(spool_stats(f->sender, &stats, &err));
    check_number("waiting", stats.waiting, 2);
    check_number("corrupt", stats.corrupt, 3);
    restart_sender(f);
    assert_int_equal(lease(f, events, 5), 2);
}

static void cursors_come_back_in_order_and_the_last_wins(void **state)
{
    struct fixture *f = *state;

    spool_batch_cursor(f->batch, "file", UINT64_MAX, SPAN("top"));
    spool_batch_cursor(f->batch, "file", 7, SPAN("old"));
    spool_batch_cursor(f->batch, "file", 7, SPAN("new"));
    spool_batch_cursor(f->batch, "file", 1, SPAN(""));
    spool_batch_cursor(f->batch, "journal", 2, SPAN("other kind"));
    assert_int_equal(spool_commit(f->reader, f->batch, &err), SPOOL_DONE);
    check_cursors("set", f->reader, "1= 7=new ffffffffffffffff=top ");
    spool_batch_clear(f->batch);
    spool_batch_forget(f->batch, "file", 7);
    spool_batch_forget(f->batch, "file", 2);
    assert_int_equal(spool_commit(f->reader, f->batch, &err), SPOOL_DONE);
    check_cursors("forgotten", f->reader, "1= ffffffffffffffff=top ");
}

/* Commits batches of one big event, each with a cursor that counts them, until
 * the spool takes no more; returns how many it took. */
static unsigned fill(struct spool *spool, struct spool_batch *batch)
{
    struct span big = {memset(test_malloc(100000), 'x', 100000), 100000};
    unsigned taken = 0;
    char count[16];

    for (;; taken++) {
        spool_batch_clear(batch);
        spool_batch_event(batch, id_of(taken), big);
        snprintf(count, sizeof(count), "%u", taken + 1);
        spool_batch_cursor(batch, "file", 1, span_of(count));
        if (spool_commit(spool, batch, &err) != SPOOL_DONE)
            break;
        assert_true(taken < 1000);
    }
    test_free((void *)(uintptr_t)big.at);
    return taken;
}

static void a_cursor_that_damage_changed_is_never_handed_out(void **state)
{
    static const char *const rows[] = {
        "UPDATE cursor SET value = 'eight' WHERE key = 7",
        "UPDATE cursor SET key = 9 WHERE key = 7",
        "UPDATE cursor SET kind = 'filf' WHERE key = 7",
        "DELETE FROM cursor WHERE key = 7",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buffer drawn = {0};
        void *fixture;
        struct fixture *f;

        assert_int_equal(set_up(&fixture), 0);
        f = fixture;
        spool_batch_cursor(f->batch, "file", 7, SPAN("seven"));
        spool_batch_cursor(f->batch, "input", 1, SPAN("one"));
        assert_int_equal(spool_commit(f->reader, f->batch, &err), SPOOL_DONE);
        run_sql(f->dir, rows[i], NULL);
        check_row(rows[i], !spool_each_cursor(f->reader, "file", note_cursor, &drawn, &err));
        check_number(rows[i], err.kind, ERROR_CORRUPT);
        check_number(rows[i], drawn.len, 0);
        buffer_finish(&drawn);
        tear_down(&fixture);
    }
}

static void events_that_damage_took_away_are_missed(void **state)
{
    struct fixture *f = *state;
    struct spool_event events[4];
    struct spool_verdict verdicts[2];
    size_t count = 0;

    commit_events(f, 1, 3);
    run_sql(f->dir, "DELETE FROM event WHERE row = 3", NULL);
    assert_int_equal(lease(f, events, 4), 2);
    assert_int_equal(lease(f, events + 2, 2), 0); /* not yet: two are under way */
    verdicts[0] = delivered(&events[0]);
    verdicts[1] = delivered(&events[1]);
    assert_true(spool_settle(f->sender, verdicts, 2, &err));
    assert_false(spool_lease(f->sender, events, 4, &count, &err));
    check_number("kind", err.kind, ERROR_CORRUPT);
}

static void a_full_spool_takes_neither_events_nor_cursor(void **state)
{
    struct fixture *f = *state;
    struct spool *small = open_with(f->dir, 2 << 20);
    struct spool_event event;
    struct spool_verdict verdict;
    unsigned taken = fill(small, f->batch);
    char cursor[16];

    check_row("stops 1 MiB early", taken >= 8 && taken <= 10);
    assert_int_equal(spool_commit(small, f->batch, &err), SPOOL_FULL);
    check_row("says why", strstr(err.message, "the spool is full"));
    snprintf(cursor, sizeof(cursor), "1=%u ", taken);
    check_cursors("cursor where the events end", small, cursor);
    check_stats("events", small, taken, 0);

    spool_batch_clear(f->batch);
    spool_batch_cursor(f->batch, "file", 2, SPAN("moved"));
    assert_int_equal(spool_commit(small, f->batch, &err), SPOOL_DONE); /* cursors alone */

    assert_int_equal(lease(f, &event, 1), 1);
    verdict = delivered(&event);
    assert_true(spool_settle(f->sender, &verdict, 1, &err));
    spool_batch_clear(f->batch);
    add_events(f->batch, 5000, 1);
    assert_int_equal(spool_commit(small, f->batch, &err), SPOOL_DONE); /* room again */
    spool_close(small);
}

static void an_empty_spool_takes_any_batch(void **state)
{
    struct fixture *f = *state;
    struct spool *tiny = open_with(f->dir, 1);

    add_events(f->batch, 1, 100);
    assert_int_equal(spool_commit(tiny, f->batch, &err), SPOOL_DONE);
    assert_int_equal(spool_commit(tiny, f->batch, &err), SPOOL_FULL);
    spool_close(tiny);
}

static void drop_oldest_makes_room_and_counts(void **state)
{
    struct fixture *f = *state;
    struct spool *small = spool_open(
        f->dir, &(struct spool_options){.max_bytes = 2 << 20, .is_dropping = true}, &err);
    struct span big = {memset(test_malloc(100000), 'x', 100000), 100000};
    struct spool_event event;
    struct spool_verdict verdict;
    struct spool_stats stats;
    uint64_t dropped;
    char cursor[16];

    for (unsigned n = 0; n < 30; n++) {
        spool_batch_clear(f->batch);
        spool_batch_event(f->batch, id_of(n), big);
        snprintf(cursor, sizeof(cursor), "%u", n + 1);
        spool_batch_cursor(f->batch, "file", 1, span_of(cursor));
        assert_int_equal(spool_commit(small, f->batch, &err), SPOOL_DONE);
        if (n == 0)
            assert_int_equal(lease(f, &event, 1), 1);
    }
    check_cursors("reading goes on", small, "1=30 ");
    assert_true(spool_stats(small, &stats, &err));
    check_row("bounded", stats.bytes <= 2 << 20);
    check_row("some were dropped", stats.dropped > 0 && stats.dropped == spool_dropped(small));
    check_number("none is forgotten", stats.waiting + stats.dropped, 30);

    /* Under way while it was dropped, and delivered. */
    verdict = delivered(&event);
    assert_true(spool_settle(f->sender, &verdict, 1, &err));
    dropped = stats.dropped;
    assert_true(spool_stats(small, &stats, &err));
    check_number("not dropped after all", stats.dropped, dropped - 1);
    assert_int_equal(lease(f, &event, 1), 1);
    check_row("the newest are there", strtoul(event.id, NULL, 16) >= 8);
    spool_close(small);
    test_free((void *)(uintptr_t)big.at);
}

/* A limit on file sizes fails writes as a full disk does, in any write. */
static void a_full_disk_takes_neither_and_room_heals_it(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, tight;
    enum spool_result result;
    unsigned taken;
    char cursor[16];

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    tight = (struct rlimit){.rlim_cur = 3 << 20, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    taken = fill(f->reader, f->batch);
    result = spool_commit(f->reader, f->batch, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);

    check_row("took some", taken > 5);
    check_row(err.message, result == SPOOL_FULL);
    snprintf(cursor, sizeof(cursor), "1=%u ", taken);
    check_cursors("cursor where the events end", f->sender, cursor);
    check_stats("events", f->sender, taken, 0);
    assert_int_equal(spool_commit(f->reader, f->batch, &err), SPOOL_DONE);
    check_stats("one more", f->sender, taken + 1, 0);
}

static void note_number(void *arg, uint64_t key, struct span value)
{
    (void)key;
    *(unsigned *)arg = (unsigned)strtoul(value.at, NULL, 10);
}

/* How many more writes SQLite may do; then all fail, as on a disk that is gone. */
static long writes_left = LONG_MAX;

static ssize_t limited_pwrite(int file, const void *bytes, size_t len, off_t offset)
{
    if (writes_left-- > 0)
        return pwrite(file, bytes, len, offset);
    errno = EIO;
    return -1;
}

static void limit_writes(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_syscall_ptr ours = (sqlite3_syscall_ptr)(uintptr_t)limited_pwrite;

    assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite", ours), SQLITE_OK);
    vfs->xSetSystemCall(vfs, "pwrite64", ours); /* where it has one */
}

/* One commit, one settling of an ack and a rejection, with the disk gone after
 * that many writes. False if it was not gone before the end. */
static bool lose_disk_after(struct fixture *f, long writes)
{
    struct spool_event events[2];
    struct spool_verdict verdicts[2];
    struct spool_stats stats;
    bool is_committed, is_settled, is_lost;
    unsigned cursor = 0;

    commit_events(f, 0, 2);
    assert_int_equal(lease(f, events, 2), 2);
    verdicts[0] = delivered(&events[0]);
    verdicts[1] = delivered(&events[1]);
    verdicts[1].is_rejected = true;
    spool_batch_clear(f->batch);
    add_events(f->batch, 2, 4);
    spool_batch_cursor(f->batch, "file", 1, SPAN("4"));

    writes_left = writes;
    is_committed = spool_commit(f->reader, f->batch, &err) == SPOOL_DONE;
    is_settled = spool_settle(f->sender, verdicts, 2, &err);
    close_both(f);
    is_lost = writes_left < 0;
    writes_left = LONG_MAX;

    open_both(f);
    assert_true(spool_each_cursor(f->sender, "file", note_number, &cursor, &err));
    assert_true(spool_stats(f->sender, &stats, &err));
    check_row("committed all or nothing", cursor == 4 || (cursor == 0 && !is_committed));
    check_row(
        "settled all or nothing", stats.rejected == 1 || (stats.rejected == 0 && !is_settled));
    check_number("waiting", stats.waiting, 2 + cursor - 2 * stats.rejected);
    return is_lost;
}

static void a_disk_lost_at_any_write_loses_nothing_acknowledged(void **state)
{
    bool is_lost = true;
    long writes;

    (void)state;
    limit_writes();
    for (writes = 0; is_lost; writes++) {
        void *fixture;

        assert_int_equal(set_up(&fixture), 0);
        is_lost = lose_disk_after(fixture, writes);
        tear_down(&fixture);
    }
    check_row("several writes were lost", writes > 10);
}

/* Batch after batch of three events and a cursor that says the last of them. */
static void write_until_killed(const char *dir, unsigned first, const char *kind)
{
    struct spool *spool = open_with(dir, MANY_BYTES);
    struct spool_batch *batch = spool_batch_new();

    for (unsigned n = first;; n += 3) {
        char cursor[16];

        spool_batch_clear(batch);
        add_events(batch, n, 3);
        snprintf(cursor, sizeof(cursor), "%u", n + 3);
        spool_batch_cursor(batch, kind, 1, span_of(cursor));
        if (spool_commit(spool, batch, &err) != SPOOL_DONE)
            _exit(1);
    }
}

struct progress {
    struct spool *spool;
    uint64_t more_than;
};

static bool has_more_events(void *arg)
{
    struct progress *progress = arg;
    struct spool_stats stats;

    return spool_stats(progress->spool, &stats, &err) && stats.waiting > progress->more_than;
}

static void killed_at_random_events_and_cursor_agree(void **state)
{
    struct fixture *f = *state;
    unsigned seed = (unsigned)getpid(), total = 0;

    print_message("# seed %u\n", seed);
    for (int i = 0; i < KILLS; i++) {
        struct progress progress = {.more_than = total};
        pid_t pid;
        unsigned cursor = 0;
        struct spool_stats stats;
        struct buffer check = {0};

        close_both(f);
        pid = fork();
        if (pid == 0)
            write_until_killed(f->dir, total, "file");
        open_both(f);
        progress.spool = f->reader;
        assert_true(scratch_until(has_more_events, &progress, BOUND_MS));
        usleep((useconds_t)(rand_r(&seed) % 3000)); /* any moment will do */
        assert_int_equal(kill(pid, SIGKILL), 0);
        check_row("killed while writing", WIFSIGNALED(scratch_wait(pid, BOUND_MS)));

        assert_true(spool_each_cursor(f->sender, "file", note_number, &cursor, &err));
        assert_true(spool_stats(f->sender, &stats, &err));
        check_number("events up to the cursor", stats.waiting, cursor);
        run_sql(f->dir, "SELECT count(*) || ' ' || max(row) FROM event", &check);
        buffer_append_byte(&check, '\0');
        check_number("no hole", strtoul(check.bytes, NULL, 10), cursor);
        check_number("nor a row twice", strtoul(strchr(check.bytes, ' '), NULL, 10), cursor);
        buffer_finish(&check);
        total = cursor;
    }
}

static pid_t start_writer(const char *dir, unsigned first)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct spool *spool = open_with(dir, MANY_BYTES);
        struct spool_batch *batch = spool_batch_new();

        for (unsigned n = first; n < first + WRITES * 10; n += 10) {
            spool_batch_clear(batch);
            add_events(batch, n, 10);
            if (spool_commit(spool, batch, &err) != SPOOL_DONE)
                _exit(1);
        }
        spool_batch_free(batch);
        spool_close(spool);
        _exit(0);
    }
    return pid;
}

static void two_writers_and_an_acker_lose_nothing(void **state)
{
    struct fixture *f = *state;
    bool seen[WRITES * 20] = {false};
    unsigned left = WRITES * 20;
    pid_t writers[2];

    close_both(f);
    writers[0] = start_writer(f->dir, 0);
    writers[1] = start_writer(f->dir, WRITES * 10);
    open_both(f);
    while (left > 0) {
        struct spool_event events[16];
        struct spool_verdict verdicts[16];
        size_t count = lease(f, events, 16);

        for (size_t i = 0; i < count; i++) {
            unsigned long number = strtoul(events[i].id, NULL, 16);

            check_row(events[i].id, number < WRITES * 20 && !seen[number]);
            seen[number] = true;
            verdicts[i] = delivered(&events[i]);
        }
        assert_true(spool_settle(f->sender, verdicts, count, &err));
        left -= (unsigned)count;
        if (count == 0) {
            struct progress progress = {f->reader, 0};
            assert_true(scratch_until(has_more_events, &progress, BOUND_MS));
        }
    }
    for (int i = 0; i < 2; i++)
        check_number("writer's exit", (uint64_t)scratch_wait(writers[i], BOUND_MS), 0);
    check_stats("all acked", f->reader, 0, 0);
}

static void a_drained_backlog_gives_its_space_back(void **state)
{
    struct fixture *f = *state;
    struct span body = {memset(test_malloc(4000), 'x', 4000), 4000};
    struct spool_event events[500];
    struct spool_verdict verdicts[500];
    struct stat full, drained, wal;
    bool has_more = true;
    size_t count;

    for (unsigned i = 0; i < 12; i++) {
        spool_batch_clear(f->batch);
        for (unsigned n = 0; n < 500; n++)
            spool_batch_event(f->batch, id_of(i * 500 + n), body);
        assert_int_equal(spool_commit(f->reader, f->batch, &err), SPOOL_DONE);
        spool_checkpoint(f->reader);
    }
    while ((count = lease(f, events, 500)) > 0) {
        for (size_t i = 0; i < count; i++)
            verdicts[i] = delivered(&events[i]);
        assert_true(spool_settle(f->sender, verdicts, count, &err));
    }
    assert_int_equal(stat(scratch_path(f->dir, "spool.db"), &full), 0);
    for (int i = 0; has_more; i++) {
        assert_true(spool_tidy(f->reader, 0, &has_more, &err));
        assert_true(i < 1000);
    }
    close_both(f);
    open_both(f);
    assert_int_equal(stat(scratch_path(f->dir, "spool.db"), &drained), 0);
    check_row("was large", full.st_size > 12 << 20);
    check_row("is small", drained.st_size < 9 << 20);
    commit_events(f, 1, 1);
    assert_int_equal(stat(scratch_path(f->dir, "spool.db-wal"), &wal), 0);
    check_row("the log starts over", wal.st_size < 1 << 20);
    test_free((void *)(uintptr_t)body.at);
}

static void its_files_are_for_their_owner_only(void **state)
{
    static const char *const names[] = {"spool.db", "spool.db-wal", "spool.db-shm", "spool.lock"};
    struct fixture *f = *state;

    commit_events(f, 1, 1);
    for (size_t i = 0; i < 4; i++) {
        struct stat status;

        check_row(names[i], stat(scratch_path(f->dir, names[i]), &status) == 0);
        check_number(names[i], status.st_mode & 0777, 0600);
    }
}

static void preparing_again_keeps_what_is_there(void **state)
{
    struct fixture *f = *state;

    commit_events(f, 1, 3);
    assert_true(spool_prepare(f->dir, &err));
    check_stats("kept", f->reader, 3, 0);
}

static void a_newer_spool_is_left_alone(void **state)
{
    struct fixture *f = *state;

    run_sql(f->dir, "PRAGMA user_version = 99", NULL);
    assert_false(spool_prepare(f->dir, &err));
    check_number("kind", err.kind, ERROR_CONFIG);
    check_row("says what to do", err.hint[0] != '\0');
    assert_null(spool_open(f->dir, &(struct spool_options){0}, &err));
    check_number("kind", err.kind, ERROR_CONFIG);
}

static void what_is_no_database_is_said_to_be_damaged(void **state)
{
    char *dir = scratch_new();
    FILE *file = fopen(scratch_path(dir, "spool.db"), "w");

    (void)state;
    for (int i = 0; i < 1000; i++)
        fputs("not a database ", file);
    fclose(file);
    assert_false(spool_prepare(dir, &err));
    check_number("kind", err.kind, ERROR_CORRUPT);
    scratch_remove(dir);
}

static void a_missing_directory_is_an_error_of_the_system(void **state)
{
    (void)state;
    assert_false(spool_prepare("/nonexistent/usage-shipper", &err));
    check_number("kind", err.kind, ERROR_SYSTEM);
    assert_null(spool_open("/nonexistent/usage-shipper", &(struct spool_options){0}, &err));
    check_number("kind", err.kind, ERROR_SYSTEM);
}

#define WITH_SPOOL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SPOOL(leases_oldest_first_and_none_twice),
        WITH_SPOOL(restart_leases_what_was_not_acked),
        WITH_SPOOL(row_numbers_are_never_used_twice),
        WITH_SPOOL(rejecting_keeps_request_and_answer),
        WITH_SPOOL(only_the_newest_rejected_are_kept),
        WITH_SPOOL(rejected_events_are_kept_for_thirty_days),
        WITH_SPOOL(a_verdict_on_another_id_changes_nothing),
        WITH_SPOOL(damaged_rows_are_set_aside_and_never_leased),
        WITH_SPOOL(cursors_come_back_in_order_and_the_last_wins),
        cmocka_unit_test(a_cursor_that_damage_changed_is_never_handed_out),
        WITH_SPOOL(events_that_damage_took_away_are_missed),
        WITH_SPOOL(a_full_spool_takes_neither_events_nor_cursor),
        WITH_SPOOL(an_empty_spool_takes_any_batch),
        WITH_SPOOL(drop_oldest_makes_room_and_counts),
        WITH_SPOOL(a_full_disk_takes_neither_and_room_heals_it),
        cmocka_unit_test(a_disk_lost_at_any_write_loses_nothing_acknowledged),
        WITH_SPOOL(killed_at_random_events_and_cursor_agree),
        WITH_SPOOL(two_writers_and_an_acker_lose_nothing),
        WITH_SPOOL(a_drained_backlog_gives_its_space_back),
        WITH_SPOOL(its_files_are_for_their_owner_only),
        WITH_SPOOL(preparing_again_keeps_what_is_there),
        WITH_SPOOL(a_newer_spool_is_left_alone),
        cmocka_unit_test(what_is_no_database_is_said_to_be_damaged),
        cmocka_unit_test(a_missing_directory_is_an_error_of_the_system),
    };

    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
