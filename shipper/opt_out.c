/* SPDX-License-Identifier: MIT
 *
 * A file that may or may not be there, because its folder cannot be looked into, is
 * taken as not there: the service's user can always look into /etc.
 */
#include "shipper/opt_out.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "DO_NOT_TRACK"

bool opt_out_is_asked(const char *file, const char **by)
{
    const char *value = getenv(VARIABLE);

    if (value && *value && strcmp(value, "0") != 0 && strcmp(value, "false") != 0) {
        *by = VARIABLE;
        return true;
    }
    if (access(file, F_OK) != 0)
        return false;
    *by = file;
    return true;
}
