/* SPDX-License-Identifier: MIT */
#include "shipper/rule_figures.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"
#include <stdio.h>

enum { DAY_S = 86400, START_S = 1795428672 };

struct world {
    char *dir;
    struct spool *spool;
    struct rule_figures *figures;
};

static struct world world;
static struct error err;

static void open_again(void)
{
    rule_figures_free(world.figures);
    world.figures = rule_figures_new();
    assert_true(rule_figures_load(world.figures, world.spool, &err));
}

static int set_up(void **state)
{
    (void)state;
    world = (struct world){.dir = scratch_new_in_memory()};
    assert_true(spool_prepare(world.dir, &err));
    world.spool = spool_open(world.dir, &(struct spool_options){.max_bytes = 1 << 20}, &err);
    assert_non_null(world.spool);
    open_again();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rule_figures_free(world.figures);
    spool_close(world.spool);
    scratch_remove(world.dir);
    return 0;
}

/* Names at another place in memory each time, as notes have them. */
static void event(const char *rule, int64_t wall_s)
{
    char product[] = "acme", name[32];

    snprintf(name, sizeof(name), "%s", rule);
    rule_figures_event(world.figures,
        &(struct event){.product = span_of(product), .rule = span_of(name), .at_s = wall_s - 5},
        wall_s);
}

static void commit(bool is_any)
{
    struct spool_batch *batch = spool_batch_new();

    check_number("anything", rule_figures_save(world.figures, batch), is_any);
    assert_int_equal(spool_commit(world.spool, batch, &err), SPOOL_DONE);
    spool_batch_free(batch);
}

struct wanted {
    const char *rule;
    struct rule_figure got;
    bool is_there;
    struct buffer row;
};

static void take(void *arg, uint64_t key, struct span row)
{
    struct wanted *wanted = arg;
    struct rule_figure figure;

    (void)key;
    assert_true(rule_figure_read(row, &figure));
    if (!span_is(figure.rule, wanted->rule))
        return;
    wanted->is_there = true;
    buffer_append(&wanted->row, row);
    assert_true(rule_figure_read(buffer_span(&wanted->row), &wanted->got));
}

static struct wanted kept(const char *rule)
{
    struct wanted wanted = {.rule = rule};

    assert_true(spool_each_cursor(world.spool, RULE_FIGURES_KIND, take, &wanted, &err));
    return wanted;
}

static void events_are_counted_by_rule_and_day(void **state)
{
    struct wanted wanted;

    (void)state;
    event("login", START_S);
    event("export", START_S);
    event("login", START_S + 10);
    commit(true);
    commit(false);
    open_again();
    event("login", START_S + DAY_S);
    commit(true);
    wanted = kept("login");
    check_row("there", wanted.is_there);
    check_number("events", wanted.got.events, 3);
    check_number("days", wanted.got.days, 2);
    check_number("first", (uint64_t)wanted.got.first_s, START_S);
    check_number("last", (uint64_t)wanted.got.last_s, START_S + DAY_S);
    check_number("of", (uint64_t)wanted.got.last_at_s, START_S + DAY_S - 5);
    check_span("product", wanted.got.product, "acme");
    buffer_finish(&wanted.row);
    wanted = kept("export");
    check_number("export", wanted.got.events, 1);
    buffer_finish(&wanted.row);
}

static void the_latest_reason_is_kept(void **state)
{
    const struct incomplete one = {.product = SPAN("acme"),
        .rule_name = SPAN("login"),
        .field = "ip_addr",
        .reason = "no usable address"};
    struct incomplete other = one;
    struct wanted wanted;

    (void)state;
    other.field = "user_id";
    rule_figures_incomplete(world.figures, &one);
    rule_figures_incomplete(world.figures, &other);
    commit(true);
    open_again();
    rule_figures_incomplete(world.figures, &one);
    commit(true);
    wanted = kept("login");
    check_number("incomplete", wanted.got.incomplete, 3);
    check_number("events", wanted.got.events, 0);
    check_span("reason", wanted.got.reason, "ip_addr: no usable address");
    buffer_finish(&wanted.row);
}

static void many_rules_are_told_apart(void **state)
{
    char name[32];

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "rule%u", i % 1000);
        event(name, START_S);
    }
    commit(true);
    for (unsigned i = 0; i < 1000; i += 333) {
        struct wanted wanted;

        snprintf(name, sizeof(name), "rule%u", i);
        wanted = kept(name);
        check_number(name, wanted.got.events, 3);
        buffer_finish(&wanted.row);
    }
}

static void a_rule_is_quiet_when_it_is_so_for_longer_than_ever(void **state)
{
    static const struct {
        const char *name;
        uint64_t days;
        int64_t life_days, silent_s;
        bool is_quiet;
    } rows[] = {
        {"daily, a day ago", 10, 9, DAY_S, false},
        {"daily, four days ago", 10, 9, 4 * DAY_S, true},
        {"weekly, four days ago", 10, 63, 4 * DAY_S, false},
        {"weekly, four weeks ago", 10, 63, 28 * DAY_S, true},
        {"new, a month ago", 2, 1, 30 * DAY_S, false},
        {"never", 0, 0, 30 * DAY_S, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct rule_figure figure = {.days = rows[i].days,
            .first_s = START_S,
            .last_s = START_S + rows[i].life_days * DAY_S};

        check_number(rows[i].name, rule_figure_is_quiet(&figure, figure.last_s + rows[i].silent_s),
            rows[i].is_quiet);
    }
}

static void a_rule_is_outdated_when_more_lines_than_before_come_near_it(void **state)
{
    static const struct {
        const char *name;
        uint64_t days, before, since;
        int64_t silent_s;
        bool is_outdated;
    } rows[] = {
        {"none before, many since", 10, 0, 10, DAY_S, true},
        {"only a few since", 10, 0, 9, DAY_S, false},
        {"half a day", 10, 0, 1000, DAY_S / 2, false},
        {"as many a day as before", 10, 900, 100, DAY_S, false},
        {"three times as many", 10, 900, 300, DAY_S, true},
        {"as many, but in three days", 10, 900, 300, 3 * DAY_S, false},
        {"a new rule", 2, 0, 1000, DAY_S, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct rule_figure figure = {.days = rows[i].days,
            .first_s = START_S,
            .last_s = START_S + 9 * DAY_S,
            .near_before = rows[i].before,
            .near_misses = rows[i].before + rows[i].since};

        check_number(rows[i].name,
            rule_figure_is_outdated(&figure, figure.last_s + rows[i].silent_s),
            rows[i].is_outdated);
    }
}

/* Events of a rule, a minute apart; how far ahead of our clock each is. */
static struct rule_figure after(const int64_t *ahead_s, size_t count, int64_t step_s)
{
    struct rule_figure got;
    struct wanted wanted;

    for (size_t i = 0; i < count; i++) {
        int64_t wall_s = START_S + (int64_t)i * step_s;

        rule_figures_event(world.figures,
            &(struct event){
                .product = SPAN("acme"), .rule = SPAN("x"), .at_s = wall_s + ahead_s[i]},
            wall_s);
    }
    commit(true);
    wanted = kept("x");
    got = wanted.got;
    buffer_finish(&wanted.row);
    open_again();
    return got;
}

static void times_of_another_zone_are_told_from_an_old_log(void **state)
{
    int64_t ahead_s[20];
    struct rule_figure got;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        ahead_s[i] = -7200 - (int64_t)i % 7;
    got = after(ahead_s, 20, 60);
    check_row("two hours behind", rule_figure_is_shifted(&got));
    check_number("shift", (uint64_t)-got.shift_s, 7200);
    got = after(&(const int64_t){-3}, 1, 60);
    check_row("an event of now ends it", !rule_figure_is_shifted(&got));
    got = after(ahead_s, 20, 1);
    check_row("for half a minute only", !rule_figure_is_shifted(&got));
    for (size_t i = 0; i < 20; i++)
        ahead_s[i] = -100000 + (int64_t)i * 1000;
    got = after(ahead_s, 20, 60);
    check_row("an old log", !rule_figure_is_shifted(&got));
    for (size_t i = 0; i < 20; i++)
        ahead_s[i] = 5 * 3600 + 1800;
    got = after(ahead_s, 20, 60);
    check_number("ahead", (uint64_t)got.shift_s, 19800);
    check_row("five and a half hours ahead", rule_figure_is_shifted(&got));
}

static void what_comes_near_is_kept_apart_by_the_latest_event(void **state)
{
    const struct engine_tally tally = {
        .candidates = 7, .matched = 1, .near_misses = 5, .errors = 1};
    struct wanted wanted;

    (void)state;
    rule_figures_tally(world.figures, SPAN("acme"), SPAN("login"), &tally);
    event("login", START_S);
    commit(true);
    open_again();
    rule_figures_tally(world.figures, SPAN("acme"), SPAN("login"), &tally);
    commit(true);
    wanted = kept("login");
    check_number("candidates", wanted.got.candidates, 14);
    check_number("matched", wanted.got.matched, 2);
    check_number("near misses", wanted.got.near_misses, 10);
    check_number("errors", wanted.got.errors, 2);
    check_number("before", wanted.got.near_before, 5);
    buffer_finish(&wanted.row);
}

static void a_row_that_is_cut_is_none(void **state)
{
    struct rule_figure figure;
    struct wanted wanted;

    (void)state;
    event("login", START_S);
    commit(true);
    wanted = kept("login");
    for (size_t len = 0; len < wanted.row.len; len++)
        check_row("cut", !rule_figure_read((struct span){wanted.row.bytes, len}, &figure));
    buffer_finish(&wanted.row);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(events_are_counted_by_rule_and_day),
        IN_WORLD(the_latest_reason_is_kept),
        IN_WORLD(many_rules_are_told_apart),
        IN_WORLD(a_rule_is_quiet_when_it_is_so_for_longer_than_ever),
        IN_WORLD(a_rule_is_outdated_when_more_lines_than_before_come_near_it),
        IN_WORLD(what_comes_near_is_kept_apart_by_the_latest_event),
        IN_WORLD(times_of_another_zone_are_told_from_an_old_log),
        IN_WORLD(a_row_that_is_cut_is_none),
    };

    return cmocka_run_group_tests_name("rule_figures", tests, NULL, NULL);
}
