/* SPDX-License-Identifier: MIT
 *
 * The files that an endpoint's configuration names (key, certificates, the proxy's
 * credentials), looked into as this user does it now, for `check` and `doctor`.
 */
#ifndef SHIPPER_ENDPOINT_FILES_H
#define SHIPPER_ENDPOINT_FILES_H

#include "shipper/config.h"

/* What is wrong with a file goes to errors. To warnings goes what may be so here
 * only, that it is not there or cannot be read (with errno as the code), and what
 * works but should not be: a secret that everyone can read, a certificate whose time
 * is over. wall_s: UNIX seconds. */
void endpoint_files_check(const struct endpoint_config *endpoint, int64_t wall_s,
    struct errors *errors, struct errors *warnings);

#endif
