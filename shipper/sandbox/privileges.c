/* SPDX-License-Identifier: MIT
 *
 * prctl(2) and capset(2). libcap would be one more library for three calls.
 */
#include "shipper/sandbox/privileges.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not in the headers of older systems. */
enum { SET_MDWE = 65, MDWE_REFUSE_EXEC_GAIN = 1 };

void privileges_freeze(void)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

void privileges_hide_memory(void)
{
    /* A core that is piped into a program takes no notice of the limit. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

bool privileges_keep(unsigned kept)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct now[2], then[2] = {{0}};
    uint32_t mask =
        (kept & PRIVILEGE_READ_ALL ? 1u << CAP_DAC_READ_SEARCH : 0) |
        (kept & PRIVILEGE_OWN ? 1u << CAP_DAC_OVERRIDE | 1u << CAP_CHOWN | 1u << CAP_FOWNER : 0);

    if (syscall(SYS_capget, &header, now) != 0)
        return false;
    for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
        if (i >= 32 || !(mask & (1u << i)))
            prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    then[0].permitted = then[0].effective = now[0].permitted & mask;
    return syscall(SYS_capset, &header, then) == 0;
}

bool privileges_deny_write_execute(void)
{
    return prctl(SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0;
}
