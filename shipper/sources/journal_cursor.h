/* SPDX-License-Identifier: MIT
 *
 * What is kept of one journal: the cursor of the last entry that was taken, as
 * journalctl writes it. Its parts, letter=hex: s the sequence-number id, i the sequence
 * number, b the boot, m monotonic and t wall-clock time in microseconds, x a hash of
 * the content. Every systemd so far writes these, also those that export no __SEQNUM.
 */
#ifndef SHIPPER_SOURCES_JOURNAL_CURSOR_H
#define SHIPPER_SOURCES_JOURNAL_CURSOR_H

#include "shipper/errand.h"

struct journal_cursor {
    char text[ERRAND_CURSOR_BYTES]; /* terminated; "": from the oldest entry */
    bool is_foreign;                /* an entry that the input need not pick */
    uint64_t position;              /* bytes of lines taken: the account adds up to it */
};

/* The value of that part; absent if there is none. */
struct span journal_cursor_part(struct span text, char letter);

/* Its sequence number; 0 if it has none. */
uint64_t journal_cursor_number(struct span text);

/* Whether both are of one entry: also where journald has moved it to another file. */
bool journal_cursor_is_same(struct span a, struct span b);

/* As the spool keeps it. */
void journal_cursor_encode(const struct journal_cursor *cursor, struct buffer *out);
bool journal_cursor_decode(struct span value, struct journal_cursor *cursor);

#endif
