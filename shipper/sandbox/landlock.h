/* SPDX-License-Identifier: MIT
 *
 * Landlock, the kernel's access control that a process puts on itself
 * (https://docs.kernel.org/userspace-api/landlock.html), by its system calls: libc has
 * no functions for them. What was given up does not come back, not for root either, and
 * holds for what is forked.
 *
 * Files that are open already stay usable. stat() is never restricted.
 */
#ifndef SHIPPER_SANDBOX_LANDLOCK_H
#define SHIPPER_SANDBOX_LANDLOCK_H

#include "parsers/error.h"

/* The interface's version, 1 or more, or 0: this kernel has no Landlock, or it is
 * switched off. Later ones can do more: 4 TCP, 6 signals and abstract sockets. */
int landlock_version(void);

enum landlock_access {
    LANDLOCK_LOOK = 1,  /* read files, list directories */
    LANDLOCK_CHANGE = 2 /* write, make, rename and remove files */
};

/* Which TCP calls are left; not told by versions before 4. */
enum landlock_tcp { LANDLOCK_NO_TCP, LANDLOCK_CONNECT_ONLY };

struct landlock_rules;

/* handled: what is forbidden but where it is allowed below; what is not in it stays
 * free. To be freed. NULL on failure. */
struct landlock_rules *landlock_new(unsigned handled, enum landlock_tcp tcp, struct error *err);
void landlock_free(struct landlock_rules *rules); /* accepts NULL */

/* Allows it for the file, or for everything below the directory; later by whatever name.
 * What is not there is passed over: false, without an error. */
bool landlock_allow(struct landlock_rules *rules, const char *path, unsigned access);

/* From now on, for this thread and what it forks. Needs PR_SET_NO_NEW_PRIVS. */
bool landlock_enforce(const struct landlock_rules *rules, struct error *err);

#endif
