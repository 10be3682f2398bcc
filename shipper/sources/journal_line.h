/* SPDX-License-Identifier: MIT
 *
 * An entry of the journal as what the engine takes: a line, and fields beside it.
 */
#ifndef SHIPPER_SOURCES_JOURNAL_LINE_H
#define SHIPPER_SOURCES_JOURNAL_LINE_H

#include "parsers/buffer.h"
#include "parsers/journal_export.h"

/* Appends MESSAGE as one line with its newline: newlines in it become blanks, and it is
 * cut at LIMIT_LINE_BYTES. has_header: behind what a syslog daemon would write before it:
 *
 *     2026-11-23T10:11:12Z web1 sshd[912]: Accepted …
 *
 * from __REALTIME_TIMESTAMP, _HOSTNAME, SYSLOG_IDENTIFIER (else _COMM), and SYSLOG_PID
 * (else _PID); without a host "localhost", without a program "unknown". What would break the
 * header (blanks, brackets, colons) becomes `_`. */
void journal_line_write(const struct journal_export *entry, bool has_header, struct buffer *out);

/* What rules see beside the line: its fields without MESSAGE and those that are about
 * the journal itself (__CURSOR). Returns how many. */
size_t journal_line_fields(
    const struct journal_export *entry, struct field fields[LIMIT_JOURNAL_FIELDS]);

/* Its time in UNIX seconds; 0 if it has none. */
int64_t journal_line_time_s(const struct journal_export *entry);

#endif
