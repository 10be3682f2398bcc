/* SPDX-License-Identifier: MIT
 *
 * shipper/emitted.c through its header: what a configuration can send, each
 * combination once, under the vendor's names.
 */
#include "shipper/emitted.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>

static char *dir;

static void write_file(const char *name, const char *bytes)
{
    FILE *file = fopen(scratch_path(dir, name), "w");

    assert_non_null(file);
    assert_true(fputs(bytes, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

#define EVENT(activity, more)                                                                      \
    "  event: {activity_type: " activity ", user_id: '${user}', ip_addr: 192.0.2.1" more "}\n"
#define SAMPLES "  samples: [{line: 'login alice', event: {user_id: alice}}]\n"

static const char web[] =
    "product: web\nrules:\n"
    "- name: login\n  match: '^login (?<user>\\S+)'\n" EVENT("LOGIN", "") SAMPLES
    "- name: sso\n  match: '^sso (?<user>\\S+)'\n" EVENT("LOGIN", "") SAMPLES
    "- name: call\n  match: '^call (?<user>\\S+)'\n" EVENT(
        "CALL", ", environment: STAGING, source: SAAS_PRODUCT") SAMPLES
    "- name: health\n  match: '^health'\n  ignore: true\n"
    "  samples: [{line: health}]\n";

static const char config_text[] = "endpoint: {url: 'https://example.com/usage'}\n"
                                  "instance: here\n"
                                  "activity_types: {LOGIN: SIGN_IN, CALL: API}\n"
                                  "inputs:\n"
                                  "- {file: a.log, rules: ./web.yaml}\n"
                                  "- {file: b.log, rules: ./web.yaml, only: login}\n"
                                  "- {file: c.log, rules: ./web.yaml, only: [call], product_id: "
                                  "app, environment: PRODUCTION}\n";

static void put(struct span value, struct buffer *out)
{
    buffer_printf(out, "%.*s ", value.at ? (int)value.len : 1, value.at ? value.at : "-");
}

static void each_combination_is_there_once(void **state)
{
    struct errors errors = {0};
    struct emitted_list list;
    struct buffer seen = {0};
    struct config *config;

    (void)state;
    dir = scratch_new();
    write_file("web.yaml", web);
    write_file("c.yaml", config_text);
    config = config_load(scratch_path(dir, "c.yaml"), &errors);
    check_number("errors", errors.count, 0);
    emitted_gather(config, &list);
    for (size_t i = 0; i < list.count; i++) {
        put(list.items[i].product_id, &seen);
        put(list.items[i].activity_type, &seen);
        put(list.items[i].environment, &seen);
        put(list.items[i].source, &seen);
        put(buffer_span(&list.items[i].rules), &seen);
        buffer_append_byte(&seen, '\n');
    }
    check_span("all", buffer_span(&seen),
        "app API PRODUCTION SAAS_PRODUCT web/call \n"
        "web API STAGING SAAS_PRODUCT web/call \n"
        "web SIGN_IN - TELEMETRY web/login, web/sso \n");
    buffer_finish(&seen);
    emitted_finish(&list);
    config_free(config);
    errors_finish(&errors);
    scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_combination_is_there_once)};

    return cmocka_run_group_tests_name("emitted", tests, NULL, NULL);
}
