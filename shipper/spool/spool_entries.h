/* SPDX-License-Identifier: MIT
 *
 * The events in a spool one by one, for people: those that wait, those that were
 * refused for good, and those that are damaged. Works beside a running service,
 * whose sender has the next events to send in its memory already.
 */
#ifndef SHIPPER_SPOOL_SPOOL_ENTRIES_H
#define SHIPPER_SPOOL_SPOOL_ENTRIES_H

#include "shipper/spool/spool.h"

/* Those that want a person first. */
enum entry_state { ENTRY_REJECTED, ENTRY_DAMAGED, ENTRY_WAITING, ENTRY_STATES };

extern const char *const entry_state_names[ENTRY_STATES]; /* "rejected", … */

struct spool_entry {
    enum entry_state state;
    int64_t number; /* within its state, ascending: the older the lower */
    struct span id; /* as it stands there: of a damaged one any bytes */
    struct span body;
    bool is_sound; /* the checksum is right */

    /* Of a rejected one: */
    int64_t at_s; /* UNIX seconds */
    long status;  /* HTTP */
    struct span answer;
};

/* The entries of a state, oldest first, as long as each says so. What is read at once
 * is little, so that writers' log does not grow meanwhile: what comes or goes under
 * way may be there or not. The entry lives during the call. */
bool spool_each_entry(struct spool *spool, enum entry_state state,
    bool (*each)(void *arg, const struct spool_entry *entry), void *arg, struct error *err);

/* Rejected entries wait again, with the same id and body, behind all others. One whose
 * checksum is wrong stays where it is. *moved: how many. One transaction: a thousand
 * at a time keep nobody waiting. */
bool spool_retry(
    struct spool *spool, const int64_t *numbers, size_t count, size_t *moved, struct error *err);

/* Entries of that state go for good. *moved: how many were there. */
bool spool_drop(struct spool *spool, enum entry_state state, const int64_t *numbers, size_t count,
    size_t *moved, struct error *err);

#endif
