/* SPDX-License-Identifier: MIT
 *
 * Reading the parts of a rule file: for rules.c and nobody else. Every function
 * adds what is wrong to the context's errors and reads on; what it was given
 * needs its finish function even then.
 */
#ifndef PARSERS_RULE_PARSE_H
#define PARSERS_RULE_PARSE_H

#include "rule.h"
#include "rule_names.h"
#include "rule_text.h"

/* What the rules of one file share. */
struct rule_context {
    const struct format *runtime; /* comes first in the chain; NULL: none */
    const struct format *const *chain;
    struct file_patterns *patterns;
    bool is_open;      /* format or patterns are broken: what captures and fields there are is
                          not known */
    char **remembered; /* names whose values some rule of the file remembers */
    size_t remembered_count;
    struct arena *scratch; /* reset by who uses it */
    struct arena *arena;   /* the file's own */
    struct errors *errors;
};

/* node may be NULL. False if any of it is broken; the chain is always one, if a shorter one,
 * to be freed; formats of the file's own are in the context's arena. */
bool rule_format_parse(
    const struct node *node, const struct rule_context *context, const struct format ***chain);

/* What stands behind the keys of a rule, and a rule. */
extern const struct key_shape rule_shape, rule_format_shape, rule_event_shape, rule_samples_shape,
    rule_count_shape, rule_once_shape, rule_pair_shape, rule_remember_shape, rule_time_shape;

void rule_parse(const struct node *node, const struct rule_context *context, struct rule *rule);
void rule_finish(struct rule *rule);

/* node may be NULL. */
void rule_time_parse(const struct node *node, const struct rule_names *names,
    const struct rule_context *context, struct rule_time *time);
void rule_time_finish(struct rule_time *time);

void rule_event_parse(const struct node *node, const struct rule_names *names,
    struct rule_event *event, struct errors *errors);
void rule_event_finish(struct rule_event *event);

/* The keys of a rule that say what it keeps between lines; NULL: not there. */
struct rule_keeps {
    const struct node *count, *once, *pair, *remember, *recall, *event;
};

/* After the event. is_remembered: some rule of the file remembers something. */
void rule_keeps_parse(const struct rule_keeps *keeps, const struct rule_names *names,
    bool is_remembered, struct rule *rule, struct errors *errors);
void rule_keeps_finish(struct rule *rule);

/* The rule's name, place and is_ignore are read before. */
void rule_samples_parse(
    const struct node *node, struct rule *rule, struct arena *arena, struct errors *errors);

#endif
