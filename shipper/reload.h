/* SPDX-License-Identifier: MIT
 *
 * A new configuration beside the one in force: loaded and its samples run in a process
 * of its own, so that nothing that is wrong with it, not even what would end a process,
 * reaches the service.
 */
#ifndef SHIPPER_RELOAD_H
#define SHIPPER_RELOAD_H

#include "shipper/config.h"

#include <sys/types.h>

struct reload {
    bool is_wanted;                    /* asked for, and not begun */
    pid_t pid;                         /* of the trial; 0: none is under way */
    int output;                        /* what it says; -1: none */
    int64_t not_before_ms, kill_at_ms; /* monotonic */
    struct buffer words;               /* of the last trial, lines of text */
};

/* Loads the configuration again and runs the samples of its rule files, as a trial does.
 * With errors it is not to be taken, but lives on, since they quote it. `before`: what it
 * is to replace. */
struct config *reload_load(const char *path, const struct config *before, struct errors *errors);

/* Begins what is wanted, at most once in every_ms. True if a trial begins. */
bool reload_begin(struct reload *reload, const char *path, const struct config *before,
    int64_t every_ms, int64_t now_ms);

enum reload_result { RELOAD_NONE, RELOAD_GOOD, RELOAD_BAD };

/* What has become of the trial: nothing yet, or its end, once. BAD: words say why. */
enum reload_result reload_end(struct reload *reload, int64_t now_ms);

/* Also kills a trial. */
void reload_finish(struct reload *reload);

/* When reload_begin or reload_end is due although nothing happens; INT64_MAX: never. */
int64_t reload_deadline_ms(const struct reload *reload);

#endif
