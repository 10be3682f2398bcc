/* SPDX-License-Identifier: MIT
 *
 * shipper/zone_file.c through its header. The zones it loads are files of the
 * test's own: a machine may have no zones but UTC.
 */
#include "shipper/zone_file.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Version 1, no changes, one offset: 3:30 ahead. */
static const struct span half_past = SPAN("TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                          "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1"
                                          "\0\0\x31\x38\0\0"
                                          "\0");

/* The file's path, in a static buffer; the test removes it. */
static const char *write_file(struct span bytes)
{
    static char path[64];
    int fd;

    snprintf(path, sizeof(path), "/tmp/test_zone_file.XXXXXX");
    fd = mkstemp(path);
    check_row(path, fd >= 0);
    check_number(path, (uint64_t)write(fd, bytes.at, bytes.len), bytes.len);
    close(fd);
    return path;
}

static void offsets_are_names_that_need_no_file(void **state)
{
    static const struct {
        const char *name;
        int32_t offset_s;
    } rows[] = {{"UTC", 0}, {"+00:00", 0}, {"+02:00", 7200}, {"-0530", -19800}, {"+02", 7200}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct zone zone;
        struct error err;

        check_row(rows[i].name, zone_load(rows[i].name, &zone, &err));
        check_row(rows[i].name, zone_offset(&zone, 1795428672) == rows[i].offset_s);
        zone_free(&zone);
    }
}

static void unknown_names_say_what_to_do(void **state)
{
    static const char *const names[] = {"", "Europe/Nowhere", "/etc/localtime", "../zoneinfo/UTC",
        "Europe/../UTC", "+25:00", "+02:00x", "+2", " UTC", "Europe/Berlin ", "a\nb"};
    static char long_name[4096];

    (void)state;
    memset(long_name, 'x', sizeof(long_name) - 1);
    for (size_t i = 0; i <= sizeof(names) / sizeof(*names); i++) {
        const char *name = i < sizeof(names) / sizeof(*names) ? names[i] : long_name;
        struct zone zone = {.first_offset_s = 42};
        struct error err = {0};

        check_row(name, !zone_load(name, &zone, &err));
        check_number(name, err.kind, ERROR_CONFIG);
        check_row(name, strncmp(err.message, "unknown time zone \"", 19) == 0);
        check_row(name, err.hint[0] != '\0');
        check_number(name, (uint64_t)zone.first_offset_s, 42);
    }
}

static void a_file_is_loaded_by_its_path(void **state)
{
    const char *path = write_file(half_past);
    struct zone zone;
    struct error err;

    (void)state;
    check_row(path, zone_load_path(path, &zone, &err));
    check_row(path, zone_offset(&zone, 0) == 12600);
    zone_free(&zone);
    unlink(path);
    check_row("removed", !zone_load_path(path, &zone, &err));
    check_number("removed", err.kind, ERROR_CONFIG);
    check_row("a folder", !zone_load_path("/tmp", &zone, &err));
    check_number("a folder", err.kind, ERROR_CONFIG);
}

static void a_broken_file_says_how(void **state)
{
    const char *path = write_file(SPAN("not a zone"));
    char wanted[128];
    struct zone zone;
    struct error err;

    (void)state;
    check_row(path, !zone_load_path(path, &zone, &err));
    snprintf(wanted, sizeof(wanted), "time zone file %s is no time zone file", path);
    check_span(path, span_of(err.message), wanted);
    check_number(path, err.kind, ERROR_CONFIG);
    unlink(path);
}

static void a_file_over_the_cap_is_refused(void **state)
{
    struct buffer large = {0};
    struct zone zone;
    struct error err;
    const char *path;

    (void)state;
    buffer_append(&large, half_past);
    memset(buffer_reserve(&large, LIMIT_ZONE_FILE_BYTES), 0, LIMIT_ZONE_FILE_BYTES);
    large.len += LIMIT_ZONE_FILE_BYTES;
    path = write_file(buffer_span(&large));
    check_row(path, !zone_load_path(path, &zone, &err));
    check_number(path, err.kind, ERROR_CONFIG);
    unlink(path);
    buffer_finish(&large);
}

static void the_hosts_zone_is_what_TZ_says(void **state)
{
    const char *path = write_file(half_past);
    const struct {
        const char *tz;
        int32_t offset_s;
    } rows[] = {{"", 0}, {"UTC", 0}, {":UTC", 0}, {path, 12600}, {"CET-1", 3600}};
    struct zone zone;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        setenv("TZ", rows[i].tz, 1);
        check_row(rows[i].tz, zone_load_host(&zone, &err));
        check_row(rows[i].tz, zone_offset(&zone, 1795428672) == rows[i].offset_s);
        zone_free(&zone);
    }
    setenv("TZ", "No/Such", 1);
    check_row("No/Such", !zone_load_host(&zone, &err));
    check_span("No/Such", span_of(err.message), "unknown time zone \"No/Such\"");
    check_row(err.hint, strstr(err.hint, "TZ in the environment") != NULL);
    unsetenv("TZ");
    check_row("no TZ", zone_load_host(&zone, &err));
    zone_free(&zone);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_names_that_need_no_file),
        cmocka_unit_test(unknown_names_say_what_to_do),
        cmocka_unit_test(a_file_is_loaded_by_its_path),
        cmocka_unit_test(a_broken_file_says_how),
        cmocka_unit_test(a_file_over_the_cap_is_refused),
        cmocka_unit_test(the_hosts_zone_is_what_TZ_says),
    };

    return cmocka_run_group_tests_name("zone_file", tests, NULL, NULL);
}
