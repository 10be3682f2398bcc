/* SPDX-License-Identifier: MIT
 *
 * Whether a user may read a log that is not its own, and the least that would change
 * that: membership in a group, else an ACL that survives the log's rotation, and only
 * where neither can work the capability to read everything.
 */
#ifndef SHIPPER_READ_ACCESS_H
#define SHIPPER_READ_ACCESS_H

#include "parsers/buffer.h"

#include <sys/types.h>

/* From here to read_access_end, files are opened as that user would (root only: for
 * anybody else, and for its own user, nothing changes). */
struct read_access {
    uid_t uid;
    bool is_other; /* this process acts as somebody else */
    gid_t groups[64];
    int group_count; /* of this process, to be put back */
};

void read_access_begin(struct read_access *access, uid_t uid);
void read_access_end(const struct read_access *access);

/* In between: 0, or the errno of opening it for reading. */
int read_access_try(const char *path);

/* A sentence with the command to give, for a path that this user may not read
 * (EACCES). Anywhere; looks with stat() only. */
void read_access_advise(const char *path, uid_t uid, struct buffer *out);

#endif
