/* SPDX-License-Identifier: MIT
 *
 * Which events of a spool a person means: by id, state, and what is in them.
 */
#ifndef SHIPPER_SPOOL_SELECTION_H
#define SHIPPER_SPOOL_SELECTION_H

#include "shipper/event_body.h"
#include "shipper/spool/spool_entries.h"

enum { SELECTION_ID_LEAST = 4 }; /* characters of an id that may stand for it */

/* All that is set must hold. {0} takes nothing: set the states. */
struct spool_selection {
    bool states[ENTRY_STATES];
    char **ids; /* beginnings of ids, any of which will do; borrowed */
    size_t id_count;
    const char *product, *activity, *user; /* equal; NULL: any */
    const char *answer;                    /* within the answer, in any case; NULL: any */
    long status;                           /* HTTP; 0: any */
    int64_t from_s, until_s;               /* event_at; 0: no bound */
};

bool spool_selection_takes(
    const struct spool_selection *selection, const struct spool_entry *entry);

/* Calls each for the entries of all states that the selection takes, oldest first within
 * a state, as long as it says so. */
bool spool_selection_each(const struct spool_selection *selection, struct spool *spool,
    bool (*each)(void *arg, const struct spool_entry *entry), void *arg, struct error *err);

#endif
