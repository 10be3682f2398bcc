/* SPDX-License-Identifier: MIT
 *
 * Fills a new spool with events of 400 bytes, lets the sender deliver them, and
 * says what that took, for benchmarks.
 *
 *     spool_poster CONFIG COUNT
 *
 * The configuration's state directory is used, which must be empty. Prints one
 * line:
 *
 *     COUNT events, N s, N us CPU an event, N KiB at most
 *
 * The seconds are from the start of the sender to its end, its CPU time is that of
 * its process.
 */
#include "parsers/buffer.h"
#include "shipper/channel.h"
#include "shipper/child.h"
#include "shipper/log.h"
#include "shipper/spool/spool.h"
#include "shipper/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BODY_BYTES = 400, BATCH_EVENTS = 4096 };

static void give_up(const struct error *err)
{
    fprintf(stderr, "%s\n", err->message);
    exit(71);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fill(const char *dir, unsigned count)
{
    struct error err;
    struct spool *spool = NULL;
    struct spool_batch *batch = spool_batch_new();
    struct buffer body = {0};

    if (!state_make(dir, &err) || !spool_prepare(dir, &err) ||
        !(spool = spool_open(dir, &(struct spool_options){.max_bytes = UINT64_C(1) << 40}, &err)))
        give_up(&err);
    for (unsigned i = 0; i < count; i++) {
        char id[EVENT_ID_LEN + 1];

        snprintf(id, sizeof(id), "%08x%024x", i * 2654435761u, i);
        buffer_clear(&body);
        buffer_printf(&body,
            "{\"payload\":{\"activity_type\":\"API_CALL\",\"source\":\"TELEMETRY\","
            "\"environment\":\"PRODUCTION\",\"user_id\":\"user%u\",\"user_id_type\":\"USERNAME\","
            "\"ip_addr\":\"203.0.113.7\",\"event_id\":\"%s\",\"event_at\":1795421472,"
            "\"product_id\":\"acme-server\",\"meta\":{\"path\":\"",
            i, id);
        while (body.len < BODY_BYTES - sizeof("\"}}}") + 1)
            buffer_append_byte(&body, 'x');
        buffer_append(&body, SPAN("\"}}}"));
        spool_batch_event(batch, id, buffer_span(&body));
        if ((i + 1) % BATCH_EVENTS == 0 || i + 1 == count) {
            if (spool_commit(spool, batch, &err) != SPOOL_DONE)
                give_up(&err);
            spool_checkpoint(spool);
            spool_batch_clear(batch);
        }
    }
    spool_batch_free(batch);
    spool_close(spool);
    buffer_finish(&body);
}

static void deliver(const struct config *config, unsigned count)
{
    struct error err;
    struct shared *shared = shared_new(&err);
    struct rusage used;
    double began_s = now_s();
    int ends[2], status;
    pid_t pid;

    if (!shared || !channel_open(ends, &err))
        give_up(&err);
    pid = fork();
    if (pid == 0) {
        struct child child = {.config = config,
            .state_dir = config->state_dir,
            .shared = shared,
            .channel = ends[1],
            .wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
            .is_once = true};

        close(ends[0]);
        log_open("sender", LOG_INFO);
        _exit(sender_run(&child));
    }
    close(ends[1]);
    if (pid < 0 || !channel_send(ends[0],
                       &(struct channel_message){.kind = CHANNEL_DRAIN, .descriptor = -1}, &err))
        give_up(&err);
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
        counter_get(&shared->sender.delivered) != count) {
        fprintf(stderr, "the sender failed\n");
        exit(70);
    }
    getrusage(RUSAGE_CHILDREN, &used);
    printf("%u events, %.3f s, %.2f us CPU an event, %ld KiB at most\n", count, now_s() - began_s,
        ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) /
            count,
        used.ru_maxrss);
}

int main(int argc, char **argv)
{
    struct errors errors = {0};
    struct config *config;
    unsigned count;

    if (argc != 3) {
        fprintf(stderr, "usage: spool_poster CONFIG COUNT\n");
        return 64;
    }
    config = config_load(argv[1], &errors);
    if (errors.count > 0) {
        fprintf(stderr, "%s: %s\n", argv[1], errors.items[0].message);
        return 78;
    }
    count = (unsigned)strtoul(argv[2], NULL, 10);
    fill(config->state_dir, count);
    deliver(config, count);
    config_free(config);
    return 0;
}
