/* SPDX-License-Identifier: MIT
 *
 * One anonymous shared mapping: zeroed, and inherited over fork.
 */
#include "shipper/shared.h"

#include "parsers/error.h"

#include <sys/mman.h>

struct shared *shared_new(struct error *err)
{
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared != MAP_FAILED)
        return shared;
    error_system(err, "cannot map the shared counters");
    return NULL;
}
