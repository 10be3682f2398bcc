/* SPDX-License-Identifier: MIT
 *
 * Which words of the lines are names of users and things, so that samples show invented
 * ones in their place; for draft.c.
 */
#ifndef PARSERS_DRAFT_NAMES_H
#define PARSERS_DRAFT_NAMES_H

#include "anonymous.h"
#include "draft_kind.h"

/* Learns the names in an example of the cluster, decoded. The cluster's data is its
 * struct draft_kind. */
void draft_names_learn(
    struct anonymous *anonymous, const struct cluster *cluster, const struct record *example);

/* A word of the cluster that is a name elsewhere is replaced in samples: no pattern may
 * ask for it, so it varies from now on. */
void draft_names_blur(struct anonymous *anonymous, struct cluster *cluster);

#endif
