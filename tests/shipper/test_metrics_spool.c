/* SPDX-License-Identifier: MIT
 *
 * shipper/metrics_spool.c through its header: labels are what the text format takes, and no
 * row comes twice.
 */
#include "shipper/metrics_spool.h"
#include "shipper/spool/spool.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

enum { NOW_S = 1795435200 };

static struct error err;

static int set_up(void **state)
{
    *state = scratch_new_in_memory();
    assert_true(spool_prepare(*state, &err));
    return 0;
}

static int tear_down(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void add(const char *dir, uint64_t key, struct span name, uint64_t size)
{
    struct spool *spool = spool_open(dir, &(struct spool_options){.max_bytes = 1 << 20}, &err);
    struct spool_batch *batch = spool_batch_new();
    const struct spool_source source = {
        .name = name, .position = 10, .size = size, .is_open = true, .seen_s = NOW_S - 100};

    assert_non_null(spool);
    spool_batch_cursor(batch, "file", key, SPAN("opaque"));
    spool_batch_source(batch, "file", key, &source);
    spool_batch_count(batch, "file", key, ACCOUNT_NO_RULE, 10, 2);
    assert_int_equal(spool_commit(spool, batch, &err), SPOOL_DONE);
    spool_batch_free(batch);
    spool_close(spool);
}

static void assert_has(const struct buffer *out, const char *line)
{
    const char *found = strstr(out->bytes, line);

    check_row(line, found && (found == out->bytes || found[-1] == '\n'));
    check_row(line, !found || !strstr(found + 1, line));
}

static void names_become_labels_and_each_stands_once(void **state)
{
    struct buffer out = {0};

    add(*state, 1, SPAN("/logs/a \"b\"\\c\nd\xff.log"), 10);
    add(*state, 2, SPAN("/logs/app.log"), 50);
    add(*state, 3, SPAN("/logs/app.log"), 10);
    metrics_spool_write(*state, 1 << 20, NOW_S, &out);
    buffer_append_byte(&out, '\0');
    assert_has(&out, "usage_shipper_spool_readable 1\n");
    assert_has(&out, "usage_shipper_spool_max_bytes 1048576\n");
    assert_has(&out, "usage_shipper_sources 2\n");
    assert_has(&out, "usage_shipper_source_size_bytes{kind=\"file\",source=\"/logs/a "
                     "\\\"b\\\"\\\\c\\nd\xEF\xBF\xBD.log\"} 10\n");
    assert_has(
        &out, "usage_shipper_source_size_bytes{kind=\"file\",source=\"/logs/app.log\"} 60\n");
    assert_has(
        &out, "usage_shipper_source_behind_seconds{kind=\"file\",source=\"/logs/app.log\"} 100\n");
    assert_has(&out, "usage_shipper_source_lines_total{kind=\"file\",source=\"/logs/app.log\","
                     "class=\"no_rule\"} 4\n");
    assert_has(&out, "# TYPE usage_shipper_source_lines_total counter\n");
    buffer_finish(&out);
}

static void a_spool_that_cannot_be_read_is_told_of(void **state)
{
    struct buffer out = {0};

    metrics_spool_write("/nonexistent", 0, NOW_S, &out);
    buffer_append_byte(&out, '\0');
    assert_has(&out, "usage_shipper_spool_readable 0\n");
    check_row("and nothing else", !strstr(out.bytes, "sources"));
    (void)state;
    buffer_finish(&out);
}

#define IN_SPOOL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(names_become_labels_and_each_stands_once),
        IN_SPOOL(a_spool_that_cannot_be_read_is_told_of),
    };

    return cmocka_run_group_tests_name("metrics_spool", tests, NULL, NULL);
}
