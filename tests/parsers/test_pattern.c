/* SPDX-License-Identifier: MIT
 *
 * parsers/pattern.c through its header: what patterns match and capture (each
 * row with JIT code and without), what is wrong with broken ones and where, and
 * that no pattern or subject runs away.
 */
#include "parsers/memory.h"
#include "parsers/pattern.h"
#include "parsers/pattern_names.h"
#include "tests/support/test.h"

#include <stdio.h>

static struct matcher *matcher;

static const struct pattern_name local[] = {
    {SPAN("METHOD"), SPAN("password|publickey")},
    {SPAN("WHO"), SPAN("%{METHOD:method} for %{USER:user}")},
    {SPAN("WORD"), SPAN("[a-z]+!")},
    {SPAN("LOOP"), SPAN("a%{POOL}")},
    {SPAN("POOL"), SPAN("b%{LOOP}")},
    {SPAN("BROKEN"), SPAN("*y")},
};
enum { LOCALS = sizeof(local) / sizeof(*local) };

/* The captures as record_describe draws fields, or "no" or "limit". */
static struct span run(const struct pattern *pattern, struct span subject)
{
    static struct record record;
    static struct field fields[64];

    record = (struct record){.fields = fields};
    switch (pattern_match(pattern, matcher, subject, fields, 64, &record.count)) {
    case PATTERN_MATCH:
        return record_describe(&record);
    case PATTERN_NO:
        return SPAN("no");
    case PATTERN_LIMIT:
        break;
    }
    return SPAN("limit");
}

static void check_run(const char *source, struct span subject, const char *wanted)
{
    static const char *const modes[] = {"", "(*NO_JIT)"};

    for (size_t i = 0; i < 2; i++) {
        struct buffer text = {0};
        struct pattern_fault fault = {0};
        struct pattern *pattern;

        buffer_printf(&text, "%s%s", modes[i], source);
        pattern = pattern_compile(buffer_span(&text), local, LOCALS, &fault);
        check_span(source, span_of(fault.message), "");
        check_span(source, run(pattern, subject), wanted);
        pattern_free(pattern);
        buffer_finish(&text);
    }
}

struct good {
    const char *source, *subject, *wanted;
};

static const struct good good[] = {
    {"^login (?<user>\\S+)", "login alice", "user=[alice]"},
    {"^%{WHO} ok", "publickey for alice ok", "method=[publickey] user=[alice]"},
    {"a|%{METHOD}x", "publickey", "no"},
    {"^%{WORD:w}$", "abc!", "w=[abc!]"},
    {"(?:u=(?<user>\\w+)|w=(?<user>\\w+))", "w=bob", "user=[bob]"},
    {"(?<a>x)?(?<b>y*)(?<c>z)?", "q", "b=[]"},
    {"(a)(?<b>b)(c)(?<d>d)", "abcd", "b=[b] d=[d]"},
    {"%{2}", "100%%", ""},
    {"\\%{IP}", "no", "no"},
    {"[%{USR}]+", "%{USR}", ""},
    {"[^]%{X]%{INT:n}", "a12", "n=[12]"},
    {"[[:alpha:]%{]%{INT:n}", "a12", "n=[12]"},
    {"\\Q%{IP\\E%{INT:n}", "%{IP12", "n=[12]"},
    {"\\\\%{INT:n}", "\\12", "n=[12]"},
    {"(?i)STRASSE (?<n>.)\\b", "strasse 7", "n=[7]"},
    {"by (?<u>\\S+) f", "by Zo\xC3\xAB f", "u=[Zo\xC3\xAB]"},
    {"by (?<u>\\S{3}) f", "by Zo\xC3\xAB f", "u=[Zo\xC3\xAB]"},
    {"by (?<u>\\D+) f", "by Zo\xC3\xAB f", "u=[Zo\xC3\xAB]"},
    {"by Zo(?<c>\\W)", "by Zo\xC3\xAB f", "c=[\xC3\xAB]"},
    {"by (?<u>\\S+) f", "by Zo\xEB f", "u=[Zo\xEB]"},
    {"^.* (?<u>.{3}) f", "\xFF by Zo\xEB f", "u=[Zo\xEB]"},
    {"(?<u>M\xC3\xBCller)", "\xFF by M\xC3\xBCller", "u=[M\xC3\xBCller]"},
    {"by (?<u>[^\\x{263A}]+) f", "by Zo\xEB f", "no"},
};

static void matches_and_captures_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        check_run(good[i].source, span_of(good[i].subject), good[i].wanted);
}

/* What the name finds first in the text; NULL: nothing. */
static const struct {
    const char *name, *subject, *found;
} named[] = {
    {"IP", "from 192.0.2.100 port", "192.0.2.100"},
    {"IP", "from 192.0.2.1005 port", NULL},
    {"IP", "1.2.3.4.5", NULL},
    {"IP", "v1.2.3.4", NULL},
    {"IP", "1.2.3.4rc1", NULL},
    {"IP", "256.1.1.1", NULL},
    {"IP", "010.1.1.1", NULL},
    {"IP", "192.0.2.1.", "192.0.2.1"},
    {"IP", "(192.0.2.1:5022)", "192.0.2.1"},
    {"IP", "web1/192.0.2.1:22", "192.0.2.1"},
    {"IP", "client:192.0.2.1", "192.0.2.1"},
    {"IP", "[2001:db8::7]:443", "2001:db8::7"},
    {"IP", "2001:db8::7: closed", "2001:db8::7"},
    {"IP", "from 2001:db8:0:1:2:3:4:5,", "2001:db8:0:1:2:3:4:5"},
    {"IP", "2001:db8:0:1:2:3:4:5:6", NULL},
    {"IP", "2001:db8::12345", NULL},
    {"IP", "fe80::1%eth0.100 up", "fe80::1%eth0.100"},
    {"IP", "::ffff:192.0.2.7", "::ffff:192.0.2.7"},
    {"IP", "::ffff:192.0.2.777", NULL},
    {"IP", "= 1:2:3:4:5:6:7:8 =", "1:2:3:4:5:6:7:8"},
    {"IP", "= 1:2:3:4:5:6:192.0.2.7 =", "1:2:3:4:5:6:192.0.2.7"},
    {"IP", "= 1:2:3:4:5:6:7:: =", "1:2:3:4:5:6:7::"},
    {"IP", "= 1:2:3::4:5:6:7: =", "1:2:3::4:5:6:7"},
    {"IP", "= ::1:2:3:4:5:6:7 =", "::1:2:3:4:5:6:7"},
    {"IP", "= 1::2:3:4:5:192.0.2.7 =", "1::2:3:4:5:192.0.2.7"},
    {"IP", "= :: =", "::"},
    {"IPV6", "1:2:3:4:5:6:7", NULL},
    {"IPV6", "1:2:3:4:5:6:7:8:9", NULL},
    {"IPV6", "1:2:3:4::5:6:7:8", NULL},
    {"IPV6", "::1:2:3:4:5:6:7:8", NULL},
    {"IPV6", "1::2:3:4:5:6:192.0.2.7", NULL},
    {"IPV6", "1::2::3", NULL},
    {"IP", "=::1;", "::1"},
    {"IP", "at 10:11:12 std::string", NULL},
    {"IP", "00:1b:44:11:3a:b7", NULL},
    {"IPV4", "2001:db8::7", NULL},
    {"IPV6", "192.0.2.7", NULL},
    {"USER", "(alice.)", "alice"},
    {"USER", "CORP\\alice@realm,", "CORP\\alice@realm"},
    {"USER", "svc-web_1$ x", "svc-web_1$"},
    {"USER", "j\xc3\xbcrgen logged in", "j\xc3\xbcrgen"},
    {"USERNAME", "-", "-"},
    {"EMAIL", "user=alice.b+x@mail.example.com.", "alice.b+x@mail.example.com"},
    {"EMAIL", "'alice@example.org'", "alice@example.org"},
    {"EMAIL", "alice@localhost", NULL},
    {"HOSTNAME", "\"web-1.example.com.\"", "web-1.example.com"},
    {"IPORHOST", "from 192.0.2.7", "from"},
    {"HOSTPORT", "to [2001:db8::7]:443 ok", "[2001:db8::7]:443"},
    {"INT", "x=-42.5", "-42"},
    {"POSINT", "0012 7", "7"},
    {"NONNEGINT", "-0", "0"},
    {"NUMBER", "took 12.50ms", "12.50"},
    {"NUMBER", "-1e-5.", "-1e-5"},
    {"WORD", "\"abc!\"", "abc!"},
    {"NOTSPACE", "  a,b c", "a,b"},
    {"QUOTEDSTRING", "x \"say \\\"hi\\\"\" y", "\"say \\\"hi\\\"\""},
    {"QS", "it's \"never closed", NULL},
    {"UUID", "id 6f9619ff-8b86-d011-b42d-00cf4fc964ff;", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"},
    {"UUID", "6f9619ff-8b86-d011-b42d-00cf4fc964fff", NULL},
    {"MAC", "mac 00:1b:44:11:3a:b7 up", "00:1b:44:11:3a:b7"},
    {"MAC", "001b.4411.3ab7", "001b.4411.3ab7"},
    {"PATH", "open /var/log/a-b.log: denied", "/var/log/a-b.log"},
    {"PATH", "C:\\logs\\a.log", "C:\\logs\\a.log"},
    {"URIPATH", "GET /a/b%20c?d=e HTTP", "/a/b%20c"},
    {"URIPATHPARAM", "GET /a/b?d=e&f=[g] HTTP", "/a/b?d=e&f=[g]"},
    {"URI", "\"https://user@example.com:8443/a?b=c#d\"", "https://user@example.com:8443/a?b=c#d"},
    {"HTTPMETHOD", "GETTER POST", "POST"},
    {"MONTHDAY", "Nov  3 10", " 3"},
    {"TIME", "at 25:00:00 10:11:12,345", "10:11:12,345"},
    {"TIMESTAMP_ISO8601", "[2026-11-23T10:11:12.345+01:00]", "2026-11-23T10:11:12.345+01:00"},
    {"TIMESTAMP_ISO8601", "2026-11-23 10:11:12,345 INFO", "2026-11-23 10:11:12,345"},
    {"TIMESTAMP_ISO8601", "2026-13-23 10:11:12", NULL},
    {"SYSLOGTIMESTAMP", "<38>Nov  3 10:11:12 web1", "Nov  3 10:11:12"},
    {"HTTPDATE", "[23/Nov/2026:10:11:12 +0100]", "23/Nov/2026:10:11:12 +0100"},
    {"LOGLEVEL", "[Warning] x", "Warning"},
    {"LOGLEVEL", "information desk errors", "information"},
};

static void built_in_names_match_whole_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
        char source[32], wanted[80] = "no";

        snprintf(source, sizeof(source), "%%{%s:v}", named[i].name);
        if (named[i].found)
            snprintf(wanted, sizeof(wanted), "v=[%s]", named[i].found);
        check_run(source, span_of(named[i].subject), wanted);
    }
}

static void every_built_in_name_compiles(void **state)
{
    (void)state;
    for (const struct pattern_builtin *row = pattern_names; row->name; row++) {
        struct pattern_fault fault = {0};
        struct pattern *pattern = pattern_compile(span_of(row->body), NULL, 0, &fault);

        check_span(row->name, span_of(fault.message), "");
        check_number(row->name, pattern_capture_count(pattern), 0);
        pattern_free(pattern);
    }
}

struct bad {
    const char *source;
    size_t offset, len;
    const char *message, *hint;
};

#define CAPTURE_HINT "A capture name has letters, digits and _ only, and starts with no digit."

static const struct bad bad[] = {
    {"a (b [)] c", 2, 1, "missing closing parenthesis",
        "Close it, or write \\( for a plain parenthesis."},
    {"%{IP:ip} (%{USER:u", 10, 2, "%{ without its }",
        "Write %{NAME} or %{NAME:capture}, or \\%{ for these two characters."},
    {"%{IP:ip} (x", 9, 1, "missing closing parenthesis",
        "Close it, or write \\( for a plain parenthesis."},
    {"%{IP:ip} x)", 10, 1, "unmatched closing parenthesis", "Write \\) for a plain parenthesis."},
    {"%{IP:ip}[x", 8, 1, "missing terminating ] for character class",
        "Close it, or write \\[ for a plain bracket."},
    {"%{IP} *** x", 7, 1, "quantifier does not follow a repeatable item",
        "Put a backslash before it if it is plain text."},
    {"ab\\", 2, 1, "\\ at end of pattern", "Write \\\\ for a plain backslash."},
    {"%{USRE:user}", 0, 12, "unknown pattern name \"USRE\"", "Did you mean \"USER\"?"},
    {"a %{METHD}", 2, 8, "unknown pattern name \"METHD\"", "Did you mean \"METHOD\"?"},
    {"%{COMBINEDLOG}", 0, 14, "unknown pattern name \"COMBINEDLOG\"",
        "Define it under `patterns:`, or use a built-in one such as IP, USER or NOTSPACE."},
    {"%{}", 0, 3, "not a pattern name: \"\"", ""},
    {"x%{IP:user.ip}", 1, 13, "not a capture name: \"user.ip\"", CAPTURE_HINT},
    {"%{IP:}", 0, 6, "not a capture name: \"\"", CAPTURE_HINT},
    {"%{INT:n:int}", 0, 12, "not a capture name: \"n:int\"",
        "Captures are text, so %{INT:n} has no type: leave off the second colon."},
    {"%{IP}(?<user.ip>x)", 12, 1, "syntax error in subpattern name (missing terminator?)",
        CAPTURE_HINT},
    {"x %{LOOP}", 2, 7, "a named pattern that contains itself: \"LOOP\"", ""},
    {"x %{BROKEN}", 2, 9, "in the pattern \"BROKEN\": quantifier does not follow a repeatable item",
        ""},
    {"\\C", 1, 1, "using \\C is disabled by the application", ""},
    {"(?<=a+)b", 0, 1, "lookbehind assertion is not fixed length",
        "No *, + or {1,9} in a look-behind; \\K at the end of a plain prefix does the same."},
    {"a\xff", 1, 1, "UTF-8 error: illegal byte (0xfe or 0xff)", ""},
};

static void names_the_place_of_every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const struct bad *row = &bad[i];
        struct pattern_fault fault;

        check_row(row->source, !pattern_compile(span_of(row->source), local, LOCALS, &fault));
        check_span(row->source, span_of(fault.message), row->message);
        check_span(row->source, span_of(fault.hint), row->hint);
        check_number(row->source, fault.offset, row->offset);
        check_number(row->source, fault.len, row->len);
    }
}

/* Names A, B, C, …, each of which stands for the next one, `times` times over. */
static void check_chain(size_t length, size_t times, const char *message)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct pattern_name chain[26] = {{SPAN(""), SPAN("")}};
    struct buffer bodies[26] = {{0}};
    struct pattern_fault fault;

    for (size_t i = 0; i < length; i++) {
        for (size_t n = 0; n < times && i + 1 < length; n++)
            buffer_printf(&bodies[i], "%%{%c}", letters[i + 1]);
        chain[i] = (struct pattern_name){{letters + i, 1}, buffer_span(&bodies[i])};
    }
    check_row(message, !pattern_compile(SPAN("x%{A}"), chain, length, &fault));
    check_span(message, span_of(fault.message), message);
    check_number(message, fault.offset, 1);
    check_number(message, fault.len, 4);
    for (size_t i = 0; i < length; i++)
        buffer_finish(&bodies[i]);
}

static void expansion_is_bounded(void **state)
{
    (void)state;
    check_chain(LIMIT_PATTERN_NESTING + 2, 1, "named patterns are nested too deep at \"Q\"");
    check_chain(12, 4, "the pattern is over 32768 bytes once its names are written out");
}

static void runaway_patterns_hit_their_limits(void **state)
{
    struct buffer text = {0};

    (void)state;
    for (int i = 0; i < 30000; i++)
        buffer_append_byte(&text, 'a');
    buffer_append_byte(&text, 'b');
    check_run("(a+)+$", buffer_span(&text), "limit");
    check_run("(?:(a)|b)*[cd]", buffer_span(&text), "limit");
    check_run("a(?<end>b)$", buffer_span(&text), "end=[b]");
    buffer_finish(&text);
}

static void takes_any_bytes_of_a_long_line(void **state)
{
    struct buffer text = {0};

    (void)state;
    while (text.len < LIMIT_LINE_BYTES - 64)
        buffer_append(&text, SPAN("\xff\xc3(\0\xed\xa0\x80 padding "));
    buffer_append(&text, SPAN("login alice\0 from 192.0.2.7\xfe"));
    check_run("login (?<user>[a-z]+)\\x00 from %{IP:ip}", buffer_span(&text),
        "user=[alice] ip=[192.0.2.7]");
    check_run("^.*login (?<user>[a-z]+)", buffer_span(&text), "user=[alice]");
    check_run("logout (?<user>[a-z]+)", buffer_span(&text), "no");
    check_run("x", SPAN(""), "no");
    check_run("^$", (struct span){NULL, 0}, "");
    buffer_finish(&text);
}

static void never_writes_more_captures_than_asked_for(void **state)
{
    struct pattern_fault fault;
    struct pattern *pattern = pattern_compile(SPAN("(?<a>.)(?<b>.)(?<c>.)"), NULL, 0, &fault);
    struct field fields[4] = {{SPAN("kept"), SPAN("kept")}, {{0}, {0}}, {{0}, {0}}, {{0}, {0}}};
    size_t count = 1;

    (void)state;
    assert_int_equal(
        pattern_match(pattern, matcher, SPAN("xyz"), fields, 3, &count), PATTERN_MATCH);
    check_number("most", count, 3);
    check_span("most", fields[0].name, "kept");
    check_span("most", fields[2].value, "y");
    check_span("most", fields[3].name, NULL);
    assert_int_equal(pattern_match(pattern, matcher, SPAN("xyz"), NULL, 0, NULL), PATTERN_MATCH);
    check_number("names", pattern_capture_count(pattern), 3);
    check_span("names", pattern_capture_name(pattern, 2), "c");
    pattern_free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_and_captures_every_row),
        cmocka_unit_test(built_in_names_match_whole_values),
        cmocka_unit_test(every_built_in_name_compiles),
        cmocka_unit_test(names_the_place_of_every_fault),
        cmocka_unit_test(expansion_is_bounded),
        cmocka_unit_test(runaway_patterns_hit_their_limits),
        cmocka_unit_test(takes_any_bytes_of_a_long_line),
        cmocka_unit_test(never_writes_more_captures_than_asked_for),
    };
    int failed;

    matcher = matcher_new();
    failed = cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
    matcher_free(matcher);
    pattern_free(NULL);
    matcher_free(NULL);
    return failed;
}
