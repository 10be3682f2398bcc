/* SPDX-License-Identifier: MIT
 *
 * For people: what was guessed of a time (timestamp.h), and how to say otherwise.
 */
#ifndef PARSERS_TIME_GUESS_H
#define PARSERS_TIME_GUESS_H

#include "buffer.h"
#include "timestamp.h"

/* All that was guessed, in one line. */
void time_guess_write(struct span text, const struct timestamp *time, struct buffer *out);

/* `"01/02/2026 10:11:12" is taken as month, day, year`, text being the time as it stands
 * in the record. */
void time_guess_order(struct span text, struct buffer *out);
void time_guess_order_hint(struct span text, struct buffer *out);

/* `"IST" is taken as +02:00`. */
void time_guess_zone(struct span text, const struct timestamp *time, struct buffer *out);
void time_guess_zone_hint(struct span text, struct buffer *out);

#endif
