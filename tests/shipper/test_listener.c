/* SPDX-License-Identifier: MIT
 *
 * shipper/listener.c and what config_input_syslog.c makes of a `syslog:` input: places,
 * limits, stale files, and what is in the way.
 */
#include "shipper/listener.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char *dir;
static struct config *config;
static struct errors errors;
static struct buffer said;

static void write_file(const char *name, const char *bytes)
{
    FILE *file = fopen(scratch_path(dir, name), "w");

    assert_non_null(file);
    assert_true(fputs(bytes, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    dir = scratch_new();
    write_file("acme.yaml",
        "product: acme\nformat: syslog\nrules:\n  - name: in\n    match: in\n"
        "    event: {activity_type: IN, user_id: a, ip_addr: '${peer.ip}'}\n"
        "    samples: [{line: '<13>in', fields: {peer.ip: 203.0.113.7}, event: {user_id: a}}]\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(config);
    errors_finish(&errors);
    buffer_finish(&said);
    scratch_remove(dir);
    return 0;
}

/* The one input's syslog, with what was said in `said`. */
static struct syslog_config *load(const char *input)
{
    struct buffer yaml = {0};

    config_free(config);
    errors_finish(&errors);
    buffer_printf(&yaml,
        "endpoint: {url: 'https://127.0.0.1/', api_key_file: key}\ninstance: i\nstate_dir: s\n"
        "inputs:\n  - %s\n    rules: ./acme.yaml\n",
        input);
    buffer_append_byte(&yaml, '\0');
    write_file("c.yaml", yaml.bytes);
    buffer_finish(&yaml);
    config = config_load(scratch_path(dir, "c.yaml"), &errors);
    buffer_clear(&said);
    errors_render(&errors, &said);
    errors_render(&config->warnings, &said);
    buffer_append_byte(&said, '\0');
    return &config->inputs[0].syslog;
}

static void a_place_is_an_address_and_a_port(void **state)
{
    static const struct {
        const char *input, *name;
        bool is_warned;
    } rows[] = {
        {"syslog: {udp: 5514}", "udp 127.0.0.1:5514", false},
        {"syslog: {udp: '127.0.0.1:5514'}", "udp 127.0.0.1:5514", false},
        {"syslog: {tcp: '[::1]:5514'}", "tcp [::1]:5514", false},
        {"syslog: {tcp: '[::]:5514'}", "tcp [::]:5514", true},
        {"syslog: {tcp: '0.0.0.0:5514'}", "tcp 0.0.0.0:5514", true},
        {"syslog: {tcp: '0.0.0.0:5514', allow: 192.0.2.0/24}", "tcp 0.0.0.0:5514", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct syslog_config *syslog = load(rows[i].input);

        check_number(said.bytes, errors.count, 0);
        check_span(rows[i].input, span_of(syslog->name), rows[i].name);
        check_number(rows[i].input, syslog->port, 5514);
        check_row(
            rows[i].input, (strstr(said.bytes, "from everybody") != NULL) == rows[i].is_warned);
    }
}

static void what_is_wrong_is_said_with_what_to_write(void **state)
{
    static const char *const rows[][2] = {
        {"syslog: {}", "needs one of \"udp\", \"tcp\""},
        {"syslog: {udp: 5514, tcp: 5514}", "Make it an input for each"},
        {"syslog: {udp: localhost:5514}", "host names are not looked up"},
        {"syslog: {udp: '127.0.0.1:0'}", "is no address with a port"},
        {"syslog: {udp: '127.0.0.1:65536'}", "is no address with a port"},
        {"syslog: {udp: '::1:5514'}", "is no address with a port"},
        {"syslog: {udp: '127.0.0.1'}", "is no address with a port"},
        {"syslog: {udp: 5514, allow: [192.0.2.0/24, 192.0.2.7/24]}",
            "\"192.0.2.7/24\" is no range"},
        {"syslog: {unix_dgram: log, allow: 192.0.2.7}", "no addresses to allow"},
        {"syslog: {unix_dgram: log, mode: rw}", "\"rw\" are no permissions"},
        {"syslog: {udp: 5514, max_message: 2MiB}", "max_message"},
        {"syslog: {udp: 5514}\n    multiline: {start: a}", "no meaning for a syslog input"},
        {"syslog: {udp: 5514}\n    file: /log", "not both"},
        {"syslog: {udp: 5514}\n    start: end", "unknown key \"start\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        load(rows[i][0]);
        check_row(rows[i][0], errors.count > 0);
        check_row(said.bytes, strstr(said.bytes, rows[i][1]) != NULL);
    }
}

/* A port that is in use, of a listener that stays open in *held. */
static void take_port(int *held)
{
    for (unsigned port = 20000; port < 30000; port++) {
        struct error err;
        char input[64];

        snprintf(input, sizeof(input), "syslog: {tcp: %u}", port);
        *held = listener_open(load(input), &err);
        if (*held >= 0)
            return;
    }
    fail();
}

static void a_port_in_use_is_said_by_check_and_by_run(void **state)
{
    struct error err = {0};
    int held;

    (void)state;
    take_port(&held);
    assert_int_equal(listener_open(&config->inputs[0].syslog, &err), -1);
    check_number("code", (uint64_t)err.code, EADDRINUSE);
    check_row(err.hint, strstr(err.hint, "ss -lntup") != NULL);
    listeners_check(config);
    check_number("check", config->warnings.count, 1);
    close(held);
}

static void only_a_sockets_file_that_nobody_listens_on_is_replaced(void **state)
{
    struct syslog_config *syslog = load("syslog: {unix_dgram: log, mode: 0620}");
    struct error err = {0};
    struct stat st;
    int first = listener_open(syslog, &err), second;

    (void)state;
    assert_true(first >= 0);
    assert_int_equal(stat(scratch_path(dir, "log"), &st), 0);
    check_number("mode", st.st_mode & 0777, 0620);
    assert_int_equal(listener_open(syslog, &err), -1);
    check_number("in use", (uint64_t)err.code, EADDRINUSE);

    close(first); /* as a process does that is killed: the file stays */
    second = listener_open(syslog, &err);
    assert_true(second >= 0);
    listener_close(syslog, second);
    assert_int_equal(stat(scratch_path(dir, "log"), &st), -1);

    write_file("log", "a file of somebody's");
    assert_int_equal(listener_open(syslog, &err), -1);
    assert_int_equal(stat(scratch_path(dir, "log"), &st), 0);
    check_number("left alone", (uint64_t)st.st_size, 20);
}

static void a_path_that_no_socket_can_have_is_refused(void **state)
{
    struct error err = {0};

    (void)state;
    assert_int_equal(
        listener_open(load("syslog: {unix_stream: "
                           "/a/path/of/more/than/one/hundred/and/seven/bytes/which/is/all/that/"
                           "the/address/of/a/local/socket/has/room/for/log}"),
            &err),
        -1);
    check_number("code", (uint64_t)err.code, ENAMETOOLONG);
}

/* A configuration of its own, to be freed. */
static struct config *load_two(const char *first, const char *second)
{
    struct buffer yaml = {0};
    struct config *loaded;
    struct errors faults = {0};

    buffer_printf(&yaml,
        "endpoint: {url: 'https://127.0.0.1/', api_key_file: key}\ninstance: i\nstate_dir: s\n"
        "inputs:\n  - {syslog: {%s}, rules: ./acme.yaml}\n  - {syslog: {%s}, rules: ./acme.yaml}\n",
        first, second);
    buffer_append_byte(&yaml, '\0');
    write_file("two.yaml", yaml.bytes);
    buffer_finish(&yaml);
    loaded = config_load(scratch_path(dir, "two.yaml"), &faults);
    check_number("faults", faults.count, 0);
    return loaded;
}

/* What a reload does: the socket of both stays, with what waits in it. */
static void a_reload_keeps_the_sockets_that_both_have(void **state)
{
    struct config *before = load_two("unix_dgram: one.sock", "unix_dgram: two.sock");
    struct config *after = load_two("unix_dgram: three.sock", "unix_dgram: two.sock");
    struct config *impossible = load_two("unix_dgram: four.sock", "unix_dgram: no/folder.sock");
    struct error err;
    int *listeners = listeners_open(before, &err), *dropped = NULL, *renewed;
    int one, two;
    struct stat status;

    (void)state;
    assert_non_null(listeners);
    one = listeners[0];
    two = listeners[1];
    check_row("refused", !listeners_renew(before, listeners, impossible, &dropped, &err));
    check_row(err.message, strstr(err.message, "no/folder.sock"));
    check_row("as they were", listeners[0] == one && listeners[1] == two);
    check_row("what it had opened is gone", stat(scratch_path(dir, "four.sock"), &status) < 0);

    renewed = listeners_renew(before, listeners, after, &dropped, &err);
    assert_non_null(renewed);
    check_row("the same", renewed[1] == two);
    check_row("a new one", renewed[0] >= 0 && renewed[0] != one);
    check_row("dropped is what only the first had", dropped[0] == one && dropped[1] == -1);
    listeners_close(before, dropped);
    check_row("its file is gone", stat(scratch_path(dir, "one.sock"), &status) < 0);
    check_row("the others are there", stat(scratch_path(dir, "two.sock"), &status) == 0 &&
                                          stat(scratch_path(dir, "three.sock"), &status) == 0);
    listeners_close(after, renewed);
    config_free(before);
    config_free(after);
    config_free(impossible);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_is_an_address_and_a_port),
        cmocka_unit_test(what_is_wrong_is_said_with_what_to_write),
        cmocka_unit_test(a_port_in_use_is_said_by_check_and_by_run),
        cmocka_unit_test(only_a_sockets_file_that_nobody_listens_on_is_replaced),
        cmocka_unit_test(a_path_that_no_socket_can_have_is_refused),
        cmocka_unit_test(a_reload_keeps_the_sockets_that_both_have),
    };

    return cmocka_run_group_tests_name("listener", tests, set_up, tear_down);
}
