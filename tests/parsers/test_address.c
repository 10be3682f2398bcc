/* SPDX-License-Identifier: MIT
 *
 * parsers/address.c through its header: what logs write, and the address that
 * it is; and what only looks like one.
 */
#include "parsers/address.h"
#include "tests/support/test.h"

struct good {
    const char *text, *wanted;
    bool is_private;
};

static const struct good good[] = {
    {"203.0.113.7", "203.0.113.7", false},
    {"2001:db8::1", "2001:db8::1", false},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", false},
    {"2001:0db8:0000:0001:0000:0000:0000:0001", "2001:db8:0:1::1", false},
    {"::ffff:192.0.2.1", "192.0.2.1", false},
    {"::FFFF:c000:201", "192.0.2.1", false},
    {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1", false},

    /* Ports */
    {"192.0.2.1:5022", "192.0.2.1", false},
    {"192.0.2.1#53", "192.0.2.1", false},
    {"192.0.2.1/51234", "192.0.2.1", false},
    {"192.0.2.1;port=443", "192.0.2.1", false},
    {"192.0.2.1:0", "192.0.2.1", false},
    {"192.0.2.1:65535", "192.0.2.1", false},
    {"[::1]:58955", "::1", true},
    {"[2001:db8::1]", "2001:db8::1", false},
    {"[2001:db8::1]#53", "2001:db8::1", false},
    {"[2001:db8::1];port=443", "2001:db8::1", false},
    {"2001:db8::1#53", "2001:db8::1", false},
    {"2001:db8::1/51234", "2001:db8::1", false},
    {"2001:db8::1:80", "2001:db8::1:80", false},
    {"[::ffff:192.0.2.1]:47732", "192.0.2.1", false},
    {"::ffff:192.0.2.1:47732", "192.0.2.1", false},
    {"192.0.2.1/24", "192.0.2.1", false},
    {"2001:db8::1/128", "2001:db8::1", false},

    /* What stands around it */
    {" 192.0.2.1\t", "192.0.2.1", false},
    {"192.0.2.1.", "192.0.2.1", false},
    {"192.0.2.1:80.", "192.0.2.1", false},
    {"\"192.0.2.1\"", "192.0.2.1", false},
    {"'192.0.2.1'", "192.0.2.1", false},
    {"`192.0.2.1`", "192.0.2.1", false},
    {"<192.0.2.1>", "192.0.2.1", false},
    {"(192.0.2.1)", "192.0.2.1", false},
    {"([192.0.2.1])", "192.0.2.1", false},
    {"\"[2001:db8::1]:80\"", "2001:db8::1", false},
    {"/192.0.2.1:5000", "192.0.2.1", false},

    /* Zone ids */
    {"fe80::1%eth0", "fe80::1", true},
    {"[fe80::1%eth0.10]:80", "fe80::1", true},
    {"fe80::1%eth0#53", "fe80::1", true},
    {"127.0.0.53%lo:53", "127.0.0.53", true},

    /* Lists */
    {"10.0.0.1, 203.0.113.7, 198.51.100.9", "203.0.113.7", false},
    {"203.0.113.7,10.0.0.1", "203.0.113.7", false},
    {"unknown, 203.0.113.7", "203.0.113.7", false},
    {"10.0.0.2, 10.0.0.1", "10.0.0.2", true},
    {"10.0.0.2, unknown", "10.0.0.2", true},
    {"\"203.0.113.7, 10.0.0.1\"", "203.0.113.7", false},
    {"[2001:db8::1]:80, [2001:db8::2]:80", "2001:db8::1", false},
    {", ,203.0.113.7,", "203.0.113.7", false},

    /* Not usable on the public internet, and their neighbours that are */
    {"0.0.0.0", "0.0.0.0", true},
    {"9.255.255.255", "9.255.255.255", false},
    {"10.255.255.255", "10.255.255.255", true},
    {"100.63.255.255", "100.63.255.255", false},
    {"100.64.0.0", "100.64.0.0", true},
    {"100.127.255.255", "100.127.255.255", true},
    {"100.128.0.0", "100.128.0.0", false},
    {"127.0.0.1", "127.0.0.1", true},
    {"169.254.1.1", "169.254.1.1", true},
    {"172.15.255.255", "172.15.255.255", false},
    {"172.16.0.0", "172.16.0.0", true},
    {"172.31.255.255", "172.31.255.255", true},
    {"172.32.0.0", "172.32.0.0", false},
    {"192.168.0.1", "192.168.0.1", true},
    {"192.169.0.1", "192.169.0.1", false},
    {"::ffff:10.0.0.1", "10.0.0.1", true},
    {"::", "::", true},
    {"::2", "::2", false},
    {"fc00::1", "fc00::1", true},
    {"fdff::1", "fdff::1", true},
    {"fe7f::1", "fe7f::1", false},
    {"febf::1", "febf::1", true},
    {"fec0::1", "fec0::1", false},
};

static void reads_every_good_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct address address;

        check_row(good[i].text, address_parse(span_of(good[i].text), &address));
        check_span(good[i].text, span_of(address.text), good[i].wanted);
        check_row(good[i].text, address.is_private == good[i].is_private);
    }
}

static const char *const bad[] = {
    "",
    " ",
    ",",
    "-",
    ":",
    "[]",
    "[",
    "%",
    "unknown",
    "web1.example.com",
    "localhost",
    "localhost/127.0.0.1",
    "web1:80",
    "Chrome/128.0.0.0",
    "v1.2.3.4",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.04",
    "1.2.3.4a",
    "192.0.2.1:",
    "192.0.2.1:65536",
    "192.0.2.1:99999999999999999999",
    "192.0.2.1:80:90",
    "192.0.2.1:http",
    "192.0.2.1;port=",
    "192.0.2.1;proto=http",
    "192.0.2.1/24/7",
    "192.0.2.1/index.html",
    "192.0.2.1 203.0.113.7",
    "from 192.0.2.1",
    "3232235777",
    "0x7f.1",
    "2001:db8::1::2",
    "2001:db8::12345",
    "[2001:db8::1]80",
    "[2001:db8::1]:",
    "[2001:db8::1]x:80",
    "fe80::1%",
    "fe80::1%a b",
    "alice@192.0.2.1",
    "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0001",
};

static void refuses_what_only_looks_like_an_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct address address = {.text = "untouched"};

        check_row(bad[i], !address_parse(span_of(bad[i]), &address));
        check_span(bad[i], span_of(address.text), "untouched");
    }
}

static void an_embedded_nul_ends_nothing(void **state)
{
    struct address address;

    (void)state;
    check_row("NUL inside", !address_parse(SPAN("192.0.2.1\0x"), &address));
    check_row("NUL at the end", !address_parse(SPAN("192.0.2.1\0"), &address));
}

static void an_absent_text_is_no_address(void **state)
{
    struct address address;

    (void)state;
    check_row("absent", !address_parse((struct span){NULL, 0}, &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_good_row),
        cmocka_unit_test(refuses_what_only_looks_like_an_address),
        cmocka_unit_test(an_embedded_nul_ends_nothing),
        cmocka_unit_test(an_absent_text_is_no_address),
    };

    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
