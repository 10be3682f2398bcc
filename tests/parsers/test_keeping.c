/* SPDX-License-Identifier: MIT
 *
 * Rules that keep something between lines, through the engine with a clock of the
 * test's own: windows, grace, silence, parts, pairs, what is remembered.
 */
#include "parsers/keeping.h"

#include "tests/support/rules.h"
#include "tests/support/test.h"

#include <stdio.h>

/* Clocks of Berlin are set back on 25 October 2026, at 01:00 UTC. */
static const struct zone_change changes[] = {{1774746000, 7200}, {1792890000, 3600}};
static const struct zone berlin = {.first_offset_s = 3600, .changes = changes, .count = 2};

enum { ROWS = 64 };

/* An engine, what it is told, and the events as text: one a line. */
struct world {
    struct loaded_rules loaded;
    struct engine_rules rules;
    struct engine_settings settings;
    struct engine *engine;
    struct notes *notes;
    struct engine_source source;
    struct engine_counts counts;
    uint64_t offset;
    struct buffer seen, ids, rows[ROWS];
};

static void see(void *arg, const struct event *event)
{
    struct world *w = arg;
    char time[TIMESTAMP_TEXT_BYTES];

    timestamp_write(event->at_s, time);
    buffer_printf(&w->seen, "%.11s %.*s %.*s %llu\n", time + 5, (int)event->user_id.len,
        event->user_id.at ? event->user_id.at : "", (int)event->ip_addr.len,
        event->ip_addr.at ? event->ip_addr.at : "", (unsigned long long)event->count);
    buffer_printf(&w->ids, "%s\n", event->id);
}

static struct engine_output output_of(struct world *w)
{
    return (struct engine_output){.event = see, .arg = w};
}

static void start_engine(struct world *w)
{
    w->engine = engine_new(&w->settings);
    engine_set_notes(w->engine, w->notes);
}

static void begin(struct world *w, const char *yaml, size_t most)
{
    *w = (struct world){.loaded = rules_load(yaml)};
    w->rules = (struct engine_rules){.file = w->loaded.file};
    w->settings =
        (struct engine_settings){.instance = SPAN("test"), .rules = &w->rules, .rules_count = 1};
    w->notes = notes_new(most, 1 << 20, 20);
    w->source = (struct engine_source){.source_id = SPAN("source"),
        .log = SPAN("app.log"),
        .wall_s = 1000,
        .time = {.reference_s = 1800000000, .zone = &zone_utc}};
    start_engine(w);
}

static void finish(struct world *w)
{
    engine_free(w->engine);
    notes_free(w->notes);
    rules_unload(&w->loaded);
    buffer_finish(&w->seen);
    buffer_finish(&w->ids);
    for (size_t i = 0; i < ROWS; i++)
        buffer_finish(&w->rows[i]);
}

static void feed(struct world *w, const char *line)
{
    const struct engine_output output = output_of(w);
    struct engine_chunk chunk = {.bytes = span_of(line), .offset = w->offset, .is_final = true};

    w->offset += engine_feed(w->engine, &w->source, &chunk, &output, &w->counts);
}

/* What was seen since the last look. */
static void check_seen(struct world *w, const char *wanted)
{
    check_span("seen", buffer_span(&w->seen), wanted);
    buffer_clear(&w->seen);
}

static void end_counts(struct world *w)
{
    const struct engine_output output = output_of(w);

    keeping_end_counts(w->notes, &output, &w->counts.events);
}

static void rest(struct world *w, int64_t now_s)
{
    const struct engine_output output = output_of(w);

    keeping_rest(w->notes, now_s, &output, &w->counts.events);
}

static void put(void *arg, uint64_t number, struct span row)
{
    struct world *w = arg;

    assert_true(number < ROWS);
    buffer_clear(&w->rows[number]);
    buffer_append(&w->rows[number], row);
}

static void drop(void *arg, uint64_t number)
{
    buffer_clear(&((struct world *)arg)->rows[number]);
}

/* Saves what changed, and goes on with what was saved in another process. */
static void restart(struct world *w)
{
    notes_save(w->notes, &(struct notes_output){put, drop, w});
    engine_free(w->engine);
    notes_free(w->notes);
    w->notes = notes_new(100, 1 << 20, 20);
    for (size_t i = 0; i < ROWS; i++)
        if (w->rows[i].len > 0)
            assert_true(notes_load(w->notes, i, buffer_span(&w->rows[i])));
    start_engine(w);
}

/* --- count ------------------------------------------------------------------- */

static const char hourly[] = "product: acme\n"
                             "rules:\n"
                             "  - name: call\n"
                             "    match: '^\\S+ call (?<ip>\\S+)'\n"
                             "    count: {every: 1h, by: [ip_addr], grace: 5m}\n"
                             "    event: {activity_type: API_CALL, ip_addr: '${ip}', "
                             "user_agent: Acme}\n"
                             "    samples: [{line: '2026-11-23T10:11:12Z call 192.0.2.1'}]\n";

static void one_event_for_each_key_and_window(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 100);
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T10:10:00Z call 192.0.2.2\n");
    feed(&w, "2026-11-23T10:59:59Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T11:04:59Z call 192.0.2.1\n");
    check_seen(&w, "");
    feed(&w, "2026-11-23T11:05:00Z call 192.0.2.1\n");
    check_seen(&w, "11-23T10:00  192.0.2.1 2\n11-23T10:00  192.0.2.2 1\n");
    end_counts(&w);
    check_seen(&w, "11-23T11:00  192.0.2.1 2\n");
    assert_int_equal(w.counts.lines[LINE_MATCHED], 5);
    assert_int_equal(w.counts.events, 3);
    finish(&w);
}

/* A line that comes within the grace is still counted in; a later one opens another part,
 * which takes what else is late. */
static void what_comes_later_is_another_part(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 100);
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T11:04:00Z call 192.0.2.9\n");
    feed(&w, "2026-11-23T10:59:00Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T11:06:00Z call 192.0.2.9\n");
    check_seen(&w, "11-23T10:00  192.0.2.1 2\n");
    feed(&w, "2026-11-23T10:59:30Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T11:07:00Z call 192.0.2.9\n");
    feed(&w, "2026-11-23T10:59:31Z call 192.0.2.1\n");
    check_seen(&w, "");
    feed(&w, "2026-11-23T11:11:00Z call 192.0.2.9\n");
    check_seen(&w, "11-23T10:00  192.0.2.1 2\n");
    feed(&w, "2026-11-23T10:59:32Z call 192.0.2.1\n");
    end_counts(&w);
    check_seen(&w, "11-23T11:00  192.0.2.9 4\n11-23T10:00  192.0.2.1 1\n");
    finish(&w);
}

static void has_each_id_once(const struct buffer *ids)
{
    struct span rest_of = buffer_span(ids);

    while (rest_of.len > EVENT_ID_LEN) {
        struct span id = {rest_of.at, EVENT_ID_LEN + 1};

        rest_of = span_from(rest_of, id.len);
        assert_null(memmem(rest_of.at, rest_of.len, id.at, id.len));
    }
}

/* However a window was ended before: by time, silence, for want of room, at the end. */
static void no_id_is_given_twice(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 2);
    for (int i = 0; i < 3; i++) {
        feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
        end_counts(&w);
        feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
        rest(&w, 1000 + 3600 + 300);
        feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
        feed(&w, "2026-11-23T10:00:00Z call 192.0.2.2\n");
        feed(&w, "2026-11-23T10:00:00Z call 192.0.2.3\n");
        feed(&w, "2026-11-23T11:05:00Z call 192.0.2.2\n");
        restart(&w);
    }
    end_counts(&w);
    has_each_id_once(&w.ids);
    assert_int_equal(w.counts.lines[LINE_MATCHED], 18);
    finish(&w);
}

static void silence_ends_a_window(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 100);
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
    w.source.wall_s = 2000;
    feed(&w, "2026-11-23T10:30:00Z call 192.0.2.1\n");
    assert_int_equal(notes_deadline(w.notes), 1000 + 3900);
    rest(&w, 2000 + 3899);
    check_seen(&w, "");
    rest(&w, 2000 + 3900);
    check_seen(&w, "11-23T10:00  192.0.2.1 2\n");
    finish(&w);
}

static void a_full_house_ends_the_longest_untouched(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 2);
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T10:00:01Z call 192.0.2.2\n");
    feed(&w, "2026-11-23T10:00:02Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T10:00:03Z call 192.0.2.3\n");
    check_seen(&w, "11-23T10:00  192.0.2.2 1\n");
    assert_int_equal(notes_ended_early(w.notes), 1);
    end_counts(&w);
    check_seen(&w, "11-23T10:00  192.0.2.1 2\n11-23T10:00  192.0.2.3 1\n");
    finish(&w);
}

static void a_restart_changes_nothing(void **state)
{
    struct world w, other;
    static const char *const lines[] = {"2026-11-23T10:00:00Z call 192.0.2.1\n",
        "2026-11-23T10:20:00Z call 192.0.2.2\n", "2026-11-23T10:30:00Z call 192.0.2.1\n",
        "2026-11-23T11:05:00Z call 192.0.2.1\n", "2026-11-23T10:59:00Z call 192.0.2.2\n",
        "2026-11-23T12:05:00Z call 192.0.2.1\n"};

    (void)state;
    begin(&w, hourly, 100);
    begin(&other, hourly, 100);
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        feed(&w, lines[i]);
        feed(&other, lines[i]);
        restart(&w);
    }
    end_counts(&w);
    end_counts(&other);
    buffer_append_byte(&other.seen, '\0');
    buffer_append_byte(&other.ids, '\0');
    check_span("seen", buffer_span(&w.seen), other.seen.bytes);
    check_span("ids", buffer_span(&w.ids), other.ids.bytes);
    finish(&w);
    finish(&other);
}

/* A pipe that brings the same log again, and more of it. */
static void a_log_that_comes_again_counts_once(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 100);
    w.source.may_repeat = true;
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n"
             "2026-11-23T10:01:00Z call 192.0.2.1\n");
    end_counts(&w);
    check_seen(&w, "11-23T10:00  192.0.2.1 2\n");
    restart(&w);
    w.offset = 0;
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n"
             "2026-11-23T10:01:00Z call 192.0.2.1\n"
             "2026-11-23T10:02:00Z call 192.0.2.1\n");
    end_counts(&w);
    check_seen(&w, "11-23T10:00  192.0.2.1 1\n");
    w.source.log = SPAN("another");
    w.offset = 0;
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
    end_counts(&w);
    check_seen(&w, "11-23T10:00  192.0.2.1 1\n");
    has_each_id_once(&w.ids);
    assert_int_equal(w.counts.lines[LINE_MATCHED], 6);
    finish(&w);
}

/* Two logs with one rule file: each with its own time and its own counts. */
static void logs_are_kept_apart(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 100);
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
    w.source.log = SPAN("other.log");
    feed(&w, "2026-11-23T10:00:00Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T12:00:00Z call 192.0.2.1\n");
    check_seen(&w, "11-23T10:00  192.0.2.1 1\n");
    w.source.log = SPAN("app.log");
    feed(&w, "2026-11-23T10:00:01Z call 192.0.2.1\n");
    check_seen(&w, "");
    end_counts(&w);
    check_seen(&w, "11-23T12:00  192.0.2.1 1\n11-23T10:00  192.0.2.1 2\n");
    has_each_id_once(&w.ids);
    finish(&w);
}

/* A line with a wrong year must not end what is right. */
static void a_time_that_cannot_be_yet_moves_no_log(void **state)
{
    struct world w;

    (void)state;
    begin(&w, hourly, 100);
    w.source.time.reference_s = 1795428672; /* 2026-11-23T10:11:12Z */
    feed(&w, "2026-11-23T10:11:00Z call 192.0.2.1\n");
    feed(&w, "2036-11-23T10:11:00Z call 192.0.2.1\n");
    feed(&w, "2026-11-23T10:11:01Z call 192.0.2.1\n");
    check_seen(&w, "");
    end_counts(&w);
    check_seen(&w, "11-23T10:00  192.0.2.1 1\n11-23T10:00  192.0.2.1 2\n"); /* 2036 first */
    finish(&w);
}

static const char daily[] = "product: acme\n"
                            "rules:\n"
                            "  - name: call\n"
                            "    match: '^\\S+ call (?<user>\\S+)'\n"
                            "    count: {every: 1d, by: user_id, grace: 0s}\n"
                            "    event: {activity_type: API_CALL, user_id: '${user}', source: "
                            "PRODUCT_CLOUD}\n"
                            "    samples: [{line: '2026-11-23T10:11:12Z call alice'}]\n";

static void a_day_is_that_of_the_zone(void **state)
{
    struct world w;

    (void)state;
    begin(&w, daily, 100);
    w.settings.window_zone = &berlin;
    feed(&w, "2026-10-24T22:00:00Z call alice\n"); /* 25 October, which has 25 hours */
    feed(&w, "2026-10-25T22:59:59Z call alice\n");
    check_seen(&w, "");
    feed(&w, "2026-10-25T23:00:00Z call alice\n");
    check_seen(&w, "10-24T22:00 alice  2\n");
    w.settings.window_zone = NULL;
    end_counts(&w);
    check_seen(&w, "10-25T23:00 alice  1\n");
    finish(&w);
}

/* --- once -------------------------------------------------------------------- */

static const char once_a_day[] = "product: acme\n"
                                 "rules:\n"
                                 "  - name: login\n"
                                 "    match: '^\\S+ login (?<user>\\S+) from (?<ip>\\S+)'\n"
                                 "    once: {per: [user_id], every: 1d}\n"
                                 "    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: "
                                 "'${ip}'}\n"
                                 "    samples: [{line: '2026-11-23T10:11:12Z login a from "
                                 "192.0.2.1'}]\n";

static void the_first_of_a_window_is_sent(void **state)
{
    struct world w;

    (void)state;
    begin(&w, once_a_day, 100);
    feed(&w, "2026-11-23T10:00:00Z login alice from 192.0.2.1\n"
             "2026-11-23T10:01:00Z login alice from 192.0.2.2\n"
             "2026-11-23T10:02:00Z login bob from 192.0.2.2\n");
    restart(&w);
    end_counts(&w); /* marks stay: the day is not over */
    feed(&w, "2026-11-23T23:59:59Z login alice from 192.0.2.1\n");
    check_seen(&w, "11-23T10:00 alice 192.0.2.1 0\n11-23T10:02 bob 192.0.2.2 0\n");
    feed(&w, "2026-11-24T00:04:00Z login alice from 192.0.2.1\n");
    feed(&w, "2026-11-23T23:59:59Z login alice from 192.0.2.1\n"); /* within the grace */
    check_seen(&w, "11-24T00:04 alice 192.0.2.1 0\n");
    assert_int_equal(w.counts.lines[LINE_MATCHED], 6);
    has_each_id_once(&w.ids);
    finish(&w);
}

/* --- pair, remember, recall -------------------------------------------------- */

static const char paired[] = "product: acme\n"
                             "format: json\n"
                             "rules:\n"
                             "  - name: call\n"
                             "    where: {path: {exists: true}}\n"
                             "    pair: '${id}'\n"
                             "    event: {activity_type: API_CALL, user_id: '${user}', ip_addr: "
                             "'${ip}'}\n"
                             "    samples: [{line: "
                             "'{\"path\":\"/\",\"user\":\"a\",\"ip\":\"192.0.2.1\"}'}]\n";

static void two_lines_of_a_pair_are_one_event(void **state)
{
    struct world w;

    (void)state;
    begin(&w, paired, 100);
    feed(&w, "{\"time\":\"2026-11-23T10:00:00Z\",\"id\":\"1\",\"path\":\"/\",\"user\":\"a\","
             "\"ip\":\"192.0.2.1\"}\n");
    restart(&w);
    feed(&w, "{\"time\":\"2026-11-23T10:00:01Z\",\"id\":\"1\",\"path\":\"/\",\"user\":\"a\","
             "\"ip\":\"192.0.2.1\"}\n");
    feed(&w, "{\"time\":\"2026-11-23T10:00:01Z\",\"id\":\"2\",\"path\":\"/\",\"user\":\"b\","
             "\"ip\":\"192.0.2.1\"}\n");
    check_seen(&w, "11-23T10:00 a 192.0.2.1 0\n11-23T10:00 b 192.0.2.1 0\n");
    /* Ids that come again after their time, and lines without one, are events. */
    feed(&w, "{\"time\":\"2026-11-23T11:00:01Z\",\"id\":\"1\",\"path\":\"/\",\"user\":\"a\","
             "\"ip\":\"192.0.2.1\"}\n");
    feed(&w,
        "{\"time\":\"2026-11-23T11:00:01Z\",\"path\":\"/\",\"user\":\"c\",\"ip\":\"192.0.2.1\"}\n"
        "{\"time\":\"2026-11-23T11:00:01Z\",\"path\":\"/\",\"user\":\"c\",\"ip\":\"192.0.2.1\"}\n");
    check_seen(&w, "11-23T11:00 a 192.0.2.1 0\n11-23T11:00 c 192.0.2.1 0\n"
                   "11-23T11:00 c 192.0.2.1 0\n");
    finish(&w);
}

static const char remembering[] =
    "product: acme\n"
    "rules:\n"
    "  - name: login\n"
    "    match: '^\\S+ \\[(?<pid>\\d+)\\] authorized (?<user>\\S+)'\n"
    "    recall: '${pid}'\n"
    "    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}'}\n"
    "    samples: [{line: '2026-11-23T10:11:12Z [1] authorized a', event: none}, {lines: "
    "['2026-11-23T10:11:12Z [1] received 192.0.2.1', '2026-11-23T10:11:12Z [1] authorized a']}]\n"
    "  - name: received\n"
    "    match: '^\\S+ \\[(?<pid>\\d+)\\] received (?<ip>\\S+)'\n"
    "    remember: {key: '${pid}', keep: [ip], for: 10m}\n"
    "    samples: [{line: '2026-11-23T10:11:12Z [1] received 192.0.2.1'}]\n";

static void what_one_line_said_is_known_to_another(void **state)
{
    struct world w;

    (void)state;
    begin(&w, remembering, 100);
    feed(&w, "2026-11-23T10:00:00Z [1] received 192.0.2.1\n"
             "2026-11-23T10:00:00Z [2] received 192.0.2.2\n");
    restart(&w);
    feed(&w, "2026-11-23T10:00:01Z [2] authorized bob\n"
             "2026-11-23T10:00:01Z [1] authorized alice\n"
             "2026-11-23T10:00:01Z [3] authorized nobody\n");
    check_seen(&w, "11-23T10:00 bob 192.0.2.2 0\n11-23T10:00 alice 192.0.2.1 0\n");
    assert_int_equal(w.counts.lines[LINE_MATCHED], 4);
    assert_int_equal(w.counts.lines[LINE_INCOMPLETE], 1);
    /* The newest counts, as long as it is remembered, in its own log. */
    feed(&w, "2026-11-23T10:05:00Z [1] received 192.0.2.3\n"
             "2026-11-23T10:15:00Z [1] authorized alice\n"
             "2026-11-23T10:15:01Z [1] authorized alice\n");
    w.source.log = SPAN("other.log");
    feed(&w, "2026-11-23T10:05:00Z [1] authorized alice\n");
    check_seen(&w, "11-23T10:15 alice 192.0.2.3 0\n");
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_event_for_each_key_and_window),
        cmocka_unit_test(what_comes_later_is_another_part),
        cmocka_unit_test(no_id_is_given_twice),
        cmocka_unit_test(silence_ends_a_window),
        cmocka_unit_test(a_full_house_ends_the_longest_untouched),
        cmocka_unit_test(a_restart_changes_nothing),
        cmocka_unit_test(a_log_that_comes_again_counts_once),
        cmocka_unit_test(logs_are_kept_apart),
        cmocka_unit_test(a_time_that_cannot_be_yet_moves_no_log),
        cmocka_unit_test(a_day_is_that_of_the_zone),
        cmocka_unit_test(the_first_of_a_window_is_sent),
        cmocka_unit_test(two_lines_of_a_pair_are_one_event),
        cmocka_unit_test(what_one_line_said_is_known_to_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
