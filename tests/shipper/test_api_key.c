/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/api_key.c through its header: where the key comes from, what is
 * no key, and that a message never shows it.
 */
#include "shipper/sender/api_key.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char *dir;
static struct api_key key;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    dir = scratch_new();
    unsetenv("CREDENTIALS_DIRECTORY");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(dir);
    return 0;
}

static const char *write_key(const char *name, struct span text, mode_t mode)
{
    const char *path = scratch_path(dir, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void reads_the_first_place_that_there_is(void **state)
{
    const char *file = write_key("key", SPAN("from-file\n"), 0600);

    (void)state;
    write_key("api_key", SPAN("from-credential"), 0400);
    setenv("CREDENTIALS_DIRECTORY", dir, 1);

    assert_true(api_key_read(&key, "from-environment", file, &err));
    assert_string_equal(key.text, "from-environment");
    assert_non_null(strstr(key.remedy, "USAGE_SHIPPER_API_KEY"));
    assert_true(api_key_read(&key, NULL, file, &err));
    assert_string_equal(key.text, "from-file");
    assert_non_null(strstr(key.remedy, file));
    assert_true(api_key_read(&key, NULL, NULL, &err));
    assert_string_equal(key.text, "from-credential");
    assert_non_null(strstr(key.remedy, "systemctl restart"));
}

static void blanks_and_line_ends_around_it_go(void **state)
{
    (void)state;
    assert_true(api_key_read(&key, " \tk-1/=+~!\r\n\n", NULL, &err));
    assert_string_equal(key.text, "k-1/=+~!");
}

static void a_file_that_all_can_read_is_noticed(void **state)
{
    (void)state;
    assert_true(api_key_read(&key, NULL, write_key("a", SPAN("k"), 0644), &err));
    assert_true(key.is_exposed);
    assert_true(api_key_read(&key, NULL, write_key("b", SPAN("k"), 0640), &err));
    assert_false(key.is_exposed);
}

static void what_cannot_stand_in_a_header_is_no_key(void **state)
{
    static const struct span texts[] = {SPAN(""), SPAN(" \n"), SPAN("two words"),
        SPAN("k3y\r\nX-Evil: 1"), SPAN("k3y\0more"), SPAN("k3y\x7f"), SPAN("k3y\xc3\xa9")};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        key.text[0] = 'x';
        check_row(texts[i].at, !api_key_read(&key, NULL, write_key("key", texts[i], 0600), &err));
        check_row(texts[i].at, err.kind == ERROR_CONFIG && err.hint[0]);
        check_row(texts[i].at, !strstr(err.message, "k3y"));
        check_row(texts[i].at, key.text[0] == '\0');
    }
}

static void the_longest_key_is_taken_and_a_longer_one_not(void **state)
{
    char text[LIMIT_API_KEY_BYTES + 2];
    struct span longest = {text, LIMIT_API_KEY_BYTES}, longer = {text, LIMIT_API_KEY_BYTES + 1};

    (void)state;
    memset(text, 'k', sizeof(text));
    assert_true(api_key_read(&key, NULL, write_key("key", longest, 0600), &err));
    assert_int_equal(strlen(key.text), LIMIT_API_KEY_BYTES);
    assert_false(api_key_read(&key, NULL, write_key("key", longer, 0600), &err));
}

static void what_is_no_readable_file_says_so(void **state)
{
    const char *pipe = scratch_path(dir, "pipe");

    (void)state;
    assert_false(api_key_read(&key, NULL, scratch_path(dir, "absent"), &err));
    assert_non_null(strstr(err.message, "No such file"));
    assert_false(api_key_read(&key, NULL, dir, &err));
    assert_non_null(strstr(err.message, "not a file"));
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_false(api_key_read(&key, NULL, pipe, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
}

static void without_any_place_it_says_where_to_put_it(void **state)
{
    (void)state;
    assert_false(api_key_read(&key, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.hint, "api_key_file"));
    assert_non_null(strstr(err.hint, "USAGE_SHIPPER_API_KEY"));
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        row(reads_the_first_place_that_there_is),
        row(blanks_and_line_ends_around_it_go),
        row(a_file_that_all_can_read_is_noticed),
        row(what_cannot_stand_in_a_header_is_no_key),
        row(the_longest_key_is_taken_and_a_longer_one_not),
        row(what_is_no_readable_file_says_so),
        row(without_any_place_it_says_where_to_put_it),
    };

    return cmocka_run_group_tests_name("api_key", tests, NULL, NULL);
}
