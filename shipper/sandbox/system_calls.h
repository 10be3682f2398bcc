/* SPDX-License-Identifier: MIT
 *
 * Which system calls a process has, by seccomp(2): what it was not seen to need is
 * refused as if the kernel did not have it (ENOSYS: libraries then do without), and
 * counted. A filter never goes away, and holds for what is forked.
 */
#ifndef SHIPPER_SANDBOX_SYSTEM_CALLS_H
#define SHIPPER_SANDBOX_SYSTEM_CALLS_H

#include "parsers/error.h"
#include "shipper/shared.h"

enum system_call_set {
    SYSTEM_CALLS_READER, /* no network, no process: reads files, takes what listeners get.
                            Sends on `channel` only */
    SYSTEM_CALLS_SENDER, /* sockets and threads, no process, no executable memory of its own */
};

/* Keeps only that set, from now on. refused: counts what was tried besides, with the
 * number of the last such call; on architectures where a handler cannot give the
 * answer, and before the handler is set, nothing is counted. False with *err where the
 * kernel has no seccomp filters. */
bool system_calls_keep(
    enum system_call_set set, int channel, struct refused_calls *refused, struct error *err);

/* "connect"; "call 999" for a number without a name. */
void system_call_name(uint64_t number, char *name, size_t room);

#endif
