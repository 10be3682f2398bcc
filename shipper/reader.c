/* SPDX-License-Identifier: MIT
 *
 * The reader's loop: chunks from the sources through their engines into a batch,
 * and the batch with the cursors into the spool, in one transaction. Never waits
 * for the sender but when the spool is full, and then reads nothing: the logs
 * themselves are the buffer. Never forks, execs or opens a connection.
 */
#include "parsers/limits.h"
#include "shipper/channel.h"
#include "shipper/child.h"
#include "shipper/command.h"
#include "shipper/log.h"
#include "shipper/reader_feed.h"
#include "shipper/reader_sources.h"
#include "shipper/spool/spool_rescue.h"

#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    COMMIT_MS = 100,      /* an event waits that long while there is more to read */
    COMMIT_EVENTS = 4096, /* or until there are so many */
    SAVE_MS = 1000,       /* cursors without events */
    TIDY_MS = 1000,
    READ_OUT_MS = 1000,
    RETRY_FIRST_MS = 250, /* a commit that was refused */
    RETRY_MOST_MS = 1000,
    QUIET_MS = 60000, /* without an event dropped: it is over */
};

struct reader {
    const struct child *child;
    struct reader_counters *counters;
    struct spool *spool;
    struct reader_sources sources;

    struct spool_batch *batch;
    struct engine_counts counts;             /* of the batch */
    const struct spool_delivered *delivered; /* of the chunk under way */
    uint64_t known;                          /* events of the batch that were in it */
    struct buffer body;
    bool has_moved;         /* a cursor moved since the last commit */
    bool is_commit_wanted;  /* a source cannot go on before it */
    int64_t first_event_ms; /* when the batch got its first event */
    int64_t next_save_ms, next_tidy_ms;
    bool has_tidying; /* more than one slice of it: goes on while there is nothing to read */

    bool is_rescued;  /* cursors may be missing: nothing is started at its end; until that is
                         committed */
    int exit_code;    /* once it cannot go on */
    bool is_dropping; /* said */
    uint64_t dropped; /* at the last look */
    int64_t dropping_ms;

    enum spool_result refused; /* SPOOL_DONE: the spool takes what it is given */
    int64_t retry_at_ms, retry_pause_ms, look_at_ms;
};

/* --- reading --------------------------------------------------------------- */

static void take_event(void *arg, const struct event *event)
{
    struct reader *r = arg;

    if (r->delivered && spool_delivered_has(r->delivered, event->id)) {
        r->known++;
        return;
    }
    buffer_clear(&r->body);
    event_write(event, &r->body);
    spool_batch_event(r->batch, event->id, buffer_span(&r->body));
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

/* To the account of the cursor, and to the counters: both with the next commit. */
static void count(
    struct reader *r, const char *kind, uint64_t key, const struct engine_counts *counts)
{
    for (unsigned i = 0; i < LINE_CLASSES; i++) {
        if (counts->bytes[i] == 0)
            continue;
        spool_batch_count(
            r->batch, kind, key, (enum account_class)i, counts->bytes[i], counts->lines[i]);
        r->counts.bytes[i] += counts->bytes[i];
        r->counts.lines[i] += counts->lines[i];
    }
}

/* Returns how many of the chunk's bytes were taken. */
static uint64_t take_chunk(
    struct reader *r, const char *kind, const struct source_read *read, const struct now *now)
{
    struct engine_output output = {.event = take_event, .suspended = say_suspended, .arg = r};
    struct source_read timed = *read;
    struct engine_counts counts = {.bytes[LINE_TOO_LONG] = read->passed};
    bool had_events = spool_batch_events(r->batch) > 0;
    uint64_t taken = 0;

    timed.origin.now_ms = now->monotonic_ms;
    r->delivered = read->delivered;
    if (read->chunk.bytes.len > 0)
        taken = reader_feed(&r->child->shared->fatal, &timed, &output, &counts);
    count(r, kind, read->key, &counts);
    r->has_moved = true;
    if (!had_events)
        r->first_event_ms = now->monotonic_ms;
    return taken;
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
            source->verbs->advance(source, take_chunk(r, source->verbs->kind, &read, now));
            is_any = true;
            break;
        case SOURCE_FULL:
            r->is_commit_wanted = true;
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

/* --- committing ------------------------------------------------------------ */

static void commit_done(struct reader *r)
{
    static const uint64_t one = 1;

    if (r->refused != SPOOL_DONE)
        log_write(LOG_INFO, "the spool takes events again, reading on");
    r->refused = SPOOL_DONE;
    r->retry_pause_ms = RETRY_FIRST_MS;
    counter_set(&r->counters->is_spool_full, 0);
    for (size_t i = 0; i < LINE_CLASSES; i++) {
        counter_add(&r->counters->lines[i], r->counts.lines[i]);
        counter_add(&r->counters->bytes[i], r->counts.bytes[i]);
    }
    counter_add(&r->counters->events, spool_batch_events(r->batch));
    counter_add(&r->counters->known, r->known);
    /* It can only fail when the sender has not looked 2^64 times. */
    if (spool_batch_events(r->batch) > 0)
        (void)!write(r->child->wake, &one, sizeof(one));
    r->counts = (struct engine_counts){0};
    spool_batch_clear(r->batch);
    r->known = 0;
    r->has_moved = r->is_rescued = r->is_commit_wanted = false;
    reader_sources_committed(&r->sources);
}

/* Said when it begins, and when it is over with the number. */
static void say_dropped(struct reader *r, const struct now *now)
{
    uint64_t dropped = spool_dropped(r->spool);

    if (dropped > r->dropped) {
        if (!r->is_dropping)
            log_write(LOG_WARNING, "the spool is full, its oldest events are dropped to make room");
        r->is_dropping = true;
        r->dropping_ms = now->monotonic_ms;
    } else if (r->is_dropping && now->monotonic_ms - r->dropping_ms >= QUIET_MS) {
        log_write(LOG_INFO, "%llu events in all were dropped to make room, there is room again",
            (unsigned long long)dropped);
        r->is_dropping = false;
    }
    r->dropped = dropped;
}

static void commit_refused(
    struct reader *r, enum spool_result result, const struct now *now, const struct error *err)
{
    if (r->refused != result)
        log_failure(LOG_WARNING, err,
            result == SPOOL_FULL ? "reading stops until there is room"
                                 : "reading stops until it can be written to");
    r->refused = result;
    counter_set(&r->counters->is_spool_full, result == SPOOL_FULL);
    r->retry_at_ms = now->monotonic_ms + r->retry_pause_ms;
    r->retry_pause_ms =
        r->retry_pause_ms * 2 < RETRY_MOST_MS ? r->retry_pause_ms * 2 : RETRY_MOST_MS;
}

static void commit(struct reader *r, const struct now *now)
{
    bool has_moved = reader_sources_save(&r->sources, r->batch);
    bool is_any =
        has_moved || spool_batch_events(r->batch) > 0 || r->is_rescued || r->refused != SPOOL_DONE;
    enum spool_result result = SPOOL_DONE;
    struct error err;

    r->next_save_ms = now->monotonic_ms + SAVE_MS;
    counter_set(&r->counters->held_lines, reader_sources_held(&r->sources));
    if (is_any)
        result = spool_commit(r->spool, r->batch, &err);
    if (result == SPOOL_DONE) {
        commit_done(r);
        say_dropped(r, now);
    } else if (err.kind == ERROR_CORRUPT) {
        log_failure(LOG_ERROR, &err, "the reader ends, so that what can be read is saved");
        r->exit_code = CHILD_SPOOL_DAMAGED;
    } else {
        commit_refused(r, result, now, &err);
    }
}

static bool is_commit_due(const struct reader *r, const struct now *now, bool is_idle)
{
    if (r->refused != SPOOL_DONE)
        return now->monotonic_ms >= r->retry_at_ms;
    if (r->is_commit_wanted)
        return true;
    if (spool_batch_events(r->batch) > 0)
        return is_idle || spool_batch_events(r->batch) >= COMMIT_EVENTS ||
               now->monotonic_ms >= r->first_event_ms + COMMIT_MS;
    return now->monotonic_ms >= r->next_save_ms;
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

static int64_t next_deadline(const struct reader *r)
{
    int64_t deadline;

    if (r->refused != SPOOL_DONE)
        return earlier(r->retry_at_ms, r->look_at_ms);
    deadline = reader_sources_deadline(&r->sources);
    if (r->has_tidying)
        deadline = earlier(deadline, r->next_tidy_ms);
    return r->has_moved ? earlier(deadline, r->next_save_ms) : deadline;
}

static void wait_for_work(const struct reader *r, const struct now *now)
{
    int64_t left_ms = next_deadline(r) - now->monotonic_ms;

    if (left_ms < 0)
        left_ms = 0;
    reader_sources_wait(&r->sources, r->child->channel, r->refused == SPOOL_DONE,
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

    while (r->refused == SPOOL_DONE && r->exit_code == EXIT_FINE && now.monotonic_ms < until_ms &&
           read_turn(r, &now, true)) {
        if (spool_batch_events(r->batch) >= COMMIT_EVENTS)
            commit(r, &now);
        now = clock_now();
    }
}

static void loop(struct reader *r)
{
    for (;;) {
        struct now now = clock_now();
        bool is_refused = r->refused != SPOOL_DONE;
        bool is_idle = is_refused || !read_turn(r, &now, false);
        bool is_stopped = is_told_to_stop(r);
        bool is_ended = reader_sources_are_ended(&r->sources) && r->refused == SPOOL_DONE;

        if (is_refused)
            r->look_at_ms = reader_sources_look(&r->sources, &now);
        if (is_stopped)
            read_out(r);
        if (is_stopped || is_ended || is_commit_due(r, &now, is_idle))
            commit(r, &now);
        if (is_stopped || r->exit_code != EXIT_FINE || (is_ended && r->refused == SPOOL_DONE))
            return;
        if (is_idle) {
            tidy(r, &now);
            wait_for_work(r, &now);
        }
    }
}

/* --- setting up ------------------------------------------------------------ */

/* Many files are held open. */
static void allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void note_rescue(void *arg, uint64_t key, struct span value)
{
    struct reader *r = arg;

    (void)key;
    (void)value;
    r->is_rescued = true;
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

    allow_many_files();
    r->batch = spool_batch_new();
    r->retry_pause_ms = RETRY_FIRST_MS;
    r->spool = spool_open(r->child->state_dir, &options, err);
    if (!r->spool || !spool_each_cursor(r->spool, SPOOL_RESCUE_KIND, note_rescue, r, err) ||
        !reader_sources_open(&r->sources, r->child, r->spool, r->is_rescued, err))
        return false;
    if (r->is_rescued)
        spool_batch_forget(r->batch, SPOOL_RESCUE_KIND, SPOOL_RESCUE_KEY);
    /* Where files start is durable before anything else happens. */
    commit(r, &now);
    return channel_send(r->child->channel, &ready, err);
}

static void tear_down(struct reader *r)
{
    reader_sources_close(&r->sources);
    spool_batch_free(r->batch);
    spool_close(r->spool);
    buffer_finish(&r->body);
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
