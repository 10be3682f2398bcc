/* SPDX-License-Identifier: MIT
 *
 * Parts: lines that a container runtime has cut, as each format tells (format.h,
 * read_part). The parts of one line stand behind one another, but lines and parts of
 * the container's other stream may stand between them. So lines come in groups: from a
 * line with which no stream is in the middle of anything, to the next one. Nearly all
 * groups are one line.
 *
 * A record is the parts of one line. A group also ends before the line that would take
 * it over LIMIT_RECORD_LINES or LIMIT_LINE_BYTES; what is behind such a cut is a record
 * of its own.
 */
#ifndef PARSERS_PARTS_H
#define PARSERS_PARTS_H

#include "arena.h"
#include "format.h"

struct parts_group {
    struct span bytes; /* all of its lines, terminators included */
    size_t lines;
    bool is_cut; /* ended by a limit, or with chunk */
};

/* Takes the next group off *rest, which begins where one does. False when there is
 * none, or when more lines could belong to it: *rest is then untouched. is_final: no
 * more will come. */
bool parts_next(
    format_read_part *read, bool is_final, struct span *rest, struct parts_group *group);

struct parts_record {
    struct span first; /* its first line, without terminator */
    size_t bytes, lines;
    bool is_cut; /* its last part is not in the group */
};

/* Through a group; begins with the group's bytes and zeroes. */
struct parts_walk {
    struct span rest;
    bool is_open[FORMAT_STREAMS];
};

/* The next record of a group; false behind the last. *text: its lines, cleaned, with
 * "\n" between them, in the arena unless it is one line; absent when that is full. */
bool parts_record(format_read_part *read, struct parts_walk *walk, struct arena *arena,
    struct parts_record *record, struct span *text);

#endif
