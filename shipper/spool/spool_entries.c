/* SPDX-License-Identifier: MIT
 *
 * A table a state, read in slices by their numbers. Statements are prepared when they
 * are wanted: nobody's loop waits for these.
 */
#include "shipper/spool/spool_entries.h"

#include "shipper/spool/spool_database.h"

enum { SLICE_ENTRIES = 200 };

const char *const entry_state_names[ENTRY_STATES] = {
    [ENTRY_REJECTED] = "rejected", [ENTRY_DAMAGED] = "damaged", [ENTRY_WAITING] = "waiting"};

/* Columns: number, id, body, sum, at, status, answer. */
static const char *const select_texts[ENTRY_STATES] = {
    [ENTRY_WAITING] = "SELECT row, id, body, sum, 0, 0, NULL FROM event WHERE row > ?1"
                      " ORDER BY row LIMIT ?2",
    [ENTRY_REJECTED] = "SELECT number, id, request, sum, at, status, answer FROM rejected"
                       " WHERE number > ?1 ORDER BY number LIMIT ?2",
    [ENTRY_DAMAGED] = "SELECT row, id, body, sum, 0, 0, NULL FROM corrupt WHERE row > ?1"
                      " ORDER BY row LIMIT ?2",
};

static const char *const delete_texts[ENTRY_STATES] = {
    [ENTRY_WAITING] = "DELETE FROM event WHERE row = ?1",
    [ENTRY_REJECTED] = "DELETE FROM rejected WHERE number = ?1",
    [ENTRY_DAMAGED] = "DELETE FROM corrupt WHERE row = ?1",
};

static sqlite3_stmt *prepare(struct spool *spool, const char *text, struct error *err)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(spool->db, text, -1, &statement, NULL) != SQLITE_OK)
        spool_fail(spool, err);
    return statement;
}

static struct spool_entry entry_of(enum entry_state state, sqlite3_stmt *row)
{
    bool is_sound = spool_is_sound(row);

    return (struct spool_entry){
        .state = state,
        .number = sqlite3_column_int64(row, 0),
        .id = spool_column(row, 1),
        .body = spool_column(row, 2),
        .at_s = sqlite3_column_int64(row, 4),
        .status = (long)sqlite3_column_int64(row, 5),
        .is_sound = is_sound,
        .answer = spool_column(row, 6),
    };
}

/* --- reading ------------------------------------------------------------------- */

struct slice {
    int64_t after;
    size_t read;
    bool is_over; /* the caller wants no more */
};

static bool read_slice(struct spool *spool, sqlite3_stmt *select, enum entry_state state,
    bool (*each)(void *arg, const struct spool_entry *entry), void *arg, struct slice *slice,
    struct error *err)
{
    bool is_read;
    int step = SQLITE_DONE;

    slice->read = 0;
    sqlite3_bind_int64(select, 1, slice->after);
    sqlite3_bind_int64(select, 2, SLICE_ENTRIES);
    while (!slice->is_over && (step = sqlite3_step(select)) == SQLITE_ROW) {
        struct spool_entry entry = entry_of(state, select);

        slice->read++;
        slice->after = entry.number;
        slice->is_over = !each(arg, &entry);
    }
    is_read = slice->is_over || step == SQLITE_DONE || spool_fail(spool, err);
    sqlite3_reset(select);
    return is_read;
}

bool spool_each_entry(struct spool *spool, enum entry_state state,
    bool (*each)(void *arg, const struct spool_entry *entry), void *arg, struct error *err)
{
    sqlite3_stmt *select = prepare(spool, select_texts[state], err);
    struct slice slice = {.after = INT64_MIN};
    bool is_read = select != NULL;

    do
        is_read = is_read && read_slice(spool, select, state, each, arg, &slice, err);
    while (is_read && !slice.is_over && slice.read == SLICE_ENTRIES);
    sqlite3_finalize(select);
    return is_read;
}

/* --- changing -------------------------------------------------------------------- */

static bool delete_entry(
    struct spool *spool, sqlite3_stmt *delete, int64_t number, size_t *deleted, struct error *err)
{
    bool is_done;

    sqlite3_bind_int64(delete, 1, number);
    is_done = sqlite3_step(delete) == SQLITE_DONE || spool_fail(spool, err);
    *deleted += is_done ? (size_t)sqlite3_changes64(spool->db) : 0;
    sqlite3_reset(delete);
    return is_done;
}

/* True also if it is not there any more, or stays because it is damaged. */
static bool put_back(struct spool *spool, sqlite3_stmt *select, sqlite3_stmt *delete,
    int64_t number, size_t *moved, struct error *err)
{
    sqlite3_stmt *add = spool->statements[SPOOL_ADD_EVENT];
    struct spool_entry entry = {.is_sound = false};
    bool is_done;
    int step;

    sqlite3_bind_int64(select, 1, number - 1);
    sqlite3_bind_int64(select, 2, 1);
    step = sqlite3_step(select);
    is_done = step == SQLITE_ROW || step == SQLITE_DONE || spool_fail(spool, err);
    if (step == SQLITE_ROW)
        entry = entry_of(ENTRY_REJECTED, select);
    if (is_done && entry.is_sound && entry.number == number) {
        spool_bind_text(add, 1, entry.id);
        spool_bind_text(add, 2, entry.body);
        sqlite3_bind_int64(add, 3, spool_checksum(entry.id, entry.body));
        is_done = spool_run(spool, SPOOL_ADD_EVENT, err) &&
                  delete_entry(spool, delete, number, moved, err);
    }
    sqlite3_reset(select);
    return is_done;
}

bool spool_retry(
    struct spool *spool, const int64_t *numbers, size_t count, size_t *moved, struct error *err)
{
    sqlite3_stmt *select = prepare(spool, select_texts[ENTRY_REJECTED], err);
    sqlite3_stmt *delete = select ? prepare(spool, delete_texts[ENTRY_REJECTED], err) : NULL;
    struct spool_totals totals = {0};
    size_t done = 0;
    bool is_good = delete &&spool_begin(spool, err);

    if (is_good) {
        for (size_t i = 0; is_good && i < count; i++)
            is_good = put_back(spool, select, delete, numbers[i], &done, err);
        totals.waiting = (int64_t)done;
        totals.rejected = -(int64_t)done;
        is_good = spool_end(spool, is_good, &totals, err);
        spool_checkpoint(spool);
    }
    sqlite3_finalize(select);
    sqlite3_finalize(delete);
    if (is_good)
        *moved = done;
    return is_good;
}

/* What is dropped while it waits is missing at the endpoint; the rest never came there. */
static struct spool_totals without(enum entry_state state, int64_t dropped)
{
    switch (state) {
    case ENTRY_WAITING:
        return (struct spool_totals){.waiting = -dropped, .dropped = dropped};
    case ENTRY_REJECTED:
        return (struct spool_totals){.rejected = -dropped};
    case ENTRY_DAMAGED:
    case ENTRY_STATES:
        break;
    }
    return (struct spool_totals){.corrupt = -dropped};
}

bool spool_drop(struct spool *spool, enum entry_state state, const int64_t *numbers, size_t count,
    size_t *moved, struct error *err)
{
    sqlite3_stmt *delete = prepare(spool, delete_texts[state], err);
    struct spool_totals totals;
    size_t done = 0;
    bool is_good = delete &&spool_begin(spool, err);

    if (is_good) {
        for (size_t i = 0; is_good && i < count; i++)
            is_good = delete_entry(spool, delete, numbers[i], &done, err);
        totals = without(state, (int64_t)done);
        is_good = spool_end(spool, is_good, &totals, err);
        spool_checkpoint(spool);
    }
    sqlite3_finalize(delete);
    if (is_good)
        *moved = done;
    return is_good;
}
