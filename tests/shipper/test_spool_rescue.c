/* SPDX-License-Identifier: MIT
 *
 * shipper/spool/spool_rescue.c: spools that are damaged in every way, and what is
 * left of them afterwards. Each event's body can be told from its id, each
 * cursor's value from its key, so that an altered one would show.
 */
#include "shipper/spool/spool_rescue.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EVENTS = 400,
    CURSORS = 150,
    BODY_BYTES = 300,
    PAGE_BYTES = 8192,
    ROUNDS = 25, /* of flips in every page */
    BOUND_MS = 30000,
};

static struct error err;

static const char *id_of(unsigned number)
{
    static char id[EVENT_ID_LEN + 1];

    snprintf(id, sizeof(id), "%032x", number);
    return id;
}

static struct span body_of(unsigned number)
{
    static char body[BODY_BYTES + 1];

    for (size_t i = 0; i < BODY_BYTES; i++)
        body[i] = (char)('a' + (number * 7 + i * i) % 26);
    return (struct span){body, BODY_BYTES};
}

static struct span cursor_of(uint64_t key)
{
    static char value[64];

    return (struct span){
        value, (size_t)snprintf(value, sizeof(value), "cursor %llu", (unsigned long long)key)};
}

static struct spool *open_spool(const char *dir)
{
    return spool_open(dir, &(struct spool_options){.max_bytes = 64 << 20}, &err);
}

/* Events, cursors and a few rejected ones, in several transactions. */
static void fill(const char *dir)
{
    struct spool *spool;
    struct spool_batch *batch = spool_batch_new();
    struct spool_event events[20];
    struct spool_verdict verdicts[20] = {0};
    size_t count;

    assert_true(spool_prepare(dir, &err));
    spool = open_spool(dir);
    assert_non_null(spool);
    for (unsigned n = 0; n < EVENTS + 20; n++) {
        spool_batch_event(batch, id_of(n), body_of(n));
        if (n < CURSORS)
            spool_batch_cursor(batch, "file", n, cursor_of(n));
        if (n % 50 == 49) {
            assert_int_equal(spool_commit(spool, batch, &err), SPOOL_DONE);
            spool_batch_clear(batch);
        }
    }
    assert_int_equal(spool_commit(spool, batch, &err), SPOOL_DONE);
    assert_true(spool_lease(spool, events, 20, &count, &err));
    assert_int_equal(count, 20);
    for (size_t i = 0; i < 20; i++) {
        verdicts[i].row = events[i].row;
        verdicts[i].is_rejected = i < 5;
        memcpy(verdicts[i].id, events[i].id, sizeof(verdicts[i].id));
    }
    assert_true(spool_settle(spool, verdicts, 20, &err));
    spool_batch_free(batch);
    spool_close(spool);
}

/* The same, by a process that is killed: all of it stands in the log. */
static void fill_and_leave_log(const char *dir)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct spool *spool;
        struct spool_batch *batch = spool_batch_new();

        fill(dir);
        spool = open_spool(dir);
        spool_batch_event(batch, id_of(EVENTS + 20), body_of(EVENTS + 20));
        if (spool && spool_commit(spool, batch, &err) == SPOOL_DONE)
            raise(SIGKILL);
        _exit(1);
    }
    check_row("killed", WIFSIGNALED(scratch_wait(pid, BOUND_MS)));
}

static void copy_file(const char *from, const char *to)
{
    char buffer[1 << 16];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n;

    assert_true(in >= 0 && out >= 0);
    while ((n = read(in, buffer, sizeof(buffer))) > 0)
        assert_int_equal(write(out, buffer, (size_t)n), n);
    close(in);
    close(out);
}

static off_t size_of(const char *dir, const char *name)
{
    struct stat status;

    return stat(scratch_path(dir, name), &status) == 0 ? status.st_size : -1;
}

/* What the processes of a run find, one after the other. */
struct found {
    bool events[EVENTS + 21];
    size_t event_count, cursor_count, rescues;
    bool is_marked; /* as rescued */
    bool is_lost_open;
    uint64_t lost, corrupt;
};

static void note_cursor(void *arg, uint64_t key, struct span value)
{
    struct found *found = arg;

    check_row("cursor as it was written", key < CURSORS && value.len == cursor_of(key).len &&
                                              memcmp(value.at, cursor_of(key).at, value.len) == 0);
    found->cursor_count++;
}

static void note_mark(void *arg, uint64_t key, struct span value)
{
    struct found *found = arg;

    found->is_marked = key == SPOOL_RESCUE_KEY && value.len > 0;
}

static bool read_as_reader(const char *dir, struct found *found)
{
    struct spool *spool = open_spool(dir);
    bool is_read;

    found->cursor_count = 0;
    is_read = spool && spool_each_cursor(spool, "file", note_cursor, found, &err) &&
              spool_each_cursor(spool, SPOOL_RESCUE_KIND, note_mark, found, &err);
    spool_close(spool);
    return is_read;
}

static bool read_as_sender(const char *dir, struct found *found)
{
    struct spool *spool = open_spool(dir);
    struct spool_stats stats;
    bool is_good = spool != NULL;
    size_t count = 1;

    while (is_good && count > 0) {
        struct spool_event events[32];
        struct spool_verdict verdicts[32] = {0};

        count = 0;
        is_good = spool_lease(spool, events, 32, &count, &err);
        for (size_t i = 0; is_good && i < count; i++) {
            unsigned long number = strtoul(events[i].id, NULL, 16);

            check_row("id as it was written",
                number <= EVENTS + 20 && strcmp(events[i].id, id_of((unsigned)number)) == 0);
            check_row("body as it was written",
                events[i].body.len == BODY_BYTES &&
                    memcmp(events[i].body.at, body_of((unsigned)number).at, BODY_BYTES) == 0);
            found->event_count += !found->events[number];
            found->events[number] = true;
            verdicts[i].row = events[i].row;
            memcpy(verdicts[i].id, events[i].id, sizeof(verdicts[i].id));
        }
        is_good = is_good && spool_settle(spool, verdicts, count, &err);
    }
    is_good = is_good && spool_stats(spool, &stats, &err);
    if (is_good) {
        found->lost = stats.lost;
        found->corrupt = stats.corrupt;
    }
    spool_close(spool);
    return is_good;
}

/* What the supervisor does when a child said that the spool is damaged. */
static void rescue(const char *dir, struct found *found)
{
    struct spool_rescued rescued;
    struct error why;

    check_number(err.message, err.kind, ERROR_CORRUPT);
    if (!spool_rescue(dir, &rescued, &why))
        check_row(why.message, false);
    check_row("set aside", size_of(dir, rescued.aside) >= 0);
    check_row(
        "nothing else is left", size_of(dir, "spool.next") < 0 && size_of(dir, "spool.new") < 0);
    found->rescues++;
    found->is_lost_open = found->is_lost_open || rescued.is_lost_open;
    check_row("comes to an end", found->rescues < 5);
}

static void run(const char *dir, struct found *found)
{
    *found = (struct found){0};
    for (;;) {
        if (!spool_prepare(dir, &err))
            rescue(dir, found);
        else if (!read_as_reader(dir, found) || !read_as_sender(dir, found))
            rescue(dir, found);
        else
            return;
    }
}

static void overwrite(const char *path, const char *how, unsigned seed)
{
    struct stat status;
    int file = open(path, O_RDWR);
    char bytes[PAGE_BYTES];

    assert_true(file >= 0 && fstat(file, &status) == 0);
    for (off_t at = 0; at < status.st_size; at += (off_t)sizeof(bytes)) {
        size_t len = sizeof(bytes);

        if (status.st_size - at < (off_t)len)
            len = (size_t)(status.st_size - at);
        for (size_t i = 0; i < len; i++)
            bytes[i] = *how == 'N' ? '\0' : (char)rand_r(&seed);
        assert_int_equal(pwrite(file, bytes, len, at), len);
    }
    close(file);
}

static void a_spool_that_is_no_database_is_replaced(void **state)
{
    static const char *const rows[] = {
        "truncated to nothing", "NULs", "random bytes", "gone, with its log there"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char *dir = scratch_new();
        struct found found;

        fill(dir);
        if (i == 0)
            assert_int_equal(truncate(scratch_path(dir, "spool.db"), 0), 0);
        else if (i == 3)
            assert_int_equal(
                rename(scratch_path(dir, "spool.db"), scratch_path(dir, "spool.db-wal")), 0);
        else
            overwrite(scratch_path(dir, "spool.db"), rows[i], 7);
        run(dir, &found);
        check_number(rows[i], found.rescues, 1);
        check_number(rows[i], found.event_count, 0);
        check_row(rows[i], found.is_marked && found.is_lost_open);
        scratch_remove(dir);
    }
}

/* The log holds the pages of every table here, since nothing was moved out of it. */
static void what_only_the_log_has_is_rescued_too(void **state)
{
    static const char *const rows[] = {"truncated to nothing", "NULs", "random bytes", "gone"};

    (void)state;
    for (size_t i = 0; i < (test_is_brief() ? 1 : 4); i++) {
        char *dir = scratch_new();
        struct found found;
        struct spool_batch *batch = spool_batch_new();
        pid_t pid = fork();

        if (pid == 0) {
            struct spool *spool = spool_prepare(dir, &err) ? open_spool(dir) : NULL;

            for (unsigned n = 0; n < EVENTS; n++)
                spool_batch_event(batch, id_of(n), body_of(n));
            spool_batch_cursor(batch, "file", 3, cursor_of(3));
            if (spool && spool_commit(spool, batch, &err) == SPOOL_DONE)
                raise(SIGKILL);
            _exit(1);
        }
        check_row("killed", WIFSIGNALED(scratch_wait(pid, BOUND_MS)));
        check_row("has a log", size_of(dir, "spool.db-wal") > EVENTS * BODY_BYTES);
        if (i == 0)
            assert_int_equal(truncate(scratch_path(dir, "spool.db"), 0), 0);
        else if (i == 3)
            assert_int_equal(unlink(scratch_path(dir, "spool.db")), 0);
        else
            overwrite(scratch_path(dir, "spool.db"), rows[i], 7);
        run(dir, &found);
        check_number(rows[i], found.event_count, EVENTS);
        check_number(rows[i], found.cursor_count, 1);
        spool_batch_free(batch);
        scratch_remove(dir);
    }
}

/* SEED has it choose other bytes. */
static unsigned first_seed(void)
{
    const char *given = getenv("SEED");

    return given ? (unsigned)strtoul(given, NULL, 10) : 1;
}

/* Flips a byte of every page from `first` on, `step` pages apart. */
static void flip(const char *path, off_t first, off_t step, unsigned *seed)
{
    struct stat status;
    int file = open(path, O_RDWR);

    assert_true(file >= 0 && fstat(file, &status) == 0);
    for (off_t page = first; page * PAGE_BYTES < status.st_size; page += step) {
        off_t at = page * PAGE_BYTES + rand_r(seed) % PAGE_BYTES;
        char byte;

        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte = (char)(byte ^ (1 << rand_r(seed) % 8 | (rand_r(seed) % 2 ? 0x55 : 0)));
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
    }
    close(file);
}

static void check_flipped(const char *row, const char *dir, uint64_t *lost)
{
    struct found found;

    run(dir, &found);
    check_row(row, found.is_lost_open || found.event_count + found.corrupt + found.lost >= EVENTS);
    check_row(row, found.rescues == 0 || found.is_marked);
    check_row(row, found.rescues > 0 || found.cursor_count == CURSORS);
    *lost += EVENTS - found.event_count;
}

/* Torture 68. */
static void a_byte_flipped_in_every_page_alters_nothing(void **state)
{
    char *from = scratch_new();
    unsigned seed = first_seed();
    uint64_t lost = 0;

    (void)state;
    print_message("# seed %u\n", seed);
    fill(from);
    for (int i = 0; i < (test_is_brief() ? 2 : ROUNDS); i++) {
        char *dir = scratch_new();
        char row[32];

        snprintf(row, sizeof(row), "round %d", i);
        copy_file(scratch_path(from, "spool.db"), scratch_path(dir, "spool.db"));
        flip(scratch_path(dir, "spool.db"), i % 3 == 0 ? 0 : 1, 1, &seed);
        check_flipped(row, dir, &lost);
        scratch_remove(dir);
    }
    print_message("# %llu of %d events were lost\n", (unsigned long long)lost, ROUNDS * EVENTS);
    scratch_remove(from);
}

/* Bytes at the beginning of a file; 'N': NUL bytes, 'X': those. */
static void spoil_beginning(const char *path, const char *how, size_t bytes)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    char byte = *how == 'N' ? '\0' : 'X';

    assert_true(file >= 0);
    for (size_t at = 0; at < bytes; at++)
        assert_int_equal(pwrite(file, &byte, 1, (off_t)at), 1);
    close(file);
}

static void a_first_page_that_is_damaged_costs_nothing(void **state)
{
    static const struct {
        const char *name;
        size_t bytes;
    } rows[] = {{"X in four bytes", 4}, {"X in the header", 100}, {"X in half of it", 4096},
        {"NUL bytes", PAGE_BYTES}};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
        size_t k = i / 2;
        bool is_log = i % 2 == 1;
        char *dir = scratch_new();
        struct found found;

        if (is_log)
            fill_and_leave_log(dir);
        else
            fill(dir);
        spoil_beginning(scratch_path(dir, "spool.db"), rows[k].name, rows[k].bytes);
        run(dir, &found);
        check_number(rows[k].name, found.event_count, EVENTS + is_log);
        check_number(rows[k].name, found.cursor_count, CURSORS);
        check_number(rows[k].name, found.lost, 0);
        check_row(rows[k].name, is_log || found.rescues == 1);
        scratch_remove(dir);
    }
}

static void a_byte_flipped_in_one_page_costs_little(void **state)
{
    char *from = scratch_new();
    unsigned seed = first_seed();
    uint64_t lost = 0;
    off_t pages, step = test_is_brief() ? 20 : 1;
    uint64_t written = 0;

    (void)state;
    print_message("# seed %u\n", seed);
    fill(from);
    pages = size_of(from, "spool.db") / PAGE_BYTES;
    for (off_t page = 1; page < pages; page += step)
        for (int i = 0; i < 2; i++) {
            char *dir = scratch_new();
            char row[32];

            snprintf(row, sizeof(row), "page %d", (int)page);
            copy_file(scratch_path(from, "spool.db"), scratch_path(dir, "spool.db"));
            flip(scratch_path(dir, "spool.db"), page, pages, &seed);
            written += EVENTS;
            check_flipped(row, dir, &lost);
            scratch_remove(dir);
        }
    print_message(
        "# %llu of %llu events were lost\n", (unsigned long long)lost, (unsigned long long)written);
    check_row("few are lost", lost < written / 5);
    scratch_remove(from);
}

/* Torture 69. */
static void a_missing_log_or_index_costs_nothing_that_was_checkpointed(void **state)
{
    static const char *const gone[] = {"spool.db-shm", "spool.db-wal"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char *dir = scratch_new();
        struct found found;

        fill_and_leave_log(dir);
        assert_int_equal(unlink(scratch_path(dir, gone[i])), 0);
        run(dir, &found);
        check_number(gone[i], found.rescues, 0);
        check_number(gone[i], found.event_count, EVENTS + (i == 0));
        check_number(gone[i], found.cursor_count, CURSORS);
        scratch_remove(dir);
    }
}

/* Torture 69: also with the log of the newer one still beside it. */
static void an_older_copy_starts_with_the_same_ids(void **state)
{
    (void)state;
    for (int has_log = 0; has_log < 2; has_log++) {
        char *dir = scratch_new(), *backup = scratch_new();
        struct found found = {0};

        fill(dir);
        copy_file(scratch_path(dir, "spool.db"), scratch_path(backup, "spool.db"));
        read_as_sender(dir, &found);
        fill_and_leave_log(dir);
        copy_file(scratch_path(backup, "spool.db"), scratch_path(dir, "spool.db"));
        if (!has_log)
            assert_int_equal(unlink(scratch_path(dir, "spool.db-wal")), 0);
        run(dir, &found);
        /* With the log of another, what is there contradicts itself. */
        check_number("rescues", found.rescues, (uint64_t)has_log);
        if (has_log)
            check_row("said to be incomplete", found.lost > 0 || found.is_lost_open);
        else
            check_number("all of it again", found.event_count, EVENTS);
        scratch_remove(dir);
        scratch_remove(backup);
    }
}

/* Torture 4: publishing is four renames; each point at which it can be interrupted. */
static void an_interrupted_rescue_is_ended_by_the_next_start(void **state)
{
    (void)state;
    for (int done = 0; done < 3; done++) {
        char *dir = scratch_new(), *other = scratch_new();
        struct found found;

        fill_and_leave_log(dir);
        fill(other);
        copy_file(scratch_path(other, "spool.db"), scratch_path(dir, "spool.next"));
        if (done > 0)
            rename(scratch_path(dir, "spool.db-wal"), scratch_path(dir, "spool.damaged-1.db-wal"));
        if (done > 1)
            rename(scratch_path(dir, "spool.db"), scratch_path(dir, "spool.damaged-1.db"));
        run(dir, &found);
        check_number("the new one", found.event_count, EVENTS);
        check_number("no rescue", found.rescues, 0);
        check_row("set aside",
            size_of(dir, "spool.damaged-1.db") > 0 && size_of(dir, "spool.damaged-1.db-wal") > 0);
        scratch_remove(dir);
        scratch_remove(other);
    }
}

static void what_is_set_aside_is_never_overwritten(void **state)
{
    char *dir = scratch_new();
    struct found found;

    (void)state;
    for (int i = 0; i < 3; i++) {
        fill(dir);
        assert_int_equal(truncate(scratch_path(dir, "spool.db"), 3 * PAGE_BYTES + i), 0);
        run(dir, &found);
    }
    check_number("first", (uint64_t)size_of(dir, "spool.damaged-1.db"), 3 * PAGE_BYTES);
    check_number("second", (uint64_t)size_of(dir, "spool.damaged-2.db"), 3 * PAGE_BYTES + 1);
    check_number("third", (uint64_t)size_of(dir, "spool.damaged-3.db"), 3 * PAGE_BYTES + 2);
    scratch_remove(dir);
}

static void rejected_and_counts_come_along(void **state)
{
    char *dir = scratch_new();
    struct spool_rescued rescued;
    struct spool_stats stats;
    struct spool *spool;

    (void)state;
    fill(dir);
    assert_true(spool_rescue(dir, &rescued, &err));
    check_number("events", rescued.events, EVENTS);
    check_number("cursors", rescued.cursors, CURSORS);
    check_number("rejected", rescued.rejected, 5);
    check_number("lost", rescued.lost, 0);
    check_row("all of it", !rescued.is_lost_open);
    spool = open_spool(dir);
    assert_true(spool_stats(spool, &stats, &err));
    check_number("waiting", stats.waiting, EVENTS);
    check_number("rejected", stats.rejected, 5);
    check_number("lost", stats.lost, 0);
    spool_close(spool);
    scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejected_and_counts_come_along),
        cmocka_unit_test(a_spool_that_is_no_database_is_replaced),
        cmocka_unit_test(what_only_the_log_has_is_rescued_too),
        cmocka_unit_test(a_byte_flipped_in_every_page_alters_nothing),
        cmocka_unit_test(a_first_page_that_is_damaged_costs_nothing),
        cmocka_unit_test(a_byte_flipped_in_one_page_costs_little),
        cmocka_unit_test(a_missing_log_or_index_costs_nothing_that_was_checkpointed),
        cmocka_unit_test(an_older_copy_starts_with_the_same_ids),
        cmocka_unit_test(an_interrupted_rescue_is_ended_by_the_next_start),
        cmocka_unit_test(what_is_set_aside_is_never_overwritten),
    };

    return cmocka_run_group_tests_name("spool_rescue", tests, NULL, NULL);
}
