/* SPDX-License-Identifier: MIT
 *
 * Events as an aligned table for people. Text from logs is made safe for a
 * terminal: control bytes are shown as dots.
 */
#ifndef SHIPPER_EVENT_TABLE_H
#define SHIPPER_EVENT_TABLE_H

#include "parsers/event.h"

struct event_table {
    bool has_color;
    size_t rows;
};

/* Appends the head line before the first row, then the event:
 *
 *     TIME (UTC)           ACTIVITY  USER   ADDRESS      RULE           AGENT, META
 *     2026-11-23 10:11:12  LOGIN     alice  203.0.113.7  openssh/login  OpenSSH method=publickey
 *
 * note, if not empty, ends the row in brackets. */
void event_table_row(
    struct event_table *table, const struct event *event, const char *note, struct buffer *out);

/* Appends s with a dot for each character that steers a terminal or turns the
 * direction of writing, and for each byte that is no UTF-8. */
void event_table_text(struct span s, struct buffer *out);

/* The same as a cell of a table: filled up with blanks to that width, two more behind. */
void event_table_cell(struct span text, size_t width, struct buffer *out);

#endif
