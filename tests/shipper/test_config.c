/* SPDX-License-Identifier: MIT
 *
 * shipper/config.c through its header: what a file means, what is wrong with it
 * and where, on rule files in a directory of the test's own.
 */
#include "parsers/memory.h"
#include "parsers/rule.h"
#include "shipper/config.h"
#include "shipper/machine_id.h"
#include "shipper/text_file.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static struct config *config;
static struct errors errors;
static struct buffer drawn;

static void write_file(const char *name, const char *bytes)
{
    FILE *file = fopen(scratch_path(dir, name), "w");

    assert_non_null(file);
    assert_true(fputs(bytes, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void load(const char *bytes)
{
    config_free(config);
    errors_finish(&errors);
    write_file("c.yaml", bytes);
    config = config_load(scratch_path(dir, "c.yaml"), &errors);
}

/* "file:line:column message" of each, one a line, without the directory. */
static struct span describe(struct errors *list)
{
    struct buffer rendered = {0};

    errors_render(list, &rendered); /* sorts */
    buffer_finish(&rendered);
    buffer_clear(&drawn);
    for (size_t i = 0; i < list->count; i++) {
        const struct place *place = &list->items[i].place;
        size_t line, column;

        if (place->text) {
            place_find(place, &line, &column);
            buffer_printf(&drawn, "%s:%zu:%zu ", strrchr(place->text->name, '/') + 1, line, column);
        }
        buffer_printf(&drawn, "%s\n", list->items[i].message);
    }
    return buffer_span(&drawn);
}

static const char web_rules[] = "product: web\n"
                                "rules:\n"
                                "- name: login\n"
                                "  match: '^login (?<user>\\S+) (?<ip>\\S+)'\n"
                                "  event: {activity_type: LOGIN, user_id: '${user}', ip_addr: "
                                "'${ip}'}\n"
                                "  samples:\n"
                                "  - {line: 'login alice 203.0.113.7', event: {user_id: alice}}\n"
                                "- name: call\n"
                                "  match: '^call (?<user>\\S+)'\n"
                                "  event: {activity_type: CALL, user_id: '${user}', ip_addr: "
                                "'${self.ip}'}\n"
                                "  samples:\n"
                                "  - {line: 'call alice', event: {user_id: alice}}\n"
                                "- name: health\n"
                                "  match: '^health'\n"
                                "  ignore: true\n"
                                "  samples: [{line: health}]\n";

static const char other_rules[] = "product: other\n"
                                  "rules:\n"
                                  "- name: quit\n"
                                  "  match: '^quit (?<user>\\S+)'\n"
                                  "  event: {activity_type: LOGOUT, user_id: '${user}'}\n"
                                  "  samples: [{line: quit alice, event: {user_id: alice}}]\n";

static const char my_rules[] = "product: mine\n"
                               "rules:\n"
                               "- {name: start, match: x, ignore: true, samples: [{line: x}]}\n";

static const char framed_rules[] = "product: framed\n"
                                   "multiline: {start: '^\\d{4}-'}\n"
                                   "rules:\n"
                                   "- {name: x, match: x, ignore: true, samples: [{line: x}]}\n";

static const char twin_rules[] = "product: web\n"
                                 "rules:\n"
                                 "- {name: health, match: x, ignore: true, samples: [{line: x}]}\n"
                                 "- name: login\n"
                                 "  match: '^Login (?<user>\\S+)'\n"
                                 "  event: {activity_type: LOGIN, user_id: '${user}'}\n"
                                 "  samples: [{line: Login alice, event: {user_id: alice}}]\n";

#define URL  "endpoint: {url: 'https://example.com/x'}\n"
#define HEAD URL "rule_dirs: rules\ninstance: here\n"

static void every_default_is_set(void **state)
{
    (void)state;
    load(URL "instance: here\ninputs:\n- {file: a.log, rules: rules/web.yaml}\n");
    check_span("errors", describe(&errors), "");
    check_number("in flight", (uint64_t)config->endpoint.max_in_flight, 256);
    check_number("rate", (uint64_t)config->endpoint.rate_limit, 0);
    check_number("age", (uint64_t)config->endpoint.max_age_ms, 0);
    check_number("stall", (uint64_t)config->endpoint.stall_timeout_ms, 20000);
    check_number("connect", (uint64_t)config->endpoint.connect_timeout_ms, 10000);
    check_number("timeout", (uint64_t)config->endpoint.timeout_ms, 30000);
    check_number("first", (uint64_t)config->endpoint.retry_first_ms, 1000);
    check_number("most", (uint64_t)config->endpoint.retry_most_ms, 300000);
    check_number("probe", (uint64_t)config->endpoint.probe_every_ms, 60000);
    check_row("key", !config->endpoint.api_key_file && !config->endpoint.ca_file);
    check_number("spool", (uint64_t)config->spool.max_bytes, 1 << 30);
    check_row("spool", config->spool.sync == 0);
    check_span("state", span_of(config->state_dir), "/var/lib/usage-shipper");
    check_number("dirs", config->rule_dirs.count, 2);
    check_span("dirs", span_of(config->rule_dirs.items[0]), "/etc/usage-shipper/rules");
    check_row("host", config->host_name && *config->host_name && !config->host_address);
    check_row("missing", config->missing_address == MISSING_INCOMPLETE);
    check_number("activities", config->activity_count, 0);
    check_row("start", config->inputs[0].file.start == START_DEFAULT);
}

static void relative_paths_start_from_the_file(void **state)
{
    char path[300];

    (void)state;
    load("endpoint: {url: 'https://example.com/x', api_key_file: key, ca_file: /etc/ca.pem}\n"
         "instance: here\nrule_dirs: rules\nstate_dir: state\n"
         "inputs:\n- {file: logs/*.log, rules: rules/web.yaml}\n");
    check_span("errors", describe(&errors), "");
    snprintf(path, sizeof(path), "%s/key", dir);
    check_span("key", span_of(config->endpoint.api_key_file), path);
    check_span("ca", span_of(config->endpoint.ca_file), "/etc/ca.pem");
    snprintf(path, sizeof(path), "%s/state", dir);
    check_span("state", span_of(config->state_dir), path);
    snprintf(path, sizeof(path), "%s/logs/*.log", dir);
    check_span("file", span_of(config->inputs[0].file.pattern), path);
}

static void an_input_takes_its_own_words_before_the_shared_ones(void **state)
{
    const struct engine_settings *first, *second;

    (void)state;
    load(HEAD "product_id: shared\nenvironment: TEST\nsource: SAAS_PRODUCT\n"
              "host_address: '::FFFF:203.0.113.9'\nhost_name: web1\nmissing_address: host\n"
              "activity_types: {LOGIN: A1, CALL: A2}\n"
              "inputs:\n"
              "- {file: a, rules: web}\n"
              "- {file: b, rules: [web], only: call, product_id: own, environment: PROD,\n"
              "   source: PRODUCT_CLOUD, zone: '+02:00', start: beginning}\n");
    check_span("errors", describe(&errors), "");
    check_span("warnings", describe(&config->warnings), "");
    first = &config->inputs[0].settings;
    second = &config->inputs[1].settings;
    check_span("instance", first->instance, "here");
    check_span("address", first->host_address, "203.0.113.9");
    check_span("name", first->host_name, "web1");
    check_row("missing", first->missing_address == MISSING_HOST);
    check_span("product", first->rules[0].product_id, "shared");
    check_span("environment", first->rules[0].environment, "TEST");
    check_span("source", first->rules[0].source, "SAAS_PRODUCT");
    check_row("only", first->rules[0].only == NULL);
    check_number("activities", first->rules[0].activity_count, 2);
    check_span("theirs", first->rules[0].activities[1].theirs, "A2");
    check_span("product", second->rules[0].product_id, "own");
    check_span("environment", second->rules[0].environment, "PROD");
    check_span("source", second->rules[0].source, "PRODUCT_CLOUD");
    check_number("only", second->rules[0].only_count, 1);
    check_span("only", second->rules[0].only[0]->name, "call");
    check_number("zone", (uint64_t)config->inputs[1].zone_table.first_offset_s, 7200);
    check_row("start", config->inputs[1].file.start == START_BEGINNING);
    check_row("loaded once", first->rules[0].file == second->rules[0].file);
    check_number("loaded once", rule_library_count(config->library), 1);
}

static void an_input_has_the_multiline_of_its_rules_or_its_own(void **state)
{
    const struct input_config *inputs;

    (void)state;
    load(HEAD "inputs:\n"
              "- {file: a, rules: web}\n"
              "- {file: b, rules: framed}\n"
              "- {file: c, rules: [framed, web], multiline: {continues: '^%{INT}'}}\n");
    check_span("errors", describe(&errors), "");
    inputs = config->inputs;
    check_row("none", inputs[0].settings.multiline == NULL);
    check_row("the rules'",
        inputs[1].settings.multiline != NULL &&
            inputs[1].settings.multiline == inputs[1].settings.rules[0].file->multiline);
    check_row("its own",
        inputs[2].settings.multiline != NULL &&
            !framing_is_same(inputs[2].settings.multiline, inputs[1].settings.multiline));
}

static void a_nearer_rule_directory_wins(void **state)
{
    (void)state;
    load(URL "instance: here\nrule_dirs: [own, rules]\n"
             "inputs:\n- {file: a, rules: [web, other], only: quit}\n");
    check_span("errors", describe(&errors), "");
    check_span("own", config->inputs[0].settings.rules[0].file->product, "mine");
    check_span("shared", config->inputs[0].settings.rules[1].file->product, "other");
    check_row("only", config->inputs[0].settings.rules[0].only != NULL);
    check_number("only", config->inputs[0].settings.rules[0].only_count, 0);
    check_number("only", config->inputs[0].settings.rules[1].only_count, 1);
}

static const struct {
    const char *text, *errors;
} bad[] = {
    {"instance: x\n", "c.yaml:1:1 the configuration needs \"endpoint\"\n"
                      "c.yaml:1:1 the configuration needs \"inputs\"\n"},
    {"- a", "c.yaml:1:1 the configuration must be a map, not a list\n"},
    {"a: [", "c.yaml:1:5 not valid YAML: did not find expected node content\n"},
    {"endpoint:\ninstance: x\ninputs:\n", "c.yaml:1:10 the endpoint must be a map, not empty\n"
                                          "c.yaml:3:8 inputs must be a list of 1 to 1000 inputs\n"},
    {"endpoint: {}\ninstance: x\ninputs: []\n",
        "c.yaml:1:11 the endpoint needs \"url\"\n"
        "c.yaml:3:9 inputs must be a list of 1 to 1000 inputs\n"},
    {HEAD "inputs: [x]\n", "c.yaml:4:10 an input must be a map, not a text\n"},
    {HEAD "inputs: [{file: a, rules: []}]\n",
        "c.yaml:4:27 an input needs at least one rule file\n"},
    {HEAD "inputs: [{journal: a, rules: web}]\n",
        "c.yaml:4:20 a journal must be a map, not a text\n"},
    {HEAD "inputs: [{rules: web, journal: {match: [PRIORITY=6, comm=x], namespace: a/b,\n"
          "  directory: d}}]\n",
        "c.yaml:4:53 \"comm=x\" does not say what a field must be\n"
        "c.yaml:4:73 \"a/b\" is not the name of a namespace\n"
        "c.yaml:5:14 a journal is either of a namespace or in a directory\n"},
    {HEAD "inputs: [{rules: web}]\n",
        "c.yaml:4:11 an input needs \"file\", \"journal\", \"stdin\" or \"syslog\"\n"},
    {HEAD "inputs: [{fiel: a, rules: web}]\n", "c.yaml:4:11 unknown key \"fiel\" in an input\n"},
    {HEAD "inputs: [{file: a, stdin: true, rules: web}]\n",
        "c.yaml:4:27 an input is either \"file\" or \"stdin\", not both\n"},
    {HEAD "inputs: [{stdin: true, start: end, rules: web}]\n",
        "c.yaml:4:24 unknown key \"start\" in a stdin input\n"},
    {HEAD "inputs: [{stdin: false, rules: web}]\n",
        "c.yaml:4:18 an input with \"stdin\" reads it\n"},
    {HEAD "inputs: [{stdin: true, rules: web}, {stdin: true, rules: twin}]\n",
        "c.yaml:4:45 standard input can be read by one input only\n"},
    {HEAD "inputs: [{file: a, rules: wbe}]\n", "c.yaml:4:27 there are no rules called \"wbe\"\n"},
    {HEAD "inputs: [{file: a, rules: [web, rules/web.yaml]}]\n",
        "c.yaml:4:33 \"rules/web.yaml\" stands here twice\n"},
    {HEAD "inputs: [{file: a, rules: [web, twin]}]\n",
        "c.yaml:4:33 \"twin\" has a rule \"login\" and the same product as \"web\", which has one, "
        "too\n"},
    {HEAD "inputs: [{file: a, rules: [web, twin], only: health}]\n", ""},
    {HEAD "inputs: [{file: a, rules: [web, twin], only: [call, health]}]\n", ""},
    {HEAD "inputs: [{file: a, rules: web}, {file: b, rules: twin}]\n", ""},
    {HEAD "inputs: [{file: a, rules: web, only: [login, cal]}]\n",
        "c.yaml:4:46 these rules have none called \"cal\"\n"},
    {HEAD "inputs: [{file: a, rules: [framed, web]}]\n",
        "c.yaml:4:36 \"web\" has another `multiline` than \"framed\"\n"},
    {HEAD "inputs: [{file: a, rules: [framed, web], multiline: {continues: '('}}]\n",
        "c.yaml:4:66 missing closing parenthesis\n"},
    {HEAD "inputs: [{file: a, rules: [framed, web], multiline: x}]\n",
        "c.yaml:4:53 \"multiline\" takes either start or continues\n"},
    {HEAD "inputs: [{file: a, rules: web, zone: Europe/Nowhere}]\n",
        "c.yaml:4:38 unknown time zone \"Europe/Nowhere\"\n"},
    {HEAD "inputs: [{file: a, rules: web, source: X}]\n", "c.yaml:4:40 \"X\" is not a source\n"},
    {HEAD "source: telemetry\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:9 \"telemetry\" is not a source\n"},
    {HEAD "missing_address: host\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:18 \"host\" needs a host_address to give to lines without one\n"},
    {HEAD "host_address: app1\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:15 \"app1\" is not an IP address\n"},
    {HEAD "exclude: {user_id: ['svc-*'], ip_addr: 192.0.2.0/28}\n"
          "inputs: [{file: a, rules: web}]\n",
        ""},
    {HEAD "exclude: {user_id: [bob, '**'], ip_addr: [192.0.2.7, host, 192.0.2.7/28]}\n"
          "inputs: [{file: a, rules: web}]\n",
        "c.yaml:4:26 \"**\" leaves out every user\n"
        "c.yaml:4:54 \"host\" is no range of addresses\n"
        "c.yaml:4:60 \"192.0.2.7/28\" is no range of addresses\n"},
    {HEAD "exclude: {user: bob}\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:11 unknown key \"user\" in exclude\n"},
    {HEAD "exclude: bob\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:10 exclude must be a map, not a text\n"},
    {HEAD "activity_types: [LOGIN]\ninputs: [{file: a, rules: web}, {file: b, rules: web}]\n",
        "web.yaml:8:9 activity_types does not have this rule's activity \"CALL\"\n"},
    {HEAD "activity_types: [LOGIN]\ninputs: [{file: a, rules: web, only: login}]\n", ""},
    {HEAD "activity_types:\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:16 activity_types must be a map or a list\n"},
    {HEAD "activity_types: {LOGIN: [A], CALL: ''}\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:25 an activity must be a text\nc.yaml:4:36 an activity must be a text\n"},
    {HEAD "inputs: [{file: a, rules: broken}, {file: b, rules: [web, broken]}]\n",
        "broken.yaml:1:1 a rule file needs \"rules\"\n"},
    {"endpoint: {url: 'https://example.com/x', retry_first: 2m, retry_most: 1m}\n"
     "instance: x\nrule_dirs: rules\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:1:71 retry_most is shorter than retry_first\n"},
};

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        load(bad[i].text);
        check_span(bad[i].text, describe(&errors), bad[i].errors);
        for (size_t j = 0; j < errors.count; j++)
            check_row(bad[i].text,
                errors.items[j].hint[0] || strstr(errors.items[j].message, "stands here twice"));
    }
}

static const struct {
    const char *url, *error; /* how the message starts; NULL: none */
} urls[] = {
    {"https://ingest.example.com/api", NULL},
    {"https://192.0.2.1:8443/api?x=1", NULL},
    {"http://127.0.0.1:8080/api", NULL},
    {"http://127.9.9.9/api", NULL},
    {"http://localhost:1/", NULL},
    {"http://[::1]:8080/", NULL},
    {"http://example.com/", "the API key would cross the network in the clear"},
    {"http://127.0.0.1.example.com/", "the API key would cross the network in the clear"},
    {"http://localhost.example.com/", "the API key would cross the network in the clear"},
    {"http://[2001:db8::1]/", "the API key would cross the network in the clear"},
    {"ftp://127.0.0.1/", "the URL is neither https nor http"},
    {"file:///etc/passwd", "the URL is neither https nor http"},
    {"https://alice:pw@example.com/", "the URL holds a user name or password"},
    {"https://example.com/#x", "the URL has a #fragment, which is never sent"},
    {"example.com/api", "\"example.com/api\" is not a URL: "},
    {"https://", "\"https://\" is not a URL: "},
    {"https://a b/", "\"https://a b/\" is not a URL: "},
};

static void only_safe_urls_are_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        char text[300];

        snprintf(text, sizeof(text),
            "endpoint: {url: '%s'}\ninstance: x\ninputs: [{file: a, rules: rules/web.yaml}]\n",
            urls[i].url);
        load(text);
        check_number(urls[i].url, errors.count, urls[i].error != NULL);
        if (urls[i].error)
            check_row(urls[i].url,
                span_has_prefix(span_of(errors.items[0].message), span_of(urls[i].error)));
    }
}

static const struct {
    const char *keys, *error;
} ways[] = {
    {"proxy: 'http://proxy.example.com:3128'", NULL},
    {"proxy: 'https://[2001:db8::1]:3128/', no_proxy: [a.example.com, 192.0.2.1]", NULL},
    {"proxy: 'http://proxy:3128', proxy_credentials_file: f", NULL},
    {"proxy: 'socks5://proxy:1080'", "the proxy is neither http nor https"},
    {"proxy: 'proxy.example.com'", "\"proxy.example.com\" is not a URL: Bad scheme"},
    {"proxy: 'http://alice:pw@proxy:3128'", "the proxy holds a user name or password"},
    {"proxy: 'http://proxy:3128/path'", "the proxy has a path"},
    {"client_cert: c.pem, client_key: k.pem", NULL},
    {"client_key: k.pem", "a client_key without a client_cert"},
    {"aggregate_url: 'https://example.com/y'", NULL},
    {"aggregate_url: 'http://example.com/y'", "the API key would cross the network in the clear"},
    {"verify: false", "unknown key \"verify\" in the endpoint"},
};

static void the_way_to_the_endpoint_is_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        char text[300];

        snprintf(text, sizeof(text),
            "endpoint: {url: 'https://example.com/x', %s}\ninstance: x\n"
            "inputs: [{file: a, rules: rules/web.yaml}]\n",
            ways[i].keys);
        load(text);
        check_number(ways[i].keys, errors.count, ways[i].error != NULL);
        if (ways[i].error)
            check_span(ways[i].keys, span_of(errors.items[0].message), ways[i].error);
    }
}

static void counts_go_beside_the_events_by_default(void **state)
{
    static const struct {
        const char *endpoint, *wanted;
    } rows[] = {
        {"url: 'https://ingest.example.com/api/product/usage'",
            "https://ingest.example.com/api/product/aggregateusage"},
        {"url: 'https://ingest.example.com'", "https://ingest.example.com/aggregateusage"},
        {"url: 'https://192.0.2.1:8443/a/usage?tenant=7'",
            "https://192.0.2.1:8443/a/aggregateusage?tenant=7"},
        {"url: 'https://a.example.com/x', aggregate_url: 'https://b.example.com/y'",
            "https://b.example.com/y"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[300];

        snprintf(text, sizeof(text),
            "endpoint: {%s}\ninstance: x\ninputs: [{file: a, rules: rules/web.yaml}]\n",
            rows[i].endpoint);
        load(text);
        check_span(rows[i].endpoint, describe(&errors), "");
        check_span(rows[i].endpoint, span_of(config->endpoint.aggregate_url), rows[i].wanted);
    }
}

static const struct {
    const char *text, *warnings;
} warned[] = {
    {HEAD "inputs: [{file: a, rules: web}, {file: b, rules: web}]\n",
        "web.yaml:8:9 warning: no event of \"call\" will have an address, so none will be sent\n"},
    {HEAD "inputs: [{file: a, rules: web, only: login}]\n", ""},
    {HEAD "host_address: 203.0.113.9\ninputs: [{file: a, rules: web}]\n", ""},
    {HEAD "host_address: 203.0.113.9\ninputs: [{file: a, rules: other}]\n",
        "other.yaml:3:9 warning: no event of \"quit\" will have an address, so none will be "
        "sent\n"},
    {HEAD "host_address: 203.0.113.9\nmissing_address: host\ninputs: [{file: a, rules: other}]\n",
        ""},
    {"endpoint: {url: 'http://127.0.0.1/x', proxy: 'http://127.0.0.1:9'}\n"
     "instance: x\nrule_dirs: rules\ninputs: [{file: a, rules: web, only: login}]\n",
        "c.yaml:1:46 warning: the proxy will not be used: the endpoint is on this host\n"},
    {HEAD "host_address: 10.1.2.3\ninputs: [{file: a, rules: web}]\n",
        "c.yaml:4:15 warning: 10.1.2.3 is a private address\n"},
};

static void warns_of_events_that_will_never_be_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(warned) / sizeof(*warned); i++) {
        load(warned[i].text);
        check_number(warned[i].text, errors.count, 0);
        check_span(warned[i].text, describe(&config->warnings), warned[i].warnings);
    }
}

static void looks_for_rules_where_it_says(void **state)
{
    (void)state;
    load(URL "instance: here\nrule_dirs: [own, rules]\ninputs: [{file: a, rules: othr}]\n");
    check_number("near", errors.count, 1);
    check_row("near", strstr(errors.items[0].hint, "Did you mean \"other\"? Looked in "));
    check_row("near", strstr(errors.items[0].hint, "/own and "));
    load(URL "instance: here\nrule_dirs: [own, rules]\ninputs: [{file: a, rules: zebra}]\n");
    check_row("far", strstr(errors.items[0].hint, "Looked for zebra.yaml in "));
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
    static const struct {
        const char *name, *message;
    } rows[] = {{"none.yaml", "cannot read %s: No such file or directory"},
        {"rules", "%s is a folder, not a file"}, {"fifo", "%s is a pipe or device, not a file"},
        {"huge", "%s is larger than 4096 KiB, the most that is read"}};

    (void)state;
    assert_int_equal(mkfifo(scratch_path(dir, "fifo"), 0600), 0);
    write_file("huge", "");
    assert_int_equal(truncate(scratch_path(dir, "huge"), 50 << 20), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *name = strchr(rows[i].message, '%');
        struct span message;

        config_free(config);
        errors_finish(&errors);
        config = config_load(scratch_path(dir, rows[i].name), &errors);
        check_number(rows[i].name, errors.count, 1);
        message = span_of(errors.items[0].message);
        check_row(rows[i].name, span_has_prefix(message, span_between(rows[i].message, name)));
        check_row(rows[i].name, strstr(message.at, name + 2));
        check_row(rows[i].name, strstr(message.at, scratch_path(dir, rows[i].name)));
    }
}

static void the_machine_id_is_32_hexadecimal_digits_or_nothing(void **state)
{
    static const struct {
        const char *text, *id;
    } rows[] = {{"0123456789abcdef0123456789abcdef\n", "0123456789abcdef0123456789abcdef"},
        {"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"}, {"", NULL},
        {"uninitialized\n", NULL}, {"00000000000000000000000000000000\n", NULL},
        {"0123456789abcdef0123456789abcde\n", NULL}, {"g123456789abcdef0123456789abcdef\n", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *id;

        write_file("id", rows[i].text);
        id = machine_id_read(scratch_path(dir, "id"));
        check_span(rows[i].text, span_of(id), rows[i].id);
        free(id);
    }
    assert_null(machine_id_read(scratch_path(dir, "no-such-id")));
}

static int write_rules(void **state)
{
    (void)state;
    dir = scratch_new();
    assert_int_equal(mkdir(scratch_path(dir, "rules"), 0700), 0);
    assert_int_equal(mkdir(scratch_path(dir, "own"), 0700), 0);
    write_file("rules/web.yaml", web_rules);
    write_file("rules/other.yaml", other_rules);
    write_file("rules/framed.yaml", framed_rules);
    write_file("rules/twin.yaml", twin_rules);
    write_file("rules/broken.yaml", "product: broken\n");
    write_file("own/web.yaml", my_rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_set),
        cmocka_unit_test(relative_paths_start_from_the_file),
        cmocka_unit_test(an_input_takes_its_own_words_before_the_shared_ones),
        cmocka_unit_test(an_input_has_the_multiline_of_its_rules_or_its_own),
        cmocka_unit_test(a_nearer_rule_directory_wins),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(only_safe_urls_are_taken),
        cmocka_unit_test(the_way_to_the_endpoint_is_checked),
        cmocka_unit_test(counts_go_beside_the_events_by_default),
        cmocka_unit_test(warns_of_events_that_will_never_be_sent),
        cmocka_unit_test(looks_for_rules_where_it_says),
        cmocka_unit_test(a_file_that_cannot_be_read_says_why),
        cmocka_unit_test(the_machine_id_is_32_hexadecimal_digits_or_nothing),
    };
    int failed = cmocka_run_group_tests_name("config", tests, write_rules, NULL);

    config_free(config);
    errors_finish(&errors);
    buffer_finish(&drawn);
    scratch_remove(dir);
    return failed;
}
