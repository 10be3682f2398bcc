/* SPDX-License-Identifier: MIT
 *
 * What both processes do for themselves.
 */
#include "shipper/child.h"

#include <sys/resource.h>

void child_allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}
