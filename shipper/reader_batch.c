/* SPDX-License-Identifier: MIT
 *
 * A batch that was refused is offered again as it is, with what moved since: nothing
 * is taken out of it but by a commit.
 */
#include "shipper/reader_batch.h"

#include "shipper/log.h"

#include <stdio.h>
#include <unistd.h>

enum {
    COMMIT_MS = 100,      /* an event waits that long while there is more to read */
    COMMIT_EVENTS = 4096, /* or until there are so many */
    SAVE_MS = 1000,       /* cursors without events */
    RETRY_FIRST_MS = 250, /* a commit that was refused */
    RETRY_MOST_MS = 1000,
    QUIET_MS = 60000, /* without an event dropped: it is over */
};

static void note_holdup(
    struct reader_batch *b, enum holdup_why why, const char *reason, int64_t wall_s)
{
    struct holdup holdup = {.why = why, .since_s = wall_s};

    snprintf(holdup.text, sizeof(holdup.text), "%s", reason);
    holdup_note(&b->holdup, &holdup, wall_s);
}

void reader_batch_init(
    struct reader_batch *b, const struct child *child, struct reader_sources *sources)
{
    *b = (struct reader_batch){
        .child = child,
        .sources = sources,
        .figures = rule_figures_new(),
        .batch = spool_batch_new(),
        .retry_pause_ms = RETRY_FIRST_MS,
    };
    holdup_open(&b->holdup, child->state_dir, "reader");
    note_holdup(b, HOLDUP_NOTHING, "", clock_now().wall_s);
}

void reader_batch_finish(struct reader_batch *b)
{
    spool_batch_free(b->batch);
    reader_notes_close(&b->notes);
    rule_figures_free(b->figures);
    buffer_finish(&b->body);
    bulletin_close(&b->holdup);
}

bool reader_batch_has_events(const struct reader_batch *b)
{
    return spool_batch_events(b->batch) > 0;
}

bool reader_batch_is_large(const struct reader_batch *b)
{
    return spool_batch_events(b->batch) >= COMMIT_EVENTS;
}

void reader_batch_event(struct reader_batch *b, const struct event *event,
    const struct spool_delivered *delivered, int64_t wall_s)
{
    if (delivered && spool_delivered_has(delivered, event->id)) {
        b->known++;
        return;
    }
    rule_figures_event(b->figures, event, wall_s);
    buffer_clear(&b->body);
    event_write(event, &b->body);
    spool_batch_event(b->batch, event->id, buffer_span(&b->body));
}

void reader_batch_count(
    struct reader_batch *b, const char *kind, uint64_t key, const struct engine_counts *counts)
{
    for (unsigned i = 0; i < LINE_CLASSES; i++) {
        if (counts->bytes[i] == 0)
            continue;
        spool_batch_count(
            b->batch, kind, key, (enum account_class)i, counts->bytes[i], counts->lines[i]);
        b->counts.bytes[i] += counts->bytes[i];
        b->counts.lines[i] += counts->lines[i];
    }
}

static void commit_done(struct reader_batch *b, const struct now *now)
{
    struct reader_counters *counters = &b->child->shared->reader;
    static const uint64_t one = 1;

    if (b->refused != SPOOL_DONE) {
        log_write(LOG_INFO, "the spool takes events again, reading on");
        note_holdup(b, HOLDUP_NOTHING, "", now->wall_s);
    }
    b->refused = SPOOL_DONE;
    b->retry_pause_ms = RETRY_FIRST_MS;
    counter_set(&counters->is_spool_full, 0);
    for (size_t i = 0; i < LINE_CLASSES; i++) {
        counter_add(&counters->lines[i], b->counts.lines[i]);
        counter_add(&counters->bytes[i], b->counts.bytes[i]);
    }
    counter_add(&counters->events, spool_batch_events(b->batch));
    counter_add(&counters->known, b->known);
    /* It can only fail when the sender has not looked 2^64 times. */
    if (reader_batch_has_events(b))
        (void)!write(b->child->wake, &one, sizeof(one));
    b->counts = (struct engine_counts){0};
    spool_batch_clear(b->batch);
    b->known = 0;
    b->has_moved = b->is_rescued = b->is_wanted = false;
    reader_sources_committed(b->sources);
}

/* Said when it begins, and when it is over with the number. */
static void say_dropped(struct reader_batch *b, const struct now *now)
{
    uint64_t dropped = spool_dropped(b->spool);

    if (dropped > b->dropped) {
        if (!b->is_dropping)
            log_write(LOG_WARNING, "the spool is full, its oldest events are dropped to make room");
        b->is_dropping = true;
        b->dropping_ms = now->monotonic_ms;
    } else if (b->is_dropping && now->monotonic_ms - b->dropping_ms >= QUIET_MS) {
        log_write(LOG_INFO, "%llu events in all were dropped to make room, there is room again",
            (unsigned long long)dropped);
        b->is_dropping = false;
    }
    b->dropped = dropped;
}

static void commit_refused(struct reader_batch *b, enum spool_result result, const struct now *now,
    const struct error *err)
{
    if (b->refused != result) {
        log_failure(LOG_WARNING, err,
            result == SPOOL_FULL ? "reading stops until there is room"
                                 : "reading stops until it can be written to");
        note_holdup(
            b, result == SPOOL_FULL ? HOLDUP_SPOOL_FULL : HOLDUP_SPOOL, err->message, now->wall_s);
    }
    b->refused = result;
    counter_set(&b->child->shared->reader.is_spool_full, result == SPOOL_FULL);
    b->retry_at_ms = now->monotonic_ms + b->retry_pause_ms;
    b->retry_pause_ms =
        b->retry_pause_ms * 2 < RETRY_MOST_MS ? b->retry_pause_ms * 2 : RETRY_MOST_MS;
}

void reader_batch_commit(struct reader_batch *b, const struct now *now)
{
    bool has_moved = reader_sources_save(b->sources, b->batch);
    bool has_notes = reader_notes_save(&b->notes, b->batch);
    bool has_figures = rule_figures_save(b->figures, b->batch);
    bool is_any = has_moved || has_notes || has_figures || reader_batch_has_events(b) ||
                  b->is_rescued || b->refused != SPOOL_DONE;
    enum spool_result result = SPOOL_DONE;
    struct error err;

    b->next_save_ms = now->monotonic_ms + SAVE_MS;
    counter_set(&b->child->shared->reader.held_lines, reader_sources_held(b->sources));
    if (is_any)
        result = spool_commit(b->spool, b->batch, &err);
    if (result == SPOOL_DONE) {
        commit_done(b, now);
        say_dropped(b, now);
        spool_checkpoint(b->spool);
    } else if (err.kind == ERROR_CORRUPT) {
        log_failure(LOG_ERROR, &err, "the reader ends, so that what can be read is saved");
        b->is_damaged = true;
    } else {
        commit_refused(b, result, now, &err);
    }
}

bool reader_batch_is_due(const struct reader_batch *b, const struct now *now, bool is_idle)
{
    if (b->refused != SPOOL_DONE)
        return now->monotonic_ms >= b->retry_at_ms;
    if (b->is_wanted)
        return true;
    if (reader_batch_has_events(b))
        return is_idle || reader_batch_is_large(b) ||
               now->monotonic_ms >= b->first_event_ms + COMMIT_MS;
    return now->monotonic_ms >= b->next_save_ms;
}
