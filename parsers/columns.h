/* SPDX-License-Identifier: MIT
 *
 * csv, tsv, pipe: values in columns that the rule file names.
 *
 *     csv    a,"b ""quoted"", with a comma and a newline",c     RFC 4180
 *     tsv    a<tab>b<tab>c
 *     pipe   a | b | "c"
 *
 * - With quotes (csv) a value that begins with a double quote goes up to the closing one,
 *   in which "" is one quote, and may have newlines. An unfinished quote, or text behind a
 *   closing one, is PARSE_BAD. Blanks before a quote go.
 * - Without them (tsv, pipe) the separator ends a value wherever it stands. Blanks around
 *   the values of `pipe` go, and so does one pair of quotes around a value that has no
 *   other.
 * - A text without a separator, where more than one column is wanted, is PARSE_NO, and so
 *   is a header: a line whose first value is the name of the first column.
 * - Columns behind the last name are `column7`, …, counted from 1. Values that are not
 *   there are no fields.
 *
 * message: the column `message` or `msg`, else the whole text. time: that of `time`,
 * `timestamp`, `ts` or `t`.
 */
#ifndef PARSERS_COLUMNS_H
#define PARSERS_COLUMNS_H

#include "format.h"

struct columns {
    char separator;
    bool has_quotes, has_padding; /* padding: blanks around values are none of them */
    const struct span *names;     /* terminated; empty: of this column nobody wants to know */
    size_t count;
};

enum parse_result columns_parse(
    const struct columns *columns, struct span text, struct record *record, size_t *at);

/* Whether a quote is open behind a line, which begins with one open or not: the record goes
 * on in the next line. line: without terminator. */
bool columns_is_open(const struct columns *columns, struct span line, bool is_open);

extern const struct columns columns_csv, columns_tsv, columns_pipe; /* without names */

#endif
