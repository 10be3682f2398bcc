/* SPDX-License-Identifier: MIT */
#include "parsers/value_kind.h"
#include "tests/support/test.h"

static const struct {
    const char *value;
    enum value_kind kind;
    const char *masked;
} rows[] = {
    {"203.0.113.7", VALUE_ADDRESS, "203.0.*.*"},
    {"2001:db8::7", VALUE_ADDRESS, "2001:db8:*"},
    {"alice@example.com", VALUE_EMAIL, "a*e@e*e.c*"},
    {"alice@realm", VALUE_WORD, "a*e@r*m"},
    {"alice@example.com.", VALUE_WORD, "a*e@e*e.c*."},
    {"6f1c2b3a-0d4e-4f5a-8b6c-7d8e9f0a1b2c", VALUE_UUID, "6*a-0*e-4*a-8*c-7*c"},
    {"0123456789abcdef0123456789abcdef", VALUE_SECRET, "0*f"},
    {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", VALUE_SECRET, "e*i"},
    {"glpat-aaaaaaaaaaaaaaaaaaaa", VALUE_SECRET, "g*a"},
    {"Tr0ub4dor-and-3-More-Words", VALUE_SECRET, "T*s"},
    {"short0Tok3n", VALUE_WORD, "s*n"},
    {"supercalifragilisticexpialidocious", VALUE_WORD, "s*s"},
    {"1795428672", VALUE_NUMBER, "1*2"},
    {"-1.5", VALUE_NUMBER, "-*.*"},
    {"17", VALUE_NUMBER, "1*"},
    {"/api/v1/items", VALUE_PATH, "/a*/v*/i*s"},
    {"https://app.example.com/", VALUE_PATH, "h*s://a*.e*e.c*/"},
    {"Alice Liddell", VALUE_TEXT, "A*e L*l"},
    {"curl/8.5.0", VALUE_WORD, "c*l/*.*.*"},
    {"J\xC3\xBCrgen", VALUE_WORD, "J*n"},
    {"\xC3\xBC", VALUE_WORD, "*"},
    {"a\tb\x1b[0m", VALUE_WORD, "*.*.[0*"},
    {"", VALUE_WORD, ""},
};

static void each_shape_is_known_and_masked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span value = span_of(rows[i].value);
        struct buffer out = {0};

        check_number(rows[i].value, value_kind_of(value), rows[i].kind);
        value_mask(value, rows[i].kind, &out);
        check_span(rows[i].value, buffer_span(&out), rows[i].masked);
        buffer_finish(&out);
    }
}

static void a_long_value_is_shown_in_part(void **state)
{
    char long_text[2000];
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(long_text); i++)
        long_text[i] = i % 2 ? ' ' : 'a';
    value_mask((struct span){long_text, sizeof(long_text)}, VALUE_TEXT, &out);
    check_number("length", out.len, 63);
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_shape_is_known_and_masked),
        cmocka_unit_test(a_long_value_is_shown_in_part),
    };

    return cmocka_run_group_tests_name("value_kind", tests, NULL, NULL);
}
