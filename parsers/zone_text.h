/* SPDX-License-Identifier: MIT
 *
 * Time zones as logs write them behind a time: +0200, +02:00, +02, and
 * abbreviations, as PostgreSQL's default set reads them: IST is Israel's (+2),
 * SST Samoa's (-11), BST Britain's, CST and EST America's, AST the Atlantic's.
 * Left out are those that are also English words (CAT, EAT, WIT). Upper case only.
 * Who knows better comes first: what the configuration says (`zones`), then the zone
 * that the times are in: IST is India's where that is Asia/Kolkata.
 */
#ifndef PARSERS_ZONE_TEXT_H
#define PARSERS_ZONE_TEXT_H

#include "zone.h"

/* Whose abbreviations come before the table's, the first first; each may be NULL. */
struct zone_lookup {
    const struct zone_names *said, *own;
};

struct zone_text {
    int32_t offset_s;
    bool is_guess; /* an abbreviation that means another offset elsewhere, and nobody said which */
};

/* Reads the zone at the start of text, after at most one blank, and returns its
 * length in bytes; 0 if there is none. Behind a blank an offset needs its
 * minutes: two digits there are as likely to be the next word.
 * lookup may be NULL: only the table. */
size_t zone_text_read(struct span text, const struct zone_lookup *lookup, struct zone_text *zone);

/* The whole text as an offset (+05:30, -0530, +02). */
bool zone_text_is_offset(struct span text, int32_t *offset_s);

/* The whole text as a zone that needs no table: UTC, or an offset. */
bool zone_text_fixed(struct span text, struct zone *zone);

#endif
