/* SPDX-License-Identifier: MIT
 *
 * The last lines of a log, for people who look at what rules would make of it.
 */
#ifndef SHIPPER_LOG_TAIL_H
#define SHIPPER_LOG_TAIL_H

#include "parsers/error.h"

#include <sys/types.h>

enum {
    LOG_TAIL_BYTES = 1 << 20, /* at most so much is read, so lines may be fewer */
    LOG_TAIL_WAIT_MS = 5000,  /* for journalctl to say more */
};

/* Replaces *text by the last whole lines of a file, each with its newline. A line that is
 * not ended yet is left out. *size is the file's in bytes. False if it cannot be read;
 * what is compressed has no lines. */
bool log_tail_file(
    const char *path, size_t lines, struct buffer *text, off_t *size, struct error *err);

/* The same of a systemd unit's entries, from the program journalctl (a path): behind the
 * header that syslog rules expect, or the bare messages. No lines: the unit has none that
 * this user may read. */
bool log_tail_journal(const char *journalctl, struct span unit, bool is_syslog, size_t lines,
    struct buffer *text, struct error *err);

#endif
