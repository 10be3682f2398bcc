/* SPDX-License-Identifier: MIT
 *
 * What a set of rules makes of files, without a spool or a network: the data
 * behind `usage-shipper preview`. Printing is the caller's.
 */
#ifndef SHIPPER_PREVIEW_H
#define SHIPPER_PREVIEW_H

#include "parsers/detection.h"
#include "shipper/log_file.h"

enum { PREVIEW_REASONS_MOST = 64 };

/* Matches that gave no event, by rule and reason. */
struct preview_reason {
    struct span product, rule; /* live as long as the rule files */
    const char *field, *reason;
    char value[INCOMPLETE_VALUE_BYTES]; /* of the first of them */
    uint64_t lines;
    const char *first_path; /* where the first of them stands */
    uint64_t first_line;
};

struct preview_result {
    struct engine_counts counts;
    struct preview_reason reasons[PREVIEW_REASONS_MOST];
    size_t reason_count;
    struct detection detection; /* as what `format: auto` read lines that rules may take */
    uint64_t undated;           /* events of records in which no time was understood */
};

/* Feeds the log to the engine. Each event goes to `event`; is_unfinished as in struct
 * log_place. Adds to *result, which borrows the log's path. */
bool preview_file(struct engine *engine, const struct log_file *log,
    void (*event)(void *arg, const struct event *event, bool is_unfinished), void *arg,
    struct preview_result *result, struct error *err);

/* After the last log: the counts whose windows are still open, as they stand. */
void preview_end(struct engine *engine,
    void (*event)(void *arg, const struct event *event, bool is_unfinished), void *arg,
    struct preview_result *result);

#endif
