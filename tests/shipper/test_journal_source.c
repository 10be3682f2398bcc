/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/journal_source.c through the verbs of a source. The test plays the
 * supervisor: it answers errands with a pipe and says what journalctl says.
 */
#include "shipper/errand.h"
#include "shipper/log.h"
#include "shipper/sources/journal_source.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SEQUENCE "c173"

struct world {
    char *dir;
    struct spool *spool;
    struct spool_batch *batch;
    struct journal_config config;
    struct journal_options options;
    int supervisor; /* its end of the channel */
    struct errand errand;
    int pipe; /* that journalctl writes to; -1: none */
    struct source *source;
    struct now now;
    struct buffer got; /* numbers of the entries that were delivered */
    unsigned turns;
};

static struct error err;

static int set_up(void **state)
{
    struct world *w = test_calloc(1, sizeof(*w));
    int ends[2];

    w->dir = scratch_new();
    assert_true(spool_prepare(w->dir, &err));
    w->spool = spool_open(w->dir, &(struct spool_options){0}, &err);
    w->batch = spool_batch_new();
    assert_true(channel_open(ends, &err));
    w->supervisor = ends[0];
    w->pipe = -1;
    w->now = (struct now){.monotonic_ms = 1000, .wall_s = 1795428672};
    w->config = (struct journal_config){.start = START_BEGINNING};
    w->options = (struct journal_options){.journal = &w->config, .channel = ends[1]};
    *state = w;
    return 0;
}

static void close_source(struct world *w)
{
    struct channel_message message;

    if (w->source)
        w->source->verbs->close(w->source);
    w->source = NULL;
    if (w->pipe >= 0)
        close(w->pipe);
    w->pipe = -1;
    while (channel_receive(w->supervisor, &message) == CHANNEL_GOT)
        ;
    spool_batch_clear(w->batch);
}

static int tear_down(void **state)
{
    struct world *w = *state;

    close_source(w);
    close(w->supervisor);
    close(w->options.channel);
    spool_batch_free(w->batch);
    spool_close(w->spool);
    scratch_remove(w->dir);
    buffer_finish(&w->got);
    test_free(w);
    return 0;
}

static void open_source(struct world *w)
{
    w->source = journal_source_open(&w->options, w->spool, &err);
    assert_non_null(w->source);
}

/* As the reader's loop: turns until there is nothing now. */
static enum source_result read_all(struct world *w)
{
    const struct source_verbs *verbs = w->source->verbs;
    enum source_result result = SOURCE_CHUNK;
    struct source_read read;

    while (result == SOURCE_CHUNK) {
        bool has_more = true;

        w->turns++;
        while (has_more && (result = verbs->read(w->source, &w->now, &read)) == SOURCE_CHUNK) {
            has_more = read.has_more;
            if (read.chunk.bytes.len > 0)
                buffer_printf(&w->got, "%llu ", (unsigned long long)read.chunk.offset);
            verbs->advance(w->source, read.chunk.bytes.len);
        }
    }
    return result;
}

static void commit(struct world *w)
{
    w->source->verbs->save(w->source, w->batch);
    assert_int_equal(spool_commit(w->spool, w->batch, &err), SPOOL_DONE);
    spool_batch_clear(w->batch);
}

static void check_got(struct world *w, const char *row, const char *wanted)
{
    check_span(row, buffer_span(&w->got), wanted);
    buffer_clear(&w->got);
}

/* --- the supervisor --------------------------------------------------------- */

/* The source asked for journalctl; it is given one. */
static void give(struct world *w, const char *row, enum journal_reading reading, const char *cursor)
{
    struct errand_report report = {.outcome = ERRAND_GIVEN};
    struct channel_message message;
    int ends[2];

    read_all(w);
    check_row(row, channel_receive(w->supervisor, &message) == CHANNEL_GOT);
    check_row(row, errand_read(&message, &w->errand));
    check_number(row, w->errand.kind, ERRAND_JOURNAL);
    check_number(row, w->errand.reading, reading);
    check_span(row, span_of(w->errand.cursor), cursor);
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    w->pipe = ends[1];
    report.number = w->errand.number;
    report.descriptor = ends[0];
    assert_true(errand_send_report(w->supervisor, &report, &err));
    close(ends[0]);
    assert_int_equal(channel_receive(w->options.channel, &message), CHANNEL_GOT);
    check_row(row, w->source->verbs->receive(w->source, &message));
}

/* journalctl ends with that status, as waitpid has it. */
static void end(struct world *w, int status, const char *words)
{
    struct errand_report report = {.outcome = ERRAND_ENDED, .status = status, .descriptor = -1};
    struct channel_message message;

    close(w->pipe);
    w->pipe = -1;
    report.number = w->errand.number;
    snprintf(report.words, sizeof(report.words), "%s", words);
    assert_true(errand_send_report(w->supervisor, &report, &err));
    assert_int_equal(channel_receive(w->options.channel, &message), CHANNEL_GOT);
    assert_true(w->source->verbs->receive(w->source, &message));
    read_all(w);
}

#define CURSOR(number) "s=" SEQUENCE ";i=" #number ";b=11;m=" #number ";t=6443;x=4db2"

static void put_bytes(struct world *w, struct span bytes)
{
    assert_int_equal(write(w->pipe, bytes.at, bytes.len), bytes.len);
}

static void put_of(struct world *w, const char *sequence, unsigned first, unsigned last)
{
    struct buffer text = {0};

    for (unsigned i = first; i <= last; i++)
        buffer_printf(&text,
            "__CURSOR=s=%s;i=%x;b=11;m=%x;t=6443;x=4db2\n__REALTIME_TIMESTAMP=1763890001000000\n"
            "MESSAGE=entry\n\n",
            sequence, i, i);
    put_bytes(w, buffer_span(&text));
    buffer_finish(&text);
}

static void put(struct world *w, unsigned first, unsigned last)
{
    put_of(w, SEQUENCE, first, last);
}

static void sum_lost(void *arg, const struct spool_ledger_row *row)
{
    *(uint64_t *)arg += row->account.lines[ACCOUNT_POSSIBLY_LOST];
}

static uint64_t count_lost(struct world *w)
{
    uint64_t lost = 0;

    commit(w);
    assert_true(spool_each_source(w->spool, sum_lost, &lost, &err));
    return lost;
}

/* --- tests ------------------------------------------------------------------ */

static void drains_then_follows_and_drops_the_entry_that_it_has(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 1, 3);
    read_all(w);
    check_got(w, "drained", "1 2 3 ");
    end(w, 0, "");
    give(w, "follow", JOURNAL_FOLLOW, CURSOR(3));
    put(w, 3, 5);
    read_all(w);
    check_got(w, "followed", "4 5 ");
    check_number("lost", count_lost(w), 0);
    close_source(w);
    open_source(w);
    give(w, "again", JOURNAL_DRAIN, CURSOR(5));
    put(w, 5, 6);
    read_all(w);
    check_got(w, "what came meanwhile", "6 ");
}

static void what_was_not_committed_is_read_again(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 1, 2);
    read_all(w);
    commit(w);
    put(w, 3, 4);
    read_all(w);
    check_got(w, "all", "1 2 3 4 ");
    close_source(w);
    open_source(w);
    give(w, "from the committed cursor", JOURNAL_DRAIN, CURSOR(2));
    put(w, 2, 4);
    read_all(w);
    check_got(w, "the rest again, under the same positions", "3 4 ");
}

static void what_has_come_is_one_turn(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 1, 200);
    w->turns = 0;
    read_all(w);
    check_number("one with entries, one without", w->turns, 2);
}

static void an_entry_may_come_in_pieces(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put_bytes(w, SPAN("__CURSOR=" CURSOR(1) "\nMESS"));
    read_all(w);
    check_got(w, "not yet", "");
    put_bytes(w, SPAN("AGE=hello\n"));
    read_all(w);
    check_got(w, "nor now", "");
    put_bytes(w, SPAN("\n"));
    read_all(w);
    check_got(w, "now", "1 ");
}

static void started_at_the_end_it_begins_behind_the_last_entry(void **state)
{
    struct world *w = *state;

    w->config.start = START_END;
    open_source(w);
    give(w, "the last, whatever the input picks", JOURNAL_LAST, "");
    put(w, 9, 9);
    end(w, 0, "");
    check_got(w, "not delivered", "");
    commit(w);
    close_source(w);
    open_source(w);
    give(w, "durable", JOURNAL_DRAIN, CURSOR(9));
    put(w, 12, 12);
    read_all(w);
    check_got(w, "the next", "12 ");
}

static void gaps_of_a_whole_journal_are_exact(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 5, 6);
    put(w, 10, 10);
    read_all(w);
    check_got(w, "all", "5 6 10 ");
    check_number("between them; what was before the first nobody had", count_lost(w), 3);
    end(w, 0, "");
    give(w, "follow", JOURNAL_FOLLOW, CURSOR(a));
    put(w, 15, 15);
    read_all(w);
    check_number("and while following", count_lost(w), 7);
}

static void gaps_of_a_filter_count_only_where_the_cursor_is_gone(void **state)
{
    static char unit[] = "acme.service";
    static char *units[] = {unit};
    struct world *w = *state;

    w->config.unit = (struct strings){units, 1};
    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 5, 5);
    put(w, 9, 9);
    read_all(w);
    check_number("others are between", count_lost(w), 0);
    close_source(w);
    open_source(w);
    give(w, "again", JOURNAL_DRAIN, CURSOR(9));
    put(w, 20, 20);
    read_all(w);
    check_number("at most so many", count_lost(w), 10);
}

/* Another journalctl is asked for, from the cursor; what the old one had is dropped. */
static void check_looks_again(struct world *w)
{
    struct channel_message message;
    struct errand errand;

    assert_int_equal(channel_receive(w->supervisor, &message), CHANNEL_GOT);
    assert_true(errand_read(&message, &errand));
    check_number("is asked to end", errand.kind, ERRAND_END);
    check_got(w, "dropped", "");
    end(w, 13, "");
    give(w, "what is there", JOURNAL_DRAIN, CURSOR(5));
}

static void follow_a_unit(struct world *w)
{
    static char unit[] = "acme.service";
    static char *units[] = {unit};

    w->config.unit = (struct strings){units, 1};
    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 5, 5);
    end(w, 0, "");
    check_got(w, "drained", "5 ");
    give(w, "follow", JOURNAL_FOLLOW, CURSOR(5));
    put(w, 5, 5);
    read_all(w);
}

static void a_filter_that_was_held_up_looks_whether_its_cursor_is_there(void **state)
{
    struct world *w = *state;

    follow_a_unit(w);
    put(w, 30, 30 + (unsigned)(fcntl(w->pipe, F_GETPIPE_SZ) / 150));
    read_all(w);
    check_looks_again(w);
    put(w, 20, 20);
    put(w, 30, 30);
    read_all(w);
    check_got(w, "what is left", "20 30 ");
    check_number("at most so many", count_lost(w), 14);
}

static void a_filter_that_follows_without_its_cursor_looks_for_it(void **state)
{
    struct world *w = *state;

    follow_a_unit(w);
    end(w, 0, "");
    w->now.monotonic_ms += 10000;
    give(w, "drain", JOURNAL_DRAIN, CURSOR(5));
    put(w, 5, 5);
    end(w, 0, "");
    give(w, "follow", JOURNAL_FOLLOW, CURSOR(5));
    put(w, 8, 8);
    read_all(w);
    check_looks_again(w);
    put(w, 8, 9);
    read_all(w);
    check_got(w, "what is left", "8 9 ");
    check_number("at most so many", count_lost(w), 2);
}

static void another_sequence_tells_nothing_of_gaps(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 5, 5);
    read_all(w);
    put_of(w, "d000", 90, 91);
    read_all(w);
    check_got(w, "all", "5 90 91 ");
    check_number("lost", count_lost(w), 0);
}

static void trouble_is_tried_again_ever_more_slowly(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    end(w, 1 << 8, "Failed to open: Permission denied");
    check_number("after a second", (uint64_t)w->source->verbs->deadline(w->source), 2000);
    w->now.monotonic_ms = 2000;
    give(w, "what cannot be drained may be followed", JOURNAL_FOLLOW, "");
    end(w, 1 << 8, "Failed to open: Permission denied");
    check_number("after two more", (uint64_t)w->source->verbs->deadline(w->source), 4000);
    w->now.monotonic_ms = 4000;
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 1, 1);
    read_all(w);
    end(w, 9, "");
    check_number("an entry mends it", (uint64_t)w->source->verbs->deadline(w->source), 5000);
    check_got(w, "it", "1 ");
}

static void with_once_trouble_is_the_end(void **state)
{
    struct world *w = *state;

    w->options.is_once = true;
    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    end(w, 1 << 8, "cannot run journalctl: No such file or directory");
    check_number("broken", read_all(w), SOURCE_BROKEN);
}

static void with_once_it_ends_when_all_is_drained(void **state)
{
    struct world *w = *state;

    w->options.is_once = true;
    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 1, 1);
    end(w, 0, "");
    check_number("end", read_all(w), SOURCE_END);
    check_got(w, "all", "1 ");
}

static void a_long_silence_is_looked_into(void **state)
{
    struct channel_message message;
    struct errand errand;
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 1, 1);
    end(w, 0, "");
    give(w, "follow", JOURNAL_FOLLOW, CURSOR(1));
    w->now.monotonic_ms = w->source->verbs->deadline(w->source);
    read_all(w);
    assert_int_equal(channel_receive(w->supervisor, &message), CHANNEL_GOT);
    assert_true(errand_read(&message, &errand));
    check_number("is asked to end", errand.kind, ERRAND_END);
    check_number("that one", errand.number, w->errand.number);
    end(w, 15, "");
    give(w, "no trouble: at once", JOURNAL_DRAIN, CURSOR(1));
}

static void a_cursor_with_nothing_behind_it_begins_anew(void **state)
{
    struct world *w = *state;

    open_source(w);
    give(w, "drain", JOURNAL_DRAIN, "");
    put(w, 7, 7);
    read_all(w);
    commit(w);
    close_source(w);
    open_source(w);
    give(w, "again", JOURNAL_DRAIN, CURSOR(7));
    end(w, 0, "");
    give(w, "from the oldest", JOURNAL_DRAIN, "");
    put_of(w, "d000", 1, 2);
    end(w, 0, "");
    check_got(w, "all", "7 1 2 ");
    check_number("nobody knows what is missing", count_lost(w), 0);
}

static void what_was_gone_with_all_behind_it_is_counted_when_more_comes(void **state)
{
    struct world *w = *state;

    follow_a_unit(w);
    commit(w);
    close_source(w);
    open_source(w);
    give(w, "again", JOURNAL_DRAIN, CURSOR(5));
    end(w, 0, "");
    give(w, "from the oldest", JOURNAL_DRAIN, "");
    end(w, 0, "");
    give(w, "follow", JOURNAL_FOLLOW, CURSOR(5));
    put(w, 9, 9);
    read_all(w);
    check_looks_again(w);
    put(w, 9, 9);
    read_all(w);
    check_got(w, "the next", "9 ");
    check_number("at most so many", count_lost(w), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(drains_then_follows_and_drops_the_entry_that_it_has),
        TEST(what_was_not_committed_is_read_again),
        TEST(what_has_come_is_one_turn),
        TEST(an_entry_may_come_in_pieces),
        TEST(started_at_the_end_it_begins_behind_the_last_entry),
        TEST(gaps_of_a_whole_journal_are_exact),
        TEST(gaps_of_a_filter_count_only_where_the_cursor_is_gone),
        TEST(a_filter_that_was_held_up_looks_whether_its_cursor_is_there),
        TEST(a_filter_that_follows_without_its_cursor_looks_for_it),
        TEST(another_sequence_tells_nothing_of_gaps),
        TEST(trouble_is_tried_again_ever_more_slowly),
        TEST(with_once_trouble_is_the_end),
        TEST(with_once_it_ends_when_all_is_drained),
        TEST(a_long_silence_is_looked_into),
        TEST(a_cursor_with_nothing_behind_it_begins_anew),
        TEST(what_was_gone_with_all_behind_it_is_counted_when_more_comes),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("journal_source", tests, NULL, NULL);
}
