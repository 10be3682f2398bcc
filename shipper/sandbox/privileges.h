/* SPDX-License-Identifier: MIT
 *
 * What a process gives up of its own rights, beside files and system calls. None of it
 * comes back.
 */
#ifndef SHIPPER_SANDBOX_PRIVILEGES_H
#define SHIPPER_SANDBOX_PRIVILEGES_H

#include <stdbool.h>

/* Nothing executed from here on gains rights by set-user-ID or file capabilities, nor
 * inherits those that systemd lent us (ambient capabilities). */
void privileges_freeze(void);

/* Memory goes into no core dump, and is not for other processes of this user to read. */
void privileges_hide_memory(void);

/* Capabilities (capabilities(7)) that are kept, of those that it has; the others go, from
 * the bounding set, too, where that is allowed. False where the kernel does not take it. */
enum privilege {
    PRIVILEGE_NONE = 0,
    PRIVILEGE_READ_ALL = 1, /* CAP_DAC_READ_SEARCH: files and directories of anybody */
    PRIVILEGE_OWN = 2,      /* CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER: what root does to the
                               files of others */
};
bool privileges_keep(unsigned kept);

/* No memory becomes executable that was ever writable (PR_SET_MDWE, Linux 6.3). False
 * where the kernel does not know it. */
bool privileges_deny_write_execute(void);

#endif
