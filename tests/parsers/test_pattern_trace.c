/* SPDX-License-Identifier: MIT
 *
 * parsers/pattern_trace.c through its header: a pattern, a text that it does not match,
 * and what is told of it: what was matched, what stands there instead of what was
 * wanted.
 */
#include "parsers/pattern_trace.h"
#include "tests/support/test.h"

static const struct row {
    const char *pattern, *text;
    const char *matched, *found, *wanted;
    bool is_sought;
} rows[] = {
    /* One changed word: that word, however much of it was still right. */
    {"^Accepted %{WORD:how} for %{USER:user} from %{IP:ip}", "Accepted key for bob form 192.0.2.7",
        "Accepted key for bob ", "form", "from", false},
    {"^Accepted %{WORD:how} for %{USER:user}", "Acepted key for bob", "", "Acepted", "Accepted",
        false},
    {"session opened user=(?<user>\\S+) ip=", "x session opend user=bob", "session ", "opend",
        "opened", false},
    {"user=(?<user>\\w+) ip=", "user=bob host=a", "user=bob ", "host", "ip", false},
    {"user=(?<user>\\w+) ip=%{IP:ip}", "user=bob ipp=192.0.2.7", "user=bob ", "ipp", "ip=", false},
    /* A named pattern, a group, a class and an escape are shown whole. */
    {"from %{IP:ip} port", "from home port", "from ", "home", "%{IP:ip}", false},
    {"from %{IP:ip}", "from 203.0.113.", "from ", "203", "%{IP:ip}", false},
    {"by (?:a|bc|def) at", "by xyz at", "by ", "xyz", "(?:a|bc|def)", false},
    {"status (?<n>\\d+) ok", "status none ok", "status ", "none", "(?<n>\\d+)", false},
    {"status \\d+ ok", "status none ok", "status ", "none", "\\d+", false},
    {"status [1-3]+ ok", "status 9 ok", "status ", "9", "[1-3]+", false},
    {"a\\c(b c", "ahb d", "ahb ", "d", "c", false}, /* \c( is an h */
    {"a \\[b\\]", "a (b)", "a ", "(", "\\[", false},
    /* The alternative that came furthest; an optional group costs nothing. */
    {"(?:login|logout) of bob", "logot of bob", "", "logot", "logout", false},
    {"(?:failed|accepted) for", "accepted by", "accepted ", "by", "for", false},
    {"for( invalid user)? (?<user>\\w+) from", "for invalid user bob to", "for invalid user bob ",
        "to", "from", false},
    /* What could stand anywhere behind. */
    {"^a .* by (?<user>\\w+)", "a thing of bob", "a thing of ", "bob", "by", false},
    {"^a .* by (?<user>\\w+)", "a thing for me now", "a thing ", "for", "by", true},
    {"^a %{DATA:b}: (?<user>\\w+)", "a thing", "a ", "thing", ": ", true},
    {"^%{DATA:a} done$", "it is gone", "it ", "is", "done", true},
    {"login", "nothing of it", "", "nothing", "login", true},
    {"\\bin (?<user>\\w+)", "out of a", "", "out", "in", true},
    /* Ends. */
    {"^ab$", "abc", "ab", "c", "$", false},
    {"^ab cd", "ab", "ab", "", " ", false},
    {"^(?!health)\\w+ of", "healthy of", "", "healthy", "(?!health)", false},
    {"^(?i)login ok", "LOGIN no", "LOGIN ", "no", "ok", false},
    {"^login of \\S+ ok", "login of \xE9t\xE9 no", "login of \xE9t\xE9 ", "no", "ok", false},
    {"^\xC3\xA9t\xC3\xA9 a", "\xC3\xA9t\xC3\xA9 b", "\xC3\xA9t\xC3\xA9 ", "b", "a", false},
};

static struct span part(struct span text, size_t from, size_t to)
{
    return (struct span){text.at + from, to - from};
}

static void tells_the_place_and_what_was_wanted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct row *row = &rows[i];
        struct span text = span_of(row->text), pattern = span_of(row->pattern);
        struct pattern_trace *trace = pattern_trace_new(pattern, NULL, 0);
        struct pattern_miss miss;

        check_row(row->pattern, trace && pattern_trace_run(trace, text, &miss));
        check_span(row->pattern, part(text, miss.from, miss.to), row->matched);
        check_span(row->pattern, part(text, miss.to, miss.until), row->found);
        check_span(row->pattern, part(pattern, miss.offset, miss.offset + miss.len), row->wanted);
        check_row(row->pattern, miss.is_sought == row->is_sought);
        check_row(row->pattern, miss.progress <= miss.whole);
        pattern_trace_free(trace);
    }
}

static void of_a_named_pattern_it_tells_what_fits(void **state)
{
    static const struct {
        const char *pattern, *text, *fits;
    } named[] = {
        {"from %{IP:ip} port", "from 203.0.113. port", "203.0.113."},
        {"from %{IP:ip} port", "from home port", ""},
        {"\\[%{HTTPDATE:t}\\]", "x [27/Jul/2023 16:06:44]", "27/Jul/2023"},
        {"from 203", "from 204", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
        struct pattern_trace *trace = pattern_trace_new(span_of(named[i].pattern), NULL, 0);
        struct span text = span_of(named[i].text);
        struct pattern_miss miss;

        check_row(named[i].text, trace && pattern_trace_run(trace, text, &miss));
        check_span(named[i].text, part(text, miss.to, miss.fits), named[i].fits);
        pattern_trace_free(trace);
    }
}

static void says_nothing_of_a_match_and_of_a_broken_pattern(void **state)
{
    struct pattern_trace *trace = pattern_trace_new(SPAN("^a %{INT:n}"), NULL, 0);
    struct pattern_miss miss;

    (void)state;
    assert_false(pattern_trace_run(trace, SPAN("a 7"), &miss));
    pattern_trace_free(trace);
    assert_null(pattern_trace_new(SPAN("(a"), NULL, 0));
    assert_null(pattern_trace_new(SPAN("%{NONE}"), NULL, 0));
}

static void does_not_watch_what_is_too_large(void **state)
{
    struct span source = SPAN("^(?:%{IP} ){12}x");
    struct pattern_fault fault;
    struct pattern *pattern = pattern_compile(source, NULL, 0, &fault);

    (void)state;
    assert_non_null(pattern);
    assert_null(pattern_trace_new(source, NULL, 0));
    pattern_free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_place_and_what_was_wanted),
        cmocka_unit_test(of_a_named_pattern_it_tells_what_fits),
        cmocka_unit_test(says_nothing_of_a_match_and_of_a_broken_pattern),
        cmocka_unit_test(does_not_watch_what_is_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
