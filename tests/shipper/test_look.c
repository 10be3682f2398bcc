/* SPDX-License-Identifier: MIT
 *
 * How the file source finds files and keeps up with them: links, odd things, lost
 * events, missing permission, few descriptors. Numbers are those of
 * docs/reliability.md.
 */
#include "parsers/memory.h"
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SWEEP_MS = 61000, BLIND_MS = 1000 };

static void make_folder(struct file_world *w, const char *name)
{
    assert_int_equal(mkdir(file_world_path(w, name), 0755), 0);
}

static void make_link(struct file_world *w, const char *to, const char *name)
{
    assert_int_equal(symlink(to, file_world_path(w, name)), 0);
}

/* --- links and odd things -------------------------------------------------- */

static void torture_18_hard_links_are_read_once(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    assert_int_equal(link(file_world_path(w, "a.log"), file_world_path(w, "b.log")), 0);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_append(w, "b.log", "two\n");
    file_world_drain(w, SWEEP_MS);
    unlink(file_world_path(w, "a.log"));
    file_world_append(w, "b.log", "three\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "by either name", "one\ntwo\nthree\n");
}

static void torture_20_a_link_is_followed_to_where_it_leads_now(void **state)
{
    struct file_world *w = *state;

    make_folder(w, "data");
    make_folder(w, "logs");
    file_world_append(w, "data/0.log", "one\n");
    make_link(w, "../data/0.log", "data/current");
    make_link(w, "../data/current", "logs/a.log");
    file_world_open(w, "logs/*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "there", "one\n");
    file_world_append(w, "data/0.log", "two\n");
    file_world_drain(w, 100);
    file_world_check_got(w, "written to, told by its own folder", "two\n");
    file_world_append(w, "data/1.log", "three\n");
    make_link(w, "1.log", "data/next");
    file_world_append(w, "data/0.log", "rest\n");
    file_world_rename(w, "data/next", "data/current");
    file_world_drain(w, 200);
    file_world_drain(w, 200);
    file_world_check_got(w, "swapped on the way", "rest\nthree\n");
}

static void torture_20_loops_end_and_dangling_links_wait(void **state)
{
    struct file_world *w = *state;

    make_folder(w, "one");
    make_folder(w, "one/two");
    make_link(w, "..", "one/two/up");
    make_link(w, ".", "one/self");
    make_link(w, "loop.log", "one/loop.log");
    make_link(w, "../later.log", "one/dangling.log");
    file_world_append(w, "one/two/a.log", "deep\n");
    file_world_open(w, "**/*.log");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "once", "deep\n");
    check_number("one file", file_source_found(w->source, 0), 1);
    file_world_append(w, "later.log", "there now\n");
    file_world_drain(w, 200);
    file_world_check_got(w, "once by either name", "there now\n");
}

static void torture_21_what_is_no_log_is_skipped(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct file_world *w = *state;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_int_equal(mkfifo(file_world_path(w, "fifo.log"), 0600), 0);
    make_folder(w, "dir.log");
    make_link(w, "/dev/zero", "device.log");
    make_link(w, "/proc/self/status", "proc.log");
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", file_world_path(w, "socket.log"));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "*.log");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "the file", "one\n");
    check_number("only that", file_source_found(w->source, 0), 1);
    close(fd);
}

static void excluded_files_are_not_followed(void **state)
{
    char path[300];
    char *patterns[] = {NULL, NULL};
    struct strings exclude = {patterns, 2};
    struct file_world *w = *state;

    snprintf(path, sizeof(path), "%s/old/**", w->logs);
    patterns[0] = memory_string(SPAN("*.debug.log"));
    patterns[1] = memory_string(span_of(path));
    w->input.exclude = &exclude;
    make_folder(w, "old");
    file_world_append(w, "a.debug.log", "no\n");
    file_world_append(w, "old/a.log", "no\n");
    file_world_append(w, "a.log", "yes\n");
    file_world_open(w, "**/*.log");
    file_world_drain(w, 0);
    file_world_append(w, "b.debug.log", "no\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "the others", "yes\n");
    file_world_close(w);
    free(patterns[0]);
    free(patterns[1]);
}

/* --- events that do not come ----------------------------------------------- */

static void torture_23_without_events_it_looks_every_second(void **state)
{
    struct file_world *w = *state;

    w->is_blind = true;
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "*.log");
    check_number("nothing to poll", w->source->verbs->descriptor(w->source) == -1, 1);
    file_world_drain(w, 0);
    file_world_append(w, "a.log", "two\n");
    file_world_append(w, "b.log", "three\n");
    file_world_drain(w, BLIND_MS);
    file_world_check_got(w, "all", "one\ntwo\nthree\n");
    file_world_append(w, "a.log", "rest\n");
    file_world_rename(w, "a.log", "a.1");
    file_world_append(w, "a.log", "new\n");
    file_world_drain(w, BLIND_MS);
    file_world_check_got(w, "rotated", "rest\nnew\n");
}

/* The descriptor under which a file is open here, put on something that cannot be
 * read: what a server that went away leaves behind. */
static void make_stale(const char *path)
{
    DIR *listed = opendir("/proc/self/fd");
    char target[300];

    assert_non_null(listed);
    for (const struct dirent *entry; (entry = readdir(listed));) {
        ssize_t n = readlinkat(dirfd(listed), entry->d_name, target, sizeof(target) - 1);
        int other;

        if (n <= 0 || (size_t)n != strlen(path) || memcmp(target, path, (size_t)n) != 0)
            continue;
        other = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(other, (int)strtol(entry->d_name, NULL, 10));
        close(other);
    }
    closedir(listed);
}

static void torture_23_a_stale_descriptor_is_opened_again(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    make_stale(file_world_path(w, "a.log"));
    file_world_append(w, "a.log", "two\n");
    file_world_drain(w, 100);
    file_world_check_got(w, "before", "one\n");
    for (int i = 0; i < 3; i++)
        file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "read on", "two\n");
}

static void torture_24_folders_beyond_the_limit_are_looked_into(void **state)
{
    struct file_world *w = *state;

    w->watches_most = 2;
    make_folder(w, "one");
    make_folder(w, "two");
    make_folder(w, "three");
    file_world_open(w, "*/a.log");
    file_world_drain(w, 0);
    for (int i = 0; i < 2; i++) {
        file_world_append(w, "one/a.log", "one\n");
        file_world_append(w, "two/a.log", "two\n");
        file_world_append(w, "three/a.log", "three\n");
        file_world_drain(w, BLIND_MS);
        check_number("all", w->got.len, strlen("one\ntwo\nthree\n"));
        buffer_clear(&w->got);
    }
}

static void torture_24_lost_events_are_made_up_for(void **state)
{
    struct file_world *w = *state;
    int one, other;

    make_folder(w, "dir");
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "**/*.log");
    file_world_drain(w, 0);
    one = open(file_world_path(w, "x"), O_WRONLY | O_CREAT, 0600);
    other = open(file_world_path(w, "y"), O_WRONLY | O_CREAT, 0600);
    /* More than fs.inotify.max_queued_events; equal ones in a row count once. */
    for (int i = 0; i < 20000; i++)
        assert_int_equal(write(i % 2 == 0 ? one : other, "x", 1), 1);
    close(one);
    close(other);
    file_world_append(w, "a.log", "two\n");
    file_world_append(w, "b.log", "three\n");
    make_folder(w, "new");
    file_world_append(w, "new/c.log", "four\n");
    for (int i = 0; i < 10; i++)
        file_world_drain(w, 100);
    file_world_check_got(w, "long before the sweep", "one\ntwo\nthree\nfour\n");
}

static void events_of_others_are_taken_in_heaps(void **state)
{
    struct file_world *w = *state;
    unsigned listened = 0;

    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    for (int ms = 0; ms < 1000; ms++) {
        file_world_append(w, "busy", "x\n");
        file_world_drain(w, 1);
        listened += w->source->verbs->descriptor(w->source) >= 0;
    }
    check_row("hardly ever", listened <= 30);
    file_world_append(w, "a.log", "two\n");
    file_world_drain(w, 50);
    file_world_check_got(w, "and ours in time", "one\ntwo\n");
}

/* --- what cannot be reached ------------------------------------------------ */

/* Root may read everything, so these tests are somebody else for a while. */
static void be_somebody(struct file_world *w, bool is_root)
{
    chmod(w->logs, 0755);
    assert_true(geteuid() != 0 || is_root || seteuid(65534) == 0);
    assert_true(!is_root || seteuid(getuid()) == 0);
}

static void torture_25_permission_taken_away_and_given_back(void **state)
{
    struct file_world *w = *state;

    make_folder(w, "dir");
    file_world_append(w, "dir/a.log", "one\n");
    file_world_append(w, "b.log", "one\n");
    file_world_open(w, "**/*.log");
    file_world_drain(w, 0);
    file_world_commit(w);
    file_world_close(w);
    file_world_check_got(w, "before", "one\none\n");
    file_world_append(w, "dir/a.log", "two\n");
    chmod(file_world_path(w, "dir"), 0600);
    chmod(file_world_path(w, "b.log"), 0);
    be_somebody(w, false);
    file_world_open(w, "**/*.log");
    for (int i = 0; i < 5; i++)
        file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "out of reach", "");
    be_somebody(w, true);
    chmod(file_world_path(w, "dir"), 0755);
    chmod(file_world_path(w, "dir/a.log"), 0644);
    chmod(file_world_path(w, "b.log"), 0644);
    for (int i = 0; i < 2; i++)
        file_world_drain(w, SWEEP_MS);
    file_world_append(w, "b.log", "two\n");
    file_world_drain(w, 100);
    file_world_check_got(w, "each at its offset", "two\ntwo\n");
}

static void torture_25_out_of_reach_is_not_gone(void **state)
{
    struct file_world *w = *state;

    make_folder(w, "dir");
    file_world_append(w, "dir/a.log", "one\nhalf");
    chmod(file_world_path(w, "dir/a.log"), 0644);
    be_somebody(w, false);
    file_world_open(w, "dir/*.log");
    file_world_drain(w, 0);
    be_somebody(w, true);
    chmod(file_world_path(w, "dir"), 0);
    be_somebody(w, false);
    for (int i = 0; i < 3; i++)
        file_world_drain(w, SWEEP_MS);
    be_somebody(w, true);
    chmod(file_world_path(w, "dir"), 0755);
    file_world_append(w, "dir/a.log", " and the rest\n");
    file_world_drain(w, BLIND_MS);
    file_world_check_got(w, "one line", "one\nhalf and the rest\n");
}

static void a_folder_removed_and_made_again_is_found(void **state)
{
    struct file_world *w = *state;

    make_folder(w, "dir");
    file_world_append(w, "dir/a.log", "one\n");
    file_world_open(w, "dir/a.log");
    file_world_drain(w, 0);
    for (int i = 0; i < 3; i++) {
        char line[20];

        unlink(file_world_path(w, "dir/a.log"));
        assert_int_equal(rmdir(file_world_path(w, "dir")), 0);
        file_world_drain(w, 2000);
        make_folder(w, "dir");
        snprintf(line, sizeof(line), "again %d\n", i);
        file_world_append(w, "dir/a.log", line);
        file_world_drain(w, 2000);
    }
    file_world_check_got(w, "each life", "one\nagain 0\nagain 1\nagain 2\n");
}

/* --- descriptors ----------------------------------------------------------- */

enum { MANY = 40 };

static const char *name_of(int i)
{
    static char name[20];

    snprintf(name, sizeof(name), "%02d.log", i);
    return name;
}

static unsigned descriptors(const struct file_world *w)
{
    DIR *listed = opendir("/proc/self/fd");
    char target[300];
    unsigned count = 0;

    for (const struct dirent *entry; (entry = readdir(listed));) {
        ssize_t n = readlinkat(dirfd(listed), entry->d_name, target, sizeof(target));

        count += n > (ssize_t)strlen(w->logs) && memcmp(target, w->logs, strlen(w->logs)) == 0;
    }
    closedir(listed);
    return count;
}

static void append_to_all(struct file_world *w, struct buffer *wanted)
{
    static unsigned number = 1000;

    for (int i = 0; i < MANY; i++) {
        char line[40];

        snprintf(line, sizeof(line), "line %u\n", number++);
        file_world_append(w, name_of(i), line);
        buffer_append(wanted, span_of(line));
    }
    buffer_append_byte(wanted, '\0');
    wanted->len--;
}

static void torture_26_more_files_than_descriptors(void **state)
{
    struct buffer wanted = {0};
    struct file_world *w = *state;

    w->awake_most = 5;
    append_to_all(w, &wanted);
    file_world_open(w, "*.log");
    check_row("bounded at the start", descriptors(w) <= 5);
    file_world_drain(w, 0);
    check_span("all", buffer_span(&w->got), buffer_span(&wanted).at);
    for (int round = 0; round < 3; round++) {
        buffer_clear(&w->got);
        buffer_clear(&wanted);
        append_to_all(w, &wanted);
        file_world_drain(w, 100);
        check_number("all again", w->got.len, wanted.len);
        check_row("bounded", descriptors(w) <= 5);
    }
    buffer_finish(&wanted);
}

/* Files without a name cannot sleep: they could not be found again. */
static void torture_26_no_descriptor_is_left(void **state)
{
    struct file_world *w = *state;
    struct buffer wanted = {0};
    struct rlimit limit, few;
    int lowest;

    append_to_all(w, &wanted);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    buffer_clear(&w->got);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(unlink(file_world_path(w, name_of(i))), 0);
    lowest = dup(0);
    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = (struct rlimit){(rlim_t)lowest, limit.rlim_max};
    file_world_append(w, "new.log", "one\n");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    file_world_drain(w, 0);
    file_world_check_got(w, "none to be had", "");
    file_world_drain(w, SWEEP_MS);
    file_world_drain(w, SWEEP_MS);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    file_world_check_got(w, "once the old ones are settled", "one\n");
    buffer_finish(&wanted);
}

static void torture_26_a_sleeping_file_is_found_after_its_rotation(void **state)
{
    struct buffer wanted = {0};
    struct file_world *w = *state;

    w->awake_most = 5;
    append_to_all(w, &wanted);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    buffer_clear(&w->got);
    buffer_clear(&wanted);
    append_to_all(w, &wanted);
    for (int i = 0; i < MANY; i++) {
        char to[30];

        snprintf(to, sizeof(to), "%s.1", name_of(i));
        file_world_rename(w, name_of(i), to);
    }
    append_to_all(w, &wanted);
    file_world_drain(w, SWEEP_MS);
    check_number("the rest of each, and the new ones", w->got.len, wanted.len);
    buffer_finish(&wanted);
}

/* --- clocks, and no room --------------------------------------------------- */

static void torture_27_clocks_that_jump_change_nothing(void **state)
{
    static const int64_t jumps_s[] = {-3600, 365 * 86400, -5 * 365 * 86400, 50ll * 365 * 86400};
    struct timespec times[2] = {{1, 0}, {1, 0}};
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    file_world_append(w, "gone.log", "two\n");
    utimensat(AT_FDCWD, file_world_path(w, "a.log"), times, 0);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "from 1970", "one\ntwo\n");
    file_world_rename(w, "gone.log", "gone");
    for (int i = 0; i < 40; i++)
        file_world_drain(w, SWEEP_MS);
    for (size_t i = 0; i < sizeof(jumps_s) / sizeof(*jumps_s); i++) {
        w->now.wall_s += jumps_s[i];
        times[0].tv_sec = times[1].tv_sec = w->now.wall_s + 86400;
        file_world_append(w, "a.log", "more\n");
        utimensat(AT_FDCWD, file_world_path(w, "a.log"), times, 0);
        file_world_drain(w, 100);
        file_world_check_got(w, "goes on", "more\n");
        for (int k = 0; k < 30; k++)
            file_world_drain(w, SWEEP_MS);
    }
    file_world_rename(w, "gone", "gone.log");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "what was read is still known", "");
}

static void while_nothing_may_be_read_what_appears_is_held(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    for (int i = 0; i < 5; i++) {
        char line[20], to[24];

        snprintf(line, sizeof(line), "file %d\n", i);
        snprintf(to, sizeof(to), "elsewhere%d", i);
        file_world_rename(w, "a.log", to);
        file_world_append(w, "a.log", line);
        w->now.monotonic_ms += 100;
        check_row("says when to look again",
            w->source->verbs->look(w->source, &w->now) > w->now.monotonic_ms);
    }
    file_world_check_got(w, "nothing is read", "one\n");
    file_world_drain(w, 0);
    file_world_check_got(w, "all of them", "file 0\nfile 1\nfile 2\nfile 3\nfile 4\n");
}

static void a_long_line_that_comes_in_pieces_is_one_line(void **state)
{
    struct file_world *w = *state;
    char piece[30001];
    size_t len = 0;

    memset(piece, 'x', sizeof(piece) - 1);
    piece[sizeof(piece) - 1] = '\0';
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "a.log");
    for (int i = 0; i < 20; i++) {
        file_world_append(w, "a.log", piece);
        file_world_drain(w, 100);
        len += sizeof(piece) - 1;
        check_number("held", w->source->verbs->held(w->source), 1);
    }
    file_world_check_got(w, "before", "one\n");
    file_world_append(w, "a.log", "\ntwo\n");
    file_world_drain(w, 100);
    check_number("one line, and the next", w->got.len, len + strlen("\ntwo\n"));
}

static void a_file_rotated_while_it_could_not_be_read_is_found_again(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    file_world_commit(w);
    file_world_close(w);
    file_world_check_got(w, "before", "one\n");
    file_world_append(w, "a.log", "rest\n");
    chmod(file_world_path(w, "a.log"), 0);
    be_somebody(w, false);
    file_world_open(w, "a.log");
    file_world_drain(w, SWEEP_MS);
    be_somebody(w, true);
    chmod(file_world_path(w, "a.log"), 0644);
    file_world_rename(w, "a.log", "a.log.1");
    file_world_append(w, "a.log", "new\n");
    file_world_drain(w, 2000);
    file_world_check_got(w, "both", "rest\nnew\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, file_world_set_up, file_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(torture_18_hard_links_are_read_once),
        TEST(torture_20_a_link_is_followed_to_where_it_leads_now),
        TEST(torture_20_loops_end_and_dangling_links_wait),
        TEST(torture_21_what_is_no_log_is_skipped),
        TEST(excluded_files_are_not_followed),
        TEST(torture_23_without_events_it_looks_every_second),
        TEST(torture_23_a_stale_descriptor_is_opened_again),
        TEST(torture_24_folders_beyond_the_limit_are_looked_into),
        TEST(torture_24_lost_events_are_made_up_for),
        TEST(events_of_others_are_taken_in_heaps),
        TEST(torture_25_permission_taken_away_and_given_back),
        TEST(torture_25_out_of_reach_is_not_gone),
        TEST(a_folder_removed_and_made_again_is_found),
        TEST(torture_26_more_files_than_descriptors),
        TEST(torture_26_no_descriptor_is_left),
        TEST(torture_26_a_sleeping_file_is_found_after_its_rotation),
        TEST(torture_27_clocks_that_jump_change_nothing),
        TEST(a_long_line_that_comes_in_pieces_is_one_line),
        TEST(a_file_rotated_while_it_could_not_be_read_is_found_again),
        TEST(while_nothing_may_be_read_what_appears_is_held),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("look", tests, NULL, NULL);
}
