/* SPDX-License-Identifier: MIT
 *
 * The line formats: one file each (syslog.c, json.c, …), all with the same
 * verb. A decoder reads `text` and adds to the record; formats chain by giving
 * the next one the record's message (syslog around JSON: [syslog, json]).
 *
 * What a decoder must do:
 * - add fields with decoded values, at most LIMIT_RECORD_FIELDS;
 * - set record->message to the part that the product wrote as text (leave it if
 *   the format has none), and record->time to the record's own timestamp if the
 *   format has one and no outer format was more exact;
 * - on PARSE_NO leave the record as it was.
 */
#ifndef PARSERS_FORMAT_H
#define PARSERS_FORMAT_H

#include "record.h"

enum parse_result {
    PARSE_OK,
    PARSE_NO,  /* not this format; the record is unchanged */
    PARSE_BAD, /* this format, broken at *at; the record holds what was read before */
};

/* text: without line terminator. *at: a byte offset in text, set on PARSE_BAD only. */
typedef enum parse_result format_parse(struct span text, struct record *record, size_t *at);

/* A value that a decoder makes up: it need not stand in the line. */
struct format_made {
    const char *field; /* NULL: any field, and the message */
    const char *value; /* NULL: any value */
};

/* How values stand in the line that they are read from. Rules are looked for by texts
 * that they need (needs.h), in the line's own bytes; so what is promised here must
 * hold for each line that the decoder takes. */
struct format_writing {
    /* Printable ASCII characters that may stand there in another way than as
     * themselves, control characters beside. */
    const char *escaped;
    bool has_escaped_others; /* characters beyond ASCII too */

    /* The next byte of `bytes`, which are whole lines, whose line a rule may match
     * although the texts that it needs are not there: it has an escape for a character
     * that is not of the above, or is a part of something. NULL: there is none; a
     * decoder that has no such lines leaves this out. */
    const char *(*find_hidden)(struct span bytes);

    const struct format_made *made; /* ended by {NULL, NULL}; NULL: none */

    /* It may also be written in any of these ways, ended by NULL; NULL: no others. */
    const struct format_writing *const *others;
};

/* A line that a container runtime wrote: in which of its streams, and whether the next
 * line of that stream goes on with it. */
enum { FORMAT_STREAMS = 2 };
struct format_part {
    unsigned stream;
    bool goes_on;
};

/* line: without terminator, not cleaned. False if it is not of this format. */
typedef bool format_read_part(struct span line, struct format_part *part);

struct columns;

struct format {
    const char *name;              /* as in a rule file's `format:` */
    format_parse *parse;           /* NULL: columns say how */
    const struct columns *columns; /* which values stand where (columns.h) */
    const char *help;              /* one line for `check` and the docs */

    /* NULL: no line is a part. Lines that go on must be found by find_hidden. A decoder is
     * given the parts of a record with "\n" between them, and joins them. Looked at in the
     * first format of a chain only. */
    format_read_part *read_part;

    /* NULL: nothing is promised, and rules for this format run on each line. */
    const struct format_writing *writing;
};

/* All formats, ended by one without a name. */
extern const struct format formats[];

/* NULL if there is none of that name. */
const struct format *format_find(struct span name);

/* Runs one format on text. */
enum parse_result format_run(
    const struct format *format, struct span text, struct record *record, size_t *at);

/* Runs the chain on the record's line, ended by NULL, each format on the
 * message that the one before left. The first result that is not PARSE_OK ends
 * it; *at is then an offset in the text that this format was given. */
enum parse_result format_chain(
    const struct format *const *chain, struct record *record, size_t *at);

#endif
