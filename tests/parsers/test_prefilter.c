/* SPDX-License-Identifier: MIT
 *
 * parsers/prefilter.c, needs.c and what each format says of its writing, through the
 * engine: it makes the same of any lines as one that runs every rule on every line.
 */
#include "parsers/prefilter.h"
#include "parsers/rule.h"
#include "tests/support/both_ways.h"
#include "tests/support/pattern_maker.h"
#include "tests/support/rules.h"
#include "tests/support/test.h"

#include <glob.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

/* A rule file of one rule, whose head is given. */
static struct span one_rule(const char *format, const char *rule)
{
    static struct buffer yaml;

    buffer_clear(&yaml);
    buffer_printf(&yaml,
        "product: acme\nformat: %s\nrules:\n  - name: one\n    %s\n"
        "    event: {activity_type: LOGIN, user_agent: a, ip_addr: '192.0.2.1'}\n"
        "    samples: [{line: x, event: {}}]\n",
        format, rule);
    buffer_append_byte(&yaml, '\0');
    return buffer_span(&yaml);
}

struct trap {
    const char *name, *format, *rule, *line;
    bool is_taken;
};

static const struct trap traps[] = {
    /* what a format writes in another way */
    {"json escapes a letter", "json", "match: 'logged in'", "{\"msg\":\"log\\u0067ed in\"}", true},
    {"json escapes a slash", "json", "match: 'GET /login'", "{\"msg\":\"GET \\/login\"}", true},
    {"json escapes a quote", "json", "match: 'user \"alice\" in'",
        "{\"msg\":\"user \\\"alice\\\" in\"}", true},
    {"json escapes <", "json", "match: 'from <alice> in'",
        "{\"msg\":\"from \\u003calice\\u003e in\"}", true},
    {"json escapes beyond ASCII", "json", "match: 'caf\xc3\xa9 open'",
        "{\"msg\":\"caf\\u00e9 open\"}", true},
    {"json does not escape beyond ASCII", "json", "match: 'caf\xc3\xa9 open'",
        "{\"msg\":\"caf\xc3\xa9 open\"}", true},
    {"a json value in where", "json", "where: {path: /api/login}", "{\"path\":\"\\/api\\/login\"}",
        true},
    {"a json number", "json", "where: {status: 200}", "{\"status\":200}", true},
    {"a json true", "json", "where: {ok: true}", "{\"ok\":true}", true},
    {"json inside json", "[json, json]", "where: {who: alice}",
        "{\"log\":\"{\\\"who\\\":\\\"\\u005cu0061lice\\\"}\"}", true},
    {"json inside json, escaped twice", "[json, json]", "where: {who: alice}",
        "{\"log\":\"{\\\"who\\\":\\\"\\\\u0061lice\\\"}\"}", true},
    {"json inside syslog", "[syslog, json]", "where: {who: alice}",
        "Nov 23 10:11:12 web1 app[1]: {\"who\":\"al\\u0069ce\"}", true},
    {"auto: json escapes a letter", "auto", "match: 'logged in'", "{\"msg\":\"log\\u0067ed in\"}",
        true},
    {"auto: json inside syslog", "auto", "where: {who: 'al/ice'}",
        "Nov 23 10:11:12 web1 app[1]: {\"who\":\"al\\/ice\"}", true},
    {"auto: json inside docker, escaped twice", "auto", "where: {who: alice}",
        "{\"log\":\"{\\\"who\\\":\\\"\\\\u0061lice\\\"}\\n\",\"stream\":\"stdout\",\"time\":\"2026-"
        "11-23T10:11:12Z\"}",
        true},
    {"auto: a part of docker", "auto", "match: 'logged in'",
        "2026-11-23T10:11:12Z stdout P log\n2026-11-23T10:11:12Z stdout F ged in", true},
    {"auto: logfmt with \\x", "auto", "match: 'logged in'", "a=b msg=\"log\\x67ed in\"", true},
    {"auto: logfmt: a key alone is true", "auto", "where: {admin: true}", "a=1 b=2 admin", true},
    {"auto: a severity of <PRI>", "auto", "where: {severity: info}", "<38>Nov 23 10:11:12 a b: c",
        true},
    {"auto: plain", "auto", "match: 'logged in'", "alice logged in", true},
    {"logfmt with \\x", "logfmt", "match: 'logged in'", "msg=\"log\\x67ed in\"", true},
    {"logfmt with an unknown escape", "logfmt", "match: 'logged in'", "msg=\"log\\ged in\"", true},
    {"logfmt: a key alone is true", "logfmt", "where: {admin: true}", "admin user=alice", true},
    {"logfmt: matched on a key alone", "logfmt", "match: {admin: 'true'}", "admin user=alice",
        true},
    {"logfmt: a message alone is true", "logfmt", "match: 'true'", "msg user=alice", true},
    {"csv doubles a quote", "{csv: [time, message]}", "match: 'user \"alice\" in'",
        "1,\"user \"\"alice\"\" in\"", true},
    {"csv with a newline in quotes", "{csv: [time, message]}", "match: '^in\\nalice'",
        "1,\"in\nalice\"", true},
    {"csv: a line within quotes", "{csv: [time, message]}", "match: '^alice in'",
        "1,\"out\n2,alice in\n\"", false},
    {"csv: the line behind quotes", "{csv: [time, message]}", "match: '^alice in'",
        "1,\"out\n\"\"\n\"\n2,alice in", true},
    {"tsv", "{tsv: [time, message]}", "match: '^alice \"in\"'", "1\talice \"in\"", true},
    {"pipe", "{pipe: [time, message]}", "match: '^alice in'", "1 | \"alice in\"", true},
    {"pairs in '", "pairs", "match: {who: 'o''neil in'}", "x (who='o\\'neil in')", true},
    {"pairs with \\x", "pairs", "match: {who: 'alice in'}", "x (who='al\\x69ce in')", true},
    {"text before json", "text_json", "where: {who: alice, prefix: {matches: 'main.INFO'}}",
        "[1] main.INFO: {\"who\":\"al\\u0069ce\"} []", true},
    {"access with \\x", "access", "where: {path: /login}",
        "192.0.2.7 - - [23/Nov/2026:10:11:12 +0000] \"GET /lo\\x67in HTTP/1.1\" 200 5", true},
    {"access with \\\"", "access", "match: {agent: 'a \"quoted\" one'}",
        "192.0.2.7 - - [23/Nov/2026:10:11:12 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" "
        "\"a \\\"quoted\\\" one\"",
        true},
    {"syslog: a facility from its number", "syslog", "where: {facility: auth}",
        "<38>Nov 23 10:11:12 web1 sshd[7]: in", true},
    {"syslog: a severity from its number", "syslog", "match: {severity: '^info$'}",
        "<38>Nov 23 10:11:12 web1 sshd[7]: in", true},
    {"syslog: structured data", "syslog", "where: {a.user: 'al]ice'}",
        "<38>1 2026-11-23T10:11:12Z web1 sshd - - [a user=\"al\\]ice\"] in", true},
    {"syslog: message repeated", "syslog", "match: '^logged in$'",
        "Nov 23 10:11:12 web1 sshd[7]: message repeated 2 times: [ logged in]", true},
    {"docker escapes a letter", "docker", "match: 'logged in'",
        "{\"log\":\"log\\u0067ed in\\n\",\"stream\":\"stdout\"}", true},
    {"json inside docker, escaped", "[docker, json]", "where: {who: alice}",
        "{\"log\":\"{\\\"who\\\":\\\"\\\\u0061lice\\\"}\\n\",\"stream\":\"stdout\"}", true},
    {"cri in parts", "cri", "match: 'logged in'",
        "2026-11-23T10:11:12Z stdout P log\n2026-11-23T10:11:12Z stdout F ged in", true},
    {"json inside cri, in parts", "[cri, json]", "where: {who: alice}",
        "2026-11-23T10:11:12Z stdout P {\"who\":\"al\n2026-11-23T10:11:12Z stderr F other\n"
        "2026-11-23T10:11:12Z stdout F ice\"}",
        true},
    /* what is taken off before decoding */
    {"colours", "plain", "match: 'logged in'", "log\x1b[1mged\x1b[0m in", true},
    {"a title", "plain", "match: 'logged in'", "log\x1b]0;title\x07ged in", true},
    {"CR LF", "plain", "match: 'logged in$'", "logged in\r", true},
    {"a byte order mark", "plain", "match: '^logged in'", "\xEF\xBB\xBFlogged in", true},
    {"docker compose", "plain", "match: '^logged in'", "web-1  | logged in", true},
    /* patterns */
    {"a long s", "plain", "match: '(?i)session open'",
        "\xc5\xbf"
        "ESSION OPEN",
        true},
    {"the sign for Kelvin", "plain", "match: '(?i)token ok'",
        "TO\xe2\x84\xaa"
        "EN OK",
        true},
    {"caseless", "plain", "match: '(?i)LOGGED in'", "Logged In", true},
    {"caseless from the middle", "plain", "match: 'user (?i)alice'", "user ALICE", true},
    {"caseless in a branch", "plain", "match: '(?:(?i)foo|bar) x'", "BAR x", true},
    {"what is no UTF-8", "plain", "match: 'caf\xc3\xa9 \\S+ open'", "caf\xc3\xa9 \xff open", true},
    {"nothing to look for", "plain", "match: '^[a-z]+$'", "logged", true},
    {"an empty pattern", "plain", "match: 'x*'", "logged in", true},
    {"a look-ahead", "plain", "match: '(?=.*alice)logged'", "logged in alice", true},
    {"not behind", "plain", "match: '(?<!not )logged in'", "is logged in", true},
    {"one of several values", "json", "where: {method: {in: [POST, PUT]}}", "{\"method\":\"PUT\"}",
        true},
    {"what is required", "plain", "requires: 'a\\b\"c'\n    match: '^\\w'", "x a\\b\"c", true},
    {"what is required alone", "plain", "requires: logged in", "x logged in", true},
    {"what is required and not there", "plain", "requires: [alice, 'bob']\n    match: '^\\w'",
        "x alice", false},
    {"one of two clauses", "plain", "match: 'alice.*logged in'", "bob logged in", false},
    {"across a line end", "plain", "match: 'logged.in'", "logged\nin", false},
};

static struct engine_settings settings_for(const struct engine_rules *rules, size_t count)
{
    return (struct engine_settings){
        .instance = SPAN("test"),
        .host_name = SPAN("host"),
        .host_address = SPAN("198.51.100.1"),
        .missing_address = MISSING_HOST,
        .multiline = rules[0].file->multiline,
        .rules = rules,
        .rules_count = count,
    };
}

/* cmocka cuts long messages, so what differs goes out before it fails. */
static void check_both(struct both_ways *both, const char *name, struct span text, bool is_cut)
{
    if (both_ways_feed(both, text, true, is_cut))
        return;
    fprintf(stderr, "%s\n--- lines\n%.*s\n--- quick\n%.*s--- thorough\n%.*s", name, (int)text.len,
        text.at, (int)both->quick_drawn.len, both->quick_drawn.bytes, (int)both->thorough_drawn.len,
        both->thorough_drawn.bytes);
    fail_msg("the two engines differ");
}

static void every_trap_is_seen(void **state)
{
    struct buffer text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(traps) / sizeof(*traps); i++) {
        const struct trap *trap = &traps[i];
        struct loaded_rules loaded = rules_load(one_rule(trap->format, trap->rule).at);
        struct engine_rules rules = {.file = loaded.file};
        struct engine_settings settings = settings_for(&rules, 1);
        struct both_ways both;

        buffer_clear(&text);
        buffer_printf(&text, "(of no interest)\n%s\n(neither)\n", trap->line);
        both_ways_init(&both, &settings);
        check_both(&both, trap->name, buffer_span(&text), false);
        check_row(trap->name, (both.counts.events > 0) == trap->is_taken);
        both_ways_finish(&both);
        rules_unload(&loaded);
    }
    buffer_finish(&text);
}

/* --- generated rules and lines --------------------------------------------- */

enum escapes { ESCAPES_NONE, ESCAPES_JSON, ESCAPES_C, ESCAPES_CSV };

/* How a line of each format is written around a text. A line that goes on with the next
 * one has a head or tail of its own. */
struct writer {
    const char *format, *head, *tail, *part_head, *part_tail;
    enum escapes escapes;
    const char *field; /* that a pattern is for; NULL: the message */
};

static const struct writer writers[] = {
    {.format = "plain", .head = "", .tail = ""},
    {.format = "syslog", .head = "<38>Nov 23 10:11:12 web1 sshd[912]: ", .tail = ""},
    {.format = "json",
        .head = "{\"time\":\"2026-11-23T10:11:12Z\",\"msg\":\"",
        .tail = "\"}",
        .escapes = ESCAPES_JSON},
    {.format = "logfmt",
        .head = "time=2026-11-23T10:11:12Z msg=\"",
        .tail = "\" done",
        .escapes = ESCAPES_C},
    {.format = "text_json",
        .head = "[2026-11-23T10:11:12Z] main.INFO: {\"msg\":\"",
        .tail = "\"} []",
        .escapes = ESCAPES_JSON},
    {.format = "pairs",
        .head = "2026-11-23T10:11:12Z note (msg=\"",
        .tail = "\", done)",
        .escapes = ESCAPES_C},
    {.format = "csv",
        .head = "2026-11-23T10:11:12Z,\"",
        .tail = "\",done",
        .part_tail = "\n\"\"\n\",done",
        .escapes = ESCAPES_CSV,
        .field = "column2"},
    {.format = "tsv", .head = "2026-11-23T10:11:12Z\t", .tail = "\tdone", .field = "column2"},
    {.format = "pipe",
        .head = "2026-11-23T10:11:12Z | ",
        .tail = " | \"done\"",
        .field = "column2"},
    {.format = "access",
        .head = "192.0.2.7 - alice [23/Nov/2026:10:11:12 +0000] \"GET /",
        .tail = " HTTP/1.1\" 200 512 \"-\" \"a\"",
        .escapes = ESCAPES_C,
        .field = "path"},
    {.format = "docker",
        .head = "{\"log\":\"",
        .tail = "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T10:11:12Z\"}",
        .part_tail = "\",\"stream\":\"stdout\",\"time\":\"2026-11-23T10:11:12Z\"}",
        .escapes = ESCAPES_JSON},
    {.format = "cri",
        .head = "2026-11-23T10:11:12Z stdout F ",
        .tail = "",
        .part_head = "2026-11-23T10:11:12Z stdout P "},
    {.format = "auto",
        .head = "{\"log\":\"",
        .tail = "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T10:11:12Z\"}",
        .part_head = "2026-11-23T10:11:12Z stdout P ",
        .part_tail = "\",\"stream\":\"stdout\",\"time\":\"2026-11-23T10:11:12Z\"}",
        .escapes = ESCAPES_JSON},
};

static const struct writer *writer_of(const char *format)
{
    for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++)
        if (strcmp(writers[i].format, format) == 0)
            return &writers[i];
    fail_msg("no lines of the format \"%s\" are tried: it needs a row in writers", format);
    return NULL;
}

/* As the text inside a string: escaped where it must be, and here and there where it
 * need not. */
static void put_escaped(
    struct pattern_maker *maker, struct span text, enum escapes escapes, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (escapes == ESCAPES_NONE)
            buffer_append_byte(out, c);
        else if (escapes == ESCAPES_CSV)
            buffer_append(out, c == '"' ? SPAN("\"\"") : (struct span){text.at + i, 1});
        else if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else if ((unsigned char)c < 0x80 && pattern_maker_below(maker, 40) == 0)
            buffer_printf(
                out, escapes == ESCAPES_JSON || c % 2 ? "\\u%04x" : "\\x%02x", (unsigned)c);
        else if (c == '/' && pattern_maker_below(maker, 3) == 0)
            buffer_append(out, SPAN("\\/"));
        else
            buffer_append_byte(out, c);
    }
}

static void put_written(
    struct pattern_maker *maker, const struct writer *writer, struct span text, struct buffer *out)
{
    bool is_part = pattern_maker_below(maker, 8) == 0;

    buffer_append(out, span_of(is_part && writer->part_head ? writer->part_head : writer->head));
    put_escaped(maker, text, writer->escapes, out);
    buffer_append(out, span_of(is_part && writer->part_tail ? writer->part_tail : writer->tail));
}

/* A line of a chain of formats, mutated here and there. */
static void put_line(struct pattern_maker *maker, const struct writer *outer,
    const struct writer *inner, struct span text, struct buffer *out)
{
    static struct buffer inside;

    buffer_clear(&inside);
    put_written(maker, inner, text, outer ? &inside : out);
    if (outer)
        put_written(maker, outer, buffer_span(&inside), out);
    switch (pattern_maker_below(maker, 12)) {
    case 0:
        if (out->len > 0)
            out->bytes[pattern_maker_below(maker, (unsigned)out->len)] ^= 0x20;
        break;
    case 1:
        buffer_append(out, SPAN("\x1b[0m"));
        break;
    case 2:
        buffer_append(out, SPAN("\r"));
        break;
    default:
        break;
    }
    buffer_append_byte(out, '\n');
}

/* A pattern in single quotes. */
static void put_quoted(struct span text, struct buffer *yaml)
{
    buffer_append_byte(yaml, '\'');
    for (size_t i = 0; i < text.len; i++)
        buffer_append(yaml, text.at[i] == '\'' ? SPAN("''") : (struct span){text.at + i, 1});
    buffer_append_byte(yaml, '\'');
}

enum { RULES_MOST = 6, LINES = 40 };

/* A file of a few rules, and lines that some of them take. */
static void make_case(struct pattern_maker *maker, const struct writer *outer,
    const struct writer *inner, struct buffer *yaml, struct buffer *lines)
{
    unsigned count = 1 + pattern_maker_below(maker, RULES_MOST), made = 0;

    buffer_clear(yaml);
    buffer_printf(yaml, "product: acme\nformat: [%s%s%s]\nrules:\n", outer ? outer->format : "",
        outer ? ", " : "", inner->format);
    while (made < count) {
        struct pattern_fault fault;
        struct pattern *pattern;

        pattern_maker_next(maker);
        pattern = pattern_compile(buffer_span(&maker->pattern), NULL, 0, &fault);
        if (!pattern)
            continue;
        pattern_free(pattern);
        buffer_printf(yaml, "  - name: r%u\n    match: ", made++);
        if (inner->field)
            buffer_printf(yaml, "{%s: ", inner->field);
        put_quoted(buffer_span(&maker->pattern), yaml);
        if (inner->field)
            buffer_append(yaml, SPAN("}"));
        if (pattern_maker_below(maker, 5) == 0)
            buffer_append(yaml, SPAN("\n    ignore: true\n    samples: [{line: x}]\n"));
        else
            buffer_printf(yaml,
                "\n    continue: %s\n    event: {activity_type: LOGIN, user_agent: a, "
                "ip_addr: '192.0.2.1'}\n    samples: [{line: x, event: {}}]\n",
                pattern_maker_below(maker, 3) == 0 ? "true" : "false");
        for (unsigned i = 0; i < LINES / count; i++)
            put_line(maker, outer, inner, pattern_maker_text(maker), lines);
    }
    buffer_append_byte(yaml, '\0');
}

/* Random rules of this format, alone or inside another one, beside a file of its own
 * choice; returns how many events came of the lines. */
static uint64_t compare_format(struct pattern_maker *maker, const struct writer *inner)
{
    size_t count = sizeof(writers) / sizeof(*writers);
    struct buffer yaml[2] = {{0}, {0}}, lines = {0}; /* rules point into their text */
    struct loaded_rules loaded[2];
    struct engine_rules rules[2];
    struct engine_settings settings;
    struct both_ways both;
    uint64_t events;

    for (size_t i = 0; i < 2; i++) {
        const struct writer *outer = &writers[pattern_maker_below(maker, (unsigned)count)];
        bool is_alone = pattern_maker_below(maker, 3) > 0 || outer->field;

        make_case(maker, is_alone ? NULL : outer, inner, &yaml[i], &lines);
        loaded[i] = rules_load(yaml[i].bytes);
        rules[i] = (struct engine_rules){.file = loaded[i].file};
        inner = &writers[pattern_maker_below(maker, (unsigned)count)];
    }
    settings = settings_for(rules, 2);
    both_ways_init(&both, &settings);
    check_both(&both, yaml[1].bytes, buffer_span(&lines), false);
    check_both(&both, yaml[1].bytes, buffer_span(&lines), true);
    events = both.counts.events;
    both_ways_finish(&both);
    for (size_t i = 0; i < 2; i++) {
        rules_unload(&loaded[i]);
        buffer_finish(&yaml[i]);
    }
    buffer_finish(&lines);
    return events;
}

static void any_rules_and_lines_of_each_format_come_out_the_same(void **state)
{
    struct pattern_maker maker = {.seed = pattern_maker_seed()};
    int runs = pattern_maker_runs(test_is_brief() ? 3 : 25);

    (void)state;
    for (const struct format *format = formats; format->name; format++) {
        uint64_t events = 0;

        for (int i = 0; i < runs; i++)
            events += compare_format(&maker, writer_of(format->name));
        if (runs >= 25 && events < 50)
            fail_msg("only %u events of the format \"%s\"", (unsigned)events, format->name);
    }
    pattern_maker_finish(&maker);
}

/* Lines that are only remembered, counted or left out are found like any other, in their
 * order, among lines that nobody wants. */
static void what_rules_keep_between_lines_comes_out_the_same(void **state)
{
    static const char yaml[] =
        "product: acme\nrules:\n"
        "  - name: opened\n    match: ' opened (?<id>\\d+) from (?<ip>\\S+)'\n"
        "    remember: {key: '${id}', keep: ip}\n    samples: [{line: x}]\n"
        "  - name: login\n    match: ' login (?<id>\\d+) of (?<user>\\w+)'\n    recall: '${id}'\n"
        "    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}'}\n"
        "    once: {per: [user_id, ip_addr], every: 1h}\n    samples: [{line: x}]\n"
        "  - name: call\n    match: ' call (?<id>\\d+) from (?<ip>\\S+)'\n    pair: '${id}'\n"
        "    event: {activity_type: CALL, ip_addr: '${ip}', user_agent: Acme}\n"
        "    count: {every: 1m, by: ip_addr, grace: 10s}\n    samples: [{line: x}]\n";
    static const struct {
        const char *before, *between;
    } shapes[] = {{"opened ", " from 192.0.2."}, {"login ", " of user"},
        {"call ", " from 192.0.2."}, {"nothing of ", " in "}, {"failed ", " of "}};
    struct pattern_maker maker = {.seed = pattern_maker_seed()};
    struct loaded_rules loaded = rules_load(yaml);
    struct engine_rules rules = {.file = loaded.file};
    struct engine_settings settings = settings_for(&rules, 1);
    struct both_ways both;
    struct buffer lines = {0};

    (void)state;
    both_ways_init(&both, &settings);
    for (int run = 0; run < 20; run++) {
        buffer_clear(&lines);
        for (unsigned i = 0; i < 300; i++) {
            unsigned at = i < 20 ? i : i - pattern_maker_below(&maker, 20);
            unsigned shape = pattern_maker_below(&maker, 5);

            buffer_printf(&lines, "2026-11-23T10:%02u:%02uZ %s%u%s%u\n", at / 60, at % 60,
                shapes[shape].before, pattern_maker_below(&maker, 40), shapes[shape].between,
                pattern_maker_below(&maker, 4));
        }
        check_both(&both, "kept", buffer_span(&lines), false);
    }
    check_row("events", both.counts.events > 400 && both.counts.lines[LINE_MATCHED] > 2500);
    both_ways_finish(&both);
    rules_unload(&loaded);
    buffer_finish(&lines);
    pattern_maker_finish(&maker);
}

/* The first line that is of interest in many that are alike, and one behind them. */
static size_t lines_before_one_of_interest(
    struct prefilter *prefilter, const char *alike, const char *last)
{
    enum { LINES_ALIKE = 10000 };
    struct buffer text = {0};
    const char *next;
    size_t lines = 0;

    for (unsigned i = 0; i < LINES_ALIKE; i++)
        buffer_printf(&text, "%u %s\n", i, alike);
    buffer_printf(&text, "%s\n", last);
    prefilter_begin(prefilter, buffer_span(&text));
    next = prefilter_next(prefilter, text.bytes);
    for (const char *p = text.bytes; p < (next ? next : text.bytes + text.len); p++)
        lines += *p == '\n';
    buffer_finish(&text);
    return lines;
}

static void a_rule_is_looked_for_by_what_is_rare_in_the_log(void **state)
{
    struct loaded_rules loaded =
        rules_load(one_rule("plain", "match: 'opened a session .* by way of the door'").at);
    struct engine_rules rules = {.file = loaded.file};
    struct engine_settings settings = settings_for(&rules, 1);
    struct roster roster;
    struct prefilter *prefilter;

    (void)state;
    roster_init(&roster, &settings);
    prefilter = prefilter_new(&roster);
    check_number("the first text",
        lines_before_one_of_interest(
            prefilter, "opened a session as before", "alice opened a session by way of the door"),
        10000);
    check_number("the second one, after a while",
        lines_before_one_of_interest(prefilter, "left by way of the door as before",
            "alice opened a session by way of the door"),
        10000);
    prefilter_free(prefilter);
    roster_finish(&roster);
    rules_unload(&loaded);
}

enum { PRODUCTS = 20, RULES_EACH = 50 };

static void of_a_thousand_rules_only_those_that_a_line_is_for_take_it(void **state)
{
    struct loaded_rules loaded[PRODUCTS];
    struct engine_rules rules[PRODUCTS];
    struct buffer yaml[PRODUCTS] = {{0}};
    struct engine_settings settings;
    struct both_ways both;

    (void)state;
    for (unsigned i = 0; i < PRODUCTS; i++) {
        buffer_printf(&yaml[i], "product: p%u\nformat: syslog\nrules:\n", i);
        for (unsigned j = 0; j < RULES_EACH; j++)
            buffer_printf(&yaml[i],
                "  - name: r%u\n    match: '^user (?<u>\\w+) did thing %u of product %u$'\n"
                "    event: {activity_type: LOGIN, user_id: '${u}', ip_addr: '192.0.2.1'}\n"
                "    samples: [{line: x, event: {}}]\n",
                j, j, i);
        buffer_append_byte(&yaml[i], '\0');
        loaded[i] = rules_load(yaml[i].bytes);
        rules[i] = (struct engine_rules){.file = loaded[i].file};
    }
    settings = settings_for(rules, PRODUCTS);
    both_ways_init(&both, &settings);
    check_both(&both, "thousand",
        SPAN("Nov 23 10:11:12 web1 app[1]: user alice did thing 7 of no product\n"
             "Nov 23 10:11:12 web1 app[1]: user alice did thing 7 of product 19\n"),
        false);
    check_number("events", both.counts.events, 1);
    both_ways_finish(&both);
    for (unsigned i = 0; i < PRODUCTS; i++) {
        rules_unload(&loaded[i]);
        buffer_finish(&yaml[i]);
    }
}

/* --- records of several lines ---------------------------------------------- */

static const char *const framed[] = {
    "product: acme\nmultiline: {start: '^\\d'}\nrules:\n"
    "  - name: one\n    match: 'first\\n.*second'\n"
    "    event: {activity_type: LOGIN, user_agent: a}\n    samples: [{line: x, event: {}}]\n",
    "product: acme\nmultiline: {continues: '^\\s'}\nrules:\n"
    "  - name: one\n    match: '(?s)first.*second'\n"
    "    event: {activity_type: LOGIN, user_agent: a}\n    samples: [{line: x, event: {}}]\n",
};

static void records_of_several_lines_come_out_the_same(void **state)
{
    static const char *const pieces[] = {"1 first\n", " second\n", " \n", "2\n", "first\n",
        "second\r\n", " and so on\n", "3 first second\n", " web-1  | second\n", "\n"};
    unsigned seed = 3;
    struct buffer lines = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct loaded_rules loaded = rules_load(framed[i]);
        struct engine_rules rules = {.file = loaded.file};
        struct engine_settings settings = settings_for(&rules, 1);
        struct both_ways both;

        both_ways_init(&both, &settings);
        for (int round = 0; round < 300; round++) {
            bool is_long = round % 30 == 0;

            buffer_clear(&lines);
            for (unsigned j = 0; j < (is_long ? 5000u : 20u); j++) {
                unsigned piece;

                seed = seed * 1664525u + 1013904223u;
                piece = (seed >> 8) % (is_long && j % 1100 != 0 ? 3 : 10);
                buffer_append(&lines, span_of(pieces[is_long && piece == 0 ? 6 : piece]));
            }
            if (!both_ways_feed(&both, buffer_span(&lines), round % 2, round % 5 == 4))
                fail_msg("round %d\nquick: %.*sthorough: %.*s", round, (int)both.quick_drawn.len,
                    both.quick_drawn.bytes, (int)both.thorough_drawn.len,
                    both.thorough_drawn.bytes);
        }
        assert_true(both.counts.events > 100);
        assert_true(both.counts.lines[LINE_TOO_LONG] > 0);
        both_ways_finish(&both);
        rules_unload(&loaded);
    }
    buffer_finish(&lines);
}

/* --- the rule library ------------------------------------------------------ */

static char *read_whole(const char *path)
{
    struct buffer text = {0};
    FILE *file = fopen(path, "r");
    size_t n;

    if (!file)
        return NULL;
    while ((n = fread(buffer_reserve(&text, 65536), 1, 65536, file)) > 0)
        text.len += n;
    fclose(file);
    buffer_append_byte(&text, '\0');
    return text.bytes;
}

/* Every sample of the file as a line. */
static void put_samples(const struct rule_file *file, struct buffer *lines)
{
    for (size_t i = 0; i < file->count; i++)
        for (size_t j = 0; j < file->rules[i].sample_count; j++) {
            buffer_append(lines, file->rules[i].samples[j].line);
            buffer_append_byte(lines, '\n');
        }
}

/* The same lines with a byte changed in each. */
static void mutate(struct pattern_maker *maker, struct buffer *lines)
{
    for (size_t i = 0; i < lines->len; i += 1 + pattern_maker_below(maker, 200))
        if (lines->bytes[i] != '\n')
            lines->bytes[i] = "\\\"x\x1b\xe9 0"[pattern_maker_below(maker, 7)];
}

static void compare_library(struct buffer *lines, uint64_t events_least)
{
    struct pattern_maker maker = {.seed = 5};
    size_t step = test_is_brief() ? 4 : 1;
    uint64_t events = 0;
    glob_t paths;

    assert_int_equal(glob("rules/*.yaml", 0, NULL, &paths), 0);
    for (int round = 0; round < (test_is_brief() ? 1 : 3); round++) {
        for (size_t i = 0; i < paths.gl_pathc; i += step) {
            char *yaml = read_whole(paths.gl_pathv[i]);
            struct loaded_rules loaded = rules_load(yaml);
            struct engine_rules rules = {.file = loaded.file};
            struct engine_settings settings = settings_for(&rules, 1);
            struct both_ways both;

            if (round == 0)
                put_samples(loaded.file, lines);
            both_ways_init(&both, &settings);
            check_both(&both, paths.gl_pathv[i], buffer_span(lines), false);
            events += both.counts.events;
            both_ways_finish(&both);
            rules_unload(&loaded);
            free(yaml);
        }
        mutate(&maker, lines);
    }
    assert_true(events >= events_least);
    globfree(&paths);
}

static void the_rule_library_takes_the_same_samples(void **state)
{
    struct buffer lines = {0};

    (void)state;
    compare_library(&lines, 20);
    buffer_finish(&lines);
}

static void the_rule_library_takes_the_same_of_real_lines(void **state)
{
    char *cases = read_whole("../shared/cases/cases.jsonl");
    struct span rest = span_of(cases);
    struct buffer lines = {0};

    (void)state;
    if (!cases) {
        print_message("skipped: there is no ../shared\n");
        skip();
    }
    while (rest.at) {
        struct span line = span_cut(&rest, '\n');
        char *terminated = test_malloc(line.len + 1);
        struct json_object *row, *text;

        memcpy(terminated, line.at, line.len);
        terminated[line.len] = '\0';
        row = json_tokener_parse(terminated);
        if (row && json_object_object_get_ex(row, "line", &text)) {
            buffer_append(&lines, span_of(json_object_get_string(text)));
            buffer_append_byte(&lines, '\n');
        }
        json_object_put(row);
        test_free(terminated);
        for (unsigned j = 1; test_is_brief() && j < 20 && rest.at; j++)
            span_cut(&rest, '\n');
    }
    compare_library(&lines, 50);
    buffer_finish(&lines);
    free(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trap_is_seen),
        cmocka_unit_test(any_rules_and_lines_of_each_format_come_out_the_same),
        cmocka_unit_test(what_rules_keep_between_lines_comes_out_the_same),
        cmocka_unit_test(a_rule_is_looked_for_by_what_is_rare_in_the_log),
        cmocka_unit_test(of_a_thousand_rules_only_those_that_a_line_is_for_take_it),
        cmocka_unit_test(records_of_several_lines_come_out_the_same),
        cmocka_unit_test(the_rule_library_takes_the_same_samples),
        cmocka_unit_test(the_rule_library_takes_the_same_of_real_lines),
    };

    return cmocka_run_group_tests_name("prefilter", tests, NULL, NULL);
}
