/* SPDX-License-Identifier: MIT
 *
 * Whose events are not to be made, and of when: own staff, service accounts, one's own
 * networks, all but a span of time.
 */
#ifndef PARSERS_EXCLUSION_H
#define PARSERS_EXCLUSION_H

#include "keys.h"
#include "network.h"

struct exclusion {
    struct strings users;     /* patterns: * stands for any bytes, ? for one */
    struct network *networks; /* as many as `addresses` has */
    struct strings addresses; /* as written */
    int64_t since_s, until_s; /* events of before, or of then and later; 0: no bound */
};

/* The field for which the event is to be left out, as on the wire: "user_id", "ip_addr" or
 * "event_at"; NULL: it is not. user and address are as the log has them, before either is
 * hidden or replaced; absent if there is none. Letters of either case are alike, in ASCII. */
const char *exclusion_check(
    const struct exclusion *exclusion, struct span user, struct span address, int64_t at_s);

#endif
