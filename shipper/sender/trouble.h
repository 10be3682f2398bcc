/* SPDX-License-Identifier: MIT
 *
 * What the sender's log says: trouble once when it begins, once when it changes
 * kind and once when it ends; events set aside at most once a minute.
 */
#ifndef SHIPPER_SENDER_TROUBLE_H
#define SHIPPER_SENDER_TROUBLE_H

#include "shipper/log.h"
#include "shipper/sender/gate.h"

struct trouble {
    const char *key_remedy;  /* "until the key in FILE is changed"; outlives this */
    int64_t probe_every_ms;  /* for "probing every 60 s" */
    enum gate_trouble said;  /* the last that was said */
    int64_t since_ms;        /* when trouble began */
    int64_t rejected_at_ms;  /* when a rejection was last said */
    uint64_t rejected_since; /* not said since then */
    bool is_key_missing;     /* there is none yet */
};

/* If there is something new to say of the gate's trouble: appends it and returns
 * true. reason: what came back; wait_ms: until the next request starts. */
bool trouble_describe(struct trouble *trouble, const struct gate *gate, const char *reason,
    int64_t wait_ms, int64_t now_ms, enum log_level *level, struct buffer *out);

/* The same for who asks now: what came back and what ends it, without when. */
void trouble_explain(
    const struct trouble *trouble, const struct gate *gate, const char *reason, struct buffer *out);

/* The same of an event that was set aside; id: as on the wire. */
bool trouble_describe_rejected(struct trouble *trouble, const char *id, const char *reason,
    int64_t now_ms, struct buffer *out);

#endif
