/* SPDX-License-Identifier: MIT
 *
 * shipper/spool/spool_delivered.c through its header and spool_settle.
 */
#include "shipper/spool/spool_delivered.h"

#include "parsers/limits.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>

static struct error err;
static char *dir;
static struct spool *spool;
static unsigned added;

static void open_spool(uint64_t max_bytes)
{
    spool = spool_open(dir, &(struct spool_options){.max_bytes = max_bytes}, &err);
    assert_non_null(spool);
}

static int set_up(void **state)
{
    (void)state;
    dir = scratch_new();
    assert_true(spool_prepare(dir, &err));
    open_spool(0);
    added = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    spool_close(spool);
    scratch_remove(dir);
    return 0;
}

/* Digits of both kinds in every place. */
static const char *id_of(unsigned number)
{
    static char id[EVENT_ID_LEN + 1];

    snprintf(id, sizeof(id), "%08x%08xabcdef%010x", number, ~number, number * 2654435761u);
    return id;
}

static void add(unsigned count)
{
    struct spool_batch *batch = spool_batch_new();

    for (; count > 0; count--)
        spool_batch_event(batch, id_of(added++), SPAN("{}"));
    assert_int_equal(spool_commit(spool, batch, &err), SPOOL_DONE);
    spool_batch_free(batch);
}

/* The next `count` waiting events, in one transaction; every third is rejected if
 * there are to be any. */
static void settle(size_t count, bool has_rejected)
{
    static struct spool_event events[1000];
    static struct spool_verdict verdicts[1000];
    size_t leased;

    assert_true(spool_lease(spool, events, count, &leased, &err));
    assert_int_equal(leased, count);
    for (size_t i = 0; i < count; i++) {
        verdicts[i] = (struct spool_verdict){
            .row = events[i].row, .is_rejected = has_rejected && i % 3 == 2, .answer = SPAN("")};
        memcpy(verdicts[i].id, events[i].id, sizeof(verdicts[i].id));
    }
    assert_true(spool_settle(spool, verdicts, count, &err));
}

static struct spool_delivered *load(void)
{
    struct spool_delivered *delivered = spool_delivered_load(spool, &err);

    assert_non_null(delivered);
    return delivered;
}

static void an_empty_spool_has_delivered_nothing(void **state)
{
    struct spool_delivered *delivered = load();

    (void)state;
    assert_int_equal(spool_delivered_count(delivered), 0);
    assert_false(spool_delivered_has(delivered, id_of(0)));
    spool_delivered_free(delivered);
    spool_delivered_free(NULL);
}

static void what_is_delivered_or_waits_is_known_and_nothing_else(void **state)
{
    struct spool_delivered *delivered;

    (void)state;
    add(3000);
    settle(1000, true);
    settle(1, false);
    settle(500, false);
    spool_close(spool);
    open_spool(0);
    delivered = load();
    for (unsigned i = 0; i < added; i++) {
        bool is_rejected = i < 1000 && i % 3 == 2;

        check_number(id_of(i), spool_delivered_has(delivered, id_of(i)), !is_rejected);
    }
    assert_int_equal(spool_delivered_count(delivered), 3000 - 333);
    assert_false(spool_delivered_has(delivered, id_of(3000)));
    spool_delivered_free(delivered);
}

static void only_the_newest_are_kept(void **state)
{
    /* An eighth of it is room for 1,024 ids of 16 bytes. */
    enum { MAX_BYTES = 8 * 16 * 1024, BATCHES = 30, BATCH = 100 };
    struct spool_delivered *delivered;

    (void)state;
    spool_close(spool);
    open_spool(MAX_BYTES);
    for (int i = 0; i < BATCHES; i++) {
        add(BATCH);
        settle(BATCH, false);
    }
    delivered = load();
    assert_in_range(spool_delivered_count(delivered), 1024, 1024 + BATCH);
    assert_true(spool_delivered_has(delivered, id_of(added - 1)));
    assert_true(spool_delivered_has(delivered, id_of(added - 1024)));
    assert_false(spool_delivered_has(delivered, id_of(added - 1024 - BATCH)));
    spool_delivered_free(delivered);
}

#define WITH_SPOOL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SPOOL(an_empty_spool_has_delivered_nothing),
        WITH_SPOOL(what_is_delivered_or_waits_is_known_and_nothing_else),
        WITH_SPOOL(only_the_newest_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
