/* SPDX-License-Identifier: MIT
 *
 * The spool's files in the state directory: how a new database takes its place
 * whole or not at all, and an old one is set aside.
 *
 *     spool.db spool.db-wal spool.db-shm   the spool
 *     spool.lock                           what its writers queue on
 *     spool.new/                           where a new one is made
 *     spool.next                           a new one, complete: what stands in its place goes aside
 *     spool.damaged-N.db (-wal)            set aside; ours no more, for a person to look at
 *
 * Nothing here opens a database. No process may have one open.
 */
#ifndef SHIPPER_SPOOL_SPOOL_FILES_H
#define SHIPPER_SPOOL_SPOOL_FILES_H

#include "parsers/error.h"

#include <stdint.h>

/* "dir/name", the caller's to free. */
char *spool_file(const char *dir, const char *name);

/* The size of dir/name; -1 if it is not there. */
int64_t spool_file_size(const char *dir, const char *name);

/* An empty spool.new/ to make a spool in: its path, the caller's to free. NULL on
 * failure. */
char *spool_files_begin(const char *dir, struct error *err);

/* The spool made in spool.new/, closed by now, takes its place. */
bool spool_files_publish(const char *dir, struct error *err);

/* Ends what spool_files_publish was interrupted in. Harmless at any time. */
bool spool_files_finish(const char *dir, struct error *err);

/* The log goes aside; the database stays. */
bool spool_files_set_log_aside(const char *dir, struct error *err);

/* dir/by gets that name. What has it goes aside, and stands there until then. */
bool spool_files_replace(const char *dir, const char *name, const char *by, struct error *err);

/* The name under which the present spool would be set aside, the caller's to
 * free. */
char *spool_files_aside(const char *dir);

#endif
