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

/* Of one entry. */
struct journal_place {
    char text[ERRAND_CURSOR_BYTES]; /* terminated; "": none, before the oldest entry */
    size_t len;
    struct span id;  /* the sequence-number id, within text; absent if it has none */
    uint64_t number; /* the sequence number; 0 if it has none */
};

struct journal_cursor {
    struct journal_place place; /* "": from the oldest entry */
    bool is_foreign;            /* an entry that the input need not pick */
    uint64_t position;          /* bytes of lines taken: the account adds up to it */
};

/* False, and *place is untouched, if the text is no cursor. A place is copied with
 * journal_place_copy only: its id points into it. */
bool journal_place_read(struct span text, struct journal_place *place);
void journal_place_copy(struct journal_place *to, const struct journal_place *from);

/* Whether both are of one entry: also where journald has moved it to another file. */
bool journal_place_is_same(const struct journal_place *a, const struct journal_place *b);

/* As the spool keeps it. */
void journal_cursor_encode(const struct journal_cursor *cursor, struct buffer *out);
bool journal_cursor_decode(struct span value, struct journal_cursor *cursor);

#endif
