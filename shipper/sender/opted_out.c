/* SPDX-License-Identifier: MIT
 *
 * What the reader had on its way when it was told comes a moment later, so the spool
 * is looked at again with each commit, and each second.
 */
#include "shipper/sender/opted_out.h"

#include "shipper/channel.h"
#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/holdup.h"
#include "shipper/log.h"
#include "shipper/opt_out.h"
#include "shipper/spool/spool_entries.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { AT_ONCE = 1000, LOOK_MS = 1000 };

struct opted_out {
    const struct child *child;
    struct spool *spool;
    struct bulletin file;
    struct holdup holdup;
    uint64_t deleted, noted;
    bool is_noted, is_failing;
};

struct numbers {
    int64_t items[AT_ONCE];
    size_t count;
};

static bool take_number(void *arg, const struct spool_entry *entry)
{
    struct numbers *numbers = arg;

    numbers->items[numbers->count++] = entry->number;
    return numbers->count < AT_ONCE;
}

static bool delete_state(struct opted_out *o, enum entry_state state, struct error *err)
{
    struct numbers numbers;
    size_t moved;

    do {
        numbers.count = moved = 0;
        if (!spool_each_entry(o->spool, state, take_number, &numbers, err) ||
            !spool_drop(o->spool, state, numbers.items, numbers.count, &moved, err))
            return false;
        o->deleted += moved;
    } while (numbers.count > 0 && moved > 0);
    return true;
}

/* A spool that cannot be written to now is tried again; that is said once. */
static void delete_all(struct opted_out *o, bool *is_damaged)
{
    struct error err;

    for (unsigned state = 0; state < ENTRY_STATES; state++) {
        if (delete_state(o, (enum entry_state)state, &err))
            continue;
        *is_damaged = err.kind == ERROR_CORRUPT;
        if (!o->is_failing && !*is_damaged)
            log_failure(LOG_ERROR, &err, "events that wait are not deleted yet, trying again");
        o->is_failing = true;
        return;
    }
    o->is_failing = false;
    counter_set(&o->child->shared->sender.waiting, 0);
}

static void note(struct opted_out *o, const char *by)
{
    int64_t now_s = clock_now().wall_s;

    if (o->is_noted && o->deleted == o->noted)
        return;
    if (o->deleted > o->noted)
        log_write(LOG_WARNING, "opted out: events that waited are deleted, %llu in all",
            (unsigned long long)o->deleted);
    if (!o->is_noted)
        o->holdup.since_s = now_s;
    o->is_noted = true;
    o->noted = o->deleted;
    o->holdup.why = HOLDUP_OPTED_OUT;
    snprintf(o->holdup.text, sizeof(o->holdup.text),
        "opted out by %s: nothing is made into events or sent; %llu that waited were deleted", by,
        (unsigned long long)o->deleted);
    holdup_note(&o->file, &o->holdup, now_s);
}

/* True: told to end. */
static bool read_channel(int channel)
{
    struct channel_message message;

    for (;;) {
        switch (channel_receive(channel, &message)) {
        case CHANNEL_EMPTY:
            return false;
        case CHANNEL_CLOSED:
            return true;
        case CHANNEL_GOT:
            break;
        }
        if (message.descriptor >= 0)
            close(message.descriptor);
        if (message.kind == CHANNEL_STOP || message.kind == CHANNEL_DRAIN)
            return true;
    }
}

static int loop(struct opted_out *o)
{
    const struct child *child = o->child;
    struct pollfd fds[] = {{child->channel, POLLIN, 0}, {child->wake, POLLIN, 0}};
    bool is_told = false, is_damaged = false;
    const char *by;
    uint64_t commits;

    for (;;) {
        delete_all(o, &is_damaged);
        if (is_damaged)
            return CHILD_SPOOL_DAMAGED;
        if (opt_out_is_asked(child->config->opt_out_file, &by))
            note(o, by);
        if (is_told)
            return EXIT_FINE;
        if (counter_get(&child->shared->is_opted_out) == 0)
            return CHILD_RENEW;
        pulse_wait(&child->shared->sender_pulse);
        poll(fds, 2, LOOK_MS);
        pulse_work(&child->shared->sender_pulse);
        while (read(child->wake, &commits, sizeof(commits)) == sizeof(commits))
            ;
        is_told = read_channel(child->channel);
    }
}

int opted_out_run(const struct child *child)
{
    const struct spool_options options = {
        .max_bytes = (uint64_t)child->config->spool.max_bytes, .is_sync_full = true};
    struct opted_out o = {.child = child};
    struct error err;
    int code;

    o.spool = spool_open(child->state_dir, &options, &err);
    if (!o.spool) {
        log_failure(LOG_ERROR, &err, "what waits is not deleted yet");
        return err.kind == ERROR_CONFIG    ? EXIT_CONFIG
               : err.kind == ERROR_CORRUPT ? CHILD_SPOOL_DAMAGED
                                           : CHILD_SPOOL_CLOSED;
    }
    holdup_open(&o.file, child->state_dir, "sender");
    code = channel_send(
               child->channel, &(struct channel_message){CHANNEL_READY, .descriptor = -1}, &err)
               ? loop(&o)
               : EXIT_SYSTEM;
    bulletin_close(&o.file);
    spool_close(o.spool);
    return code;
}
