/* SPDX-License-Identifier: MIT
 *
 * The records of a whole log by what became of them: which rule took them, or where the
 * nearest rule died; and of those that nothing took, by what their lines have in common.
 */
#ifndef SHIPPER_EXPLAIN_GROUPS_H
#define SHIPPER_EXPLAIN_GROUPS_H

#include "parsers/clusters.h"
#include "parsers/detection.h"
#include "shipper/explain.h"

enum explain_fate {
    FATE_TAKEN,      /* by a rule */
    FATE_NEAR,       /* no rule takes it, one comes near */
    FATE_FAR,        /* no rule comes near */
    FATE_NOT_DECODED /* it is not of the rule file's format */
};

/* What the lines of a group have in common. */
struct explain_shape {
    const struct cluster *cluster;
    uint64_t count;
    uint64_t line_number; /* of the first of them */
    const char *path;
};

struct explain_group {
    enum explain_fate fate;
    uint64_t count;

    const struct engine_rules *rules;   /* whose rule it was; NOT_DECODED: whose format */
    const struct rule *rule;            /* TAKEN, NEAR */
    const char *missing, *reason;       /* TAKEN: why it is incomplete; NULL: it is not */
    char value[INCOMPLETE_VALUE_BYTES]; /* the first of those that were not usable */
    const char *excluded;               /* TAKEN: for which field it is left out; NULL: it is not */
    const char *format;                 /* NOT_DECODED: the one that it is not of */
    bool ends_early;                    /* NOT_DECODED: the first of them is, up to its end */

    /* The first of them; owned, as is what the miss has of the record. */
    char *line;
    struct near_miss miss; /* NEAR */
    uint64_t line_number;
    const char *path;

    struct explain_shape *shapes; /* all but TAKEN */
    size_t shape_count, shape_room;
};

struct explain_groups {
    struct explain_group **items;
    size_t count, room;
    struct clusters *clusters;
    struct detection detection; /* as what `format: auto` read the records */
    uint64_t lines;             /* records */
};

enum {
    EXPLAIN_SHAPES_MOST = 1000,
    EXPLAIN_LOOKS_MOST = 32, /* records of one shape that are looked at; the others count as the
                                last of these */
};

void explain_groups_init(struct explain_groups *groups);
void explain_groups_finish(struct explain_groups *groups);

/* A record that the explain just told of. */
void explain_groups_add(
    struct explain_groups *groups, struct explain *explain, const struct explained *explained);

/* Those of one fate behind those of the one before, each the biggest first; shapes too. */
void explain_groups_sort(struct explain_groups *groups);

#endif
