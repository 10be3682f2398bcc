/* SPDX-License-Identifier: MIT
 *
 * Inside the notes: what notes.c and notes_durable.c share. Nobody else includes this.
 */
#ifndef PARSERS_NOTES_INSIDE_H
#define PARSERS_NOTES_INSIDE_H

#include "note_table.h"

TAILQ_HEAD(changed_list, note);

struct notes {
    size_t most, most_bytes, most_logs;
    struct note_table table;
    struct note_list passing, lasting; /* the longest untouched first */
    size_t passing_count, bytes, log_count;
    struct changed_list changed;
    uint64_t *dropped; /* rows to be forgotten */
    size_t dropped_count, dropped_room;
    uint64_t next_number, ended_early;
    int64_t deadline_s;   /* no silence ends before */
    struct note **loaded; /* logs, by number: for notes_load */
    size_t loaded_count, loaded_room;
    struct buffer row;
};

/* Into the table and the lists; key and value are copied. */
struct note *notes_insert(struct notes *notes, struct note *log, const struct note_start *start,
    uint64_t number, int64_t touched_s);

/* It is handed out as dropped. */
void notes_forget_row(struct notes *notes, uint64_t number);

#endif
