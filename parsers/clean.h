/* SPDX-License-Identifier: MIT
 *
 * What a line carries that its product never wrote, taken off before decoding:
 * - a UTF-8 byte order mark at its start and a CR at its end;
 * - escape sequences of terminals (ECMA-48): colours and the like (CSI up to its
 *   final byte), titles and links (OSC up to BEL or ST), two-byte ones. One that
 *   is not finished on the line stays, so that it cannot swallow the rest;
 * - the name that docker compose puts before each line ("web-1  | text"):
 *   letters, digits, `.`, `_`, `-` with at least one lower-case letter (this
 *   tells it from "203.0.113.7 | https | …" and "INFO   | jvm 1 | …"), blanks,
 *   then "| ".
 */
#ifndef PARSERS_CLEAN_H
#define PARSERS_CLEAN_H

#include "arena.h"

/* *cleaned is a part of the line where only its ends had to go, else a copy in
 * the arena. False when the arena is full. */
bool clean_line(struct span line, struct arena *arena, struct span *cleaned);

#endif
