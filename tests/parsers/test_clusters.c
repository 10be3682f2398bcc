/* SPDX-License-Identifier: MIT
 *
 * parsers/clusters.c and tokens.c: lines in, what they have in common out.
 */
#include "parsers/clusters.h"
#include "tests/support/test.h"

#include <stdio.h>

static void check_clusters(const char *const *lines, size_t most, const char *wanted)
{
    struct clusters *clusters = clusters_new(most);
    struct buffer drawn = {0};

    for (; *lines; lines++)
        clusters_add(clusters, SPAN(""), span_of(*lines), span_of(*lines));
    for (size_t i = 0; i < clusters_count(clusters); i++) {
        buffer_printf(&drawn, "%llu ", (unsigned long long)clusters_get(clusters, i)->count);
        cluster_write(clusters_get(clusters, i), &drawn);
        buffer_append_byte(&drawn, '\n');
    }
    check_span("clusters", buffer_span(&drawn), wanted);
    buffer_finish(&drawn);
    clusters_free(clusters);
}

static void lines_that_differ_in_values_are_alike(void **state)
{
    static const char *const lines[] = {
        "Nov 23 10:11:12 login of alice from 192.0.2.7 port 4711",
        "Nov 24 00:11:12 login of bob from 2001:db8::7 port 4712",
        "Nov 24 00:11:13 login of carol@example.com from [192.0.2.9]",
        "Nov 24 00:11:14 login of dave from 192.0.2.8:80 port 1",
        NULL,
    };

    (void)state;
    check_clusters(lines, 9,
        "3 <time> login of <*> from <address> port <number>\n"
        "1 <time> login of <email> from [<address>]\n");
}

static void a_word_that_tells_how_it_ended_parts_them(void **state)
{
    static const char *const lines[] = {
        "login of alice from here succeeded at the gate",
        "login of alice from here failed at the gate",
        "logout of alice from here succeeded at the gate",
        NULL,
    };

    (void)state;
    check_clusters(lines, 9,
        "1 login of alice from here succeeded at the gate\n"
        "1 login of alice from here failed at the gate\n"
        "1 logout of alice from here succeeded at the gate\n");
}

static void there_are_only_so_many(void **state)
{
    static const char *const lines[] = {"a", "b c", "d e f", "g h i j", "", NULL};

    (void)state;
    check_clusters(lines, 2, "4 a\n1 b c\n");
}

static const struct row {
    const char *text, *kinds;
} rows[] = {
    {"user=alice", "word = word"},
    {"user: \"a b\".", "word : _ \" word _ word \" ."},
    {"(10.0.0.1:443 -> ::1)", "( <address> _ - > _ <address> )"},
    {"[23/Nov/2026:10:11:12 +0000] x", "[ <time> ] _ word"},
    {"id 1795428672 v1.2.3", "word _ <number> _ <code>"},
    {"f47ac10b-58cc-4372-a567-0e02b2c3d479 /a/b https://a.example/x", "<uuid> _ <path> _ <path>"},
    {"keyboard-interactive/pam DOMAIN\\alice", "word _ word"},
    {"\xC3\xA9t\xC3\xA9 10:11:12,123", "word _ <time>"},
};

static void tokens_are_known_by_their_look(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct token tokens[32];
        size_t count = tokens_read(span_of(rows[i].text), tokens, 32), len = 0;
        struct buffer drawn = {0};

        for (size_t j = 0; j < count; j++) {
            const char *name = token_kind_names[tokens[j].kind];

            len += tokens[j].text.len;
            buffer_printf(&drawn, "%s", j > 0 ? " " : "");
            if (tokens[j].kind == TOKEN_MARK)
                buffer_append(&drawn, tokens[j].text);
            else
                buffer_printf(&drawn, "%s",
                    name                            ? name
                    : tokens[j].kind == TOKEN_BLANK ? "_"
                                                    : "word");
        }
        check_span(rows[i].text, buffer_span(&drawn), rows[i].kinds);
        check_number(rows[i].text, len, strlen(rows[i].text));
        buffer_finish(&drawn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_differ_in_values_are_alike),
        cmocka_unit_test(a_word_that_tells_how_it_ended_parts_them),
        cmocka_unit_test(there_are_only_so_many),
        cmocka_unit_test(tokens_are_known_by_their_look),
    };

    return cmocka_run_group_tests_name("clusters", tests, NULL, NULL);
}
