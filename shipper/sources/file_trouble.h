/* SPDX-License-Identifier: MIT
 *
 * Paths that an input names but that cannot be read: each is said once with its
 * reason, tried again ever more slowly, and said again when it works.
 */
#ifndef SHIPPER_SOURCES_FILE_TROUBLE_H
#define SHIPPER_SOURCES_FILE_TROUBLE_H

#include "shipper/clock.h"
#include "shipper/log.h"

struct trouble {
    char *path;
    char *message;
    int64_t retry_at_ms, pause_ms;
    int64_t seen_ms; /* when the path was looked at last */
    bool is_failure; /* it should be readable: the system refuses */
};

/* {0} is an empty list. */
struct troubles {
    struct trouble *items;
    size_t count, room;
};

/* NULL if there is none. Valid until the next note, clear or forget. */
struct trouble *troubles_find(const struct troubles *troubles, const char *path);

/* Notes a failure: said if it is new or has another message, and tried again after
 * a pause that doubles up to a minute. Without an errno it is what the thing is
 * that is wrong: a FIFO, a directory. */
struct trouble *troubles_note(struct troubles *troubles, const char *path, enum log_level level,
    const struct error *err, const struct now *now);

/* It works now. */
void troubles_clear(struct troubles *troubles, const char *path);

/* Drops what was not looked at since then. */
void troubles_forget(struct troubles *troubles, int64_t seen_ms);

/* At the end of a run: says each path that failed to the last; true if there was one. */
bool troubles_say_failures(const struct troubles *troubles);

void troubles_finish(struct troubles *troubles);

#endif
