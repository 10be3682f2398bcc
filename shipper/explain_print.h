/* SPDX-License-Identifier: MIT
 *
 * What explain found, as text for people and as JSON.
 */
#ifndef SHIPPER_EXPLAIN_PRINT_H
#define SHIPPER_EXPLAIN_PRINT_H

#include "shipper/explain_groups.h"

/* One record, whole. */
void explain_text_record(const struct explained *explained, const struct explained_file *files,
    size_t file_count, struct buffer *out);
void explain_json_record(const struct explained *explained, const struct explained_file *files,
    size_t file_count, struct buffer *out);

/* Many, grouped and sorted. is_all: of the text nothing is left out. */
void explain_text_groups(const struct explain_groups *groups, const struct engine_counts *counts,
    bool is_all, struct buffer *out);
void explain_json_groups(
    const struct explain_groups *groups, const struct engine_counts *counts, struct buffer *out);

#endif
