/* SPDX-License-Identifier: MIT
 *
 * shipper/status_screen.c through its header: it fits, and what matters most comes first.
 */
#include "shipper/status_screen.h"
#include "tests/support/test.h"

#include <stdio.h>

enum { SOURCES = 100, RULES = 300, NOW_S = 1795435200 };

struct sample {
    struct status status;
    struct status_source sources[SOURCES];
    struct status_rule rules[RULES];
    char names[SOURCES][128], rule_names[RULES][32];
};

static void make(struct sample *sample)
{
    static char kind[] = "file";

    *sample = (struct sample){0};
    for (size_t i = 0; i < SOURCES; i++) {
        snprintf(sample->names[i], sizeof(sample->names[i]),
            "/var/log/a-folder-with-a-name-that-is-rather-long/of-a-product/node-%zu.log", i);
        sample->sources[i] = (struct status_source){.kind = kind,
            .name = sample->names[i],
            .is_here = true,
            .is_followed = true,
            .size = 1000,
            .position = 1000};
    }
    for (size_t i = 0; i < RULES; i++) {
        snprintf(sample->rule_names[i], sizeof(sample->rule_names[i]), "rule%zu", i);
        sample->rules[i] = (struct status_rule){
            .figure = {.product = SPAN("acme"), .rule = span_of(sample->rule_names[i])}};
    }
    sample->status = (struct status){.dir = "/var/lib/usage-shipper",
        .now_s = NOW_S,
        .known_s = NOW_S,
        .service = {true, 4711, NOW_S - 60},
        .sources = sample->sources,
        .count = SOURCES,
        .rules = {.items = sample->rules, .count = RULES}};
}

static size_t columns_of(struct span line)
{
    size_t columns = 0;

    for (size_t i = 0; i < line.len; i++)
        columns += (line.at[i] & 0xC0) != 0x80;
    return columns;
}

static void draw(const struct sample *sample, size_t rows, size_t columns, struct buffer *out)
{
    const struct status_screen screen = {rows, columns};
    struct status_pace pace = {0};
    struct span rest;
    size_t lines = 0;

    buffer_clear(out);
    status_screen_write(&screen, &sample->status, &pace, out);
    rest = buffer_span(out);
    while (rest.len > 0) {
        struct span line = span_cut(&rest, '\n');

        lines++;
        check_row("a line fits", columns_of(line) <= columns);
    }
    check_row("a row is left for the cursor", lines < rows);
    buffer_append_byte(out, '\0');
}

static void check_before(const struct buffer *out, const char *first, const char *second)
{
    const char *one = strstr(out->bytes, first), *other = strstr(out->bytes, second);

    check_row(first, one && (!other || one < other));
}

static void it_fits_whatever_the_size(void **state)
{
    static struct sample sample;
    struct buffer out = {0};

    (void)state;
    make(&sample);
    for (size_t rows = SCREEN_ROWS_LEAST; rows < 130; rows += 7)
        for (size_t columns = SCREEN_COLUMNS_LEAST; columns < 250; columns += 13)
            draw(&sample, rows, columns, &out);
    sample.status.count = 0;
    sample.status.rules.count = 0;
    draw(&sample, 24, 80, &out);
    buffer_finish(&out);
}

static void what_is_behind_and_what_moves_comes_first(void **state)
{
    static struct sample sample;
    struct buffer out = {0};

    (void)state;
    make(&sample);
    sample.sources[70].lines_per_s = 12;
    sample.sources[71].lines_per_s = 25;
    sample.sources[72].lag_s = 90000;
    sample.sources[72].unread = 4096;
    sample.rules[200].figure.events = 5;
    sample.rules[200].figure.last_s = NOW_S - 10;
    draw(&sample, 24, 80, &out);
    check_before(&out, "        4096     25 h       0.0  …", "node-71.log");
    check_before(&out, "node-72.log\n", "node-71.log\n");
    check_before(&out, "node-71.log\n", "node-70.log\n");
    check_before(&out, "node-70.log\n", "node-0.log\n");
    check_before(&out, "  100 sources\n", "     300 rules\n");
    check_before(&out, "     300 rules\n        5         0  2026-11-23T11:59:50Z  acme/rule200\n",
        "acme/rule0\n");
    buffer_finish(&out);
}

static void many_alerts_leave_room_for_the_rest(void **state)
{
    static char advice[] = "Run `usermod -aG adm usage-shipper`, then restart the service.";
    static struct sample sample;
    struct buffer out = {0};

    (void)state;
    make(&sample);
    for (size_t i = 0; i < SOURCES; i++)
        sample.sources[i].advice = advice;
    draw(&sample, 24, 80, &out);
    check_before(&out, "ALERT: /var/log/", "… `usage-shipper status` shows all of it\n");
    check_before(&out, "… `usage-shipper status` shows all of it\n", "spool: 0 events waiting");
    check_before(&out, "           0       NO       0.0  …", "acme/rule0\n");
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_fits_whatever_the_size),
        cmocka_unit_test(what_is_behind_and_what_moves_comes_first),
        cmocka_unit_test(many_alerts_leave_room_for_the_rest),
    };

    return cmocka_run_group_tests_name("status_screen", tests, NULL, NULL);
}
