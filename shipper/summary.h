/* SPDX-License-Identifier: MIT
 *
 * What a run came to, for people and for grep.
 */
#ifndef SHIPPER_SUMMARY_H
#define SHIPPER_SUMMARY_H

#include "shipper/shared.h"
#include "shipper/spool/spool.h"

/* The first of summary_write's lines, from any count of lines by class. */
void summary_write_lines(const uint64_t lines[LINE_CLASSES], uint64_t held, struct buffer *out);

/* Appends two lines or three, each ended:
 *
 *     lines: 120 read, 37 matched, 2 incomplete, …, 81 no rule, 0 held back
 *     events: 37 found, 36 delivered, 1 rejected, 0 waiting, 0 dropped, 0 damaged
 *
 * and behind that, ", 3 sent before" if events were left out because their ids are known.
 * Where rules keep something between lines (parsers/notes.h) a third:
 *
 *     kept between lines: 17 notes, 0 ended early
 *
 * Lines: since the supervisor's start, each in one class of enum line_class.
 * waiting: events in the spool, also those of earlier runs. dropped: to make room;
 * damaged: not sent, or lost with a damaged spool; both since `before`. */
void summary_write(struct shared *shared, const struct spool_stats *before,
    const struct spool_stats *after, struct buffer *out);

#endif
