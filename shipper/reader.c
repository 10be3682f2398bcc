/* SPDX-License-Identifier: MIT
 *
 * The reader's loop: chunks from the sources through their engines into a batch,
 * and the batch with the cursors into the spool, in one transaction. Never waits
 * for the sender but when the spool is full, and then reads nothing: the logs
 * themselves are the buffer. Never forks, execs or opens a connection.
 */
#include "parsers/detection.h"
#include "parsers/limits.h"
#include "parsers/lines.h"
#include "parsers/memory.h"
#include "shipper/channel.h"
#include "shipper/child.h"
#include "shipper/command.h"
#include "shipper/log.h"
#include "shipper/reader_batch.h"
#include "shipper/reader_feed.h"
#include "shipper/spool/spool_rescue.h"

#include <limits.h>
#include <stdlib.h>

enum {
    TIDY_MS = 1000,
    READ_OUT_MS = 1000,
};

struct reader {
    const struct child *child;
    struct reader_counters *counters;
    struct spool *spool;
    struct reader_sources sources;

    struct reader_batch batch;
    const struct spool_delivered *delivered; /* of the chunk under way */
    int64_t wall_s;                          /* of the turn under way */
    int64_t next_tidy_ms;
    bool has_tidying; /* more than one slice of it: goes on while there is nothing to read */

    struct reader_detection {
        const struct rule_file *file;
        struct detection seen;
    } * detections; /* a file of `format: auto` each */
    size_t detection_count, detection_room;

    int64_t look_at_ms;
    int exit_code; /* once it cannot go on */
};

/* --- reading --------------------------------------------------------------- */

static void take_event(void *arg, const struct event *event)
{
    struct reader *r = arg;

    reader_batch_event(&r->batch, event, r->delivered, r->wall_s);
}

static void take_incomplete(void *arg, const struct incomplete *incomplete)
{
    struct reader *r = arg;

    rule_figures_incomplete(r->batch.figures, incomplete);
}

static void take_tally(
    void *arg, struct span product, struct span rule_name, const struct engine_tally *tally)
{
    struct reader *r = arg;

    rule_figures_tally(r->batch.figures, product, rule_name, tally);
}

static void say_suspended(void *arg, struct span product, struct span rule_name)
{
    (void)arg;
    log_write(LOG_WARNING,
        "rule %.*s/%.*s ran into the limits of its pattern %u times within a minute: it is not "
        "run for a minute, and lines that it would look at count as rule errors; make the pattern "
        "more exact",
        (int)product.len, product.at, (int)rule_name.len, rule_name.at, LIMIT_RULE_ERRORS);
}

static struct detection *detection_of(struct reader *r, const struct rule_file *file)
{
    for (size_t i = 0; i < r->detection_count; i++)
        if (r->detections[i].file == file)
            return &r->detections[i].seen;
    r->detections =
        memory_room(r->detections, r->detection_count, &r->detection_room, sizeof(*r->detections));
    r->detections[r->detection_count] = (struct reader_detection){.file = file};
    return &r->detections[r->detection_count++].seen;
}

/* Once for each way in which lines are read for a product, not once a line. */
static void say_detected(void *arg, const struct engine_rules *rules, const struct record *record)
{
    struct buffer name = {0};

    if (!detection_add(detection_of(arg, rules->file), record->detected, record->detected_count))
        return;
    detection_name(record->detected, record->detected_count, &name);
    log_write(LOG_INFO, "%.*s: format auto: there are lines that are read as %.*s",
        (int)rules->file->product.len, rules->file->product.at, (int)name.len, name.bytes);
    buffer_finish(&name);
}

static struct engine_output output_of(struct reader *r)
{
    return (struct engine_output){.event = take_event,
        .incomplete = take_incomplete,
        .tally = take_tally,
        .suspended = say_suspended,
        .detected = say_detected,
        .arg = r};
}

static bool is_opted_out(const struct reader *r)
{
    return counter_get(&r->child->shared->is_opted_out) != 0;
}

/* What is logged while somebody opts out will not be read later either. */
static uint64_t pass_over(struct reader *r, const char *kind, const struct source_read *read)
{
    struct span bytes = read->chunk.bytes;

    if (bytes.len > 0)
        spool_batch_count(
            r->batch.batch, kind, read->key, ACCOUNT_OPTED_OUT, bytes.len, lines_count(bytes));
    return bytes.len;
}

/* Returns how many of the chunk's bytes were taken. */
static uint64_t take_chunk(
    struct reader *r, const char *kind, const struct source_read *read, const struct now *now)
{
    const struct engine_output output = output_of(r);
    struct source_read timed = *read;
    struct engine_counts counts = {.bytes[LINE_TOO_LONG] = read->passed};
    bool had_events = reader_batch_has_events(&r->batch);
    uint64_t taken = 0;

    timed.origin.now_ms = now->monotonic_ms;
    timed.origin.wall_s = now->wall_s;
    timed.origin.cursor = reader_notes_cursor(kind, read->key);
    r->delivered = read->delivered;
    r->wall_s = now->wall_s;
    if (is_opted_out(r))
        taken = pass_over(r, kind, read);
    else if (read->chunk.bytes.len > 0)
        taken = reader_feed(&r->child->shared->fatal, &timed, &output, &counts);
    reader_batch_count(&r->batch, kind, read->key, &counts);
    r->batch.has_moved = true;
    if (!had_events)
        r->batch.first_event_ms = now->monotonic_ms;
    return taken;
}

/* Of one turn. */
static void take_chunks(
    struct reader *r, struct source *source, struct source_read *read, const struct now *now)
{
    bool has_more = true;

    while (has_more) {
        has_more = read->has_more;
        source->verbs->advance(source, take_chunk(r, source->verbs->kind, read, now));
        has_more = has_more && source->verbs->read(source, now, read) == SOURCE_CHUNK;
    }
}

/* One chunk of each source (is_ending: that would otherwise lose it); true if there was
 * any. */
static bool read_turn(struct reader *r, const struct now *now, bool is_ending)
{
    bool is_any = false;

    for (size_t i = 0; i < r->sources.count; i++) {
        struct open_source *item = &r->sources.items[i];
        struct source *source = item->source;
        struct source_read read;

        if (item->is_ended || (is_ending && !source->verbs->is_lost_when_closed))
            continue;
        switch (source->verbs->read(source, now, &read)) {
        case SOURCE_CHUNK:
            take_chunks(r, source, &read, now);
            is_any = true;
            break;
        case SOURCE_FULL:
            r->batch.is_wanted = true;
            break;
        case SOURCE_BROKEN:
            counter_set(&r->counters->is_broken, 1);
            item->is_ended = true;
            break;
        case SOURCE_END:
            item->is_ended = true;
            break;
        case SOURCE_IDLE:
            break;
        }
    }
    return is_any;
}

/* Windows that nothing more comes for. Their events are none of a source's. */
static void end_windows(struct reader *r, const struct now *now, bool is_ended)
{
    const struct engine_output output = output_of(r);

    r->delivered = NULL;
    r->wall_s = now->wall_s;
    if (is_ended)
        reader_notes_end(&r->batch.notes, &output);
    else
        reader_notes_rest(&r->batch.notes, now, &output);
}

static void commit(struct reader *r, const struct now *now)
{
    reader_batch_commit(&r->batch, now);
    if (r->batch.is_damaged)
        r->exit_code = CHILD_SPOOL_DAMAGED;
}

/* Gives the spool the moments in which there is nothing to read. */
static void tidy(struct reader *r, const struct now *now)
{
    struct error err;
    bool has_more = false;

    if (now->monotonic_ms < r->next_tidy_ms)
        return;
    /* Whatever is wrong with the spool is said when a commit fails. */
    if (!spool_tidy(r->spool, now->wall_s, &has_more, &err))
        log_failure(LOG_DEBUG, &err, "leaving the spool as it is");
    r->has_tidying = has_more;
    r->next_tidy_ms = now->monotonic_ms + (has_more ? 0 : TIDY_MS);
}

/* --- the loop -------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_deadline(const struct reader *r, const struct now *now)
{
    int64_t deadline;

    if (r->batch.refused != SPOOL_DONE)
        return earlier(r->batch.retry_at_ms, r->look_at_ms);
    deadline =
        earlier(reader_sources_deadline(&r->sources), reader_notes_deadline(&r->batch.notes, now));
    if (r->has_tidying)
        deadline = earlier(deadline, r->next_tidy_ms);
    return r->batch.has_moved ? earlier(deadline, r->batch.next_save_ms) : deadline;
}

static void wait_for_work(const struct reader *r, const struct now *now)
{
    int64_t left_ms = next_deadline(r, now) - now->monotonic_ms;

    if (left_ms < 0)
        left_ms = 0;
    pulse_wait(&r->child->shared->reader_pulse);
    reader_sources_wait(&r->sources, r->child->channel, r->batch.refused == SPOOL_DONE,
        left_ms < INT_MAX ? (int)left_ms : INT_MAX);
}

/* What else it is told goes to the sources. */
static bool is_told_to_stop(const struct reader *r)
{
    struct channel_message message;

    for (;;)
        switch (channel_receive(r->child->channel, &message)) {
        case CHANNEL_CLOSED:
            return true;
        case CHANNEL_EMPTY:
            return false;
        case CHANNEL_GOT:
            if (message.kind == CHANNEL_STOP)
                return true;
            reader_sources_receive(&r->sources, &message);
        }
}

/* What sockets have can't be read again by who comes next. */
static void read_out(struct reader *r)
{
    struct now now = clock_now();
    int64_t until_ms = now.monotonic_ms + READ_OUT_MS;

    while (r->batch.refused == SPOOL_DONE && r->exit_code == EXIT_FINE &&
           now.monotonic_ms < until_ms && read_turn(r, &now, true)) {
        if (reader_batch_is_large(&r->batch))
            commit(r, &now);
        now = clock_now();
    }
}

/* False once it is the last. */
static bool turn(struct reader *r)
{
    struct now now = clock_now();
    bool is_refused = r->batch.refused != SPOOL_DONE;
    bool is_idle = is_refused || !read_turn(r, &now, false);
    bool is_stopped = is_told_to_stop(r);
    bool is_ended = reader_sources_are_ended(&r->sources) && r->batch.refused == SPOOL_DONE;

    if (is_refused)
        r->look_at_ms = reader_sources_look(&r->sources, &now);
    if (is_stopped)
        read_out(r);
    else if (is_idle && !is_refused)
        end_windows(r, &now, is_ended || is_opted_out(r));
    if (is_stopped || is_ended || reader_batch_is_due(&r->batch, &now, is_idle))
        commit(r, &now);
    if (is_stopped || r->exit_code != EXIT_FINE || (is_ended && r->batch.refused == SPOOL_DONE))
        return false;
    if (is_idle) {
        tidy(r, &now);
        wait_for_work(r, &now);
    }
    return true;
}

static void loop(struct reader *r)
{
    do
        pulse_work(&r->child->shared->reader_pulse);
    while (turn(r));
    pulse_wait(&r->child->shared->reader_pulse);
}

/* --- setting up ------------------------------------------------------------ */

static void note_rescue(void *arg, uint64_t key, struct span value)
{
    struct reader *r = arg;

    (void)key;
    (void)value;
    r->batch.is_rescued = true;
}

static bool set_up(struct reader *r, struct error *err)
{
    const struct config *config = r->child->config;
    struct spool_options options = {
        .max_bytes = (uint64_t)config->spool.max_bytes,
        .is_sync_full = config->spool.sync == 0,
        .is_dropping = config->spool.when_full == FULL_DROP_OLDEST,
    };
    struct channel_message ready = {.kind = CHANNEL_READY, .descriptor = -1};
    struct now now = clock_now();

    child_allow_many_files();
    reader_batch_init(&r->batch, r->child, &r->sources);
    r->spool = r->batch.spool = spool_open(r->child->state_dir, &options, err);
    if (!r->spool || !spool_each_cursor(r->spool, SPOOL_RESCUE_KIND, note_rescue, r, err) ||
        !rule_figures_load(r->batch.figures, r->spool, err) ||
        !reader_notes_open(
            &r->batch.notes, r->spool, r->counters, r->batch.is_rescued, &now, err) ||
        !reader_sources_open(&r->sources, r->child, r->spool, r->batch.is_rescued, err))
        return false;
    for (size_t i = 0; i < r->sources.engine_count; i++)
        engine_set_notes(r->sources.engines[i], r->batch.notes.notes);
    if (r->batch.is_rescued)
        spool_batch_forget(r->batch.batch, SPOOL_RESCUE_KIND, SPOOL_RESCUE_KEY);
    /* Where files start is durable before anything else happens. */
    commit(r, &now);
    return channel_send(r->child->channel, &ready, err);
}

static void tear_down(struct reader *r)
{
    reader_sources_close(&r->sources);
    reader_batch_finish(&r->batch);
    free(r->detections);
    spool_close(r->spool);
}

/* Why it could not even begin. */
static int exit_code_of(const struct reader *r, const struct error *err)
{
    if (err->kind == ERROR_CORRUPT)
        return CHILD_SPOOL_DAMAGED;
    return r->spool ? EXIT_SYSTEM : CHILD_SPOOL_CLOSED;
}

int reader_run(const struct child *child)
{
    struct reader r = {.child = child, .counters = &child->shared->reader};
    struct error err;

    if (set_up(&r, &err)) {
        if (r.exit_code == EXIT_FINE)
            loop(&r);
    } else {
        log_failure(LOG_ERROR, &err, "the reader ends");
        r.exit_code = exit_code_of(&r, &err);
    }
    tear_down(&r);
    return r.exit_code;
}
