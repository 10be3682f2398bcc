/* SPDX-License-Identifier: MIT
 *
 * Time zones as logs write them behind a time: +0200, +02:00, +02, and
 * abbreviations, as PostgreSQL's default set reads them: IST is Israel's (+2),
 * SST Samoa's (-11), BST Britain's, CST and EST America's, AST the Atlantic's.
 * Left out are those that are also English words (CAT, EAT, WIT). Upper case only.
 */
#ifndef PARSERS_ZONE_TEXT_H
#define PARSERS_ZONE_TEXT_H

#include "span.h"

/* Reads the zone at the start of text, after at most one blank, and returns its
 * length in bytes; 0 if there is none. Behind a blank an offset needs its
 * minutes: two digits there are as likely to be the next word. */
size_t zone_text_read(struct span text, int32_t *offset_s);

#endif
