/* SPDX-License-Identifier: MIT
 *
 * Out of the spool: leases and their end. A lease is the body in memory and
 * nothing on disk, so that a restarted sender finds the same rows again. Reads
 * are reset before returning: an open one would keep the WAL from ending.
 */
#include "parsers/memory.h"
#include "shipper/log.h"
#include "shipper/spool/spool_database.h"

#include <stdlib.h>

/* Leased events by ascending row; body is NULL once it is settled. The array's
 * settled head is skipped (first_lease) and given up when it is most of it. */
struct lease {
    int64_t row;
    char *body;
};

static struct span add_lease(struct spool *spool, int64_t row, struct span body)
{
    char *copy = memory_string(body);

    spool->leases =
        memory_room(spool->leases, spool->lease_count, &spool->lease_room, sizeof(*spool->leases));
    spool->leases[spool->lease_count++] = (struct lease){row, copy};
    spool->last_leased = row;
    return (struct span){copy, body.len};
}

static void end_lease(struct spool *spool, int64_t row)
{
    size_t low = spool->first_lease, high = spool->lease_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (spool->leases[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < spool->lease_count && spool->leases[low].row == row) {
        free(spool->leases[low].body);
        spool->leases[low].body = NULL;
    }
}

static void forget_settled_head(struct spool *spool)
{
    size_t left;

    while (spool->first_lease < spool->lease_count && !spool->leases[spool->first_lease].body)
        spool->first_lease++;
    left = spool->lease_count - spool->first_lease;
    if (spool->first_lease <= left)
        return;
    memmove(spool->leases, spool->leases + spool->first_lease, left * sizeof(*spool->leases));
    spool->first_lease = 0;
    spool->lease_count = left;
}

void spool_drop_leases(struct spool *spool)
{
    for (size_t i = spool->first_lease; i < spool->lease_count; i++)
        free(spool->leases[i].body);
    free(spool->leases);
}

/* Leases rows until `most`, the last row, or a damaged one, whose number it
 * then gives; 0 otherwise. */
static bool lease_sound_rows(struct spool *spool, struct spool_event *events, size_t most,
    size_t *count, int64_t *damaged, struct error *err)
{
    sqlite3_stmt *next = spool->statements[SPOOL_NEXT_EVENTS];
    int step;
    bool is_ordered = true, is_read;

    *damaged = 0;
    sqlite3_bind_int64(next, 1, spool->last_leased);
    sqlite3_bind_int64(next, 2, (int64_t)(most - *count));
    while ((step = sqlite3_step(next)) == SQLITE_ROW) {
        int64_t row = sqlite3_column_int64(next, 0);
        struct span id = spool_column(next, 1), body = spool_column(next, 2);
        struct spool_event *event = &events[*count];

        /* Leased for ever otherwise: a row out of its place cannot be deleted. */
        is_ordered = row > spool->last_leased;
        if (!is_ordered)
            break;
        if (!spool_is_sound(next)) {
            *damaged = row;
            break;
        }
        event->row = row;
        memcpy(event->id, id.at, EVENT_ID_LEN);
        event->id[EVENT_ID_LEN] = '\0';
        event->body = add_lease(spool, row, body);
        ++*count;
    }
    if (is_ordered)
        is_read = step == SQLITE_DONE || *damaged || spool_fail(spool, err);
    else
        is_read = spool_fail_damaged(spool, "an event is out of its place", err);
    sqlite3_reset(next);
    return is_read;
}

/* Runs a statement whose first value is a row, and says how many rows it changed. */
static bool run_on_row(struct spool *spool, enum spool_statement which, int64_t row,
    int64_t *changed, struct error *err)
{
    sqlite3_bind_int64(spool->statements[which], 1, row);
    if (!spool_run(spool, which, err))
        return false;
    *changed = sqlite3_changes64(spool->db);
    return true;
}

static bool set_damaged_aside(struct spool *spool, int64_t row, struct error *err)
{
    int64_t deleted = 0;
    struct spool_totals moved = {0};
    bool is_good;

    if (!spool_begin(spool, err))
        return false;
    is_good = run_on_row(spool, SPOOL_KEEP_CORRUPT, row, &moved.corrupt, err) &&
              run_on_row(spool, SPOOL_DELETE_ROW, row, &deleted, err) &&
              (deleted > 0 || spool_fail_damaged(spool, "an event is out of its place", err));
    moved.waiting = -deleted;
    return spool_end(spool, is_good, &moved, err);
}

static void say_damaged(int64_t first, size_t count)
{
    if (count == 1)
        log_write(LOG_ERROR, "event %lld in the spool is damaged, set aside and not sent",
            (long long)first);
    else if (count > 1)
        log_write(LOG_ERROR,
            "%zu events in the spool are damaged, the first is %lld, set aside and not sent", count,
            (long long)first);
}

static bool has_leases(const struct spool *spool)
{
    return spool->first_lease < spool->lease_count;
}

/* Damage can take rows away without an error. One statement, since the reader may
 * be adding some. */
static bool check_nothing_is_missing(struct spool *spool, struct error *err)
{
    sqlite3_stmt *check = spool->statements[SPOOL_IS_SHORT];
    bool is_read, is_short = false;

    sqlite3_bind_int64(check, 1, spool->last_leased);
    is_read = sqlite3_step(check) == SQLITE_ROW || spool_fail(spool, err);
    if (is_read)
        is_short = sqlite3_column_int64(check, 0) != 0;
    sqlite3_reset(check);
    return is_read && (!is_short || spool_fail_damaged(spool, "events are missing", err));
}

bool spool_lease(
    struct spool *spool, struct spool_event *events, size_t most, size_t *count, struct error *err)
{
    size_t leased = 0, damaged_count = 0;
    int64_t damaged, first_damaged = 0;
    bool is_good;

    do {
        is_good = lease_sound_rows(spool, events, most, &leased, &damaged, err) &&
                  (damaged == 0 || set_damaged_aside(spool, damaged, err));
        if (is_good && damaged != 0 && damaged_count++ == 0)
            first_damaged = damaged;
    } while (is_good && damaged != 0);
    say_damaged(first_damaged, damaged_count);
    if (is_good && leased == 0 && !has_leases(spool))
        is_good = check_nothing_is_missing(spool, err);

    /* What was leased before a failure is handed out; the next call starts at
     * the failure. */
    if (!is_good && leased == 0)
        return false;
    *count = leased;
    return true;
}

static bool keep_rejected(struct spool *spool, const struct spool_verdict *verdict,
    struct spool_totals *moved, struct error *err)
{
    sqlite3_stmt *keep = spool->statements[SPOOL_KEEP_REJECTED];

    sqlite3_bind_int64(keep, 1, verdict->row);
    spool_bind_text(keep, 2, (struct span){verdict->id, EVENT_ID_LEN});
    spool_bind_blob(keep, 3, verdict->answer);
    sqlite3_bind_int64(keep, 4, verdict->status);
    sqlite3_bind_int64(keep, 5, verdict->at_s);
    if (!spool_run(spool, SPOOL_KEEP_REJECTED, err))
        return false;
    moved->rejected += sqlite3_changes64(spool->db);
    if (!spool_run(spool, SPOOL_PRUNE_REJECTED, err))
        return false;
    moved->rejected -= sqlite3_changes64(spool->db);
    return true;
}

/* It was on its way when it was dropped, and has arrived. */
static bool take_back_dropped(
    struct spool *spool, int64_t row, struct spool_totals *moved, struct error *err)
{
    sqlite3_stmt *is_row = spool->statements[SPOOL_IS_ROW];
    bool is_read;

    sqlite3_bind_int64(is_row, 1, row);
    is_read = sqlite3_step(is_row) == SQLITE_ROW || spool_fail(spool, err);
    if (is_read && sqlite3_column_int64(is_row, 0) == 0)
        moved->dropped--;
    sqlite3_reset(is_row);
    return is_read;
}

static bool settle_one(struct spool *spool, const struct spool_verdict *verdict,
    struct spool_totals *moved, struct error *err)
{
    int64_t deleted;

    if (verdict->is_rejected && !keep_rejected(spool, verdict, moved, err))
        return false;
    spool_bind_text(
        spool->statements[SPOOL_DELETE_EVENT], 2, (struct span){verdict->id, EVENT_ID_LEN});
    if (!run_on_row(spool, SPOOL_DELETE_EVENT, verdict->row, &deleted, err))
        return false;
    moved->waiting -= deleted;
    if (deleted == 0 && !take_back_dropped(spool, verdict->row, moved, err))
        return false;
    if (!verdict->is_rejected)
        moved->delivered++;
    return true;
}

bool spool_settle(
    struct spool *spool, const struct spool_verdict *verdicts, size_t count, struct error *err)
{
    struct spool_totals moved = {0};
    bool is_good = true;

    if (count == 0)
        return true;
    if (!spool_begin(spool, err))
        return false;
    for (size_t i = 0; is_good && i < count; i++)
        is_good = settle_one(spool, &verdicts[i], &moved, err);
    is_good = is_good && spool_keep_delivered(spool, verdicts, count, err);
    if (!spool_end(spool, is_good, &moved, err))
        return false;
    for (size_t i = 0; i < count; i++)
        end_lease(spool, verdicts[i].row);
    forget_settled_head(spool);
    return true;
}
