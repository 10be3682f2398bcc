/* SPDX-License-Identifier: MIT
 *
 * As much of PCRE2's syntax as it takes to walk through a pattern without
 * taking plain characters for special ones.
 */
#ifndef PARSERS_SYNTAX_H
#define PARSERS_SYNTAX_H

#include "span.h"

struct syntax {
    const char *p, *end;
    bool in_class; /* between [ and ] */
};

/* The next item, never empty while p < end: one byte, an escape, the start of a
 * character class with a leading ^ and ], a [:posix:] class in it, or a whole
 * \Q…\E. */
struct span syntax_take(struct syntax *syntax);

/* The innermost ( or [ that nothing closes, or NULL. */
const char *syntax_find_open(struct span pattern);

#endif
