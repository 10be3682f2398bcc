/* SPDX-License-Identifier: MIT
 *
 * logfmt: `key=value` pairs separated by blanks.
 *
 *     time=2026-11-23T10:11:12Z level=info msg="user logged in" user=alice
 *
 * - A value is bare (up to the next blank) or in double quotes, where
 *   backslash escapes \" \\ \/ \n \r \t \b \f \uXXXX and \xHH are undone. A bare
 *   value may hold anything else, `=` and quotes in its middle included.
 * - `key=` has an empty value; a word without `=` is a key with the value
 *   "true" (as Go's encoders write flags).
 * - A text without any `key=` is PARSE_NO. An unfinished quote, or text glued
 *   to a closing one, is PARSE_BAD at that place.
 *
 * message: the value of `msg` or `message`, else the whole text. time: the value
 * of `time`, `ts`, `t` or `timestamp`.
 * Source: the encoders of Go's log/slog TextHandler, logrus and go-kit/log.
 */
#ifndef PARSERS_LOGFMT_H
#define PARSERS_LOGFMT_H

#include "format.h"

format_parse logfmt_parse;

/* Whether a text may be meant as such, since it begins with a key: logfmt_parse takes any
 * with a = in it. */
bool logfmt_is_likely(struct span text);

#endif
