/* SPDX-License-Identifier: MIT
 *
 * parsers/event.c through its header: ids against vectors that another SHA-256
 * worked out, bodies against what json-c reads back, strings byte by byte.
 */
#include "parsers/event.h"
#include "tests/support/test.h"

#include <json.h>

#define LINE                                                                                       \
    "Nov 23 10:11:12 web1 sshd[912]: Accepted publickey for alice from 203.0.113.7 port 5022 ssh2"

struct vector {
    const char *name;
    struct event_identity identity;
    const char *id;
};

/* The fields of LINE's event, and one of them changed a row. */
static const struct vector vectors[] = {
    {"dated",
        {SPAN("instance-1"), SPAN("openssh"), SPAN("login"), SPAN("5f1d"), 4096, SPAN(LINE), false,
            0},
        "08167a43da2616d68c8e4a6cd98b5cb5"},
    {"a generation that does not count",
        {SPAN("instance-1"), SPAN("openssh"), SPAN("login"), SPAN("5f1d"), 4096, SPAN(LINE), false,
            7},
        "08167a43da2616d68c8e4a6cd98b5cb5"},
    {"generation 7",
        {SPAN("instance-1"), SPAN("openssh"), SPAN("login"), SPAN("5f1d"), 4096, SPAN(LINE), true,
            7},
        "66a8c142a5c76f2f17adbdfc556a9511"},
    {"generation 0",
        {SPAN("instance-1"), SPAN("openssh"), SPAN("login"), SPAN("5f1d"), 4096, SPAN(LINE), true,
            0},
        "2a1c4da1f798167c1d1bb95005f04102"},
    {"next offset",
        {SPAN("instance-1"), SPAN("openssh"), SPAN("login"), SPAN("5f1d"), 4097, SPAN(LINE), false,
            0},
        "7aea8c48c761611d53be10b5dc0640a9"},
    {"a letter moved to the field before",
        {SPAN("instance-1"), SPAN("opensshl"), SPAN("ogin"), SPAN("5f1d"), 4096, SPAN(LINE), false,
            0},
        "280f928990e5f33c0f347d1182d90064"},
    {"empty fields", {SPAN(""), SPAN(""), SPAN(""), SPAN(""), 0, SPAN(""), false, 0},
        "6a434e5689b113442004f98dc19a535a"},
    {"absent fields", {.offset = 0}, "6a434e5689b113442004f98dc19a535a"},
    {"largest numbers, bytes that are no text",
        {SPAN(""), SPAN(""), SPAN(""), SPAN(""), UINT64_MAX, SPAN("\0\xff\xfe"), true, UINT64_MAX},
        "1b529a7cad40222cc7b5f84bf6ec8455"},
};

static void ids_are_those_of_the_vectors(void **state)
{
    struct event_hasher *hasher = event_hasher_new();

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        char id[EVENT_ID_LEN + 1];

        event_identify(hasher, &vectors[i].identity, id);
        check_span(vectors[i].name, span_of(id), vectors[i].id);
    }
    event_hasher_free(hasher);
}

/* A line of n times x; the other fields as above, at offset 0. */
static void check_long_line(size_t n, const char *wanted)
{
    struct event_hasher *hasher = event_hasher_new();
    char *line = test_malloc(n), id[EVENT_ID_LEN + 1];
    struct event_identity identity = {
        .instance = SPAN("instance-1"),
        .product = SPAN("openssh"),
        .rule = SPAN("login"),
        .source_id = SPAN("5f1d"),
        .line = {line, n},
    };

    memset(line, 'x', n);
    event_identify(hasher, &identity, id);
    check_span("long line", span_of(id), wanted);
    event_hasher_free(hasher);
    test_free(line);
}

static void of_a_line_64_KiB_go_into_its_id(void **state)
{
    (void)state;
    check_long_line(LIMIT_ID_LINE_BYTES - 1, "6fec7146812b98eb7e8c12bb79fcc472");
    check_long_line(LIMIT_ID_LINE_BYTES, "6802fbd1e9232925e8d91aeaaaa777bd");
    check_long_line(70000, "6802fbd1e9232925e8d91aeaaaa777bd");
}

struct string_row {
    const char *name;
    struct span bytes;
    const char *wanted;
};

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static const struct string_row strings[] = {
    {"absent", {NULL, 0}, "\"\""},
    {"empty", SPAN(""), "\"\""},
    {"plain", SPAN("alice"), "\"alice\""},
    {"quote and backslash", SPAN("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
    {"short escapes", SPAN("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
    {"other controls", SPAN("\0\x01\x1b\x1f"), "\"\\u0000\\u0001\\u001b\\u001f\""},
    {"DEL and C1", SPAN("\x7f\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"),
        "\"\\u007f\\u0080\\u009b\\u009f\xc2\xa0\""},
    {"line separators", SPAN("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"),
        "\"\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa\""},
    {"two, three, four bytes", SPAN("\xc3\xa8\xe2\x82\xac\xf0\x9f\x98\x80"),
        "\"\xc3\xa8\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"edges",
        SPAN("\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf"
             "\xbf"),
        "\"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"
        "\""},
    {"stray continuation", SPAN("a\x80z"), "\"a" BAD "z\""},
    {"latin-1", SPAN("caf\xe9 x"), "\"caf" BAD " x\""},
    {"cut at the end", SPAN("\xe2\x82"), "\"" BAD BAD "\""},
    {"cut by a letter", SPAN("\xf0\x9f\x98x"), "\"" BAD BAD BAD "x\""},
    {"overlong", SPAN("\xc0\x80\xc1\xbf\xe0\x9f\xbf\xf0\x8f\xbf\xbf"),
        "\"" BAD BAD BAD BAD BAD BAD BAD BAD BAD BAD BAD "\""},
    {"overlong quote", SPAN("\xc0\xa2"), "\"" BAD BAD "\""},
    {"surrogate", SPAN("\xed\xa0\x80"), "\"" BAD BAD BAD "\""},
    {"above U+10FFFF", SPAN("\xf4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\""},
    {"bytes never used", SPAN("\xf5\xff"), "\"" BAD BAD "\""},
};

static void strings_come_out_as_valid_JSON(void **state)
{
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
        buffer_clear(&out);
        event_write_string(strings[i].bytes, &out);
        check_span(strings[i].name, buffer_span(&out), strings[i].wanted);
    }
    buffer_finish(&out);
}

static const struct field meta[] = {
    {SPAN("method"), SPAN("publickey")},
    {SPAN("a \"b\""), SPAN("\n")},
    {SPAN("none"), {NULL, 0}},
};

static const struct event whole = {
    .id = "08167a43da2616d68c8e4a6cd98b5cb5",
    .at_s = 1795428672,
    .source = SPAN("TELEMETRY"),
    .activity_type = SPAN("LOGIN"),
    .environment = SPAN("PRODUCTION"),
    .product_id = SPAN("acme-server"),
    .user_id = SPAN("alice@example.com"),
    .user_id_type = SPAN("EMAIL"),
    .ip_addr = SPAN("203.0.113.7"),
    .user_agent = SPAN("OpenSSH"),
    .meta = meta,
    .meta_count = sizeof(meta) / sizeof(*meta),
    .product = SPAN("openssh"),
    .rule = SPAN("login"),
};

static void the_body_has_the_fields_of_the_contract_in_order(void **state)
{
    struct event event = whole;
    struct buffer out = {0};

    (void)state;
    event_write(&event, &out);
    check_span("whole", buffer_span(&out),
        "{\"payload\":{\"source\":\"TELEMETRY\",\"activity_type\":\"LOGIN\","
        "\"environment\":\"PRODUCTION\",\"user_id_type\":\"EMAIL\","
        "\"user_id\":\"alice@example.com\",\"ip_addr\":\"203.0.113.7\","
        "\"event_id\":\"08167a43da2616d68c8e4a6cd98b5cb5\",\"event_at\":1795428672,"
        "\"product_id\":\"acme-server\",\"user_agent\":\"OpenSSH\","
        "\"meta\":{\"method\":\"publickey\",\"a \\\"b\\\"\":\"\\n\"}}}");

    buffer_clear(&out);
    event.at_s = -1;
    event.environment = event.user_id = event.user_id_type = (struct span){NULL, 0};
    event.meta_count = 0;
    event_write(&event, &out);
    check_span("least", buffer_span(&out),
        "{\"payload\":{\"source\":\"TELEMETRY\",\"activity_type\":\"LOGIN\","
        "\"ip_addr\":\"203.0.113.7\","
        "\"event_id\":\"08167a43da2616d68c8e4a6cd98b5cb5\",\"event_at\":-1,"
        "\"product_id\":\"acme-server\",\"user_agent\":\"OpenSSH\"}}");
    buffer_finish(&out);
}

static void a_count_goes_to_the_aggregated_call(void **state)
{
    struct event event = whole;
    struct buffer out = {0};

    (void)state;
    event.meta_count = 0;
    event_write(&event, &out);
    check_row("single", !event_is_aggregated(buffer_span(&out)));

    buffer_clear(&out);
    event.count = 12;
    event_write(&event, &out);
    check_row("of a user", event_is_aggregated(buffer_span(&out)));
    check_span("of a user", buffer_span(&out),
        "{\"payload\":{\"mode\":\"USER\",\"count\":12,\"source\":\"TELEMETRY\","
        "\"activity_type\":\"LOGIN\",\"environment\":\"PRODUCTION\",\"user_id_type\":\"EMAIL\","
        "\"user_id\":\"alice@example.com\",\"ip_addr\":\"203.0.113.7\","
        "\"event_id\":\"08167a43da2616d68c8e4a6cd98b5cb5\",\"event_at\":1795428672,"
        "\"product_id\":\"acme-server\",\"user_agent\":\"OpenSSH\"}}");

    buffer_clear(&out);
    event.user_id = event.user_id_type = event.environment = (struct span){NULL, 0};
    event_write(&event, &out);
    check_row("of an address", event_is_aggregated(buffer_span(&out)));
    check_span("of an address", buffer_span(&out),
        "{\"payload\":{\"mode\":\"DOMAIN\",\"count\":12,\"source\":\"TELEMETRY\","
        "\"activity_type\":\"LOGIN\",\"ip_addr\":\"203.0.113.7\","
        "\"event_id\":\"08167a43da2616d68c8e4a6cd98b5cb5\",\"event_at\":1795428672,"
        "\"product_id\":\"acme-server\",\"user_agent\":\"OpenSSH\"}}");
    buffer_finish(&out);
}

/* Strict: what json-c takes without any of its indulgences. */
static json_object *read_back(struct span body)
{
    json_tokener *tokener = json_tokener_new();
    json_object *object;

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    object = json_tokener_parse_ex(tokener, body.at, (int)body.len);
    check_row(body.at, object && json_tokener_get_error(tokener) == json_tokener_success);
    check_number("parsed to the end", json_tokener_get_parse_end(tokener), body.len);
    json_tokener_free(tokener);
    return object;
}

static void check_member(json_object *object, const char *name, struct span wanted)
{
    json_object *member = json_object_object_get(object, name);

    check_row(name, json_object_is_type(member, json_type_string));
    check_row(name, span_equal((struct span){json_object_get_string(member),
                                   (size_t)json_object_get_string_len(member)},
                        wanted));
}

static void json_c_reads_every_field_back(void **state)
{
    struct buffer out = {0};
    json_object *body, *payload, *read_meta;

    (void)state;
    event_write(&whole, &out);
    buffer_append_byte(&out, '\0');
    out.len--;
    body = read_back(buffer_span(&out));
    payload = json_object_object_get(body, "payload");
    check_member(payload, "source", whole.source);
    check_member(payload, "activity_type", whole.activity_type);
    check_member(payload, "environment", whole.environment);
    check_member(payload, "user_id_type", whole.user_id_type);
    check_member(payload, "user_id", whole.user_id);
    check_member(payload, "ip_addr", whole.ip_addr);
    check_member(payload, "event_id", span_of(whole.id));
    check_member(payload, "product_id", whole.product_id);
    check_member(payload, "user_agent", whole.user_agent);
    check_number(
        "event_at", json_object_get_int64(json_object_object_get(payload, "event_at")), 1795428672);
    read_meta = json_object_object_get(payload, "meta");
    check_member(read_meta, "method", meta[0].value);
    check_member(read_meta, "a \"b\"", meta[1].value);
    check_number("fields", json_object_object_length(payload), 11);
    check_number("meta fields", json_object_object_length(read_meta), 2);
    json_object_put(body);
    buffer_finish(&out);
}

/* Every seventh pair of bytes, so that each byte comes to stand in each place:
 * valid JSON in strict UTF-8, on one line; ASCII comes back as it was. */
static void no_bytes_break_the_body(void **state)
{
    struct buffer out = {0};

    (void)state;
    for (unsigned pair = 0; pair < 0x10000; pair += 7) {
        char user[] = {(char)(pair >> 8), (char)pair, 'x'};
        struct event event = whole;
        json_object *body;

        event.user_id = (struct span){user, sizeof(user)};
        buffer_clear(&out);
        event_write(&event, &out);
        check_row("one line", !span_find(buffer_span(&out), '\n'));
        buffer_append_byte(&out, '\0');
        out.len--;
        body = read_back(buffer_span(&out));
        if ((pair & 0x8080) == 0)
            check_member(json_object_object_get(body, "payload"), "user_id", event.user_id);
        json_object_put(body);
    }
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_those_of_the_vectors),
        cmocka_unit_test(of_a_line_64_KiB_go_into_its_id),
        cmocka_unit_test(strings_come_out_as_valid_JSON),
        cmocka_unit_test(the_body_has_the_fields_of_the_contract_in_order),
        cmocka_unit_test(a_count_goes_to_the_aggregated_call),
        cmocka_unit_test(json_c_reads_every_field_back),
        cmocka_unit_test(no_bytes_break_the_body),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
