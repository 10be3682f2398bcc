/* SPDX-License-Identifier: MIT
 *
 * What a set of rules makes of files, without a spool or a network: the data
 * behind `usage-shipper preview`. Printing is the caller's.
 */
#ifndef SHIPPER_PREVIEW_H
#define SHIPPER_PREVIEW_H

#include "parsers/engine.h"
#include "shipper/sources/encoding.h"

enum { PREVIEW_REASONS_MOST = 64 };

/* Matches that gave no event, by rule and reason. */
struct preview_reason {
    struct span product, rule; /* live as long as the rule files */
    const char *field, *reason;
    uint64_t lines;
    const char *first_path; /* where the first of them stands */
    uint64_t first_offset;
};

struct preview_result {
    struct engine_counts counts;
    struct preview_reason reasons[PREVIEW_REASONS_MOST];
    size_t reason_count;
    uint64_t undated; /* events of records in which no time was understood */
};

struct preview_input {
    int fd;
    const char *path;        /* for messages ("-" for standard input); the result borrows it */
    const struct zone *zone; /* of times that name none */
    enum encoding encoding;  /* of a text without a byte order mark */
};

/* Feeds the whole of an input to the engine, an unfinished last line or record
 * included. Each event goes to `event`; is_unfinished says that its line has no
 * newline yet, or its record no next one, so that `run` would wait. Adds to *result. */
bool preview_file(struct engine *engine, const struct preview_input *input,
    void (*event)(void *arg, const struct event *event, bool is_unfinished), void *arg,
    struct preview_result *result, struct error *err);

#endif
