/* SPDX-License-Identifier: MIT
 *
 * parsers/engine.c and fill.c through engine.h: rule files as text, a chunk of
 * lines in, events drawn as text out.
 */
#include "parsers/engine.h"
#include "parsers/rule.h"
#include "tests/support/rules.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

static const char login_rules[] =
    "product: acme\n"
    "format: logfmt\n"
    "rules:\n"
    "  - name: probe\n"
    "    where: {agent: {matches: '^probe'}}\n"
    "    ignore: true\n"
    "    samples: [{line: 'a=1 agent=probe/1'}]\n"
    "  - name: login\n"
    "    match: '^logged in'\n"
    "    unless: 'by machine'\n"
    "    event:\n"
    "      activity_type: LOGIN\n"
    "      user_id: ['${user}', '${mail}']\n"
    "      ip_addr: ['${xff}', '${ip}']\n"
    "      user_agent: ${agent}\n"
    "      meta: {how: '${how}', where: 'at ${place:-home}'}\n"
    "    samples: [{line: 'msg=\"logged in\" user=a ip=192.0.2.1', event: {user_id: a}}]\n";

static const char all_rules[] =
    "product: other\n"
    "format: plain\n"
    "rules:\n"
    "  - name: any\n"
    "    match: 'user=(?<u>\\S+)'\n"
    "    continue: true\n"
    "    event: {activity_type: SEEN, user_id: '${u}', ip_addr: '${self.ip}'}\n"
    "    samples: [{line: 'user=a', event: {user_id: a}}]\n"
    "  - name: slow\n"
    "    match: '(a+)+$'\n"
    "    event: {activity_type: SLOW, user_id: x, ip_addr: 192.0.2.9}\n"
    "    samples: [{line: 'aa', event: {user_id: x}}]\n";

static struct buffer drawn;

static void put(const char *name, struct span value)
{
    if (value.at)
        buffer_printf(&drawn, " %s=%.*s", name, (int)value.len, value.at);
}

static void draw_event(void *arg, const struct event *event)
{
    (void)arg;
    buffer_printf(&drawn, "%.*s@%llu", (int)event->rule.len, event->rule.at,
        (unsigned long long)event->offset);
    put("type", event->user_id_type);
    put("user", event->user_id);
    put("ip", event->ip_addr);
    put("agent", event->user_agent);
    for (size_t i = 0; i < event->meta_count; i++) {
        buffer_append_byte(&drawn, ' ');
        buffer_append(&drawn, event->meta[i].name);
        buffer_append_byte(&drawn, ':');
        buffer_append(&drawn, event->meta[i].value);
    }
    buffer_append_byte(&drawn, '\n');
}

static void draw_incomplete(void *arg, const struct incomplete *incomplete)
{
    (void)arg;
    buffer_printf(&drawn, "%.*s@%llu incomplete %s\n", (int)incomplete->rule_name.len,
        incomplete->rule_name.at, (unsigned long long)incomplete->offset, incomplete->field);
}

static const struct engine_output output = {.event = draw_event, .incomplete = draw_incomplete};
static const struct engine_source here = {
    .source_id = {"here", 4}, .time = {.reference_s = 1795428672, .zone = &zone_utc}};

/* Runs one rule file over text; what came is in `drawn`. */
static struct engine_counts run(
    const char *yaml, struct span text, enum missing_address missing, bool is_cut)
{
    struct loaded_rules loaded = rules_load(yaml);
    const struct engine_rules rules = {.file = loaded.file};
    const struct engine_settings settings = {
        .instance = SPAN("test"),
        .host_address = SPAN("198.51.100.1"),
        .missing_address = missing,
        .rules = &rules,
        .rules_count = 1,
    };
    const struct engine_chunk chunk = {.bytes = text, .offset = 1000, .is_cut = is_cut};
    struct engine *engine = engine_new(&settings);
    struct engine_counts counts = {0};

    buffer_clear(&drawn);
    engine_feed(engine, &here, &chunk, &output, &counts);
    engine_free(engine);
    rules_unload(&loaded);
    return counts;
}

struct row {
    const char *line, *events;
    enum line_class class;
};

static const struct row rows[] = {
    {"msg=\"logged in\" user=alice ip=203.0.113.7 agent=x/1 how=sso",
        "login@1000 type=USERNAME user=alice ip=203.0.113.7 agent=x/1 how:sso where:at home\n",
        LINE_MATCHED},
    {"msg=\"logged in\" user=- mail=bob@corp.example xff=\"10.0.0.1, 198.51.100.23\" "
     "ip=203.0.113.7 place=work",
        "login@1000 type=EMAIL user=bob@corp.example ip=198.51.100.23 where:at work\n",
        LINE_MATCHED},
    {"msg=\"logged in\" user=admin@localhost ip=[2001:db8::7]:5022",
        "login@1000 type=USERNAME user=admin@localhost ip=2001:db8::7 where:at home\n",
        LINE_MATCHED},
    {"msg=\"logged in\" user=anonymous agent=curl/8 ip=203.0.113.7",
        "login@1000 ip=203.0.113.7 agent=curl/8 where:at home\n", LINE_MATCHED},
    {"msg=\"logged in\" user=anonymous ip=203.0.113.7", "login@1000 incomplete user_id\n",
        LINE_INCOMPLETE},
    {"msg=\"logged in\" user=alice ip=app.example.com", "login@1000 incomplete ip_addr\n",
        LINE_INCOMPLETE},
    {"msg=\"logged in by machine\" user=alice ip=203.0.113.7", "", LINE_NO_RULE},
    {"msg=\"logged out\" user=alice ip=203.0.113.7", "", LINE_NO_RULE},
    {"msg=\"logged in\" user=alice ip=203.0.113.7 agent=probe/2", "", LINE_IGNORED},
    {"not logfmt at all", "", LINE_NO_RULE},
    {"msg=\"logged in\" user=alice ip=203.0.113.7 broken=\"", "", LINE_NO_RULE},
    {"", "", LINE_NO_RULE},
};

static void makes_of_each_line_what_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buffer text = {0};
        struct engine_counts counts;

        buffer_printf(&text, "%s\n", rows[i].line);
        counts = run(login_rules, buffer_span(&text), MISSING_INCOMPLETE, false);
        check_span(rows[i].line, buffer_span(&drawn), rows[i].events);
        check_number(rows[i].line, counts.lines[rows[i].class], 1);
        check_number(rows[i].line, counts.bytes[rows[i].class], text.len);
        buffer_finish(&text);
    }
}

static void every_byte_of_a_chunk_is_in_one_class(void **state)
{
    const struct span text = SPAN("msg=\"logged in\" user=a ip=192.0.2.1\r\nnoise\n\n"
                                  "msg=\"logged in\" user=b ip=192.0.2.2\n"
                                  "msg=\"logged in\" ip=192.0.2.2");
    struct engine_counts counts = run(login_rules, text, MISSING_INCOMPLETE, false);
    uint64_t bytes = 0;

    (void)state;
    check_span("events", buffer_span(&drawn),
        "login@1000 type=USERNAME user=a ip=192.0.2.1 where:at home\n"
        "login@1044 type=USERNAME user=b ip=192.0.2.2 where:at home\n"
        "login@1080 incomplete user_id\n");
    for (int class = 0; class < LINE_CLASSES; class ++)
        bytes += counts.bytes[class];
    check_number("bytes", bytes, text.len);
    check_number("matched", counts.lines[LINE_MATCHED], 2);
    check_number("no rule", counts.lines[LINE_NO_RULE], 2);
    check_number("incomplete", counts.lines[LINE_INCOMPLETE], 1);
    check_number("events", counts.events, 2);
}

static void a_line_without_an_address_gets_the_hosts_when_the_settings_say_so(void **state)
{
    (void)state;
    run(login_rules, SPAN("msg=\"logged in\" user=alice\n"), MISSING_HOST, false);
    check_span("host", buffer_span(&drawn),
        "login@1000 type=USERNAME user=alice ip=198.51.100.1 where:at home\n");
}

static void no_line_sets_a_field_of_its_source(void **state)
{
    static const struct field fields[] = {{{"peer.ip", 7}, {"203.0.113.7", 11}}};
    struct loaded_rules loaded = rules_load(
        "product: acme\nformat: logfmt\nrules:\n  - name: in\n    where: {peer.ip: 203.0.113.7}\n"
        "    match: in\n    event: {activity_type: IN, user_id: a, ip_addr: '${peer.ip}'}\n"
        "    samples: [{line: 'k=v in', fields: {peer.ip: 203.0.113.7}, event: {user_id: a}}]\n");
    const struct engine_rules rules = {.file = loaded.file};
    const struct engine_settings settings = {.rules = &rules, .rules_count = 1};
    const struct engine_chunk chunk = {.bytes = SPAN("peer.ip=198.51.100.7 msg=in\n")};
    struct engine *engine = engine_new(&settings);
    struct engine_counts counts = {0};
    struct engine_source source = here;

    (void)state;
    buffer_clear(&drawn);
    engine_feed(engine, &source, &chunk, &output, &counts);
    check_number("the line alone", counts.lines[LINE_NO_RULE], 1);
    source.fields = fields;
    source.field_count = 1;
    engine_feed(engine, &source, &chunk, &output, &counts);
    check_span("the source", buffer_span(&drawn), "in@0 type=USERNAME user=a ip=203.0.113.7\n");
    engine_free(engine);
    rules_unload(&loaded);
}

/* The files of a format need not stand together: a line is decoded for each in turn. */
static void each_file_sees_the_line_in_its_own_format(void **state)
{
    const char *const yamls[] = {login_rules, all_rules, login_rules};
    struct loaded_rules loaded[3];
    struct engine_rules rules[3];
    const struct engine_settings settings = {
        .instance = SPAN("test"),
        .host_address = SPAN("198.51.100.1"),
        .rules = rules,
        .rules_count = 3,
    };
    const struct span text = SPAN("msg=\"logged in\" user=a ip=192.0.2.1\n");
    const struct engine_chunk chunk = {.bytes = text, .offset = 1000};
    struct engine_counts counts = {0};
    struct engine *engine;

    (void)state;
    for (int i = 0; i < 3; i++) {
        loaded[i] = rules_load(yamls[i]);
        rules[i] = (struct engine_rules){.file = loaded[i].file};
    }
    engine = engine_new(&settings);
    buffer_clear(&drawn);
    engine_feed(engine, &here, &chunk, &output, &counts);
    check_span("each", buffer_span(&drawn),
        "login@1000 type=USERNAME user=a ip=192.0.2.1 where:at home\n"
        "any@1000 type=USERNAME user=a ip=198.51.100.1\n"
        "login@1000 type=USERNAME user=a ip=192.0.2.1 where:at home\n");
    check_number("one line", counts.lines[LINE_MATCHED], 1);
    engine_free(engine);
    for (int i = 0; i < 3; i++)
        rules_unload(&loaded[i]);
}

static void continue_lets_a_line_go_on(void **state)
{
    struct engine_counts counts = run(all_rules, SPAN("user=aaa\n"), MISSING_INCOMPLETE, false);

    (void)state;
    check_span("both", buffer_span(&drawn),
        "any@1000 type=USERNAME user=aaa ip=198.51.100.1\n"
        "slow@1000 type=USERNAME user=x ip=192.0.2.9\n");
    check_number("one line", counts.lines[LINE_MATCHED], 1);
    check_number("two events", counts.events, 2);
}

static void a_pattern_at_its_limits_is_counted_and_the_others_go_on(void **state)
{
    struct buffer text = {0};
    struct engine_counts counts;

    (void)state;
    memset(buffer_reserve(&text, 30000), 'a', 30000);
    text.len = 30000;
    buffer_append(&text, SPAN("b\nuser=z b\n"));
    counts = run(all_rules, buffer_span(&text), MISSING_INCOMPLETE, false);
    check_span(
        "second line", buffer_span(&drawn), "any@31002 type=USERNAME user=z ip=198.51.100.1\n");
    check_number("rule error", counts.lines[LINE_RULE_ERROR], 1);
    check_number("matched", counts.lines[LINE_MATCHED], 1);
    buffer_finish(&text);
}

static void what_the_source_knows_stands_in_no_line(void **state)
{
    static const char *const names[] = {"peer.ip", "of.another.kind"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct field field = {span_of(names[i]), SPAN("203.0.113.7")};
        const struct engine_chunk chunk = {.bytes = SPAN("{}\n"), .is_final = true};
        struct engine_source source = here;
        struct engine_rules rules = {.file = NULL};
        struct engine_settings settings = {
            .instance = SPAN("test"), .rules = &rules, .rules_count = 1};
        struct engine_counts counts = {0};
        struct loaded_rules loaded;
        struct buffer yaml = {0};
        struct engine *engine;

        buffer_printf(&yaml,
            "product: acme\nformat: json\nrules:\n  - name: one\n    where: {%s: 203.0.113.7}\n"
            "    event: {activity_type: X, user_agent: a, ip_addr: 192.0.2.1}\n"
            "    samples: [{line: x, event: {}}]\n",
            names[i]);
        buffer_append_byte(&yaml, '\0');
        loaded = rules_load(yaml.bytes);
        rules.file = loaded.file;
        source.fields = &field;
        source.field_count = 1;
        engine = engine_new(&settings);
        engine_feed(engine, &source, &chunk, &output, &counts);
        check_number(names[i], counts.events, 1);
        engine_free(engine);
        rules_unload(&loaded);
        buffer_finish(&yaml);
    }
}

static const char runaway_rules[] =
    "product: acme\n"
    "rules:\n"
    "  - name: runaway\n"
    "    match: 'slow (a+)+$'\n"
    "    event: {activity_type: X, user_agent: b, ip_addr: '192.0.2.1'}\n"
    "    samples: [{line: x, event: {}}]\n"
    "  - name: other\n"
    "    match: 'from (?<u>\\w+)'\n"
    "    event: {activity_type: X, user_id: '${u}', ip_addr: '192.0.2.1'}\n"
    "    samples: [{line: x, event: {}}]\n";

static unsigned suspended, happened;

static void count_event(void *arg, const struct event *event)
{
    (void)arg;
    (void)event;
    happened++;
}

static void count_suspended(void *arg, struct span product, struct span rule_name)
{
    (void)arg;
    check_span("product", product, "acme");
    check_span("rule", rule_name, "runaway");
    suspended++;
}

static void a_rule_at_its_limits_is_suspended_for_a_minute(void **state)
{
    const struct engine_output told = {.event = count_event, .suspended = count_suspended};
    struct loaded_rules loaded = rules_load(runaway_rules);
    const struct engine_rules rules = {.file = loaded.file};
    const struct engine_settings settings = {
        .instance = SPAN("test"), .rules = &rules, .rules_count = 1};
    struct engine *engine = engine_new(&settings);
    struct engine_counts counts = {0};
    struct engine_source source = here;
    struct buffer line = {0};
    struct engine_chunk chunk = {.is_final = true};

    (void)state;
    buffer_printf(&line, "slow %0100d from carol\n", 0);
    memset(line.bytes + 5, 'a', 100);
    chunk.bytes = buffer_span(&line);
    suspended = happened = 0;
    for (unsigned i = 0; i < 5 * LIMIT_RULE_ERRORS; i++)
        engine_feed(engine, &source, &chunk, &told, &counts);
    check_number("suspended", suspended, 1);
    check_number("the other rule goes on", happened, 5 * LIMIT_RULE_ERRORS);

    chunk.bytes = SPAN("slow aaa\nslow from\nfaster\n");
    engine_feed(engine, &source, &chunk, &told, &counts);
    check_number("not run", happened, 5 * LIMIT_RULE_ERRORS);
    check_number("rule error", counts.lines[LINE_RULE_ERROR], 2);
    check_number("no rule", counts.lines[LINE_NO_RULE], 1);
    source.now_ms = 60000;
    engine_feed(engine, &source, &chunk, &told, &counts);
    check_number("tried again", happened, 5 * LIMIT_RULE_ERRORS + 1);
    check_number("rule error", counts.lines[LINE_RULE_ERROR], 2);

    /* Now and then is no trouble. */
    chunk.bytes = buffer_span(&line);
    for (unsigned i = 0; i < 5 * LIMIT_RULE_ERRORS; i++) {
        source.now_ms += 60000 / (LIMIT_RULE_ERRORS - 2);
        engine_feed(engine, &source, &chunk, &told, &counts);
    }
    check_number("suspended", suspended, 1);
    buffer_finish(&line);
    engine_free(engine);
    rules_unload(&loaded);
}

static const char near_rules[] =
    "product: acme\n"
    "format: logfmt\n"
    "rules:\n"
    "  - name: noise\n"
    "    match: 'opened for nobody'\n"
    "    ignore: true\n"
    "    samples: [{line: 'msg=\"opened for nobody\"'}]\n"
    "  - name: login\n"
    "    match: 'opened for (?<u>[a-z]+)$'\n"
    "    unless: 'root'\n"
    "    event: {activity_type: X, user_id: '${u}', ip_addr: '192.0.2.1'}\n"
    "    samples: [{line: x, event: {}}]\n"
    "  - name: audit\n"
    "    where: {kind: audit, act: {matches: '^edit'}}\n"
    "    event: {activity_type: Y, user_id: '${u}', ip_addr: '192.0.2.1'}\n"
    "    samples: [{line: x, event: {}}]\n"
    "  - name: guest\n"
    "    match: 'opened for (?<u>guest\\d)'\n"
    "    event: {activity_type: X, user_id: '${u}', ip_addr: '192.0.2.1'}\n"
    "    samples: [{line: x, event: {}}]\n";

static void draw_tally(
    void *arg, struct span product, struct span rule_name, const struct engine_tally *tally)
{
    (void)arg;
    buffer_printf(&drawn, "%.*s/%.*s %llu %llu %llu %llu\n", (int)product.len, product.at,
        (int)rule_name.len, rule_name.at, (unsigned long long)tally->candidates,
        (unsigned long long)tally->matched, (unsigned long long)tally->near_misses,
        (unsigned long long)tally->errors);
}

static void what_came_near_a_rule_is_tallied(void **state)
{
    const struct engine_output told = {.event = count_event, .tally = draw_tally};
    struct loaded_rules loaded = rules_load(near_rules);
    const struct engine_rules rules = {.file = loaded.file};
    const struct engine_settings settings = {
        .instance = SPAN("test"), .rules = &rules, .rules_count = 1};
    struct engine *engine = engine_new(&settings);
    struct engine_counts counts = {0};
    const struct engine_chunk chunk = {.is_final = true,
        .bytes = SPAN("msg=\"opened for nobody\"\n"        /* passed over: near nothing */
                      "msg=\"opened for alice\"\n"         /* taken */
                      "msg=\"opened for Bob\"\n"           /* near login, not guest: no guest */
                      "msg=\"opened for guest7\"\n"        /* not login, but taken by guest */
                      "msg=\"opened for root\"\n"          /* on purpose */
                      "msg=\"closed for alice\"\n"         /* lacks a text */
                      "kind=audit act=view u=edit\n"       /* near audit: a condition held */
                      "kind=auditor act=edit u=a\n"        /* none did */
                      "kind=audit act=edit u=a msg=x\n")}; /* taken */

    (void)state;
    buffer_clear(&drawn);
    engine_feed(engine, &here, &chunk, &told, &counts);
    check_span("tallies", buffer_span(&drawn),
        "acme/login 4 1 1 0\n"
        "acme/audit 3 1 1 0\n"
        "acme/guest 1 1 0 0\n");
    buffer_clear(&drawn);
    engine_feed(engine, &here, &(struct engine_chunk){.bytes = SPAN("nothing\n")}, &told, &counts);
    check_span("of another chunk", buffer_span(&drawn), "");
    engine_free(engine);
    rules_unload(&loaded);
}

static void a_cut_line_is_still_matched_and_else_too_long(void **state)
{
    struct engine_counts counts =
        run(all_rules, SPAN("user=z and much more"), MISSING_INCOMPLETE, true);

    (void)state;
    check_number("matched", counts.lines[LINE_MATCHED], 1);
    counts = run(all_rules, SPAN("nothing"), MISSING_INCOMPLETE, true);
    check_number("too long", counts.lines[LINE_TOO_LONG], 1);
}

/* --- records of several lines ----------------------------------------------- */

static const char trace_rules[] =
    "product: traces\n"
    "multiline: {start: '^\\d{4}-'}\n"
    "rules:\n"
    "  - name: failure\n"
    "    match: '^\\S+ (?<user>\\w+) failed\\n(?sm:.*^)Caused by: (?<cause>.+)'\n"
    "    event: {activity_type: X, user_id: '${user}', ip_addr: '${self.ip}', meta: {cause: "
    "'${cause}'}}\n"
    "    samples:\n"
    "    - {line: \"2026- a failed\\n at x\\nCaused by: y\", event: {user_id: a}}\n"
    "  - name: first line only\n"
    "    match: '^\\S+ (?<user>\\w+) came .*gone'\n"
    "    event: {activity_type: X, user_id: '${user}', ip_addr: '${self.ip}'}\n"
    "    samples: [{line: '2026- a came and gone', event: {user_id: a}}]\n";

static const char pretty_rules[] =
    "product: pretty\n"
    "format: json\n"
    "multiline: {start: '^\\{'}\n"
    "rules:\n"
    "  - name: login\n"
    "    where: {type: login}\n"
    "    event: {activity_type: X, user_id: '${who.name}', ip_addr: '${ips[1]}'}\n"
    "    samples:\n"
    "    - {line: '{\"type\":\"login\",\"who\":{\"name\":\"a\"},\"ips\":[0,\"192.0.2.1\"]}', "
    "event: "
    "{user_id: a}}\n";

/* An engine for one rule file, with the file's framing. */
struct ready {
    struct loaded_rules loaded;
    struct engine_rules rules;
    struct engine_settings settings;
    struct engine *engine;
    struct engine_counts counts;
};

static void get_ready(struct ready *r, const char *yaml)
{
    *r = (struct ready){.loaded = rules_load(yaml)};
    r->rules.file = r->loaded.file;
    r->settings = (struct engine_settings){
        .instance = SPAN("test"),
        .host_address = SPAN("198.51.100.1"),
        .multiline = r->loaded.file->multiline,
        .rules = &r->rules,
        .rules_count = 1,
    };
    r->engine = engine_new(&r->settings);
    buffer_clear(&drawn);
}

static void get_done(struct ready *r)
{
    engine_free(r->engine);
    rules_unload(&r->loaded);
}

static size_t feed(struct ready *r, struct span text, bool is_final)
{
    const struct engine_chunk chunk = {.bytes = text, .offset = 1000, .is_final = is_final};

    return engine_feed(r->engine, &here, &chunk, &output, &r->counts);
}

static void a_record_is_matched_with_its_newlines(void **state)
{
    const struct span text = SPAN("2026- alice failed\r\n at x\nCaused by: y: z\r\n ... 3 more\n"
                                  "2026- bob came\nand is gone\n"
                                  "2026- carol came and is gone\n\n");
    struct ready r;

    (void)state;
    get_ready(&r, trace_rules);
    check_number("taken", feed(&r, text, true), text.len);
    check_span("events", buffer_span(&drawn),
        "failure@1000 type=USERNAME user=alice ip=198.51.100.1 cause:y: z\n"
        "first line only@1082 type=USERNAME user=carol ip=198.51.100.1\n");
    check_number("matched", r.counts.lines[LINE_MATCHED], 6);
    check_number("no rule", r.counts.lines[LINE_NO_RULE], 2);
    check_number("bytes", r.counts.bytes[LINE_MATCHED] + r.counts.bytes[LINE_NO_RULE], text.len);
    get_done(&r);
}

static void a_decoder_gets_the_whole_record(void **state)
{
    const struct span text =
        SPAN("{\n  \"type\": \"login\",\n  \"who\": {\n    \"name\": \"al\\u0069ce\"\n"
             "  },\n  \"ips\": [\n    0,\n    \"203.0.113.7\"\n  ]\n}\n{\n");
    struct ready r;

    (void)state;
    get_ready(&r, pretty_rules);
    check_number("taken", feed(&r, text, false), text.len - 2);
    check_span(
        "events", buffer_span(&drawn), "login@1000 type=USERNAME user=alice ip=203.0.113.7\n");
    check_number("matched", r.counts.lines[LINE_MATCHED], 10);
    get_done(&r);
}

static void the_last_record_has_no_effect_until_the_next_begins(void **state)
{
    struct ready r;

    (void)state;
    get_ready(&r, trace_rules);
    check_number("held", feed(&r, SPAN("2026- a failed\nCaused by: y\n"), false), 0);
    check_span("held", buffer_span(&drawn), "");
    check_number("held", r.counts.lines[LINE_NO_RULE], 0);
    check_number("next", feed(&r, SPAN("2026- a failed\nCaused by: y\n2026-\n"), false), 28);
    check_span(
        "next", buffer_span(&drawn), "failure@1000 type=USERNAME user=a ip=198.51.100.1 cause:y\n");
    get_done(&r);
}

static void a_cut_record_is_still_matched_and_else_too_long(void **state)
{
    struct engine_chunk chunk = {.bytes = SPAN("2026- a failed\nCaused by: y\n"), .is_cut = true};
    struct ready r;

    (void)state;
    get_ready(&r, trace_rules);
    check_number("taken", engine_feed(r.engine, &here, &chunk, &output, &r.counts), 28);
    check_number("matched", r.counts.lines[LINE_MATCHED], 2);
    chunk.bytes = SPAN("2026- came\n2026- went\n away\n");
    check_number("taken", engine_feed(r.engine, &here, &chunk, &output, &r.counts), 28);
    check_number("no rule", r.counts.lines[LINE_NO_RULE], 1);
    check_number("too long", r.counts.lines[LINE_TOO_LONG], 2);
    get_done(&r);
}

static unsigned draw_number(uint64_t *random, unsigned below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (unsigned)(*random % below);
}

/* As a source does: whole lines, a few more each time, from behind what was taken. */
static void feed_in_pieces(struct ready *r, struct span text, uint64_t *random)
{
    struct engine_chunk chunk = {.offset = 1000};
    size_t given = 0, taken = 0;

    while (taken < text.len) {
        for (unsigned lines = draw_number(random, 4); lines > 0 && given < text.len; lines--)
            given = (size_t)(span_find(span_from(text, given), '\n') + 1 - text.at);
        chunk.bytes = span_between(text.at + taken, text.at + given);
        chunk.offset = 1000 + taken;
        chunk.is_final = given == text.len;
        taken += engine_feed(r->engine, &here, &chunk, &output, &r->counts);
    }
}

/* ENGINE_SEED gives the seed. */
static void events_and_counts_are_the_same_in_whatever_chunks_lines_come(void **state)
{
    static const char *const lines[] = {"2026- alice failed\n", "2026- bob failed\r\n",
        "Caused by: y\n", " at x\n", "2026- carol came\n", "2026- dave came, gone\n", "\n"};
    const char *given = getenv("ENGINE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20261123;
    struct buffer text = {0}, whole = {0};

    (void)state;
    for (uint64_t run = 0; run < 300; run++) {
        uint64_t random = (seed + run) * 0x9E3779B97F4A7C15u;
        struct ready one, other;
        char row[64];

        snprintf(row, sizeof(row), "ENGINE_SEED=%llu", (unsigned long long)(seed + run));
        buffer_clear(&text);
        for (unsigned i = draw_number(&random, 50); i > 0; i--)
            buffer_append(
                &text, span_of(lines[draw_number(&random, sizeof(lines) / sizeof(*lines))]));
        get_ready(&one, trace_rules);
        check_number(row, feed(&one, buffer_span(&text), true), text.len);
        buffer_clear(&whole);
        buffer_append(&whole, buffer_span(&drawn));
        buffer_append_byte(&whole, '\0');
        get_ready(&other, trace_rules);
        feed_in_pieces(&other, buffer_span(&text), &random);
        check_span(row, buffer_span(&drawn), whole.bytes);
        check_row(row, memcmp(&one.counts, &other.counts, sizeof(one.counts)) == 0);
        get_done(&one);
        get_done(&other);
    }
    buffer_finish(&text);
    buffer_finish(&whole);
}

/* --- identity --------------------------------------------------------------- */

static char last_id[EVENT_ID_LEN + 1];

static void keep_id(void *arg, const struct event *event)
{
    (void)arg;
    memcpy(last_id, event->id, sizeof(last_id));
}

/* The id of one line's event, of a file in that generation. */
static void id_of(
    const char *yaml, const char *line, uint64_t generation, char id[EVENT_ID_LEN + 1])
{
    const struct engine_output ids = {.event = keep_id};
    struct loaded_rules loaded = rules_load(yaml);
    const struct engine_rules rules = {.file = loaded.file};
    const struct engine_settings settings = {.instance = SPAN("test"),
        .host_address = SPAN("198.51.100.1"),
        .multiline = loaded.file->multiline,
        .rules = &rules,
        .rules_count = 1};
    const struct engine_chunk chunk = {.bytes = span_of(line), .is_final = true};
    struct engine_source source = here;
    struct engine *engine = engine_new(&settings);
    struct engine_counts counts = {0};

    source.generation = generation;
    engine_feed(engine, &source, &chunk, &ids, &counts);
    check_number(line, counts.events, 1);
    memcpy(id, last_id, sizeof(last_id));
    engine_free(engine);
    rules_unload(&loaded);
}

static void only_undated_lines_carry_their_files_generation(void **state)
{
    char first[EVENT_ID_LEN + 1], second[EVENT_ID_LEN + 1];

    (void)state;
    id_of(all_rules, "2026-11-23T10:11:12Z user=b", 1, first);
    id_of(all_rules, "2026-11-23T10:11:12Z user=b", 2, second);
    assert_string_equal(first, second);
    id_of(all_rules, "Nov 23 10:11:12 user=b", 1, first);
    id_of(all_rules, "Nov 23 10:11:12 user=b", 2, second);
    assert_string_not_equal(first, second);
}

static void a_record_is_known_by_its_first_line(void **state)
{
    char one[EVENT_ID_LEN + 1], other[EVENT_ID_LEN + 1];

    (void)state;
    id_of(trace_rules, "2026- a failed\r\nCaused by: y\n", 1, one);
    id_of(trace_rules, "2026- a failed\nCaused by: z\n more\n", 1, other);
    assert_string_equal(one, other);
    id_of(trace_rules, "2026-1 a failed\nCaused by: y\n", 1, other);
    assert_string_not_equal(one, other);
}

static void draw_taken(void *arg, const struct engine_rules *rules, const struct rule *rule)
{
    (void)arg;
    buffer_printf(&drawn, "%.*s/%.*s took it\n", (int)rules->file->product.len,
        rules->file->product.at, (int)rule->name.len, rule->name.at);
}

static void draw_record(void *arg, const struct engine_record *record)
{
    (void)arg;
    buffer_printf(&drawn, "%llu %zu %s [%.*s]\n", (unsigned long long)record->offset, record->lines,
        line_class_names[record->class], (int)record->text.len, record->text.at);
}

/* Lines that no rule needs are told too. */
static void who_asks_is_told_of_each_record_and_who_took_it(void **state)
{
    const struct engine_output told = {
        .event = draw_event, .taken = draw_taken, .record = draw_record};
    struct loaded_rules loaded = rules_load(login_rules);
    const struct engine_rules rules = {.file = loaded.file};
    const struct engine_settings settings = {
        .instance = SPAN("test"), .rules = &rules, .rules_count = 1};
    const struct engine_chunk chunk = {.bytes = SPAN("msg=\"logged in\" user=a ip=192.0.2.1\r\n"
                                                     "nothing\n"
                                                     "a=1 agent=probe/1\n"
                                                     "msg=\"logged in\" user=a\n")};
    struct engine *engine = engine_new(&settings);
    struct engine_counts counts = {0};

    (void)state;
    buffer_clear(&drawn);
    engine_feed(engine, &here, &chunk, &told, &counts);
    check_span("all", buffer_span(&drawn),
        "acme/login took it\n"
        "login@0 type=USERNAME user=a ip=192.0.2.1 where:at home\n"
        "0 1 matched [msg=\"logged in\" user=a ip=192.0.2.1]\n"
        "37 1 no_rule [nothing]\n"
        "acme/probe took it\n"
        "45 1 ignored [a=1 agent=probe/1]\n"
        "acme/login took it\n"
        "63 1 incomplete [msg=\"logged in\" user=a]\n");
    engine_free(engine);
    rules_unload(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_is_told_of_each_record_and_who_took_it),
        cmocka_unit_test(makes_of_each_line_what_its_row_says),
        cmocka_unit_test(every_byte_of_a_chunk_is_in_one_class),
        cmocka_unit_test(a_line_without_an_address_gets_the_hosts_when_the_settings_say_so),
        cmocka_unit_test(no_line_sets_a_field_of_its_source),
        cmocka_unit_test(continue_lets_a_line_go_on),
        cmocka_unit_test(each_file_sees_the_line_in_its_own_format),
        cmocka_unit_test(a_pattern_at_its_limits_is_counted_and_the_others_go_on),
        cmocka_unit_test(what_the_source_knows_stands_in_no_line),
        cmocka_unit_test(a_rule_at_its_limits_is_suspended_for_a_minute),
        cmocka_unit_test(what_came_near_a_rule_is_tallied),
        cmocka_unit_test(a_cut_line_is_still_matched_and_else_too_long),
        cmocka_unit_test(a_record_is_matched_with_its_newlines),
        cmocka_unit_test(a_decoder_gets_the_whole_record),
        cmocka_unit_test(the_last_record_has_no_effect_until_the_next_begins),
        cmocka_unit_test(a_cut_record_is_still_matched_and_else_too_long),
        cmocka_unit_test(events_and_counts_are_the_same_in_whatever_chunks_lines_come),
        cmocka_unit_test(only_undated_lines_carry_their_files_generation),
        cmocka_unit_test(a_record_is_known_by_its_first_line),
    };
    int failed = cmocka_run_group_tests_name("engine", tests, NULL, NULL);

    buffer_finish(&drawn);
    return failed;
}
