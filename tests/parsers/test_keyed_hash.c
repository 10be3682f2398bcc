/* SPDX-License-Identifier: MIT
 *
 * parsers/keyed_hash.c through its header, against the values of the authors' paper and
 * reference (https://github.com/veorq/SipHash, vectors of SipHash-2-4).
 */
#include "parsers/keyed_hash.h"
#include "tests/support/test.h"

static const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void it_has_the_values_of_its_authors(void **state)
{
    static const struct {
        size_t len;
        uint64_t hash;
    } rows[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},
        {1, UINT64_C(0x74f839c593dc67fd)},
        {8, UINT64_C(0x93f5f5799a932462)},
        {15, UINT64_C(0xa129ca6149be45e5)},
    };
    char bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_number("hash", keyed_hash(key, (struct span){bytes, rows[i].len}), rows[i].hash);
}

static void another_key_has_another_hash(void **state)
{
    const uint64_t other[2] = {key[0], key[1] ^ 1};

    (void)state;
    check_row("key", keyed_hash(key, SPAN("alice")) != keyed_hash(other, SPAN("alice")));
    check_row("text", keyed_hash(key, SPAN("alice")) != keyed_hash(key, SPAN("alicf")));
    check_row("length", keyed_hash(key, SPAN("a")) != keyed_hash(key, SPAN("a\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_the_values_of_its_authors),
        cmocka_unit_test(another_key_has_another_hash),
    };

    return cmocka_run_group_tests_name("keyed_hash", tests, NULL, NULL);
}
