/* SPDX-License-Identifier: MIT
 *
 * What the list of delivered ids costs: appending to it when events are settled, and
 * the set of it that is loaded when a source is read again.
 *
 *     delivered_cost DIR COUNT BATCH
 *
 * Fills the list with COUNT ids, then settles events BATCH at a time with the list and
 * without it (a trigger in the database keeps rows out) by turns. Prints
 *
 *     settling: N us of CPU an event, N without the list
 *     reading again: N ids loaded in N ms, N us of CPU to look one up
 */
#include "parsers/memory.h"
#include "shipper/spool/spool.h"
#include "shipper/spool/spool_delivered.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BODY_BYTES = 400, BATCH_MOST = 4096, TURNS = 10, BATCHES_A_TURN = 20, LOOKED_UP = 500000 };

static struct error err;
static unsigned long made; /* events so far */
static char database[4096];

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "delivered_cost: %s: %s\n", what, err.message);
    exit(1);
}

static double cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Spread over all ids, as hashes are. */
static void write_id(char id[EVENT_ID_LEN + 1], unsigned long number)
{
    snprintf(id, EVENT_ID_LEN + 1, "%016llx%016lx",
        (unsigned long long)number * 0x9e3779b97f4a7c15ull, number);
}

static void put_in(struct spool *spool, struct spool_batch *batch, unsigned long count)
{
    static char body[BODY_BYTES];
    char id[EVENT_ID_LEN + 1];

    memset(body, 'x', sizeof(body));
    spool_batch_clear(batch);
    for (unsigned long i = 0; i < count; i++) {
        write_id(id, made++);
        spool_batch_event(batch, id, (struct span){body, sizeof(body)});
    }
    if (spool_commit(spool, batch, &err) != SPOOL_DONE)
        fail("commit");
    spool_checkpoint(spool);
}

/* The CPU time that settling took. */
static double take_out(struct spool *spool, size_t count)
{
    static struct spool_event events[BATCH_MOST];
    static struct spool_verdict verdicts[BATCH_MOST];
    double from_us;
    size_t got;

    if (!spool_lease(spool, events, count, &got, &err) || got != count)
        fail("lease");
    for (size_t i = 0; i < got; i++) {
        verdicts[i] = (struct spool_verdict){.row = events[i].row};
        memcpy(verdicts[i].id, events[i].id, sizeof(verdicts[i].id));
    }
    from_us = cpu_us();
    if (!spool_settle(spool, verdicts, got, &err))
        fail("settle");
    return cpu_us() - from_us;
}

static void change(const char *sql)
{
    sqlite3 *db;

    if (sqlite3_open(database, &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, NULL) != 0) {
        error_set(&err, ERROR_SYSTEM, 0, "%s", sqlite3_errmsg(db));
        fail(sql);
    }
    sqlite3_close(db);
}

static double settle_some(struct spool *spool, struct spool_batch *batch, unsigned long a_batch)
{
    double spent_us = 0;

    put_in(spool, batch, a_batch);
    take_out(spool, a_batch); /* which reads the changed schema */
    for (int i = 0; i < BATCHES_A_TURN; i++) {
        put_in(spool, batch, a_batch);
        spent_us += take_out(spool, a_batch);
    }
    return spent_us;
}

static void measure_settling(struct spool *spool, struct spool_batch *batch, unsigned long a_batch)
{
    double with_us = 0, without_us = 0, events = (double)(TURNS * BATCHES_A_TURN * a_batch);

    for (int turn = 0; turn < TURNS; turn++) {
        with_us += settle_some(spool, batch, a_batch);
        change("CREATE TRIGGER none BEFORE INSERT ON delivered BEGIN SELECT RAISE(IGNORE); END");
        without_us += settle_some(spool, batch, a_batch);
        change("DROP TRIGGER none");
    }
    printf("settling: %.2f us of CPU an event, %.2f without the list\n", with_us / events,
        without_us / events);
}

static void measure_reading(struct spool *spool)
{
    double from_us = cpu_us(), loaded_us;
    struct spool_delivered *delivered = spool_delivered_load(spool, &err);
    unsigned long found = 0;

    if (!delivered)
        fail("load");
    loaded_us = cpu_us();
    for (unsigned long i = 0; i < LOOKED_UP; i++) {
        char id[EVENT_ID_LEN + 1];

        write_id(id, i * 0x9e3779b1u % made);
        found += spool_delivered_has(delivered, id);
    }
    printf("reading again: %zu ids loaded in %.0f ms of CPU, %.2f us to look one up (%lu of %d "
           "found)\n",
        spool_delivered_count(delivered), (loaded_us - from_us) / 1000,
        (cpu_us() - loaded_us) / LOOKED_UP, found, LOOKED_UP);
    spool_delivered_free(delivered);
}

int main(int argc, char **argv)
{
    struct spool_options options = {.max_bytes = UINT64_C(1) << 40, .is_sync_full = true};
    struct spool_batch *batch = spool_batch_new();
    struct spool *spool;
    unsigned long count, a_batch;

    if (argc != 4 || (count = strtoul(argv[2], NULL, 10)) == 0 ||
        (a_batch = strtoul(argv[3], NULL, 10)) == 0 || a_batch > BATCH_MOST) {
        fprintf(stderr, "usage: delivered_cost DIR COUNT BATCH\n");
        return 64;
    }
    snprintf(database, sizeof(database), "%s/spool.db", argv[1]);
    if (!spool_prepare(argv[1], &err) || !(spool = spool_open(argv[1], &options, &err)))
        fail("open");
    while (made < count) {
        put_in(spool, batch, BATCH_MOST);
        take_out(spool, BATCH_MOST);
    }
    measure_settling(spool, batch, a_batch);
    measure_reading(spool);
    spool_batch_free(batch);
    spool_close(spool);
    return 0;
}
