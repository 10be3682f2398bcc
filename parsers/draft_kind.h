/* SPDX-License-Identifier: MIT
 *
 * What a cluster of lines seems to be about; for draft.c.
 */
#ifndef PARSERS_DRAFT_KIND_H
#define PARSERS_DRAFT_KIND_H

#include "clusters.h"
#include "draft_words.h"
#include "format.h"

/* What is known of a line before it is clustered. */
struct draft_line {
    struct buffer where; /* conditions that hold of it, as lines of YAML; lines with others
                            are not alike */
    struct span text;    /* by which it is clustered; empty where fields tell all */
    const char *activity;
    bool is_failure;
};

/* Reads the decoded record; *line is used again for each. */
void draft_line_read(
    const struct format *const *chain, const struct record *record, struct draft_line *line);

/* Where a value of one role stands. */
struct draft_value {
    char *field;  /* as templates name it; NULL: in none */
    size_t token; /* of the cluster; DRAFT_NO_TOKEN: in none */
};

/* Of a cluster: its `data`. */
struct draft_kind {
    char *where;
    const char *activity; /* NULL: it tells of nothing */
    bool is_failure;
    struct draft_value values[DRAFT_ROLES]; /* of ROLE_EVENT: none */
};

/* Fills the values that stand in fields from an example, decoded, where none did before. */
void draft_kind_learn(struct draft_kind *kind, const struct record *example);

/* Fills the others from the tokens of the cluster. */
void draft_kind_settle(struct draft_kind *kind, const struct cluster *cluster);
void draft_kind_free(struct draft_kind *kind); /* accepts NULL */

/* Whether both tell of the same activity. */
bool draft_kind_is_same(const struct draft_kind *one, const struct draft_kind *other);

bool draft_kind_has(const struct draft_kind *kind, enum draft_role role);

/* What a template calls the role's value: its field, else what the pattern captures. */
const char *draft_kind_name(const struct draft_kind *kind, enum draft_role role);

/* The pattern on the message of its lines, its values captured, the time only if that is
 * asked for; nothing if the message says nothing. */
void draft_kind_write_pattern(const struct draft_kind *kind, const struct cluster *cluster,
    bool with_time, struct buffer *out);

#endif
