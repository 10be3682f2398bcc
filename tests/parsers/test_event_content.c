/* SPDX-License-Identifier: MIT
 *
 * Ugly bytes all the way: a line of a log in, through a format and a rule, the
 * request body out. Whatever stands in the line, the body is one line of ASCII
 * controls-free, strictly valid JSON in strictly valid UTF-8, as json-c reads it.
 */
#include "parsers/engine.h"
#include "tests/support/rules.h"
#include "tests/support/test.h"

#include <json-c/json.h>
#include <stdio.h>

static const char rules_text[] = "product: acme\n"
                                 "format: %s\n"
                                 "rules:\n"
                                 "  - name: seen\n"
                                 "    match: %s\n"
                                 "    event:\n"
                                 "      activity_type: SEEN\n"
                                 "      user_id: '${%s}'\n"
                                 "      ip_addr: 192.0.2.9\n"
                                 "      user_agent: '${%s}'\n"
                                 "      meta: {what: '${%s}'}\n"
                                 "    samples: [%s]\n";

struct shape {
    const char *format, *match, *capture, *before, *behind, *sample;
};

static const struct shape shapes[] = {
    {"plain", "'user=(?<u>[^\\n]+)'", "u", "user=", "", "{line: 'user=a', event: {user_id: a}}"},
    {"json", "{u: '.'}", "u", "{\"u\":\"", "\"}", "{line: '{\"u\":\"a\"}', event: {user_id: a}}"},
    {"logfmt", "{u: '.'}", "u", "u=\"", "\"", "{line: 'u=\"a\"', event: {user_id: a}}"},
    {"access", "{agent: '.'}", "agent",
        "192.0.2.9 - - [23/Nov/2026:10:11:12 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"", "\"",
        "{line: '192.0.2.9 - - [23/Nov/2026:10:11:12 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"a\"', "
        "event: {user_id: a}}"},
};

static const struct span uglies[] = {
    SPAN("a\0b"),
    SPAN("\0"),
    SPAN("a\r"),
    SPAN("a\rb"),
    SPAN("a\r\r"),
    SPAN("\xef\xbb\xbf"
         "alice"),
    SPAN("caf\xe9"),
    SPAN("\xc0\xa2\xc0\x80"),
    SPAN("\xed\xa0\x80\xed\xbf\xbf"),
    SPAN("\xf4\x90\x80\x80\xff\xfe"),
    SPAN("\xe2\x82"),
    SPAN("\x1b[31mred\x1b[0m\x1b]0;title\x07"),
    SPAN("\xc2\x9b"
         "31m\x9b"
         "31m"),
    SPAN("a\\r\\nX-Injected: yes\\r\\n\\r\\n"),
    SPAN("a\r\nX-Injected: yes"),
    SPAN("a\\\"b\\\\\\\"c"),
    SPAN("\\ud800"),
    SPAN("\\udfff\\ud800x"),
    SPAN("\\ud83d\\ude00"),
    SPAN("\\u0000\\u001b\\u0085\\u2028"),
    SPAN("\xe2\x80\xa8\xe2\x80\xae"
         "evil"),
    SPAN("\",\"event_id\":\"forged"),
    SPAN("\\\",\\\"event_id\\\":\\\"forged"),
    SPAN("\x01\x02\x7f\b\f\t\v"),
};

static void check_body(const char *row, struct span body)
{
    json_tokener *tokener = json_tokener_new();
    json_object *read, *payload;

    for (size_t i = 0; i < body.len; i++)
        check_row(row, (unsigned char)body.at[i] >= ' ' && body.at[i] != 0x7f);
    check_row(row, !memmem(body.at, body.len, "\xc2\x9b", 2));
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    read = json_tokener_parse_ex(tokener, body.at, (int)body.len);
    check_row(row, read && json_tokener_get_parse_end(tokener) == body.len);
    payload = json_object_object_get(read, "payload");
    check_number(row, (uint64_t)json_object_object_length(read), 1);
    check_number(row, strlen(json_object_get_string(json_object_object_get(payload, "event_id"))),
        EVENT_ID_LEN);
    json_object_put(read);
    json_tokener_free(tokener);
}

static void write_body(void *arg, const struct event *event)
{
    event_write(event, arg);
}

static void feed(struct engine *engine, const char *row, const struct shape *format,
    struct span ugly, uint64_t *events)
{
    struct buffer body = {0}, line = {0};
    const struct engine_output output = {.event = write_body, .arg = &body};
    const struct engine_source source = {
        .source_id = SPAN("here"), .time = {.reference_s = 1795428672, .zone = &zone_utc}};
    struct engine_counts counts = {0};
    struct engine_chunk chunk = {0};

    buffer_append(&line, span_of(format->before));
    buffer_append(&line, ugly);
    buffer_append(&line, span_of(format->behind));
    chunk.bytes = buffer_span(&line);
    engine_feed(engine, &source, &chunk, &output, &counts);
    buffer_append_byte(&body, '\0'); /* json-c wants one */
    if (counts.events > 0)
        check_body(row, (struct span){body.bytes, body.len - 1});
    *events += counts.events;
    buffer_finish(&body);
    buffer_finish(&line);
}

static void every_body_is_valid_whatever_was_captured(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof(shapes) / sizeof(*shapes); f++) {
        const struct shape *format = &shapes[f];
        char yaml[1024], row[40];
        struct loaded_rules loaded;
        struct engine_rules rules;
        struct engine_settings settings = {
            .instance = SPAN("test"), .rules = &rules, .rules_count = 1};
        struct engine *engine;
        uint64_t events = 0;

        snprintf(yaml, sizeof(yaml), rules_text, format->format, format->match, format->capture,
            format->capture, format->capture, format->sample);
        loaded = rules_load(yaml);
        rules = (struct engine_rules){.file = loaded.file};
        engine = engine_new(&settings);
        for (size_t i = 0; i < sizeof(uglies) / sizeof(*uglies); i++) {
            snprintf(row, sizeof(row), "%s, text %zu", format->format, i);
            feed(engine, row, format, uglies[i], &events);
        }
        /* A format may refuse some of them; most must come through. */
        check_row(format->format, events >= sizeof(uglies) / sizeof(*uglies) / 2);
        engine_free(engine);
        rules_unload(&loaded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_is_valid_whatever_was_captured),
    };

    return cmocka_run_group_tests_name("event_content", tests, NULL, NULL);
}
