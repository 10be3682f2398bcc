/* SPDX-License-Identifier: MIT
 *
 * shipper/spool/spool_entries.c and spool_check.c through their headers, and what
 * spool_selection.c picks: on a spool with events of every state, beside a connection
 * that is the service's.
 */
#include "shipper/spool/spool_check.h"
#include "shipper/spool_selection.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { EVENTS = 450, LEASED = 10 };

static char *dir;
static struct spool *service, *person;
static struct error err;
static struct buffer seen;

static void name_id(unsigned i, char id[EVENT_ID_LEN + 1])
{
    snprintf(id, EVENT_ID_LEN + 1, "%08x%024u", i * 2654435761u, i);
}

static void write_body(unsigned i, struct buffer *body)
{
    buffer_clear(body);
    buffer_printf(body,
        "{\"payload\":{\"activity_type\":\"%s\",\"user_id\":\"user%u\",\"event_at\":%u,"
        "\"product_id\":\"%s\"}}",
        i % 2 ? "LOGIN" : "CALL", i, 1000 + i, i % 3 ? "acme" : "web");
}

/* Events 1 to EVENTS; the first LEASED are rejected, with 400 and 413 in turn. */
static int set_up(void **state)
{
    struct spool_options options = {.max_bytes = 64 << 20};
    struct spool_batch *batch = spool_batch_new();
    struct spool_event events[LEASED];
    struct spool_verdict verdicts[LEASED];
    struct buffer body = {0};
    size_t count;

    (void)state;
    dir = scratch_new_in_memory();
    assert_true(spool_prepare(dir, &err));
    service = spool_open(dir, &options, &err);
    person = spool_open(dir, &options, &err);
    for (unsigned i = 1; i <= EVENTS; i++) {
        char id[EVENT_ID_LEN + 1];

        name_id(i, id);
        write_body(i, &body);
        spool_batch_event(batch, id, buffer_span(&body));
    }
    assert_int_equal(spool_commit(service, batch, &err), SPOOL_DONE);
    assert_true(spool_lease(service, events, LEASED, &count, &err));
    for (size_t i = 0; i < count; i++) {
        verdicts[i] = (struct spool_verdict){.row = events[i].row,
            .is_rejected = true,
            .at_s = 5000 + (int64_t)i,
            .status = i % 2 ? 413 : 400,
            .answer = i % 2 ? SPAN("too large") : SPAN("Unknown activity")};
        memcpy(verdicts[i].id, events[i].id, sizeof(verdicts[i].id));
    }
    assert_true(spool_settle(service, verdicts, count, &err));
    buffer_finish(&body);
    spool_batch_free(batch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    spool_close(service);
    spool_close(person);
    buffer_finish(&seen);
    scratch_remove(dir);
    return 0;
}

/* What damage does, by somebody who does not know our checksums. */
static void change(const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(scratch_path(dir, "spool.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void assert_stats(uint64_t waiting, uint64_t rejected, uint64_t dropped)
{
    struct spool_stats stats;

    assert_true(spool_stats(person, &stats, &err));
    check_number("waiting", stats.waiting, waiting);
    check_number("rejected", stats.rejected, rejected);
    check_number("dropped", stats.dropped, dropped);
}

static struct spool_selection all(void)
{
    return (struct spool_selection){.states = {true, true, true}};
}

struct counting {
    size_t count, most;
    int64_t last;
    unsigned out_of_order;
};

static bool count_one(void *arg, const struct spool_entry *entry)
{
    struct counting *c = arg;

    c->out_of_order += c->count > 0 && entry->number <= c->last;
    c->last = entry->number;
    c->count++;
    assert_true(entry->is_sound);
    return c->count < c->most;
}

static size_t count_selected(const struct spool_selection *selection)
{
    struct counting c = {.most = SIZE_MAX};

    assert_true(spool_selection_each(selection, person, count_one, &c, &err));
    return c.count;
}

static void all_are_seen_in_order_and_as_long_as_wanted(void **state)
{
    struct counting c = {.most = SIZE_MAX}, some = {.most = 3};

    (void)state;
    assert_true(spool_each_entry(person, ENTRY_WAITING, count_one, &c, &err));
    check_number("waiting", c.count, EVENTS - LEASED);
    check_number("out of order", c.out_of_order, 0);
    assert_true(spool_each_entry(person, ENTRY_WAITING, count_one, &some, &err));
    check_number("some", some.count, 3);
}

static bool describe_rejected(void *arg, const struct spool_entry *entry)
{
    (void)arg;
    buffer_printf(&seen, "%lld %ld %.*s; ", (long long)entry->at_s, entry->status,
        (int)entry->answer.len, entry->answer.at);
    return entry->at_s < 5001;
}

static void a_rejected_one_has_its_answer(void **state)
{
    (void)state;
    assert_true(spool_each_entry(person, ENTRY_REJECTED, describe_rejected, NULL, &err));
    check_span("rejected", buffer_span(&seen), "5000 400 Unknown activity; 5001 413 too large; ");
}

static void a_selection_takes_what_fits_in_everything(void **state)
{
    struct spool_selection s = all();
    char id[EVENT_ID_LEN + 1], *ids[2];

    (void)state;
    check_number("all", count_selected(&s), EVENTS);
    s.product = "web";
    check_number("of a product", count_selected(&s), EVENTS / 3);
    s.activity = "LOGIN";
    check_number("and an activity", count_selected(&s), EVENTS / 6);
    s = all();
    s.user = "user7";
    check_number("of a user", count_selected(&s), 1);
    s = all();
    s.from_s = 1100;
    s.until_s = 1199;
    check_number("of a time", count_selected(&s), 100);
    s = all();
    s.status = 413;
    check_number("of a status", count_selected(&s), LEASED / 2);
    s = all();
    s.answer = "unknown ACTIVITY";
    check_number("of an answer", count_selected(&s), LEASED / 2);
    s.states[ENTRY_REJECTED] = false;
    check_number("of an answer, but not rejected", count_selected(&s), 0);
    s = all();
    name_id(77, id);
    id[8] = '\0';
    s.ids = ids;
    s.ids[0] = id;
    s.id_count = 1;
    check_number("of an id's beginning", count_selected(&s), 1);
    s.ids[1] = (char[]){"ffff0000ffff0000"};
    s.id_count = 2;
    check_number("of one of two", count_selected(&s), 1);
}

struct picking {
    int64_t numbers[EVENTS];
    size_t count;
};

static bool pick(void *arg, const struct spool_entry *entry)
{
    struct picking *p = arg;

    p->numbers[p->count++] = entry->number;
    return true;
}

static void what_is_tried_again_comes_last_with_its_id_and_body(void **state)
{
    struct picking p = {.count = 0};
    struct spool_event events[EVENTS];
    struct buffer body = {0};
    char id[EVENT_ID_LEN + 1];
    size_t moved, leased;

    (void)state;
    assert_true(spool_each_entry(person, ENTRY_REJECTED, pick, &p, &err));
    assert_true(spool_retry(person, p.numbers, p.count, &moved, &err));
    check_number("moved", moved, LEASED);
    assert_stats(EVENTS, 0, 0);
    assert_true(spool_retry(person, p.numbers, p.count, &moved, &err));
    check_number("moved twice", moved, 0);
    assert_stats(EVENTS, 0, 0);

    assert_true(spool_lease(service, events, EVENTS, &leased, &err));
    assert_int_equal(leased, EVENTS); /* those leased before were rejected */
    for (unsigned i = 1; i <= LEASED; i++) {
        name_id(i, id);
        write_body(i, &body);
        check_span(id, span_of(events[EVENTS - LEASED + i - 1].id), id);
        check_row(id, span_equal(events[EVENTS - LEASED + i - 1].body, buffer_span(&body)));
    }
    buffer_finish(&body);
}

static void what_is_damaged_is_not_tried_again(void **state)
{
    struct picking p = {.count = 0};
    size_t moved;

    (void)state;
    change("UPDATE rejected SET request = replace(request, 'user2\"', 'user9\"')");
    assert_true(spool_each_entry(person, ENTRY_REJECTED, pick, &p, &err));
    assert_true(spool_retry(person, p.numbers, p.count, &moved, &err));
    check_number("moved", moved, LEASED - 1);
    assert_stats(EVENTS - 1, 1, 0);
}

static void what_is_dropped_is_gone_and_counted(void **state)
{
    struct picking p = {.count = 0};
    size_t moved;

    (void)state;
    assert_true(spool_each_entry(person, ENTRY_WAITING, pick, &p, &err));
    assert_true(spool_drop(person, ENTRY_WAITING, p.numbers, 5, &moved, &err));
    check_number("moved", moved, 5);
    assert_true(spool_drop(person, ENTRY_REJECTED, (int64_t[]){1, 2, 999}, 3, &moved, &err));
    check_number("moved", moved, 2);
    assert_stats(EVENTS - LEASED - 5, LEASED - 2, 5);
}

static void a_sound_spool_is_found_sound(void **state)
{
    struct spool_check check;

    (void)state;
    assert_true(spool_check(person, &check, &err));
    assert_false(spool_check_is_bad(&check));
    check_number("waiting", check.waiting, EVENTS - LEASED);
    check_number("rejected", check.rejected, LEASED);
}

static void check_finds(const char *sql, const uint64_t *found, struct spool_check *check)
{
    change(sql);
    assert_true(spool_check(person, check, &err));
    check_row(sql, spool_check_is_bad(check));
    check_number(sql, *found, 1);
}

static void each_fault_is_found(void **state)
{
    struct spool_check check = {.structure = ""};

    (void)state;
    check_finds("UPDATE event SET body = body || ' ' WHERE row = 20", &check.bad_waiting, &check);
    check_finds(
        "UPDATE rejected SET id = upper(id) || 'x' WHERE number = 2", &check.bad_rejected, &check);
    check_finds("UPDATE totals SET waiting = waiting + 1", (uint64_t *)&check.off_waiting, &check);
    check_finds("INSERT INTO cursor VALUES ('file', 1, x'00', 1)", &check.bad_cursors, &check);
}

static void compacting_gives_the_room_back(void **state)
{
    struct picking p = {.count = 0};
    struct spool_check check;
    size_t moved;
    sqlite3 *db;
    sqlite3_stmt *pages;

    (void)state;
    assert_true(spool_each_entry(person, ENTRY_WAITING, pick, &p, &err));
    assert_true(spool_drop(person, ENTRY_WAITING, p.numbers, p.count, &moved, &err));
    assert_true(spool_compact(person, &err));
    assert_int_equal(sqlite3_open(scratch_path(dir, "spool.db"), &db), SQLITE_OK);
    sqlite3_prepare_v2(db, "PRAGMA freelist_count", -1, &pages, NULL);
    assert_int_equal(sqlite3_step(pages), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(pages, 0), 0);
    sqlite3_finalize(pages);
    sqlite3_close(db);
    assert_true(spool_check(person, &check, &err));
    assert_false(spool_check_is_bad(&check));
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        row(all_are_seen_in_order_and_as_long_as_wanted),
        row(a_rejected_one_has_its_answer),
        row(a_selection_takes_what_fits_in_everything),
        row(what_is_tried_again_comes_last_with_its_id_and_body),
        row(what_is_damaged_is_not_tried_again),
        row(what_is_dropped_is_gone_and_counted),
        row(a_sound_spool_is_found_sound),
        row(each_fault_is_found),
        row(compacting_gives_the_room_back),
    };

    return cmocka_run_group_tests_name("spool_entries", tests, NULL, NULL);
}
