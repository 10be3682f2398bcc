/* SPDX-License-Identifier: MIT
 *
 * The texts of a rule file: plain, as a pattern, as a template. Each function
 * adds what is wrong to errors, at its place inside the text, and then returns
 * false or NULL. `what` names the text as the user knows it: "match".
 */
#ifndef PARSERS_RULE_TEXT_H
#define PARSERS_RULE_TEXT_H

#include "document.h"
#include "pattern.h"
#include "template.h"

/* The named patterns of a file, and what all of its patterns come to. {0}: none yet. */
struct file_patterns {
    const struct pattern_name *local;
    size_t local_count;
    size_t bytes;  /* of those compiled, their names written out */
    bool is_spent; /* LIMIT_PATTERNS_BYTES was reached, and said: no more are compiled */
};

/* Nothing behind the colon, not even quotes. */
bool rule_text_is_missing(const struct node *node);

/* The node as a text that is not empty. */
bool rule_text_read(
    const struct node *node, const char *what, struct span *text, struct errors *errors);

/* The node as a text from a log: as rule_text_read, but one that an unmeant comment cuts
 * short is an error: `match: request #(\d+)`. */
bool rule_text_read_logged(
    const struct node *node, const char *what, struct span *text, struct errors *errors);

/* Likewise. */
/* Also NULL once the file's patterns are spent. */
struct pattern *rule_text_pattern(const struct node *node, const char *what,
    struct file_patterns *patterns, struct errors *errors);

/* Counts a pattern at its place. False once they are spent, with an error the first time. */
bool rule_text_spend(struct file_patterns *patterns, const struct node *node,
    const struct pattern *pattern, struct errors *errors);

/* An empty template is fine: '' as a last candidate. */
struct template *rule_text_template(
    const struct node *node, const char *what, struct errors *errors);

#endif
