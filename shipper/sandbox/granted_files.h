/* SPDX-License-Identifier: MIT
 *
 * The files that an endpoint's configuration names, as the sender's sandbox knows them:
 * by inode. One that is replaced under its name can't be opened by a process whose
 * Landlock rules were made before.
 */
#ifndef SHIPPER_SANDBOX_GRANTED_FILES_H
#define SHIPPER_SANDBOX_GRANTED_FILES_H

#include "shipper/config.h"

#include <sys/stat.h>

enum { GRANTED_FILES = 5 };

struct granted_file {
    const char *path; /* of the configuration; NULL: it names none */
    dev_t device;
    ino_t inode; /* 0: it is not there */
    struct timespec changed;
};

/* As they are now. */
void granted_files_note(
    const struct endpoint_config *endpoint, struct granted_file files[GRANTED_FILES]);

/* The path of one that is there, and is another file than was noted; NULL: none. */
const char *granted_files_replaced(const struct granted_file files[GRANTED_FILES]);

/* Whether one was replaced, rewritten or removed, or has come. */
bool granted_files_changed(const struct granted_file files[GRANTED_FILES]);

#endif
