/* SPDX-License-Identifier: MIT
 *
 * parsers/filter.c through its header: a filter, its argument, a value, what comes out.
 */
#include "parsers/filter.h"
#include "parsers/limits.h"
#include "tests/support/test.h"

struct row {
    const char *filter, *argument, *value, *result; /* result NULL: none */
};

static const struct row rows[] = {
    {"lower", NULL, "Alice.SMITH", "alice.smith"},
    {"lower", NULL, "\xc3\x89MILE", "\xc3\x89mile"},
    {"urldecode", NULL, "alice%40example.com", "alice@example.com"},
    {"urldecode", NULL, "a+b%2Bc%2b", "a+b+c+"},
    {"urldecode", "+", "Mozilla/5.0+%28X11%29", "Mozilla/5.0 (X11)"},
    {"urldecode", NULL, "100% %4 %zz %", "100% %4 %zz %"},
    {"unescape", NULL, "a\\\"b\\u00e9\\n", "a\"b\xc3\xa9\n"},
    {"unescape", NULL, "CORP\\\\user", "CORP\\user"},
    {"before", "@", "alice@example.com", "alice"},
    {"before", "@", "a@b@c", "a"},
    {"before", "@", "alice", "alice"},
    {"before", "@", "@alice", ""},
    {"before_last", "@", "alice@example.com@pam", "alice@example.com"},
    {"before_last", "@", "alice", "alice"},
    {"after", "/", "a/b/c", "b/c"},
    {"after", "://", "https://example.com", "example.com"},
    {"after", "/", "alice", "alice"},
    {"after_last", "/", "a/b/c", "c"},
    {"after_last", "aa", "xaaay", "y"},
    {"after_last", "/", "alice", "alice"},
    {"domain_user", NULL, "CORP\\alice", "alice"},
    {"domain_user", NULL, "CORP\\\\alice", "alice"},
    {"domain_user", NULL, "alice", "alice"},
    {"rdn", NULL, "uid=alice,ou=people,dc=example,dc=com", "alice"},
    {"rdn", "OU", "uid=alice,ou=people,dc=example,dc=com", "people"},
    {"rdn", "uid", "cn=Alice Smith+uid=asmith, ou=people", "asmith"},
    {"rdn", NULL, "CN=Smith\\, Alice\\2C Jr,OU=x", "Smith, Alice, Jr"},
    {"rdn", NULL, "cn=\\c3\\89mile,ou=x", "\xc3\x89mile"},
    {"rdn", NULL, "CN=a\\", "a\\"},
    {"rdn", "uid", "cn=alice,ou=people", NULL},
    {"rdn", NULL, "alice", "alice"},
    {"rdn", "uid", "alice", "alice"},
    {"rdn", NULL, "alice smith=x", "alice smith=x"},
    {"truncate", NULL, "203.0.113.7:4711", "203.0.113.0"},
    {"truncate", NULL, "[2001:db8:1:2::7]:443", "2001:db8:1::"},
    {"truncate", NULL, "::ffff:203.0.113.7", "203.0.113.0"},
    {"truncate", NULL, "10.0.0.7, 203.0.113.7", "203.0.113.0"},
    {"truncate", NULL, "example.com", NULL},
    {"hash", NULL, "-", NULL},
    /* RFC 4231, test case 2. */
    {"hash", NULL, "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
};

static void does_every_row(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    const struct filter_context context = {arena, SPAN("Jefe"), false};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct row *row = &rows[i];
        const struct filter *filter = filter_find(span_of(row->filter));
        struct span value = span_of(row->value);

        assert_non_null(filter);
        check_row(row->value,
            filter->run(&context, span_of(row->argument), &value) == (row->result != NULL));
        if (row->result)
            check_span(row->value, value, row->result);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void hashes_nothing_without_a_secret(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    const struct filter_context context = {arena, {NULL, 0}, false};
    struct span value = SPAN("alice");

    (void)state;
    assert_false(filter_hash_value(&context, &value));
    check_span("no secret", value, "alice");
    arena_free(arena);
}

static void a_full_arena_gives_nothing(void **state)
{
    static const char *const names[] = {
        "lower", "urldecode", "unescape", "rdn", "hash", "truncate"};
    struct arena *arena = arena_new(4);
    const struct filter_context context = {arena, SPAN("secret"), false};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct span value = SPAN("cn=a\\2c%20b");

        if (strcmp(names[i], "truncate") == 0)
            value = SPAN("203.0.113.7");
        check_row(names[i],
            !filter_find(span_of(names[i]))->run(&context, (struct span){NULL, 0}, &value));
    }
    arena_free(arena);
}

static void every_filter_says_what_it_does(void **state)
{
    (void)state;
    for (const struct filter *filter = filters; filter->name; filter++) {
        check_row(filter->name, filter->help[0] && filter_find(span_of(filter->name)) == filter);
        check_row(filter->name, span_has_prefix(span_of(filter->example), span_of(filter->name)));
    }
    check_span("hash", span_of(filter_hash->name), "hash");
    check_span("truncate", span_of(filter_truncate->name), "truncate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_every_row),
        cmocka_unit_test(hashes_nothing_without_a_secret),
        cmocka_unit_test(a_full_arena_gives_nothing),
        cmocka_unit_test(every_filter_says_what_it_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
