/* SPDX-License-Identifier: MIT
 *
 * parsers/exclusion.c: who and when is left out.
 */
#include "parsers/exclusion.h"
#include "tests/support/test.h"

static char *users[] = {(char[]){"svc-*"}, (char[]){"root"}, (char[]){"*@staff.example"},
    (char[]){"b?t"}, (char[]){"*a*b*"}};
static char *addresses[] = {
    (char[]){"192.0.2.0/28"}, (char[]){"2001:db8:7::/48"}, (char[]){"198.51.100.7"}};

static const struct {
    const char *user, *address;
    const char *field; /* NULL: it is not left out */
} rows[] = {
    {"alice", "203.0.113.7", NULL},
    {"svc-backup", "203.0.113.7", "user_id"},
    {"svc-", "203.0.113.7", "user_id"},
    {"svc", "203.0.113.7", NULL},
    {"my-svc-backup", "203.0.113.7", NULL},
    {"root", "203.0.113.7", "user_id"},
    {"Root", "203.0.113.7", "user_id"},
    {"roots", "203.0.113.7", NULL},
    {"carol@Staff.example", "203.0.113.7", "user_id"},
    {"carol@staff.example.org", "203.0.113.7", NULL},
    {"bot", "203.0.113.7", "user_id"},
    {"bt", "203.0.113.7", NULL},
    {"boot", "203.0.113.7", NULL},
    {"xaxbx", "203.0.113.7", "user_id"},
    {"xbxax", "203.0.113.7", NULL},
    {"aab", "203.0.113.7", "user_id"},
    {NULL, "203.0.113.7", NULL},
    {"", "203.0.113.7", NULL},
    {"alice", "192.0.2.15", "ip_addr"},
    {"alice", "192.0.2.16", NULL},
    {NULL, "192.0.2.0", "ip_addr"},
    {"alice", "2001:db8:7:ffff::1", "ip_addr"},
    {"alice", "2001:db8:8::1", NULL},
    {"alice", "198.51.100.7", "ip_addr"},
    {"alice", "198.51.100.70", NULL},
    {"alice", NULL, NULL},
};

static void users_and_networks_are_left_out(void **state)
{
    struct network networks[3];
    struct exclusion exclusion = {
        .users = {users, 5}, .networks = networks, .addresses = {addresses, 3}};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_true(network_parse(span_of(addresses[i]), &networks[i]));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct span absent = {NULL, 0};
        struct span user = rows[i].user ? span_of(rows[i].user) : absent;
        struct span address = rows[i].address ? span_of(rows[i].address) : absent;

        const char *field = exclusion_check(&exclusion, user, address, 1000);

        check_row(rows[i].user ? rows[i].user : "(none)",
            field && rows[i].field ? strcmp(field, rows[i].field) == 0 : field == rows[i].field);
    }
}

static void only_a_span_of_time_is_left(void **state)
{
    struct exclusion exclusion = {.since_s = 100, .until_s = 200};

    (void)state;
    assert_string_equal(exclusion_check(&exclusion, SPAN("a"), SPAN("192.0.2.1"), 99), "event_at");
    assert_null(exclusion_check(&exclusion, SPAN("a"), SPAN("192.0.2.1"), 100));
    assert_null(exclusion_check(&exclusion, SPAN("a"), SPAN("192.0.2.1"), 199));
    assert_string_equal(exclusion_check(&exclusion, SPAN("a"), SPAN("192.0.2.1"), 200), "event_at");
    exclusion.until_s = 0;
    assert_null(exclusion_check(&exclusion, SPAN("a"), SPAN("192.0.2.1"), 4000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_and_networks_are_left_out),
        cmocka_unit_test(only_a_span_of_time_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
