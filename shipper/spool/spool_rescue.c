/* SPDX-License-Identifier: MIT
 *
 * Reads the damaged database with plain SELECTs over ranges of row numbers. A
 * range that fails is halved, so that all is found that SQLite can still reach,
 * however many pages are damaged. Never looks at pages behind SQLite's back, and repairs
 * none in place but the first, without which SQLite reads nothing (spool_first_page.h).
 */
#include "shipper/spool/spool_rescue.h"

#include "parsers/memory.h"
#include "shipper/spool/spool_database.h"
#include "shipper/spool/spool_files.h"
#include "shipper/spool/spool_first_page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BATCH_ROWS = 1000,
    FAILURES_MOST = 1 << 18, /* of queries; with row numbers gone wild there is no end */
    EMPTY_BYTES = 8192,
};

/* No spool has seen more. */
static const int64_t ROWS_MOST = INT64_C(1) << 48;

struct rescue {
    sqlite3 *from;
    struct spool *to;
    struct spool_rescued found;
    int failures_left;
    uint64_t corrupt_before; /* rows that had been found corrupt then */
    unsigned written;        /* in the transaction that is open */
    bool is_failed;          /* the new one cannot be written: *err is filled */
    struct error *err;
};

/* --- writing ------------------------------------------------------------------- */

static void begin(struct rescue *r)
{
    r->written = 0;
    r->is_failed = r->is_failed || !spool_begin(r->to, r->err);
}

static void end(struct rescue *r)
{
    static const struct spool_totals none; /* counted at the end */

    r->is_failed = r->is_failed || !spool_end(r->to, true, &none, r->err);
    if (!r->is_failed)
        spool_checkpoint(r->to);
}

/* The values as they are, in a row of that number, or of a new one. True if there
 * was no such row before. */
static bool add_row(struct rescue *r, sqlite3_stmt *insert, sqlite3_stmt *values, bool is_numbered)
{
    bool is_new;

    if (r->is_failed)
        return false;
    for (int i = 0; i < sqlite3_column_count(values); i++)
        sqlite3_bind_value(insert, i + 1, sqlite3_column_value(values, i));
    if (!is_numbered)
        sqlite3_bind_null(insert, 1);
    r->is_failed = sqlite3_step(insert) != SQLITE_DONE && !spool_fail(r->to, r->err);
    is_new = !r->is_failed && sqlite3_changes64(r->to->db) > 0;
    sqlite3_reset(insert);
    if (++r->written >= BATCH_ROWS) {
        end(r);
        begin(r);
    }
    return is_new;
}

/* --- reading ------------------------------------------------------------------- */

static sqlite3_stmt *ask(struct rescue *r, const char *sql)
{
    sqlite3_stmt *statement;

    return sqlite3_prepare_v2(r->from, sql, -1, &statement, NULL) == SQLITE_OK ? statement : NULL;
}

static bool ask_number(struct rescue *r, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = ask(r, sql);
    bool is_read = statement && sqlite3_step(statement) == SQLITE_ROW &&
                   sqlite3_column_type(statement, 0) == SQLITE_INTEGER;

    if (is_read)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return is_read;
}

/* A table whose first column is its row's number. */
struct table {
    const char *select;      /* those between two numbers */
    const char *last, *most; /* number that there is, and ever was */
    const char *insert;
    bool (*is_sound)(sqlite3_stmt *row); /* NULL: always */
};

struct copying {
    const struct table *table;
    sqlite3_stmt *select, *insert, *insert_corrupt;
    int64_t last;
    uint64_t *copied;
};

static void copy_row(struct rescue *r, const struct copying *c)
{
    int64_t number = sqlite3_column_int64(c->select, 0);

    if (c->table->is_sound && !c->table->is_sound(c->select))
        r->found.corrupt += add_row(r, c->insert_corrupt, c->select, true);
    else
        *c->copied += add_row(r, c->insert, c->select, number > 0 && number <= c->last);
}

/* Rows first to last; after a failure, the halves of what is left. */
static void copy_range(struct rescue *r, const struct copying *c, int64_t first, int64_t last)
{
    int step = SQLITE_DONE;

    sqlite3_bind_int64(c->select, 1, first);
    sqlite3_bind_int64(c->select, 2, last);
    while (!r->is_failed && (step = sqlite3_step(c->select)) == SQLITE_ROW) {
        int64_t number = sqlite3_column_int64(c->select, 0);

        copy_row(r, c);
        if (number >= first && number < last)
            first = number + 1;
    }
    sqlite3_reset(c->select);
    if (r->is_failed || step == SQLITE_DONE || r->failures_left-- <= 0 || first >= last)
        return;
    copy_range(r, c, first, first + (last - first) / 2);
    copy_range(r, c, first + (last - first) / 2 + 1, last);
}

static sqlite3_stmt *prepare_insert(struct rescue *r, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (!r->is_failed && sqlite3_prepare_v2(r->to->db, sql, -1, &statement, NULL) != SQLITE_OK)
        r->is_failed = !spool_fail(r->to, r->err);
    return statement;
}

/* Each of the two may be unreadable, or a number gone wild. */
static int64_t find_last(struct rescue *r, const struct table *table)
{
    int64_t last = 0, most = 0;

    if (!ask_number(r, table->last, &last) || last > ROWS_MOST)
        last = 0;
    if (!ask_number(r, table->most, &most) || most > ROWS_MOST)
        most = 0;
    if (last <= 0 && most <= 0)
        return INT64_MAX;
    return last > most ? last : most;
}

static void copy_table(struct rescue *r, const struct table *table, uint64_t *copied)
{
    struct copying c = {
        .table = table,
        .select = ask(r, table->select),
        .insert = prepare_insert(r, table->insert),
        .insert_corrupt =
            prepare_insert(r, "INSERT OR IGNORE INTO corrupt VALUES (?1, ?2, ?3, ?4)"),
        .last = find_last(r, table),
        .copied = copied,
    };

    r->failures_left = FAILURES_MOST;
    begin(r);
    if (c.select)
        copy_range(r, &c, 1, c.last);
    end(r);
    sqlite3_finalize(c.select);
    sqlite3_finalize(c.insert);
    sqlite3_finalize(c.insert_corrupt);
}

/* In one direction up to the first damage. */
static void copy_cursors(struct rescue *r, struct spool_batch *batch, const char *sql)
{
    sqlite3_stmt *select = ask(r, sql);

    while (select && sqlite3_step(select) == SQLITE_ROW) {
        struct span kind = spool_column(select, 0), value = spool_column(select, 2);
        uint64_t key = (uint64_t)sqlite3_column_int64(select, 1);
        char name[32];

        if (kind.len >= sizeof(name) ||
            sqlite3_column_int64(select, 3) != spool_cursor_checksum(kind, key, value))
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)kind.len, kind.at);
        spool_batch_cursor(batch, name, key, value);
    }
    sqlite3_finalize(select);
}

/* With the mark that this is not all that there was. */
static void copy_all_cursors(struct rescue *r)
{
    struct spool_batch *batch = spool_batch_new();
    int64_t count = 0;

    copy_cursors(r, batch, "SELECT kind, key, value, sum FROM cursor ORDER BY kind, key");
    copy_cursors(r, batch, "SELECT kind, key, value, sum FROM cursor ORDER BY kind DESC, key DESC");
    r->is_failed = spool_commit(r->to, batch, r->err) != SPOOL_DONE ||
                   !spool_cursor_count(r->to, &count, r->err);
    r->found.cursors = (uint64_t)count;
    spool_batch_clear(batch);
    spool_batch_cursor(batch, SPOOL_RESCUE_KIND, SPOOL_RESCUE_KEY, span_of(r->found.aside));
    r->is_failed = r->is_failed || spool_commit(r->to, batch, r->err) != SPOOL_DONE;
    spool_batch_free(batch);
}

/* Both ways up to the first damage, as for the cursors. Without its cursor an
 * account is of nothing: another source may get that key. */
static void copy_accounts(
    struct rescue *r, const char *select, const char *back, const char *insert)
{
    const char *const ways[] = {select, back};
    sqlite3_stmt *add = prepare_insert(r, insert);

    begin(r);
    for (size_t i = 0; i < 2; i++) {
        sqlite3_stmt *from = ask(r, ways[i]);

        while (from && !r->is_failed && sqlite3_step(from) == SQLITE_ROW)
            add_row(r, add, from, true);
        sqlite3_finalize(from);
    }
    end(r);
    sqlite3_finalize(add);
}

static void copy_all_accounts(struct rescue *r)
{
    copy_accounts(r, "SELECT * FROM source ORDER BY kind, key",
        "SELECT * FROM source ORDER BY kind DESC, key DESC",
        "INSERT OR IGNORE INTO source SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10"
        " WHERE EXISTS (SELECT 1 FROM cursor WHERE kind = ?1 AND key = ?2)");
    copy_accounts(r, "SELECT * FROM ledger ORDER BY kind, key, class",
        "SELECT * FROM ledger ORDER BY kind DESC, key DESC, class DESC",
        "INSERT OR IGNORE INTO ledger SELECT ?1, ?2, ?3, ?4, ?5"
        " WHERE EXISTS (SELECT 1 FROM cursor WHERE kind = ?1 AND key = ?2)");
}

static void copy_all(struct rescue *r)
{
    static const struct table events = {
        "SELECT row, id, body, sum FROM event WHERE row BETWEEN ?1 AND ?2 ORDER BY row",
        "SELECT row FROM event ORDER BY row DESC LIMIT 1",
        "SELECT max(seq) FROM sqlite_sequence WHERE name = 'event'",
        "INSERT OR IGNORE INTO event VALUES (?1, ?2, ?3, ?4)", spool_is_sound};
    static const struct table corrupt = {
        "SELECT row, id, body, sum FROM corrupt WHERE row BETWEEN ?1 AND ?2 ORDER BY row",
        "SELECT row FROM corrupt ORDER BY row DESC LIMIT 1",
        "SELECT max(seq) FROM sqlite_sequence WHERE name = 'event'",
        "INSERT OR IGNORE INTO corrupt VALUES (?1, ?2, ?3, ?4)", NULL};
    static const struct table rejected = {
        "SELECT * FROM rejected WHERE number BETWEEN ?1 AND ?2 ORDER BY number",
        "SELECT number FROM rejected ORDER BY number DESC LIMIT 1",
        "SELECT max(seq) FROM sqlite_sequence WHERE name = 'rejected'",
        "INSERT OR IGNORE INTO rejected VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", NULL};
    static const struct table delivered = {
        "SELECT upto, ids FROM delivered WHERE upto BETWEEN ?1 AND ?2 ORDER BY upto",
        "SELECT upto FROM delivered ORDER BY upto DESC LIMIT 1", "SELECT delivered FROM totals",
        "INSERT OR IGNORE INTO delivered VALUES (?1, ?2)", NULL};
    uint64_t uncounted = 0;

    copy_all_cursors(r);
    copy_all_accounts(r);
    copy_table(r, &events, &r->found.events);
    copy_table(r, &corrupt, &r->corrupt_before);
    copy_table(r, &rejected, &r->found.rejected);
    copy_table(r, &delivered, &uncounted);
}

/* --- the counts ---------------------------------------------------------------- */

static uint64_t total(struct rescue *r, const char *sql)
{
    int64_t number;

    return ask_number(r, sql, &number) && number > 0 ? (uint64_t)number : 0;
}

static uint64_t missing(uint64_t counted, uint64_t here)
{
    return counted > here ? counted - here : 0;
}

static void count(struct rescue *r)
{
    struct spool_rescued *found = &r->found;
    struct spool_totals totals;
    int64_t waiting = 0, last;
    uint64_t corrupt = total(r, "SELECT corrupt FROM totals");

    found->is_lost_open = !ask_number(r, "SELECT waiting FROM totals", &waiting);
    /* A count gone wild must not claim more than there can have been. */
    if (ask_number(r, "SELECT max(seq) FROM sqlite_sequence WHERE name = 'event'", &last)) {
        waiting = waiting > last ? last : waiting;
        corrupt = last > 0 && corrupt > (uint64_t)last ? (uint64_t)last : corrupt;
    }
    found->lost = missing(waiting > 0 ? (uint64_t)waiting : 0, found->events + found->corrupt) +
                  missing(corrupt, r->corrupt_before);
    totals = (struct spool_totals){
        .waiting = (int64_t)found->events,
        .rejected = (int64_t)found->rejected,
        .corrupt = (int64_t)(found->corrupt + r->corrupt_before),
        .delivered = (int64_t)total(r, "SELECT delivered FROM totals"),
        .dropped = (int64_t)total(r, "SELECT dropped FROM totals"),
        .lost = (int64_t)(total(r, "SELECT lost FROM totals") + found->lost),
    };
    r->is_failed =
        r->is_failed || !spool_begin(r->to, r->err) || !spool_end(r->to, true, &totals, r->err);
}

/* --- all of it ---------------------------------------------------------------- */

/* SQLite throws the log of an empty or missing database away, and with it events:
 * one page of zeros is damage enough for it to look into the log. */
static bool keep_log(const char *dir, const char *path, struct error *err)
{
    int file;
    bool is_kept;

    if (spool_file_size(dir, "spool.db") > 0)
        return true;
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    is_kept = (file >= 0 && ftruncate(file, EMPTY_BYTES) == 0) ||
              error_system(err, "cannot write %s", path);
    if (file >= 0)
        close(file);
    return is_kept;
}

static sqlite3 *open_for_reading(const char *path)
{
    sqlite3 *from = NULL;

    if (sqlite3_open_v2(path, &from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return from;
    sqlite3_db_config(from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_limit(from, SQLITE_LIMIT_LENGTH, SPOOL_VALUE_MOST_BYTES);
    /* One lock for all that is read: where much is damaged a query in two fails. */
    sqlite3_exec(from, "PRAGMA cell_size_check = ON; BEGIN", NULL, NULL, NULL);
    return from;
}

/* What cannot be opened yields nothing: *from is then NULL. place: of a new spool. */
static bool open_damaged(const char *dir, const char *place, sqlite3 **from, struct error *err)
{
    char *path = spool_file(dir, "spool.db"), *like = spool_file(place, "spool.db");
    bool is_ready = keep_log(dir, path, err);

    *from = is_ready ? open_for_reading(path) : NULL;
    if (is_ready && !spool_first_page_is_sound(*from)) {
        sqlite3_close(*from);
        spool_first_page_mend(path, like);
        *from = open_for_reading(path);
    }
    free(path);
    free(like);
    return is_ready;
}

static bool copy(const char *place, struct rescue *r, struct error *err)
{
    struct spool_options options = {.max_bytes = INT64_MAX};

    r->to = spool_open(place, &options, err);
    if (!r->to)
        return false;
    copy_all(r);
    count(r);
    spool_close(r->to);
    return !r->is_failed;
}

bool spool_rescue(const char *dir, struct spool_rescued *rescued, struct error *err)
{
    struct rescue r = {.err = err};
    char *aside = spool_files_aside(dir), *place = NULL;
    bool is_done;

    snprintf(r.found.aside, sizeof(r.found.aside), "%s", aside);
    free(aside);
    is_done = spool_files_finish(dir, err) && (place = spool_make(dir, err)) &&
              open_damaged(dir, place, &r.from, err) && copy(place, &r, err);
    sqlite3_close(r.from);
    is_done = is_done && spool_files_publish(dir, err);
    free(place);
    if (is_done)
        *rescued = r.found;
    return is_done;
}
