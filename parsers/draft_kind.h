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

/* Of a cluster. */
struct draft_kind {
    char *where;
    const char *activity; /* NULL: it tells of nothing */
    bool is_failure;

    /* Fields, as templates name them; NULL: not found there. */
    char *user_field, *address_field, *agent_field;
    size_t user_token, address_token; /* of the cluster; its count: none */
};

/* Fills the roles from an example, decoded. */
void draft_kind_settle(
    struct draft_kind *kind, const struct cluster *cluster, const struct record *record);
void draft_kind_free(struct draft_kind *kind); /* accepts NULL */

/* The pattern on the message of its lines, user and address captured; nothing if the
 * message says nothing. */
void draft_kind_write_pattern(
    const struct draft_kind *kind, const struct cluster *cluster, struct buffer *out);

#endif
