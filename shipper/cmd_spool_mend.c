/* SPDX-License-Identifier: MIT
 *
 * spool check, repair and compact. Repair makes a new spool of what can be read of the
 * old one, which is kept beside it; the service does the same by itself when it meets
 * damage.
 */
#include "shipper/cmd_spool.h"

#include "shipper/spool/spool_check.h"
#include "shipper/spool/spool_files.h"
#include "shipper/spool/spool_rescue.h"

#include <stdlib.h>
#include <unistd.h>

/* --- check ------------------------------------------------------------------------ */

static void print_line(bool is_good, const char *what, uint64_t rows, uint64_t bad, int64_t off)
{
    printf("%-5s %-9s %llu", is_good ? "ok" : "BAD", what, (unsigned long long)rows);
    if (bad > 0)
        printf(", %llu not as they were written", (unsigned long long)bad);
    if (off != 0)
        printf(", the count says %lld", (long long)rows + (long long)off);
    putchar('\n');
}

static void print_check(const struct spool_job *job, const struct spool_check *c)
{
    printf("%s/%s\n", job->dir, job->file ? job->file : "spool.db");
    printf("%-5s %-9s %s\n", c->structure[0] ? "BAD" : "ok", "pages",
        c->structure[0] ? c->structure : "sound");
    print_line(
        !c->bad_waiting && !c->off_waiting, "waiting", c->waiting, c->bad_waiting, c->off_waiting);
    print_line(!c->bad_rejected && !c->off_rejected, "rejected", c->rejected, c->bad_rejected,
        c->off_rejected);
    print_line(!c->off_corrupt, "damaged", c->corrupt, 0, c->off_corrupt);
    print_line(
        !c->bad_cursors && !c->off_cursors, "cursors", c->cursors, c->bad_cursors, c->off_cursors);
}

static void print_check_json(const struct spool_check *c)
{
    struct buffer out = {0};

    buffer_append(&out, SPAN("{\"structure\":"));
    event_write_string(span_of(c->structure[0] ? c->structure : "ok"), &out);
    printf("%.*s,\"waiting\":%llu,\"rejected\":%llu,\"damaged\":%llu,\"cursors\":%llu,"
           "\"bad\":{\"waiting\":%llu,\"rejected\":%llu,\"cursors\":%llu},"
           "\"count_off\":{\"waiting\":%lld,\"rejected\":%lld,\"damaged\":%lld,\"cursors\":%lld},"
           "\"sound\":%s}\n",
        (int)out.len, out.bytes, (unsigned long long)c->waiting, (unsigned long long)c->rejected,
        (unsigned long long)c->corrupt, (unsigned long long)c->cursors,
        (unsigned long long)c->bad_waiting, (unsigned long long)c->bad_rejected,
        (unsigned long long)c->bad_cursors, (long long)c->off_waiting, (long long)c->off_rejected,
        (long long)c->off_corrupt, (long long)c->off_cursors,
        spool_check_is_bad(c) ? "false" : "true");
    buffer_finish(&out);
}

int cmd_spool_check(struct spool_job *job)
{
    struct spool_check check;
    struct error err;

    if (!spool_check(job->spool, &check, &err))
        return command_fail("spool check", &err);
    if (job->is_json)
        print_check_json(&check);
    else
        print_check(job, &check);
    if (!spool_check_is_bad(&check))
        return EXIT_FINE;
    fputs("`usage-shipper spool repair` makes a new spool of all that is sound, with the service "
          "stopped.\n",
        stderr);
    return EXIT_FOUND;
}

/* --- repair ----------------------------------------------------------------------- */

/* Whether there is anything to mend; an error is, if it tells of damage. */
static bool is_bad(const struct spool_job *job, struct error *err)
{
    const struct spool_options looking = {.is_only_looking = true};
    struct spool_check check;
    struct spool *spool;
    bool is_checked;

    *err = (struct error){.kind = ERROR_NONE};
    if (!spool_prepare(job->dir, err))
        return err->kind == ERROR_CORRUPT;
    spool = spool_open(job->dir, &looking, err);
    is_checked = spool && spool_check(spool, &check, err);
    spool_close(spool);
    return is_checked ? spool_check_is_bad(&check) : err->kind == ERROR_CORRUPT;
}

static void print_rescued(const struct spool_job *job, const struct spool_rescued *rescued)
{
    if (job->is_json) {
        printf("{\"repaired\":true,\"waiting\":%llu,\"rejected\":%llu,\"damaged\":%llu,"
               "\"cursors\":%llu,\"lost\":%llu,\"aside\":\"%s\"}\n",
            (unsigned long long)rescued->events, (unsigned long long)rescued->rejected,
            (unsigned long long)rescued->corrupt, (unsigned long long)rescued->cursors,
            (unsigned long long)rescued->lost, rescued->aside);
        return;
    }
    printf("a new spool: %llu waiting, %llu rejected, %llu damaged, %llu cursors; %s%llu lost\n",
        (unsigned long long)rescued->events, (unsigned long long)rescued->rejected,
        (unsigned long long)rescued->corrupt, (unsigned long long)rescued->cursors,
        rescued->is_lost_open ? "at least " : "", (unsigned long long)rescued->lost);
    printf("the old one is kept as %s/%s\n", job->dir, rescued->aside);
}

static int repair_locked(const struct spool_job *job)
{
    struct spool_rescued rescued;
    struct error err;

    if (!is_bad(job, &err)) {
        if (err.kind != ERROR_NONE)
            return command_fail("spool repair", &err);
        puts(job->is_json ? "{\"repaired\":false}" : "nothing to repair");
        return EXIT_FINE;
    }
    if (!spool_rescue(job->dir, &rescued, &err))
        return command_fail("spool repair", &err);
    print_rescued(job, &rescued);
    return EXIT_FINE;
}

int cmd_spool_repair(struct spool_job *job)
{
    struct error err;
    int lock, code;

    if (job->file) {
        error_set(
            &err, ERROR_USAGE, 0, "repair works on a spool in its place, not on \"%s\"", job->file);
        error_hint(&err, "Name the copy spool.db in a folder of its own, and use --state FOLDER.");
        return command_fail("spool repair", &err);
    }
    lock = state_lock(job->dir, 0, &err);
    if (lock < 0)
        return command_fail("spool repair", &err);
    code = repair_locked(job);
    close(lock);
    return code;
}

/* --- compact ---------------------------------------------------------------------- */

static double size_mib(const struct spool_job *job)
{
    const char *file = job->file ? job->file : "spool.db";
    struct buffer log = {0};
    int64_t bytes;

    buffer_printf(&log, "%s-wal", file);
    buffer_append_byte(&log, '\0');
    bytes = spool_file_size(job->dir, file);
    if (spool_file_size(job->dir, log.bytes) > 0)
        bytes += spool_file_size(job->dir, log.bytes);
    buffer_finish(&log);
    return (double)bytes / (1 << 20);
}

int cmd_spool_compact(struct spool_job *job)
{
    double before = size_mib(job);
    struct error err;

    if (!spool_compact(job->spool, &err))
        return command_fail("spool compact", &err);
    printf(job->is_json ? "{\"mib_before\":%.1f,\"mib_after\":%.1f}\n"
                        : "%.1f MiB before, %.1f MiB now\n",
        before, size_mib(job));
    return EXIT_FINE;
}
