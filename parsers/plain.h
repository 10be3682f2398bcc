/* SPDX-License-Identifier: MIT
 *
 * plain: a line of text as it is. Always PARSE_OK, adds no fields.
 *
 * message: the whole text. time: where a timestamp would stand, for
 * timestamp_parse to read or refuse: the text from its start, or from behind
 * one opening `[` or `<` (and the level letter of `[I 2026-11-23 10:11:12 …`,
 * as Python's tornado writes it). Before it may stand a severity, in brackets or not, and
 * one other text in brackets, if a date is behind it: `[notice] 2026-11-23T10:11:12Z`,
 * `INFO  [main] 2026-11-23 10:11:12`. An outer format's time stays.
 */
#ifndef PARSERS_PLAIN_H
#define PARSERS_PLAIN_H

#include "format.h"

format_parse plain_parse;

#endif
