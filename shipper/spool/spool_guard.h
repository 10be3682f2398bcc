/* SPDX-License-Identifier: MIT
 *
 * The spool in the supervisor's care: put in order whenever no child runs, and
 * watched while they do. Never opens the database while a child may have it open.
 *
 * The guard keeps descriptors of the files that the children work with. When
 * somebody deletes the state directory, or puts an older copy in the spool's place,
 * the children go on in files that have no name; both are then stopped, and what
 * the guard holds is put back: nothing is lost, nothing sent again.
 */
#ifndef SHIPPER_SPOOL_SPOOL_GUARD_H
#define SHIPPER_SPOOL_SPOOL_GUARD_H

#include "parsers/error.h"

struct spool_guard;

/* dir is borrowed. lock: the instance lock's descriptor, from now on the guard's. */
struct spool_guard *spool_guard_new(const char *dir, int lock);
void spool_guard_free(struct spool_guard *guard); /* accepts NULL */

/* With no child running: the directory is there, the lock ours, the spool sound and
 * in its place. Says what it had to do. is_damaged: a child could not read it.
 * ERROR_CONFIG: a spool of a newer version. EWOULDBLOCK: another instance took the
 * place. Anything else may pass. */
bool spool_guard_mend(struct spool_guard *guard, bool is_damaged, struct error *err);

/* Takes hold of what the children have open by now. */
void spool_guard_hold(struct spool_guard *guard);

/* Lets go of it: in a child, before it opens the spool. */
void spool_guard_release(struct spool_guard *guard);

/* The name of a file that is held and has been deleted or replaced; NULL: none.
 * is_running: some child is; the last to end takes the log along. */
const char *spool_guard_missing(const struct spool_guard *guard, bool is_running);

#endif
