/* SPDX-License-Identifier: MIT
 *
 * spool retry and spool drop: the selected events in short transactions, so that a
 * running service is kept waiting for milliseconds.
 */
#include "shipper/cmd_spool.h"

#include "parsers/memory.h"

#include <stdlib.h>

enum { AT_ONCE = 1000 };

/* Numbers of what was selected, by state. */
struct picked {
    int64_t *numbers[ENTRY_STATES];
    size_t counts[ENTRY_STATES], rooms[ENTRY_STATES];
    size_t damaged; /* rejected, but not as they were written */
};

static bool pick(void *arg, const struct spool_entry *entry)
{
    struct picked *p = arg;
    enum entry_state state = entry->state;

    p->numbers[state] = memory_room(
        p->numbers[state], p->counts[state], &p->rooms[state], sizeof(*p->numbers[state]));
    p->numbers[state][p->counts[state]++] = entry->number;
    p->damaged += state == ENTRY_REJECTED && !entry->is_sound;
    return true;
}

static void picked_finish(struct picked *p)
{
    for (unsigned state = 0; state < ENTRY_STATES; state++)
        free(p->numbers[state]);
}

static bool change(const struct spool_job *job, enum entry_state state, const int64_t *numbers,
    size_t count, size_t *moved, struct error *err)
{
    if (strcmp(job->verb, "retry") == 0)
        return spool_retry(job->spool, numbers, count, moved, err);
    return spool_drop(job->spool, state, numbers, count, moved, err);
}

static bool change_all(const struct spool_job *job, const struct picked *picked,
    uint64_t changed[ENTRY_STATES], struct error *err)
{
    for (unsigned state = 0; state < ENTRY_STATES; state++)
        for (size_t done = 0, moved = 0; done < picked->counts[state]; done += AT_ONCE) {
            size_t left = picked->counts[state] - done;

            if (!change(job, (enum entry_state)state, picked->numbers[state] + done,
                    left < AT_ONCE ? left : AT_ONCE, &moved, err))
                return false;
            changed[state] += moved;
        }
    return true;
}

static void print_json(const struct spool_job *job, const uint64_t changed[ENTRY_STATES])
{
    printf("{\"%s\":{", job->verb);
    for (unsigned state = 0; state < ENTRY_STATES; state++)
        printf("%s\"%s\":%llu", state > 0 ? "," : "", entry_state_names[state],
            (unsigned long long)changed[state]);
    puts("}}");
}

static uint64_t sum_of(const uint64_t changed[ENTRY_STATES])
{
    return changed[ENTRY_WAITING] + changed[ENTRY_REJECTED] + changed[ENTRY_DAMAGED];
}

static void say_retried(
    const struct spool_job *job, const struct picked *picked, const uint64_t changed[ENTRY_STATES])
{
    uint64_t count = changed[ENTRY_REJECTED];

    (void)job;
    printf("%llu event%s wait%s again, with the same id and body\n", (unsigned long long)count,
        count == 1 ? "" : "s", count == 1 ? "s" : "");
    if (picked->damaged > 0)
        printf("%zu left where they are: damaged, never sent\n", picked->damaged);
}

static void say_dropped(
    const struct spool_job *job, const struct picked *picked, const uint64_t changed[ENTRY_STATES])
{
    (void)picked;
    printf("dropped: %llu waiting, %llu rejected, %llu damaged\n",
        (unsigned long long)changed[ENTRY_WAITING], (unsigned long long)changed[ENTRY_REJECTED],
        (unsigned long long)changed[ENTRY_DAMAGED]);
    if (changed[ENTRY_WAITING] > 0 && job->service.is_there)
        puts(
            "The service runs: it may have some of those that waited in its memory, and send them\n"
            "still. Stop it first where that must not be.");
}

static int change_selected(
    struct spool_job *job, void (*say)(const struct spool_job *job, const struct picked *picked,
                               const uint64_t changed[ENTRY_STATES]))
{
    uint64_t changed[ENTRY_STATES] = {0};
    struct picked picked = {0};
    struct error err;
    bool is_done = spool_selection_each(&job->selection, job->spool, pick, &picked, &err) &&
                   change_all(job, &picked, changed, &err);

    if (job->is_json)
        print_json(job, changed);
    else
        say(job, &picked, changed);
    picked_finish(&picked);
    if (!is_done)
        return command_fail(job->verb, &err);
    return sum_of(changed) > 0 || job->selection.id_count == 0 ? EXIT_FINE : EXIT_FOUND;
}

int cmd_spool_retry(struct spool_job *job)
{
    return change_selected(job, say_retried);
}

int cmd_spool_drop(struct spool_job *job)
{
    return change_selected(job, say_dropped);
}
