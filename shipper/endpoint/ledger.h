/* SPDX-License-Identifier: MIT
 *
 * The ids of all accepted events, each with what its first body was: so that a
 * repeated delivery is told from a different event under the same id.
 */
#ifndef SHIPPER_ENDPOINT_LEDGER_H
#define SHIPPER_ENDPOINT_LEDGER_H

#include "parsers/span.h"

struct ledger;

enum ledger_result {
    LEDGER_NEW,
    LEDGER_REPEATED, /* the same body, byte by byte, as the first time */
    LEDGER_DIFFERENT,
    LEDGER_FULL, /* LIMIT_LEDGER_EVENTS: not noted */
};

struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger); /* accepts NULL */

enum ledger_result ledger_note(struct ledger *ledger, struct span id, struct span body);

/* Distinct ids. */
size_t ledger_count(const struct ledger *ledger);

#endif
