/* SPDX-License-Identifier: MIT
 *
 * Lines that are alike, put together as they come: those of a cluster have the same words
 * at the same places, and differ in values (Drain: He, Zhu, Zheng, Lyu, ICWS 2017, without
 * its tree, since there are few clusters).
 */
#ifndef PARSERS_CLUSTERS_H
#define PARSERS_CLUSTERS_H

#include "buffer.h"
#include "tokens.h"

enum { CLUSTER_TOKENS = 256, CLUSTER_EXAMPLES = 8 };

struct cluster {
    struct token *tokens; /* what all of its lines have; TOKEN_VARIES where they differ */
    size_t token_count;
    struct span *examples; /* the first lines, each different from the others */
    size_t example_count;
    uint64_t count;
    void *data; /* the caller's */
};

struct clusters;

/* At most so many; a line that would begin another goes into the first one. */
struct clusters *clusters_new(size_t most);
void clusters_free(struct clusters *clusters); /* accepts NULL; `data` is not looked at */

/* The cluster of the line, one more in it. `of`: lines with different ones are never of
 * one cluster; compared by its bytes. `example` is kept in place of the line. */
struct cluster *clusters_add(
    struct clusters *clusters, struct span of, struct span line, struct span example);

size_t clusters_count(const struct clusters *clusters);

/* In the order in which they began; valid as long as the clusters. */
struct cluster *clusters_get(const struct clusters *clusters, size_t i);

/* Appends what its lines have in common: `Failed password for <*> from <address>`. */
void cluster_write(const struct cluster *cluster, struct buffer *out);

#endif
