/* SPDX-License-Identifier: MIT
 *
 * Rule files: YAML to compiled rules. docs/rules.md is the language.
 */
#ifndef PARSERS_RULES_H
#define PARSERS_RULES_H

#include "document.h"
#include "format.h"
#include "framing.h"

struct rule; /* parsers/rule.h, for the engine and the samples */

/* Where a product's log usually is. */
struct rule_log {
    bool is_journal;
    struct span text; /* a path or glob; of a journal, a systemd unit or a glob of units */
};

/* Immutable once parsed; may be shared by any number of engines. */
struct rule_file {
    const struct text *text;
    struct span product, about;
    struct rule_log *logs; /* in the order of the file; what is followed the configuration says */
    size_t log_count;
    const struct format **chain; /* ended by NULL */
    struct framing *multiline;   /* NULL: every line is a record */
    struct rule *rules;          /* in the order of the file: the first that matches wins */
    size_t count;
    struct arena *arena;
    struct document *document; /* what the spans above point into */
};

extern const struct key_shape rule_file_shape; /* of a whole file */

/* text must outlive the rule file. Every problem goes to errors; NULL if there
 * was any. */
struct rule_file *rule_file_parse(const struct text *text, struct errors *errors);

/* The same for what a container's runtime writes around the product's own lines: its
 * format comes first in the chain. A file whose format says who wrote its lines stays as
 * it is, and so does one with `multiline`, which is about whole lines of the log. */
struct rule_file *rule_file_parse_within(
    const struct format *runtime, const struct text *text, struct errors *errors);
void rule_file_free(struct rule_file *file); /* accepts NULL */

/* The named patterns under its `patterns`, in their order; to be freed. */
struct pattern_name;
struct pattern_name *rule_file_patterns(const struct rule_file *file, size_t *count);

/* The rule of that name, or NULL. */
const struct rule *rule_file_find(const struct rule_file *file, struct span name);

#endif
