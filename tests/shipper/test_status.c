/* SPDX-License-Identifier: MIT
 *
 * shipper/status.c, status_text.c and status_json.c through their header, on a
 * state that a file source has left.
 */
#include "shipper/status.h"
#include "tests/support/file_world.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <unistd.h>

static struct error err;

static int set_up(void **state)
{
    struct file_world *w = test_calloc(1, sizeof(*w));

    file_world_init(w);
    w->input.start = START_BEGINNING;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    file_world_finish(*state);
    test_free(*state);
    return 0;
}

static void follow(struct file_world *w)
{
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_commit(w);
}

/* Whatever the source said since the last time, one sweep later. */
static void settle(struct file_world *w, int64_t passed_ms)
{
    file_world_drain(w, passed_ms);
    file_world_commit(w);
}

/* "a.log 12 = 5 no_rule + 3 held + 4 unread here followed; " */
static void check_sources(const char *row, struct file_world *w, const char *wanted)
{
    struct status status;
    struct buffer out = {0};

    assert_true(status_read(w->state, NULL, &status, &err));
    for (size_t i = 0; i < status.count; i++) {
        const struct status_source *source = &status.sources[i];
        const char *plus = " =";

        buffer_printf(
            &out, "%s %llu", strrchr(source->name, '/') + 1, (unsigned long long)source->size);
        for (unsigned k = 0; k < ACCOUNT_CLASSES; k++)
            if (source->account.bytes[k] > 0) {
                buffer_printf(&out, "%s %llu %s", plus,
                    (unsigned long long)source->account.bytes[k], account_class_name(k));
                plus = " +";
            }
        buffer_printf(&out, "%s %llu held + %llu unread%s%s; ", plus,
            (unsigned long long)source->held, (unsigned long long)source->unread,
            source->is_here ? " here" : "", source->is_followed ? " followed" : "");
        check_number(row, (uint64_t)source->missing, 0);
    }
    check_span(row, buffer_span(&out), wanted);
    buffer_finish(&out);
    status_finish(&status);
}

static void tells_read_held_and_unread(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\ntwo\nthr");
    follow(w);
    check_sources("read", w, "a.log 11 = 8 no_rule + 3 held + 0 unread here followed; ");
    file_world_append(w, "a.log", "ee\nfour\n");
    check_sources("grown", w, "a.log 19 = 8 no_rule + 3 held + 8 unread here followed; ");
    settle(w, 10000);
    check_sources("read on", w, "a.log 19 = 19 no_rule + 0 held + 0 unread here followed; ");
}

static void what_was_there_at_first_sight_is_before_the_start(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_END;
    file_world_append(w, "a.log", "one\ntwo\n");
    follow(w);
    file_world_append(w, "a.log", "three\n");
    settle(w, 10000);
    check_sources(
        "read", w, "a.log 14 = 6 no_rule + 8 before_start + 0 held + 0 unread here followed; ");
}

static void an_unfinished_line_that_was_truncated_away_is_possibly_lost(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\ntw");
    follow(w);
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_append(w, "a.log", "new\n");
    settle(w, 10000);
    check_sources("truncated", w,
        "a.log 4 = 4 no_rule + 0 held + 0 unread here followed; "
        "a.log 6 = 4 no_rule + 2 possibly_lost + 0 held + 0 unread; ");
}

static void a_copy_is_not_read_twice(void **state)
{
    struct file_world *w = *state;
    char line[200];

    memset(line, 'x', sizeof(line));
    line[198] = '\n';
    line[199] = '\0';
    for (int i = 0; i < 10; i++)
        file_world_append(w, "a.log", line);
    follow(w);
    file_world_copy(w, "a.log", "b.log");
    settle(w, 10000);
    check_sources("copied", w,
        "a.log 1990 = 1990 no_rule + 0 held + 0 unread here followed; "
        "b.log 1990 = 1990 copy + 0 held + 0 unread here followed; ");
}

static void a_renamed_file_keeps_its_account(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\ntwo\n");
    follow(w);
    file_world_rename(w, "a.log", "b.log");
    check_sources("not seen yet", w, "a.log 8 = 8 no_rule + 0 held + 0 unread followed; ");
    settle(w, 10000);
    check_sources("seen", w, "b.log 8 = 8 no_rule + 0 held + 0 unread here followed; ");
}

static void write_bytes(const struct file_world *w, const char *name, struct span bytes)
{
    FILE *file = fopen(file_world_path(w, name), "a");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static void nul_bytes_where_a_line_should_begin_are_a_hole(void **state)
{
    struct file_world *w = *state;

    write_bytes(w, "a.log", SPAN("one\n\0\0\0\0\0two\n"));
    follow(w);
    check_sources("hole", w, "a.log 13 = 8 no_rule + 5 hole + 0 held + 0 unread here followed; ");
}

static void what_is_decoded_adds_up_to_its_decoded_size(void **state)
{
    struct file_world *w = *state;
    struct buffer gzip = {0};

    gzip_append(&gzip, SPAN("a line of a file that is compressed\nand another\n"));
    write_bytes(w, "a.log", buffer_span(&gzip));
    write_bytes(w, "b.log", SPAN("\xFF\xFEo\0n\0e\0\n\0t\0w\0"));
    follow(w);
    check_sources("decoded", w,
        "a.log 48 = 48 no_rule + 0 held + 0 unread here followed; "
        "b.log 9 = 7 no_rule + 2 held + 0 unread here followed; ");
    buffer_finish(&gzip);
}

static void files_that_nothing_was_read_of_come_from_the_inputs(void **state)
{
    struct file_world *w = *state;
    struct input_config inputs[2] = {{.file.pattern = w->pattern}, {.file.pattern = w->pattern}};
    struct config config = {.inputs = inputs, .input_count = 2, .spool = {.max_bytes = 99}};
    struct status status;

    file_world_append(w, "a.log", "one\n");
    follow(w);
    file_world_append(w, "b.log", "unfinis");
    assert_true(status_read(w->state, &config, &status, &err));
    check_number("sources", status.count, 2);
    check_number("limit", status.spool_max_bytes, 99);
    check_span("name", span_of(status.sources[1].name), file_world_path(w, "b.log"));
    check_number("unread", status.sources[1].unread, 7);
    status_finish(&status);
}

static void add_stream(struct file_world *w, uint64_t key, const char *name, bool is_open)
{
    const struct spool_source stream = {
        .name = span_of(name), .position = 9, .size = 9, .is_open = is_open};

    spool_batch_cursor(w->batch, "stream", key, SPAN("any bytes"));
    spool_batch_source(w->batch, "stream", key, &stream);
    spool_batch_count(w->batch, "stream", key, ACCOUNT_NO_RULE, 9, 1);
}

/* Of a source that is no file only the spool can tell. */
static void other_sources_are_here_until_they_end(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    follow(w);
    add_stream(w, 1, "streams/first", true);
    add_stream(w, 2, "streams/second", false);
    file_world_commit(w);
    check_sources("streams", w,
        "a.log 4 = 4 no_rule + 0 held + 0 unread here followed; "
        "first 9 = 9 no_rule + 0 held + 0 unread here followed; "
        "second 9 = 9 no_rule + 0 held + 0 unread; ");
}

/* --- how it is shown ------------------------------------------------------- */

static struct status_source sample_source(char *name)
{
    static char kind[] = "file";

    return (struct status_source){
        .kind = kind,
        .name = name,
        .is_followed = true,
        .is_here = true,
        .size = 120,
        .position = 100,
        .held = 5,
        .unread = 15,
        .seen_s = 1795428672,
        .lag_s = 7200,
        .lines_per_s = 1.5,
        .account = {.bytes = {[ACCOUNT_MATCHED] = 60, [ACCOUNT_NO_RULE] = 40},
            .lines = {[ACCOUNT_MATCHED] = 3, [ACCOUNT_NO_RULE] = 2}},
    };
}

static void text_is_a_table_that_can_be_added_up(void **state)
{
    static char first[] = "/logs/a\x1b.log", second[] = "/logs/b.log";
    struct status_source sources[] = {sample_source(first), sample_source(second)};
    struct status status = {.dir = "/state",
        .service = {true, 4711, 1795428672},
        .sender = {.is_running = true, .seen = {.is_there = true}},
        .reader = {.is_running = true, .seen = {.is_there = true}},
        .sources = sources,
        .count = 2};
    struct buffer out = {0};

    (void)state;
    sources[1].is_here = false;
    status_write_text(&status, false, &out);
    check_span("fine", buffer_span(&out),
        "running: process 4711 since 2026-11-23T10:11:12Z (/state)\n"
        "spool: 0 events waiting, 0 rejected, 0 delivered, 0 dropped, 0 damaged, 0 lost; 0.0 MiB\n"
        "endpoint: no answer yet\n"
        "sending: nothing holds it up\n"
        "reading: nothing holds it up\n"
        "lines: 10 read, 6 matched, 0 incomplete, 0 rule error, 0 ignored, 0 excluded, 0 too long, "
        "4 no rule,"
        " 2 held back\n"
        "\n"
        "size  matched  no rule  held  not yet read  behind  lines/s  bytes of\n"
        " 120       60       40     5            15     2 h      1.5  /logs/a..log\n"
        " 120       60       40     5            15     2 h      1.5  /logs/b.log (not at this "
        "path now)\n"
        " 240      120       80    10            30     2 h      3.0  (all)\n"
        "\n"
        "every byte is accounted for\n");
    buffer_finish(&out);
}

static void bytes_in_no_class_are_shouted(void **state)
{
    static char name[] = "a.log";
    struct status_source source = sample_source(name);
    struct status status = {.dir = "/state", .sources = &source, .count = 1};
    struct buffer out = {0};

    (void)state;
    source.account.bytes[ACCOUNT_NO_RULE] -= 17;
    source.missing = 17;
    check_number("faults", status_faults(&status), 1);
    status_write_text(&status, false, &out);
    buffer_append_byte(&out, '\0');
    check_row(out.bytes, strstr(out.bytes, "a.log (DOES NOT ADD UP: 17 bytes are in no class)\n"));
    check_row(out.bytes, strstr(out.bytes, "The bytes of 1 source do not add up."));
    check_row(out.bytes, !strstr(out.bytes, "accounted"));
    buffer_clear(&out);
    status_write_json(&status, false, &out);
    buffer_append_byte(&out, '\0');
    check_row(out.bytes, strstr(out.bytes, "\"adds_up\":false"));
    buffer_finish(&out);
}

static void files_that_are_gone_are_one_row_unless_asked_for(void **state)
{
    static char here[] = "a.log", gone[] = "b.log", other[] = "stdin";
    struct status_source sources[] = {sample_source(here), sample_source(gone)};
    struct status status = {.dir = "/state", .sources = sources, .count = 2, .gone = 1};
    struct buffer out = {0};

    (void)state;
    sources[1].is_here = sources[1].is_followed = false;
    status_write_text(&status, false, &out);
    buffer_append_byte(&out, '\0');
    check_row(out.bytes, strstr(out.bytes, "  (1 gone: --all shows them)\n"));
    check_row(out.bytes, !strstr(out.bytes, "b.log"));
    buffer_clear(&out);
    status_write_text(&status, true, &out);
    buffer_append_byte(&out, '\0');
    check_row(out.bytes, strstr(out.bytes, "b.log (gone)\n"));
    sources[1].kind = other;
    buffer_clear(&out);
    status_write_text(&status, true, &out);
    buffer_append_byte(&out, '\0');
    check_row(out.bytes, strstr(out.bytes, "b.log (ended)\n"));
    buffer_finish(&out);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void many_rules_that_made_nothing_are_a_number(void **state)
{
    struct status_rule items[12] = {0};
    const struct status_rules rules = {.items = items, .count = 12};
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < 12; i++)
        items[i].figure =
            (struct rule_figure){.product = SPAN("acme"), .rule = {&"abcdefghijkl"[i], 1}};
    items[3].figure.near_misses = 7;
    status_rules_text(&rules, false, &out);
    check_span("short", buffer_span(&out),
        "\n    events  incomplete    near  errors  latest event made     rule\n"
        "         0           0       7       0  never                 acme/d\n"
        "(11 rules that made none: --all shows them)\n");
    buffer_clear(&out);
    status_rules_text(&rules, true, &out);
    buffer_append_byte(&out, '\0');
    check_row("all", strstr(out.bytes, "acme/a\n") && strstr(out.bytes, "acme/l\n"));
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(tells_read_held_and_unread),
        WITH_WORLD(what_was_there_at_first_sight_is_before_the_start),
        WITH_WORLD(an_unfinished_line_that_was_truncated_away_is_possibly_lost),
        WITH_WORLD(a_copy_is_not_read_twice),
        WITH_WORLD(a_renamed_file_keeps_its_account),
        WITH_WORLD(nul_bytes_where_a_line_should_begin_are_a_hole),
        WITH_WORLD(what_is_decoded_adds_up_to_its_decoded_size),
        WITH_WORLD(files_that_nothing_was_read_of_come_from_the_inputs),
        WITH_WORLD(other_sources_are_here_until_they_end),
        cmocka_unit_test(text_is_a_table_that_can_be_added_up),
        cmocka_unit_test(many_rules_that_made_nothing_are_a_number),
        cmocka_unit_test(bytes_in_no_class_are_shouted),
        cmocka_unit_test(files_that_are_gone_are_one_row_unless_asked_for),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
