/* SPDX-License-Identifier: MIT
 *
 * Which of the logs that a rule file names are on this host, and what its rules would make
 * of the last lines of each. Reads, and changes nothing.
 */
#ifndef SHIPPER_FOUND_LOGS_H
#define SHIPPER_FOUND_LOGS_H

#include "parsers/engine.h"

#include <sys/types.h>

enum {
    FOUND_LOGS_MOST = 100,   /* files of one rule file, lest a glob finds thousands */
    FOUND_LOGS_LINES = 1000, /* how many last lines tell enough */
};

struct found_log {
    size_t place; /* of its pattern or unit in the rule file's `logs` */
    bool is_journal;
    char *name;       /* the file's path; of a journal the unit, as the rule file has it */
    bool is_readable; /* false: why says what is in the way, and there are no counts */
    struct error why;
    off_t bytes;                 /* of the file, all of it */
    struct engine_counts counts; /* of its last lines */
    uint64_t *events;            /* of them by rule, as many as the rule file has rules */
};

struct found_logs {
    struct found_log *items; /* in the order of the rule file, of a glob by name */
    size_t count, room;
    bool is_cut; /* there are more */
};

struct found_options {
    size_t lines;                           /* how many last lines of each to look at */
    const char *journalctl;                 /* its path; NULL: the journal is not asked */
    const struct zone *zone;                /* of times that name none */
    const struct engine_settings *settings; /* those of an input, but for its rules and what
                                               they need; NULL: nothing is known or hidden */
    void (*event)(void *arg, const struct event *event); /* each, as it is found; may be NULL */
    void *arg;
};

/* A file that two patterns name is found once; a unit without entries is not found. To be
 * given back with found_logs_finish. */
void found_logs_look(
    const struct rule_file *file, const struct found_options *options, struct found_logs *found);
void found_logs_finish(struct found_logs *found);

#endif
