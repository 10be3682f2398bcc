/* SPDX-License-Identifier: MIT
 *
 * How systemd's journalctl is called for a `journal:` of the configuration. It writes export
 * format, and always reads what the host's journald writes. Nothing in a call comes from elsewhere
 * than the configuration, but for the cursor, which must look like one. Source: journalctl(1),
 * systemd.journal-fields(7).
 */
#ifndef SHIPPER_JOURNALCTL_H
#define SHIPPER_JOURNALCTL_H

#include "shipper/config.h"
#include "shipper/errand.h"

#define JOURNALCTL "/usr/bin/journalctl"

/* Whether the input takes every entry of its journal. */
bool journalctl_is_whole(const struct journal_config *config);

/* The command line, ended by NULL, to be given back with journalctl_free. */
char **journalctl_arguments(
    const struct journal_config *config, enum journal_reading reading, const char *cursor);
/* The last entries of a unit as lines: behind a syslog header, or bare. */
char **journalctl_tail_arguments(struct span unit, bool has_header, size_t lines);
void journalctl_free(char **arguments); /* accepts NULL */

/* What it finds in its environment: its messages in English, to its standard error. */
extern const char *const journalctl_environment[];

/* One or more `letter=hex digits`, separated by `;`, shorter than
 * ERRAND_CURSOR_BYTES: what every systemd writes. */
bool journalctl_is_cursor(struct span text);

#endif
