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

struct format {
    const char *name; /* as in a rule file's `format:` */
    format_parse *parse;
    const char *help; /* one line for `check` and the docs */
};

/* All formats, ended by one without a name. */
extern const struct format formats[];

/* NULL if there is none of that name. */
const struct format *format_find(struct span name);

/* Runs the chain on the record's line, ended by NULL, each format on the
 * message that the one before left. The first result that is not PARSE_OK ends
 * it; *at is then an offset in the text that this format was given. */
enum parse_result format_chain(
    const struct format *const *chain, struct record *record, size_t *at);

#endif
