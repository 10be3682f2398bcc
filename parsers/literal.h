/* SPDX-License-Identifier: MIT
 *
 * Texts that stand in everything a pattern matches, found by reading the pattern
 * itself. They are what the search over whole chunks looks for (search.h), so one
 * too many would lose events: what is not understood gives no text at all.
 *
 *     user=(\w+) logged (?:in|out)   all of:  "user="  and  one of " logged in", " logged out"
 *     (?i)Login of \d+               all of:  "login of ", whatever the case
 *     foo|ba[rz]                     one of:  "foo", "bar", "baz"
 *     x*, (?!foo), .{3}              nothing
 */
#ifndef PARSERS_LITERAL_H
#define PARSERS_LITERAL_H

#include "arena.h"

enum {
    LITERAL_BYTES_LEAST = 3, /* a shorter one stands nearly everywhere */
    LITERAL_BYTES_MOST = 32, /* a longer text becomes several */
};

/* Of at least LITERAL_BYTES_LEAST and at most LITERAL_BYTES_MOST bytes. */
struct literal {
    struct span text; /* where is_caseless: in lower case */
    bool is_caseless; /* letters of ASCII stand for both cases */
};

/* One of these stands there. */
struct clause {
    struct literal *any;
    size_t count;
};

/* Each of these holds. {0}: nothing is known. */
struct clauses {
    struct clause *all;
    size_t count;
};

/* Which bytes stand in the searched text as themselves; literals end at others. */
struct alphabet {
    bool has[256];
};

/* pattern: PCRE2, its named patterns written out, known to compile in UTF mode.
 * Everything found lives in the arena; nothing is found when that is full. */
struct clauses literal_find(
    struct span pattern, const struct alphabet *alphabet, struct arena *arena);

/* The same for a text that stands there as it is. */
struct clauses literal_cut(struct span text, const struct alphabet *alphabet, struct arena *arena);

/* How rare the clause is where logs are searched for it: more is better. */
unsigned clause_weight(const struct clause *clause);

/* How rare a byte is in logs, from 0. */
enum { LITERAL_BYTE_WEIGHT_MOST = 4 };
unsigned literal_byte_weight(char c);

/* The one clause of the rarest texts, or NULL if there is none. */
const struct clause *clauses_best(const struct clauses *clauses);

/* Whether the literal stands in the text: slow, for tests and single lines. */
bool literal_is_in(const struct literal *literal, struct span text);

#endif
