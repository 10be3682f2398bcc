/* SPDX-License-Identifier: MIT
 *
 * parsers/network.c through its header: what is a range, what is none, and what is
 * in it.
 */
#include "parsers/network.h"
#include "tests/support/test.h"

static void knows_what_is_inside(void **state)
{
    static const struct {
        const char *network, *address;
        bool is_inside;
    } rows[] = {
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/24", "::ffff:192.0.2.7", true},
        {"192.0.2.0/24", "2001:db8::1", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.129", true},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.6", false},
        {"192.0.2.7/32", "192.0.2.7", true},
        {"0.0.0.0/0", "203.0.113.7", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "203.0.113.7", true},
        {"::/0", "2001:db8::1", true},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1", "::1", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct network_address address;
        struct network network;

        check_row(rows[i].network, network_parse(span_of(rows[i].network), &network));
        check_row(rows[i].address, network_address_parse(span_of(rows[i].address), &address));
        check_row(rows[i].network, network_has(&network, &address) == rows[i].is_inside);
    }
}

static void refuses_what_is_no_range(void **state)
{
    static const char *const texts[] = {"", "/", "/24", "192.0.2.0/", "192.0.2.0/33",
        "192.0.2.0/-1", "192.0.2.0/0024", "192.0.2.0/24/24", "192.0.2", "192.0.2.1/24",
        "2001:db8::/129", "2001:db8::1/64", "fe80::1%eth0", "localhost", "192.0.2.0/24 ",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999"};
    struct network_address address;
    struct network network;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        check_row(texts[i], !network_parse(span_of(texts[i]), &network));
    check_row("a range", !network_address_parse(SPAN("192.0.2.0/24"), &address));
    check_row("a NUL", !network_address_parse(SPAN("192.0.2.1\0"), &address));
    check_row("nothing", !network_address_parse(SPAN(""), &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_is_inside),
        cmocka_unit_test(refuses_what_is_no_range),
    };

    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
