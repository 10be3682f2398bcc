/* SPDX-License-Identifier: MIT
 *
 * Between the notes, which know no spool, and the spool, which knows no notes.
 */
#include "shipper/reader_notes.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { FIRST_REST_MS = 10000 };

struct loading {
    struct notes *notes;
    uint64_t lost;
};

static void load(void *arg, uint64_t key, struct span value)
{
    struct loading *loading = arg;

    loading->lost += !notes_load(loading->notes, key, value);
}

static bool load_all(struct notes *notes, struct spool *spool, struct error *err)
{
    struct loading loading = {notes, 0};

    if (!spool_each_cursor(spool, NOTES_KIND, load, &loading, err))
        return false;
    if (loading.lost > 0)
        log_write(LOG_WARNING,
            "%llu notes of what rules keep between lines cannot be used: open counts among them "
            "are lost, and what was sent once may be sent again",
            (unsigned long long)loading.lost);
    return true;
}

uint64_t reader_notes_cursor(const char *kind, uint64_t key)
{
    uint64_t number = key;

    for (const char *c = kind; *c; c++)
        number = number * 31 + (unsigned char)*c;
    return number;
}

struct known {
    uint64_t *cursors;
    size_t count, room;
};

static void add_known(void *arg, const struct spool_ledger_row *row)
{
    struct known *known = arg;
    char kind[32];

    snprintf(kind, sizeof(kind), "%.*s", (int)row->kind.len, row->kind.at);
    known->cursors =
        memory_room(known->cursors, known->count, &known->room, sizeof(*known->cursors));
    known->cursors[known->count++] = reader_notes_cursor(kind, row->key);
}

static bool is_known(void *arg, uint64_t cursor)
{
    const struct known *known = arg;

    for (size_t i = 0; i < known->count; i++)
        if (known->cursors[i] == cursor)
            return true;
    return false;
}

static bool drop_unknown(struct notes *notes, struct spool *spool, struct error *err)
{
    struct known known = {0};
    bool is_read = spool_each_source(spool, add_known, &known, err);

    if (is_read)
        notes_drop_logs(notes, is_known, &known);
    free(known.cursors);
    return is_read;
}

bool reader_notes_open(struct reader_notes *n, struct spool *spool,
    struct reader_counters *counters, bool is_rescued, const struct now *now, struct error *err)
{
    uint64_t hash_key[2];

    *n = (struct reader_notes){
        .notes = notes_new(LIMIT_NOTES, LIMIT_NOTE_BYTES, LIMIT_NOTE_LOGS),
        .counters = counters,
        .rest_at_ms = now->monotonic_ms + FIRST_REST_MS,
    };
    if (getrandom(hash_key, sizeof(hash_key), 0) < 0)
        return error_system(err, "cannot draw a random number");
    notes_set_hash_key(n->notes, hash_key);
    return load_all(n->notes, spool, err) && (!is_rescued || drop_unknown(n->notes, spool, err));
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
