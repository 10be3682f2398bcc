/* SPDX-License-Identifier: MIT
 *
 * Events through a spool, without a log and an endpoint.
 *
 *     spool_load DIR fill COUNT BYTES          so many events with bodies of so many bytes, kept
 *     spool_load DIR one COUNT BYTES BATCH     in and out again by one process
 *     spool_load DIR two COUNT BYTES BATCH     in by one, out by another at the same time
 *
 * The last two print a line for each direction:
 *
 *     in: 500 commits in 812 ms, median 1.1 ms, slowest hundredth 3.0 ms, 2.1 us of CPU an event
 */
#include "parsers/memory.h"
#include "shipper/spool/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_MOST = 4096 };

struct load {
    const char *dir;
    unsigned long count, body_bytes, batch;
};

struct direction {
    const char *name;
    double *took_ms; /* of each commit */
    unsigned long commits;
    double wall_ms, cpu_ms;
};

static struct error err;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "spool_load: %s: %s\n", what, err.message);
    exit(1);
}

static double ms_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct spool *open_spool(const struct load *load)
{
    struct spool_options options = {.max_bytes = UINT64_C(1) << 40, .is_sync_full = true};
    struct spool *spool = spool_open(load->dir, &options, &err);

    if (!spool)
        fail("open");
    return spool;
}

static void put_in(const struct load *load, struct spool *spool, struct spool_batch *batch,
    unsigned long first, unsigned long count)
{
    char *body = memory_new(load->body_bytes + 1), id[EVENT_ID_LEN + 1];

    memset(body, 'x', load->body_bytes);
    spool_batch_clear(batch);
    for (unsigned long i = first; i < first + count; i++) {
        snprintf(id, sizeof(id), "%032lx", i);
        memcpy(body, id, EVENT_ID_LEN < load->body_bytes ? EVENT_ID_LEN : load->body_bytes);
        spool_batch_event(batch, id, (struct span){body, load->body_bytes});
    }
    snprintf(id, sizeof(id), "%lu", first + count);
    spool_batch_cursor(batch, "file", 1, span_of(id));
    free(body);
    if (spool_commit(spool, batch, &err) != SPOOL_DONE)
        fail("commit");
    spool_checkpoint(spool);
}

/* How many there were. */
static size_t take_out(struct spool *spool, size_t most)
{
    static struct spool_event events[BATCH_MOST];
    static struct spool_verdict verdicts[BATCH_MOST];
    size_t count;

    if (!spool_lease(spool, events, most, &count, &err))
        fail("lease");
    for (size_t i = 0; i < count; i++) {
        verdicts[i] = (struct spool_verdict){.row = events[i].row};
        memcpy(verdicts[i].id, events[i].id, sizeof(verdicts[i].id));
    }
    if (!spool_settle(spool, verdicts, count, &err))
        fail("settle");
    return count;
}

static void begin(struct direction *d, const struct load *load, const char *name)
{
    d->name = name;
    d->took_ms = memory_new((load->count + 1) * sizeof(double));
    d->commits = 0;
    d->wall_ms = d->cpu_ms = 0;
}

static void add(struct direction *d, double wall_ms, double cpu_ms)
{
    d->took_ms[d->commits++] = wall_ms;
    d->wall_ms += wall_ms;
    d->cpu_ms += cpu_ms;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void tell(struct direction *d, const struct load *load, double lasted_ms)
{
    qsort(d->took_ms, d->commits, sizeof(double), compare);
    printf("%s: %lu commits in %.0f ms, median %.2f ms, slowest hundredth %.2f ms, %.2f us of CPU "
           "an event\n",
        d->name, d->commits, lasted_ms, d->took_ms[d->commits / 2],
        d->took_ms[d->commits - 1 - d->commits / 100], d->cpu_ms * 1000 / (double)load->count);
    fflush(stdout);
    free(d->took_ms);
}

static void run_in(const struct load *load, struct spool *spool, struct direction *d,
    struct spool_batch *batch, unsigned long first)
{
    unsigned long left = load->count - first;
    double wall = ms_of(CLOCK_MONOTONIC), cpu = ms_of(CLOCK_PROCESS_CPUTIME_ID);

    put_in(load, spool, batch, first, left < load->batch ? left : load->batch);
    add(d, ms_of(CLOCK_MONOTONIC) - wall, ms_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

/* Without events to take out it is no commit. */
static size_t run_out(const struct load *load, struct spool *spool, struct direction *d)
{
    double wall = ms_of(CLOCK_MONOTONIC), cpu = ms_of(CLOCK_PROCESS_CPUTIME_ID);
    size_t count = take_out(spool, load->batch);

    if (count > 0)
        add(d, ms_of(CLOCK_MONOTONIC) - wall, ms_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    return count;
}

static void run_one(const struct load *load)
{
    struct spool *spool = open_spool(load);
    struct spool_batch *batch = spool_batch_new();
    struct direction in, out;
    double from = ms_of(CLOCK_MONOTONIC), lasted;

    begin(&in, load, "in");
    begin(&out, load, "out");
    for (unsigned long done = 0; done < load->count; done += load->batch) {
        run_in(load, spool, &in, batch, done);
        run_out(load, spool, &out);
    }
    lasted = ms_of(CLOCK_MONOTONIC) - from;
    tell(&in, load, lasted);
    tell(&out, load, lasted);
    spool_batch_free(batch);
    spool_close(spool);
}

static void run_reader(const struct load *load)
{
    struct spool *spool = open_spool(load);
    struct spool_batch *batch = spool_batch_new();
    struct direction in;
    double from = ms_of(CLOCK_MONOTONIC);

    begin(&in, load, "in");
    for (unsigned long done = 0; done < load->count; done += load->batch)
        run_in(load, spool, &in, batch, done);
    tell(&in, load, ms_of(CLOCK_MONOTONIC) - from);
    spool_batch_free(batch);
    spool_close(spool);
}

static void run_sender(const struct load *load)
{
    struct spool *spool = open_spool(load);
    struct direction out;
    double from = ms_of(CLOCK_MONOTONIC);
    unsigned long done = 0;

    begin(&out, load, "out");
    while (done < load->count) {
        size_t count = run_out(load, spool, &out);

        done += count;
        if (count == 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    tell(&out, load, ms_of(CLOCK_MONOTONIC) - from);
    spool_close(spool);
}

static void run_two(const struct load *load)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        run_sender(load);
        exit(0);
    }
    run_reader(load);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        fail("the other process");
}

static void fill(const struct load *load)
{
    struct spool *spool = open_spool(load);
    struct spool_batch *batch = spool_batch_new();

    for (unsigned long done = 0; done < load->count; done += load->batch) {
        unsigned long left = load->count - done;

        put_in(load, spool, batch, done, left < load->batch ? left : load->batch);
    }
    spool_batch_free(batch);
    spool_close(spool);
}

int main(int argc, char **argv)
{
    struct load load = {.batch = BATCH_MOST};

    if (argc < 5) {
        fprintf(stderr, "usage: spool_load DIR fill|one|two COUNT BYTES [BATCH]\n");
        return 64;
    }
    load.dir = argv[1];
    load.count = strtoul(argv[3], NULL, 10);
    load.body_bytes = strtoul(argv[4], NULL, 10);
    if (argc > 5)
        load.batch = strtoul(argv[5], NULL, 10);
    if (load.count == 0 || load.batch == 0 || load.batch > BATCH_MOST) {
        fprintf(stderr, "spool_load: from 1 event on, 1 to %d at once\n", BATCH_MOST);
        return 64;
    }
    if (!spool_prepare(load.dir, &err))
        fail("prepare");
    if (strcmp(argv[2], "fill") == 0)
        fill(&load);
    else if (strcmp(argv[2], "one") == 0)
        run_one(&load);
    else
        run_two(&load);
    return 0;
}
