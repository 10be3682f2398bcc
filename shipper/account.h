/* SPDX-License-Identifier: MIT
 *
 * What became of a source's bytes: each is in exactly one class. The accounts of
 * all cursors are the ledger, which the spool keeps; `status` shows that the
 * classes of a source add up to its size.
 */
#ifndef SHIPPER_ACCOUNT_H
#define SHIPPER_ACCOUNT_H

#include "parsers/engine.h"

/* The engine's classes under the engine's numbers, then those that only a source
 * knows. What is behind the position (held, not yet read) is in no account. */
enum account_class {
    ACCOUNT_MATCHED = LINE_MATCHED,
    ACCOUNT_INCOMPLETE = LINE_INCOMPLETE,
    ACCOUNT_RULE_ERROR = LINE_RULE_ERROR,
    ACCOUNT_IGNORED = LINE_IGNORED,
    ACCOUNT_EXCLUDED = LINE_EXCLUDED,
    ACCOUNT_TOO_LONG = LINE_TOO_LONG, /* also the rest of a line that was cut */
    ACCOUNT_NO_RULE = LINE_NO_RULE,
    ACCOUNT_BEFORE_START = LINE_CLASSES, /* there before the source was first seen (start: end) */
    ACCOUNT_COPY,                        /* read already, as another file that has the same bytes */
    ACCOUNT_LATE,                        /* came behind a line that had been taken as final */
    ACCOUNT_HOLE,                        /* NUL bytes that nobody wrote */
    ACCOUNT_POSSIBLY_LOST,               /* there once, and gone before it was read */
    ACCOUNT_DROPPED,                     /* came over a socket, and over one of its limits */
    ACCOUNT_OPTED_OUT,                   /* passed over while somebody had opted out */
    ACCOUNT_CLASSES
};

/* "matched", "before_start": in the spool, and in JSON. */
const char *account_class_name(enum account_class class);

/* Appends the name as people write it: "before start". */
void account_class_write(enum account_class class, struct buffer *out);

/* ACCOUNT_CLASSES if there is no class of that name. */
enum account_class account_class_named(struct span name);

/* Lines are counted only where somebody looked at lines. */
struct account {
    uint64_t bytes[ACCOUNT_CLASSES], lines[ACCOUNT_CLASSES];
};

void account_add(struct account *to, const struct account *more);

/* The bytes of all classes. */
uint64_t account_bytes(const struct account *account);

#endif
