/* SPDX-License-Identifier: MIT
 *
 * shipper/holdup.c and status_holdup.c through their headers: what is noted is what
 * is seen, and what is said of it.
 */
#include "shipper/holdup.h"
#include "shipper/status.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { NOON = 1795435200, MORNING = 1795428672 };

static const struct holdup wrong_key = {
    .why = HOLDUP_KEY,
    .since_s = MORNING,
    .until_s = NOON,
    .text = "API key refused: HTTP 401, no body, until the key in /etc/acme/key is changed",
};

static int set_up(void **state)
{
    *state = scratch_new();
    return 0;
}

static int tear_down(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void note(const char *dir, const struct holdup *holdup)
{
    struct bulletin file;

    holdup_open(&file, dir, "sender");
    holdup_note(&file, holdup, MORNING);
    bulletin_close(&file);
}

static void what_was_noted_last_is_seen(void **state)
{
    const struct holdup nothing = {.why = HOLDUP_NOTHING};
    struct holdup_seen seen;

    holdup_look(*state, "sender", &seen);
    assert_false(seen.is_there);
    note(*state, &wrong_key);
    holdup_look(*state, "sender", &seen);
    assert_true(seen.is_there);
    assert_int_equal(seen.pid, getpid());
    assert_int_equal(seen.noted_s, MORNING);
    assert_int_equal(seen.holdup.why, HOLDUP_KEY);
    assert_int_equal(seen.holdup.until_s, NOON);
    assert_string_equal(seen.holdup.text, wrong_key.text);
    note(*state, &nothing);
    holdup_look(*state, "sender", &seen);
    assert_int_equal(seen.holdup.why, HOLDUP_NOTHING);
    assert_string_equal(seen.holdup.text, "");
    holdup_look(*state, "reader", &seen);
    assert_false(seen.is_there);
}

static void a_note_that_is_half_or_changed_is_none(void **state)
{
    const char *path = scratch_path(*state, "sender.holdup");
    struct holdup_seen seen;
    int file;

    note(*state, &wrong_key);
    file = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(file, "x", 1, 60), 1);
    close(file);
    holdup_look(*state, "sender", &seen);
    assert_false(seen.is_there);
    note(*state, &wrong_key);
    assert_int_equal(truncate(path, 100), 0);
    holdup_look(*state, "sender", &seen);
    assert_false(seen.is_there);
    note(*state, &wrong_key);
    holdup_look(*state, "sender", &seen);
    assert_true(seen.is_there);
}

struct said {
    bool is_service, is_running, is_there;
    struct holdup holdup;
    const char *text; /* behind "sending: " */
};

static void each_hold_up_has_its_sentence(void **state)
{
    const struct said rows[] = {
        {true, true, true, {.why = HOLDUP_NOTHING}, "nothing holds it up"},
        {true, true, true, wrong_key,
            "held up since 2026-11-23T10:11:12Z: API key refused: HTTP 401, no body, until the "
            "key in /etc/acme/key is changed; next try at 2026-11-23T12:00:00Z"},
        {true, true, true,
            {.why = HOLDUP_RATE_LIMIT,
                .since_s = MORNING,
                .text = "endpoint.rate_limit of 3 "
                        "requests a second"},
            "slowed down since 2026-11-23T10:11:12Z: endpoint.rate_limit of 3 requests a second"},
        {true, true, true,
            {.backing_off = 2, .backing_off_until_s = NOON, .held = 1, .held_until_s = NOON},
            "nothing holds it up; 2 events wait after failures of their own, the first until "
            "2026-11-23T12:00:00Z; 1 refused event waits until a delivery shows that the settings "
            "are right, at the latest 2026-11-23T12:00:00Z"},
        {true, false, true, wrong_key,
            "its process is down, to be started again; at 2026-11-23T12:00:00Z it was held up "
            "since 2026-11-23T10:11:12Z: API key refused: HTTP 401, no body, until the key in "
            "/etc/acme/key is changed"},
        {true, false, false, {.why = HOLDUP_NOTHING}, "not known"},
        {false, false, true, {.why = HOLDUP_NOTHING}, "not running"},
        {false, false, false, {.why = HOLDUP_NOTHING}, "not running"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct status status = {
            .service.is_there = rows[i].is_service,
            .sender = {rows[i].is_running,
                {.is_there = rows[i].is_there, .noted_s = NOON, .holdup = rows[i].holdup}},
        };
        struct buffer out = {0};
        struct span text;

        status_write_holdups_text(&status, &out);
        text = buffer_span(&out);
        text = span_cut(&text, '\n');
        span_cut(&text, ' ');
        check_span(rows[i].text, text, rows[i].text);
        buffer_finish(&out);
    }
}

static void what_is_said_of_it_can_be_read_by_machines(void **state)
{
    struct status status = {
        .sender = {true, {.is_there = true, .noted_s = NOON, .holdup = wrong_key}},
    };
    struct buffer out = {0};

    (void)state;
    status_write_holdups_json(&status, &out);
    check_span("json", buffer_span(&out),
        "\"sending\":{\"running\":true,\"noted_at\":\"2026-11-23T12:00:00Z\",\"held_up_by\":"
        "\"key\",\"since\":\"2026-11-23T10:11:12Z\",\"reason\":\"API key refused: HTTP 401, no "
        "body, until the key in /etc/acme/key is changed\",\"next_try_at\":"
        "\"2026-11-23T12:00:00Z\",\"backing_off\":0,\"backing_off_until\":null,"
        "\"refused_held\":0,\"refused_held_until\":null},\n"
        "\"reading\":{\"running\":false},\n");
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_noted_last_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_note_that_is_half_or_changed_is_none, set_up, tear_down),
        cmocka_unit_test(each_hold_up_has_its_sentence),
        cmocka_unit_test(what_is_said_of_it_can_be_read_by_machines),
    };

    return cmocka_run_group_tests_name("holdup", tests, NULL, NULL);
}
