/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/glob.c over a small tree.
 */
#include "shipper/sources/glob.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static struct buffer seen, directories, failures;

/* What was told, relative to the tree, each with a blank behind it. */
static void note(struct buffer *to, const char *path)
{
    size_t len = strlen(dir) + 1;

    buffer_printf(to, "%s ", strlen(path) >= len ? path + len : "");
}

static void match(void *arg, const char *path)
{
    (void)arg;
    note(&seen, path);
}

static void directory(void *arg, const char *path, const char *names)
{
    (void)arg;
    note(&directories, path);
    if (names && !glob_list(path, names, match, NULL))
        note(&failures, path);
}

static void failed(void *arg, const char *path, int code)
{
    (void)arg;
    note(&failures, path);
    assert_int_equal(code, EACCES);
}

static void walk(const char *pattern)
{
    struct glob_visit visit = {.directory = directory, .failed = failed};
    char path[300];

    buffer_clear(&seen);
    buffer_clear(&directories);
    buffer_clear(&failures);
    snprintf(path, sizeof(path), "%s/%s", dir, pattern);
    glob_walk(path, &visit);
}

struct row {
    const char *pattern, *seen, *directories;
};

static const struct row rows[] = {
    {"*.log", "a.log b.log ", " "},
    {"a.log", "a.log ", " "},
    {"none.log", "none.log ", " "},
    {"[ab].log*", "a.log a.log.1 b.log ", " "},
    {"?.log.1", "a.log.1 ", " "},
    {"*", "a.log a.log.1 b.log one two ", " "},
    {"*/app.log", "one/app.log two/app.log ", " one/ two/ "},
    {"*/*.log", "one/app.log two/app.log two/x.log ", " one/ two/ "},
    {"two/*.log", "two/app.log two/x.log ", "two/ "},
    {"one//app.log", "one//app.log ", "one// "},
    {"**/app.log", "app.log one/app.log two/app.log ", "  one/ one/ two/ two/ "},
    {"two/**", "two/app.log two/x.log ", "two/ two/ "},
    {"**/two/x*", "two/x.log ", "two/  one/ two/ "},
    {"three/app.log", "", ""},
    {"three/*.log", "", ""},
    {"a.log/*", "", ""},
    {".h*", ".hidden.log ", " "},
};

static void finds_what_every_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        walk(rows[i].pattern);
        check_span(rows[i].pattern, buffer_span(&seen), rows[i].seen);
        check_span(rows[i].pattern, buffer_span(&directories), rows[i].directories);
        check_number(rows[i].pattern, failures.len, 0);
    }
}

static void says_which_directory_it_may_not_list(void **state)
{
    bool is_root = geteuid() == 0;

    (void)state;
    chmod(dir, 0755);
    chmod(scratch_path(dir, "two"), 0755);
    chmod(scratch_path(dir, "one"), 0);
    /* root may list everything. */
    assert_true(!is_root || seteuid(65534) == 0);
    walk("*/*.log");
    assert_true(!is_root || seteuid(0) == 0);
    chmod(scratch_path(dir, "one"), 0700);
    check_span("rest", buffer_span(&seen), "two/app.log two/x.log ");
    check_span("failed", buffer_span(&failures), "one/ ");
}

static void matches_a_path_as_the_walk_would(void **state)
{
    (void)state;
    check_row("in it", glob_matches("/var/log/*.log", "/var/log/a.log"));
    check_row("deeper", !glob_matches("/var/log/*", "/var/log/a/b"));
    check_row("hidden", !glob_matches("/var/log/*.log", "/var/log/.a.log"));
    check_row("literal", glob_matches("/var/log/a.log", "/var/log/a.log"));
    check_row("brackets", glob_has_wildcard("/var/log/[a].log"));
    check_row("plain", !glob_has_wildcard("/var/log/a.log"));
}

static void make(const char *name)
{
    int fd = open(scratch_path(dir, name), O_WRONLY | O_CREAT, 0600);

    if (fd >= 0)
        close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_every_row_says),
        cmocka_unit_test(says_which_directory_it_may_not_list),
        cmocka_unit_test(matches_a_path_as_the_walk_would),
    };
    static const char *const names[] = {
        "b.log", "a.log", "a.log.1", ".hidden.log", "one/app.log", "two/app.log", "two/x.log"};
    int code;

    dir = scratch_new();
    mkdir(scratch_path(dir, "one"), 0700);
    mkdir(scratch_path(dir, "two"), 0700);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        make(names[i]);
    code = cmocka_run_group_tests_name("glob", tests, NULL, NULL);
    scratch_remove(dir);
    buffer_finish(&seen);
    buffer_finish(&directories);
    buffer_finish(&failures);
    return code;
}
