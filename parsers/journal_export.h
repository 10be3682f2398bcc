/* SPDX-License-Identifier: MIT
 *
 * The export format of systemd's journal, as `journalctl -o export` writes it: an
 * entry is a run of fields up to an empty line. A field is `NAME=value` on a line, or,
 * if the value is binary or has newlines, `NAME` on a line, its length as 64 bit
 * little-endian, the value, a newline.
 *
 * Read as it comes, in pieces of any size. A field may stand several times. A line
 * that is none of this is passed over. Over LIMIT_LINE_BYTES a value is cut, over
 * LIMIT_JOURNAL_ENTRY_BYTES what is behind, and fields over LIMIT_JOURNAL_FIELDS are
 * left out: is_cut says so.
 * Source: https://systemd.io/JOURNAL_EXPORT_FORMATS
 */
#ifndef PARSERS_JOURNAL_EXPORT_H
#define PARSERS_JOURNAL_EXPORT_H

#include "limits.h"
#include "record.h"

struct journal_export; /* an entry under way */

struct journal_export *journal_export_new(void);
void journal_export_free(struct journal_export *entry); /* accepts NULL */

/* Takes bytes off *rest up to the end of an entry: true when there is one, which lives
 * until the next call; false when all bytes were taken. */
bool journal_export_read(struct journal_export *entry, struct span *rest);

/* Of the entry that was read. */
const struct field *journal_export_fields(const struct journal_export *entry, size_t *count);
bool journal_export_is_cut(const struct journal_export *entry);

/* The first value of that name; absent if there is none. */
struct span journal_export_get(const struct journal_export *entry, struct span name);

/* What comes is the beginning of an entry: another journalctl was started. */
void journal_export_restart(struct journal_export *entry);

#endif
