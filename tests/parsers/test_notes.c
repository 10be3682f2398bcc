/* SPDX-License-Identifier: MIT
 *
 * What rules keep between lines: when it ends, how it is bounded, and that what is
 * handed out to be durable is what comes back.
 */
#include "parsers/notes.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

enum { NOW_S = 1000000, ROWS = 64 };

/* A spool of rows in memory, and what ended. */
struct world {
    struct notes *notes;
    struct span rows[ROWS];
    char ended[200];
    struct note_ending ending;
};

static void note_ended(void *arg, const struct note *note)
{
    struct world *w = arg;

    snprintf(w->ended + strlen(w->ended), sizeof(w->ended) - strlen(w->ended), "%.*s%s",
        (int)note->key.len, note->key.at, " ");
}

static void put(void *arg, uint64_t number, struct span row)
{
    struct world *w = arg;

    assert_true(number < ROWS);
    free((void *)(uintptr_t)w->rows[number].at);
    w->rows[number] = (struct span){malloc(row.len), row.len};
    memcpy((void *)(uintptr_t)w->rows[number].at, row.at, row.len);
}

static void drop(void *arg, uint64_t number)
{
    struct world *w = arg;

    assert_non_null(w->rows[number].at);
    free((void *)(uintptr_t)w->rows[number].at);
    w->rows[number] = (struct span){NULL, 0};
}

static struct world *begin(size_t most, size_t most_bytes)
{
    struct world *w = calloc(1, sizeof(*w));

    w->notes = notes_new(most, most_bytes, 20);
    w->ending = (struct note_ending){note_ended, w};
    return w;
}

static void end(struct world *w)
{
    notes_free(w->notes);
    for (size_t i = 0; i < ROWS; i++)
        free((void *)(uintptr_t)w->rows[i].at);
    free(w);
}

static bool save(struct world *w)
{
    return notes_save(w->notes, &(struct notes_output){put, drop, w});
}

/* A kill -9 and a new start: only what was saved is there. */
static void restart(struct world *w)
{
    notes_free(w->notes);
    w->notes = notes_new(100, 1 << 20, 20);
    for (size_t i = 0; i < ROWS; i++)
        if (w->rows[i].at)
            assert_true(notes_load(w->notes, i, w->rows[i]));
}

static struct note *add(struct world *w, struct note *log, const char *key, int64_t ends_s)
{
    const struct note_start start = {
        .kind = NOTE_ONCE,
        .key = span_of(key),
        .value = SPAN("value"),
        .time_s = 7,
        .ends_s = ends_s,
        .silence_s = 60,
    };

    return notes_add(w->notes, log, &start, NOW_S, &w->ending);
}

static struct note *find(struct world *w, struct note *log, const char *key)
{
    return notes_find(w->notes, NOTE_ONCE, log, span_of(key));
}

static void are_found_by_kind_log_and_key(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *a = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    struct note *b = notes_log(w->notes, SPAN("b.log"), NOW_S, &w->ending), *note;

    (void)state;
    assert_ptr_equal(notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending), a);
    note = add(w, a, "alice", 100);
    assert_ptr_equal(find(w, a, "alice"), note);
    assert_null(find(w, b, "alice"));
    assert_null(find(w, a, "alic"));
    assert_null(notes_find(w->notes, NOTE_PAIR, a, SPAN("alice")));
    for (unsigned i = 0; i < 90; i++) { /* over the first table */
        char key[20];

        snprintf(key, sizeof(key), "key %u", i);
        add(w, b, key, 100);
    }
    assert_ptr_equal(find(w, a, "alice"), note);
    assert_non_null(find(w, b, "key 0"));
    assert_int_equal(notes_count(w->notes), 91);
    notes_drop(w->notes, note);
    assert_null(find(w, a, "alice"));
    end(w);
}

static void end_when_their_own_log_has_passed_them(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *a = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    struct note *b = notes_log(w->notes, SPAN("b.log"), NOW_S, &w->ending);

    (void)state;
    add(w, a, "early", 100);
    add(w, a, "late", 200);
    add(w, b, "other", 100);
    notes_pass(w->notes, a, 99, &w->ending);
    assert_string_equal(w->ended, "");
    notes_pass(w->notes, a, 100, &w->ending);
    assert_string_equal(w->ended, "early ");
    notes_pass(w->notes, a, 50, &w->ending); /* an older line moves nothing */
    assert_int_equal(a->time_s, 100);
    notes_pass(w->notes, a, 1000, &w->ending);
    assert_string_equal(w->ended, "early late ");
    assert_non_null(find(w, b, "other"));
    end(w);
}

static void end_after_their_silence(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    struct note *seen;

    (void)state;
    add(w, log, "still", INT64_MAX);
    seen = add(w, log, "seen", INT64_MAX);
    assert_int_equal(notes_deadline(w->notes), NOW_S + 60);
    notes_rest(w->notes, NOW_S + 59, &w->ending);
    notes_touch(w->notes, seen, NOW_S + 59);
    notes_rest(w->notes, NOW_S + 60, &w->ending);
    assert_string_equal(w->ended, "still ");
    assert_int_equal(notes_deadline(w->notes), NOW_S + 119);
    notes_rest(w->notes, NOW_S - 5000, &w->ending); /* a clock that is set back */
    notes_rest(w->notes, NOW_S + 119, &w->ending);
    assert_string_equal(w->ended, "still seen ");
    end(w);
}

/* A log is forgotten after a season, and not before the last of its notes. */
static void a_log_outlives_its_notes(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    const struct note_start parts = {.kind = NOTE_PARTS, .key = SPAN("parts")};
    int64_t season_s = 90 * 86400;

    (void)state;
    notes_add(w->notes, log, &parts, NOW_S, &w->ending);
    notes_rest(w->notes, NOW_S + season_s - 1, &w->ending);
    assert_string_equal(w->ended, "");
    save(w);
    for (int64_t more = 0; more < 3; more++)
        notes_rest(w->notes, NOW_S + season_s + more, &w->ending);
    assert_string_equal(w->ended, "parts a.log ");
    assert_int_equal(notes_deadline(w->notes), INT64_MAX);
    save(w);
    for (size_t i = 0; i < ROWS; i++)
        assert_null(w->rows[i].at);
    end(w);
}

static void the_longest_untouched_ends_early(void **state)
{
    struct world *w = begin(3, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    struct note *first = add(w, log, "first", 100);

    (void)state;
    add(w, log, "second", 100);
    add(w, log, "third", 100);
    notes_touch(w->notes, first, NOW_S + 1);
    add(w, log, "fourth", 100);
    assert_string_equal(w->ended, "second ");
    assert_int_equal(notes_count(w->notes), 3);
    assert_int_equal(notes_ended_early(w->notes), 1);
    assert_int_equal(log->count, 1);
    end(w);

    w = begin(100, 3 * sizeof(struct note)); /* by size: two of them and their bytes */
    log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    add(w, log, "first", 100);
    add(w, log, "second", 100);
    assert_string_equal(w->ended, "");
    add(w, log, "third", 100);
    assert_string_equal(w->ended, "first ");
    end(w);
}

static void the_longest_untouched_log_goes_with_all_of_it(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    char name[20];

    (void)state;
    notes_add(w->notes, log, &(struct note_start){.kind = NOTE_PARTS, .key = SPAN("parts")}, NOW_S,
        &w->ending);
    add(w, log, "alice", 100);
    for (unsigned i = 1; i < 20; i++) {
        snprintf(name, sizeof(name), "%u.log", i);
        notes_log(w->notes, span_of(name), NOW_S + 1, &w->ending);
    }
    assert_string_equal(w->ended, "");
    notes_log(w->notes, SPAN("20.log"), NOW_S + 1, &w->ending);
    assert_string_equal(w->ended, "alice ");
    assert_int_equal(notes_ended_early(w->notes), 1);
    assert_int_equal(notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending)->time_s, INT64_MIN);
    end(w);
}

static void what_was_saved_comes_back(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending), *note;

    (void)state;
    note = add(w, log, "alice", 500);
    note->count = 3;
    notes_pass(w->notes, log, 400, &w->ending);
    assert_true(save(w));
    assert_false(save(w));
    note->count = 4; /* changed, and lost with the process */
    notes_touch(w->notes, note, NOW_S + 1);
    add(w, log, "bob", 500);
    restart(w);

    log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    assert_int_equal(log->time_s, 400);
    note = find(w, log, "alice");
    assert_non_null(note);
    assert_int_equal(note->count, 3);
    assert_int_equal(note->time_s, 7);
    check_span("value", note->value, "value");
    assert_null(find(w, log, "bob"));
    add(w, log, "carol", 500); /* takes no number that is in use */
    save(w);
    notes_pass(w->notes, log, 500, &w->ending);
    assert_string_equal(w->ended, "alice carol ");
    save(w);
    restart(w);
    assert_int_equal(notes_count(w->notes), 0);
    end(w);
}

/* One that comes and goes between two saves leaves no row, and none to be dropped. */
static void what_was_never_saved_is_not_dropped(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);

    (void)state;
    notes_drop(w->notes, add(w, log, "alice", 500));
    save(w);
    assert_null(w->rows[2].at);
    end(w);
}

static void a_row_that_cannot_be_read_is_given_up(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    char row[400];
    size_t len;

    (void)state;
    add(w, log, "alice", 500);
    save(w);
    len = w->rows[2].len;
    memcpy(row, w->rows[2].at, len);
    notes_free(w->notes);
    w->notes = notes_new(100, 1 << 20, 20);
    assert_false(notes_load(w->notes, 2, (struct span){row, len})); /* without its log */
    assert_true(notes_load(w->notes, 1, w->rows[1]));
    for (size_t cut = 0; cut < len; cut++)
        assert_false(notes_load(w->notes, 3, (struct span){row, cut}));
    row[0]++; /* of a later version */
    assert_false(notes_load(w->notes, 3, (struct span){row, len}));
    row[0]--;
    row[1] = NOTE_KINDS;
    assert_false(notes_load(w->notes, 3, (struct span){row, len}));
    assert_int_equal(notes_count(w->notes), 0);
    end(w);
}

static bool is_second(void *arg, uint64_t cursor)
{
    (void)arg;
    return cursor == 2;
}

static void go_with_the_cursor_of_their_log(void **state)
{
    struct world *w = begin(100, 1 << 20);
    struct note *first = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending), *second;

    (void)state;
    first->cursor = 1;
    add(w, first, "alice", 100);
    notes_add(w->notes, first, &(struct note_start){.kind = NOTE_PARTS, .key = SPAN("parts")},
        NOW_S, &w->ending);
    second = notes_log(w->notes, SPAN("b.log"), NOW_S, &w->ending);
    second->cursor = 2;
    add(w, second, "bob", 100);
    save(w);
    restart(w);
    notes_drop_logs(w->notes, is_second, NULL);
    save(w);
    restart(w);
    assert_int_equal(notes_count(w->notes), 1);
    second = notes_log(w->notes, SPAN("b.log"), NOW_S, &w->ending);
    assert_non_null(find(w, second, "bob"));
    assert_null(w->rows[1].at);
    end(w);
}

static void are_counted_for_people_row_by_row(void **state)
{
    struct world *w = begin(2, 1 << 20);
    struct note *log = notes_log(w->notes, SPAN("a.log"), NOW_S, &w->ending);
    struct notes_stats stats = {0};

    (void)state;
    add(w, log, "first", 100);
    add(w, log, "second", 100);
    add(w, log, "third", 100);
    save(w);
    for (size_t i = 0; i < ROWS; i++)
        if (w->rows[i].at)
            notes_look(w->rows[i], &stats);
    assert_int_equal(stats.kept[NOTE_ONCE], 2);
    assert_int_equal(stats.kept[NOTE_LOG], 1);
    assert_int_equal(stats.ended_early, 1);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_found_by_kind_log_and_key),
        cmocka_unit_test(end_when_their_own_log_has_passed_them),
        cmocka_unit_test(end_after_their_silence),
        cmocka_unit_test(a_log_outlives_its_notes),
        cmocka_unit_test(the_longest_untouched_ends_early),
        cmocka_unit_test(the_longest_untouched_log_goes_with_all_of_it),
        cmocka_unit_test(what_was_saved_comes_back),
        cmocka_unit_test(what_was_never_saved_is_not_dropped),
        cmocka_unit_test(a_row_that_cannot_be_read_is_given_up),
        cmocka_unit_test(go_with_the_cursor_of_their_log),
        cmocka_unit_test(are_counted_for_people_row_by_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
