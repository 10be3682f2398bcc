/* SPDX-License-Identifier: MIT
 *
 * auto: whichever format a line is in. First what may be around another one, then what it
 * holds, or the line itself:
 *
 *     cri       a time, stdout or stderr, P or F
 *     docker    begins with {"log":" and has a "stream"
 *     syslog    <PRI>; or a time as RFC 3164 or RFC 5424 write it, a host and a program,
 *               neither of which is the name of a severity (INFO)
 *
 *     json      begins with { and a key, or is {}
 *     access    all of a common log format
 *     logfmt    begins with key= and has another pair
 *     plain     all else
 *
 * It goes by the line alone: neither by the lines before it, nor by how many were of which
 * format. So a line is read in the same way whenever and wherever it is read, after a
 * restart too, and a log of several formats is read line by line as what each is. What
 * begins like JSON and breaks off is PARSE_BAD, not plain.
 *
 * Not detected are formats that any text could be (text_json, pairs), and those whose
 * columns need names.
 */
#ifndef PARSERS_AUTO_H
#define PARSERS_AUTO_H

#include "format.h"

/* What was found is in record->detected. */
format_parse auto_parse;
format_read_part auto_read_part;

#endif
