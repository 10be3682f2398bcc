/* SPDX-License-Identifier: MIT
 *
 * Any lines through rules of each format (the first byte says which), looked at as a
 * whole and line by line: the same events and classes.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/support/both_ways.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILES = 17 };

#define RULE(name, text)                                                                           \
    "  - name: " name "\n    " text "\n"                                                           \
    "    event: {activity_type: LOGIN, user_agent: a, ip_addr: 192.0.2.1}\n"                       \
    "    samples: [{line: x, event: {}}]\n"

static const char *const files[FILES] = {
    "product: p\nformat: plain\nrules:\n" RULE("a", "match: '(?i)log(?:in|ged out) of .*task'")
        RULE("b", "match: 'caf\xc3\xa9|user=\\w+ ok'"),
    "product: p\nformat: syslog\nrules:\n" RULE("a", "where: {program: sshd}\n    match: '^in'")
        RULE("b", "where: {facility: auth}"),
    "product: p\nformat: json\nrules:\n" RULE("a", "where: {user.name: alice}")
        RULE("b", "match: 'GET /login'"),
    "product: p\nformat: logfmt\nrules:\n" RULE("a", "where: {admin: true}")
        RULE("b", "match: 'logged in'"),
    "product: p\nformat: access\nrules:\n" RULE("a", "where: {method: {in: [POST, PUT]}}")
        RULE("b", "match: {path: '^/login'}"),
    "product: p\nmultiline: {start: '^\\d'}\nrules:\n" RULE("a", "match: 'first\\n.*second'")
        RULE("b", "requires: alice\n    match: '^\\d'"),
    "product: p\nformat: docker\nrules:\n" RULE("a", "match: 'logged in'")
        RULE("b", "where: {log.iostream: stderr}\n    match: '^in'"),
    "product: p\nformat: cri\nrules:\n" RULE("a", "match: 'logged in'")
        RULE("b", "where: {log.iostream: stderr}\n    match: '^in'"),
    "product: p\nformat: pairs\nrules:\n" RULE("a", "match: {msg: 'logged in'}")
        RULE("b", "where: {user: alice}"),
    "product: p\nformat: text_json\nrules:\n" RULE("a", "match: 'logged in'")
        RULE("b", "where: {user.name: alice}"),
    "product: p\nformat: csv\nrules:\n" RULE("a", "match: {column2: 'logged in'}")
        RULE("b", "where: {column1: 'al\"ice'}"),
    "product: p\nformat: tsv\nrules:\n" RULE("a", "match: {column2: 'logged in'}"),
    "product: p\nformat: pipe\nrules:\n" RULE("a", "match: {column2: 'logged in'}"),
    "product: p\nformat: [docker, json]\nrules:\n" RULE("a", "where: {user.name: alice}")
        RULE("b", "match: 'GET /login'"),
    "product: p\nformat: [cri, logfmt]\nrules:\n" RULE("a", "where: {admin: true}")
        RULE("b", "match: 'logged in'"),
    "product: p\nformat: logfmt\nrules:\n"
    "  - name: opened\n    where: {op: open}\n"
    "    remember: {key: '${id}', keep: [ip, user]}\n    samples: [{line: x}]\n"
    "  - name: login\n    where: {op: login}\n    recall: '${id}'\n    pair: '${call}'\n"
    "    once: {per: [user_id], every: 1h}\n"
    "    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}'}\n"
    "    samples: [{line: x}]\n"
    "  - name: call\n    where: {op: call}\n    count: {every: 1m, by: [ip_addr, meta.user]}\n"
    "    event: {activity_type: CALL, ip_addr: '${ip}', user_agent: a, meta: {user: '${user}'}}\n"
    "    samples: [{line: x}]\n",
    "product: p\nformat: auto\nrules:\n" RULE("a", "where: {user.name: alice}")
        RULE("b", "match: 'logged in'") RULE("c", "where: {admin: true}"),
};

/* A new format needs a file above. */
static bool has_format(const struct engine_rules *rules, const struct format *format)
{
    for (size_t i = 0; i < FILES; i++)
        for (const struct format *const *used = rules[i].file->chain; *used; used++)
            if (*used == format)
                return true;
    return false;
}

static void set_up(struct both_ways *both, struct engine_rules *rules)
{
    static struct text texts[FILES];
    struct errors errors = {0};

    for (size_t i = 0; i < FILES; i++) {
        struct engine_settings settings = {
            .instance = SPAN("fuzz"), .rules = &rules[i], .rules_count = 1};

        texts[i] = (struct text){"rules.yaml", span_of(files[i])};
        rules[i].file = rule_file_parse(&texts[i], &errors);
        assert(rules[i].file);
        settings.multiline = rules[i].file->multiline;
        both_ways_init(&both[i], &settings);
        /* What it looks for is then settled, whatever input comes first. */
        both_ways_feed(&both[i], SPAN(""), false, false);
    }
    for (const struct format *format = formats; format->name; format++)
        assert(has_format(rules, format));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct both_ways both[FILES];
    static struct engine_rules rules[FILES];
    struct both_ways *chosen;

    if (!rules[0].file)
        set_up(both, rules);
    if (len < 2)
        return 0;
    chosen = &both[bytes[0] % FILES];
    if (!both_ways_feed(
            chosen, (struct span){(const char *)bytes + 2, len - 2}, bytes[1] & 1, bytes[1] & 2)) {
        fprintf(stderr, "quick: %.*sthorough: %.*s", (int)chosen->quick_drawn.len,
            chosen->quick_drawn.bytes, (int)chosen->thorough_drawn.len,
            chosen->thorough_drawn.bytes);
        abort();
    }
    return 0;
}
