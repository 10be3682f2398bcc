/* SPDX-License-Identifier: MIT
 *
 * Between the notes, which know no spool, and the spool, which knows no notes.
 */
#include "shipper/reader_notes.h"

#include "parsers/limits.h"
#include "shipper/log.h"

enum { FIRST_REST_MS = 10000 };

static void load(void *arg, uint64_t key, struct span value)
{
    notes_load(arg, key, value);
}

bool reader_notes_open(struct reader_notes *n, struct spool *spool,
    struct reader_counters *counters, const struct now *now, struct error *err)
{
    *n = (struct reader_notes){
        .notes = notes_new(LIMIT_NOTES, LIMIT_NOTE_BYTES),
        .counters = counters,
        .rest_at_ms = now->monotonic_ms + FIRST_REST_MS,
    };
    return spool_each_cursor(spool, NOTES_KIND, load, n->notes, err);
}

void reader_notes_close(struct reader_notes *n)
{
    notes_free(n->notes);
    n->notes = NULL;
}

static void put(void *arg, uint64_t number, struct span row)
{
    spool_batch_cursor(arg, NOTES_KIND, number, row);
}

static void drop(void *arg, uint64_t number)
{
    spool_batch_forget(arg, NOTES_KIND, number);
}

bool reader_notes_save(struct reader_notes *n, struct spool_batch *batch)
{
    uint64_t ended_early = notes_ended_early(n->notes);

    if (ended_early > 0 && n->ended_early == 0)
        log_write(LOG_WARNING,
            "rules keep more between lines than there is room for (%u notes, %u MiB): those that "
            "were not touched for longest end early, counts in several parts; count by less, or "
            "in shorter windows",
            LIMIT_NOTES, LIMIT_NOTE_BYTES >> 20);
    counter_add(&n->counters->notes_ended_early, ended_early - n->ended_early);
    counter_set(&n->counters->notes, notes_count(n->notes));
    n->ended_early = ended_early;
    return notes_save(n->notes, &(struct notes_output){put, drop, batch});
}

void reader_notes_rest(
    struct reader_notes *n, const struct now *now, const struct engine_output *output)
{
    uint64_t events = 0;

    if (now->monotonic_ms >= n->rest_at_ms)
        keeping_rest(n->notes, now->wall_s, output, &events);
}

int64_t reader_notes_deadline(const struct reader_notes *n, const struct now *now)
{
    int64_t deadline_s = notes_deadline(n->notes), deadline_ms;

    if (deadline_s == INT64_MAX)
        return INT64_MAX;
    deadline_ms = deadline_s <= now->wall_s ? now->monotonic_ms
                                            : now->monotonic_ms + (deadline_s - now->wall_s) * 1000;
    return deadline_ms > n->rest_at_ms ? deadline_ms : n->rest_at_ms;
}

void reader_notes_end(struct reader_notes *n, const struct engine_output *output)
{
    uint64_t events = 0;

    keeping_end_counts(n->notes, output, &events);
}
