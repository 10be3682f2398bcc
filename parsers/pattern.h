/* SPDX-License-Identifier: MIT
 *
 * Patterns: PCRE2 with named patterns in grok's syntax. `%{NAME}` stands for a
 * known pattern, `%{NAME:capture}` also captures what it matched; `(?<name>…)`
 * captures as in PCRE2. Local names (a rule file's `patterns:`) come before the
 * built-in ones (pattern_names.h) and may use both.
 */
#ifndef PARSERS_PATTERN_H
#define PARSERS_PATTERN_H

#include "record.h"

/* What it means never changes. Its code (JIT where the machine has it) is made when it
 * first runs, so a pattern is for one thread. */
struct pattern;

/* A named pattern of a rule file. */
struct pattern_name {
    struct span name, body;
};

/* What is wrong with a pattern. */
struct pattern_fault {
    size_t offset, len; /* in the pattern as it was written: where the caret goes */
    char message[160];  /* "unknown pattern name \"USR\"", "missing closing parenthesis" */
    char hint[120];     /* empty: none */
    bool is_inherited;  /* the fault lies in the body of a named pattern */
};

/* Compiles with the limits of limits.h, in UTF mode; what is no UTF-8 is matched byte
 * by byte, as if it were Latin-1, so that one odd byte does not hide a line. NULL
 * with *fault filled. A fault inside an expanded name has the place of that %{NAME}. */
struct pattern *pattern_compile(struct span source, const struct pattern_name *local,
    size_t local_count, struct pattern_fault *fault);
void pattern_free(struct pattern *pattern); /* accepts NULL */

/* What PCRE2 was given: the named patterns written out. */
struct span pattern_text(const struct pattern *pattern);

/* Its capture names, in order of their number; terminated. A name stands once for
 * each group that has it. */
size_t pattern_capture_count(const struct pattern *pattern);
struct span pattern_capture_name(const struct pattern *pattern, size_t i);

/* Working memory for matching, one per engine; used by any pattern. */
struct matcher;
struct matcher *matcher_new(void);
void matcher_free(struct matcher *matcher); /* accepts NULL */

enum pattern_result {
    PATTERN_MATCH,
    PATTERN_NO,
    PATTERN_LIMIT, /* match, depth or heap limit hit: neither yes nor no */
};

/* Runs the pattern on subject. On a match adds one field for each named group
 * that took part, in order, to captures[*count…], never past `most`; values point
 * into subject. captures may be NULL (most 0) when only the verdict counts. */
enum pattern_result pattern_match(const struct pattern *pattern, struct matcher *matcher,
    struct span subject, struct field *captures, size_t most, size_t *count);

/* Whether patterns run as JIT code on this machine. */
bool pattern_has_jit(void);

#endif
