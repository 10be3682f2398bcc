/* SPDX-License-Identifier: MIT
 *
 * The walls around each process, put up by itself before it looks at anything from
 * outside (docs/security.md is the whole picture):
 *
 *  - all three: no gain of rights by what is executed, memory in no core dump and not
 *    readable by others of the same user;
 *  - the reader: no network and no other process (seccomp); writes in the state
 *    directory only (Landlock). Which files it reads is for their permissions to say;
 *  - the sender: opens the spool, the endpoint's files (key, certificates), and what
 *    name resolution and TLS read, nothing else (Landlock); no other process, no
 *    executable memory (seccomp).
 *
 * What the kernel does not have is left out and said; the rest still holds.
 */
#ifndef SHIPPER_SANDBOX_SANDBOX_H
#define SHIPPER_SANDBOX_SANDBOX_H

#include "shipper/sandbox/granted_files.h"
#include "shipper/shared.h"

/* The supervisor, before it knows a secret. */
void sandbox_supervisor(void);

/* channel: what the reader alone may send on. */
void sandbox_reader(const char *state_dir, int channel, struct sandbox_facts *facts);

/* files: noted before, so that none is replaced unseen in between. */
void sandbox_sender(const char *state_dir, const struct granted_file files[GRANTED_FILES],
    struct sandbox_facts *facts);

#endif
