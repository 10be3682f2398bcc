/* SPDX-License-Identifier: MIT
 *
 * What holds sender or reader up, noted in the state directory by each of the two
 * (sender.holdup, reader.holdup), for who asks why events wait: beside a running
 * service, and after its end.
 */
#ifndef SHIPPER_HOLDUP_H
#define SHIPPER_HOLDUP_H

#include "shipper/bulletin.h"

enum holdup_why {
    HOLDUP_NOTHING,
    HOLDUP_RETRYING, /* 5xx, 429, network: backing off */
    HOLDUP_UNCLEAR,  /* refused by something that is not the API */
    HOLDUP_DESTINATION,
    HOLDUP_KEY,
    HOLDUP_SETTINGS,   /* rejections in a row */
    HOLDUP_SPOOL,      /* it cannot be read or written to */
    HOLDUP_RATE_LIMIT, /* endpoint.rate_limit */
    HOLDUP_RAMP,       /* a slow start after an outage */
    HOLDUP_SPOOL_FULL, /* of the reader: max_bytes, or the disk */
    HOLDUP_OPTED_OUT,  /* nothing is sent, and what waits is deleted */
    HOLDUP_KINDS
};

/* "rate_limit": in JSON. */
const char *holdup_name(enum holdup_why why);

enum { HOLDUP_TEXT_BYTES = 640 };

/* Times are UNIX seconds; 0: none. Printable text. */
struct holdup {
    enum holdup_why why;
    int64_t since_s;
    int64_t until_s;              /* when the next request starts, whatever it is for */
    uint64_t backing_off;         /* events that wait after failures of their own */
    int64_t backing_off_until_s;  /* the first of them */
    uint64_t held;                /* refused events, until it is known whose fault that is */
    int64_t held_until_s;         /* at the latest */
    char text[HOLDUP_TEXT_BYTES]; /* what came back, and what ends it */
};

/* Opens DIR/WHO.holdup. */
void holdup_open(struct bulletin *file, const char *dir, const char *who);

void holdup_note(struct bulletin *file, const struct holdup *holdup, int64_t wall_s);

struct holdup_seen {
    bool is_there; /* noted, by this version of the program */
    pid_t pid;     /* of who noted it */
    int64_t noted_s;
    struct holdup holdup;
};

/* What is not there or cannot be read is not there. */
void holdup_look(const char *dir, const char *who, struct holdup_seen *seen);

#endif
