/* SPDX-License-Identifier: MIT
 *
 * Undoing backslash escapes as JSON (RFC 8259 section 7) and the formats that
 * borrow from it write them, with C's \xHH beside.
 */
#ifndef PARSERS_ESCAPE_H
#define PARSERS_ESCAPE_H

#include "arena.h"

/* Decodes the inside of a quoted string. Without a backslash the result is the
 * input itself; else it lives in the arena. \uXXXX becomes UTF-8, surrogate
 * pairs included; a lone surrogate becomes U+FFFD. \xHH becomes that byte, as Go
 * (strconv.Quote), nginx and Apache write it. An escape that is not known
 * keeps its character without the backslash. False when the arena is full. */
bool escape_decode(struct span quoted, struct arena *arena, struct span *decoded);

/* Printable ASCII that is often escaped, in JSON and in what borrows from it. */
#define ESCAPE_JSON_CHARACTERS "\"\\/<>&'"
#define ESCAPE_CHARACTERS      "\"\\"

/* The first escape in bytes that stands for printable ASCII but the characters above,
 * or for a backslash and so perhaps for the start of an escape in the text inside;
 * NULL if there is none. Takes every backslash for the start of one, so it may find
 * more than there are. JSON knows only its own escapes. */
const char *escape_find_hidden(struct span bytes);
const char *escape_find_hidden_json(struct span bytes);

/* Where the string that opens just before `start` closes: the first `quote` at
 * or after start that no backslash escapes; NULL if there is none before end. */
const char *escape_find_close(const char *start, const char *end, char quote);

/* Writes one code point as UTF-8 and returns the bytes used, 1 to 4. Surrogates
 * and values above U+10FFFF are written as U+FFFD. */
size_t escape_put_utf8(char *to, uint32_t code_point);

/* The length of the UTF-8 character at p (RFC 3629 section 4), 0 if the byte
 * starts none: stray and missing continuations, overlong forms, surrogates and
 * values above U+10FFFF. *code_point is then untouched. */
size_t escape_take_utf8(const char *p, const char *end, uint32_t *code_point);

#endif
