/* SPDX-License-Identifier: MIT
 *
 * The kernel's structures and numbers stand here, since the headers of older systems
 * lack them. Each version is asked only for what it knows.
 */
#include "shipper/sandbox/landlock.h"

#include "parsers/memory.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on every architecture. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { ASK_VERSION = 1, RULE_PATH_BENEATH = 1 };

enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_AND_MAKE = 0x1ff << 4, /* REMOVE_DIR to MAKE_SYM */
    FS_REFER = 1 << 13,              /* version 2 */
    FS_TRUNCATE = 1 << 14,           /* version 3 */
    FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
};
enum { NET_BIND_TCP = 1 << 0, NET_CONNECT_TCP = 1 << 1 };            /* version 4 */
enum { SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0, SCOPE_SIGNAL = 1 << 1 }; /* version 6 */

struct ruleset_attributes {
    uint64_t fs, net, scope;
};

struct path_attributes {
    uint64_t access;
    int32_t parent;
} __attribute__((packed));

struct landlock_rules {
    int descriptor;
    uint64_t handled;
};

int landlock_version(void)
{
    long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);

    return version > 0 ? (int)version : 0;
}

static uint64_t rights_of(unsigned access, int version)
{
    uint64_t rights = 0;

    if (access & LANDLOCK_LOOK)
        rights |= FS_READ_FILE | FS_READ_DIR;
    if (access & LANDLOCK_CHANGE)
        rights |= FS_WRITE_FILE | FS_REMOVE_AND_MAKE | (version >= 2 ? FS_REFER : 0) |
                  (version >= 3 ? FS_TRUNCATE : 0);
    return rights;
}

struct landlock_rules *landlock_new(unsigned handled, enum landlock_tcp tcp, struct error *err)
{
    int version = landlock_version();
    struct ruleset_attributes attributes = {.fs = rights_of(handled, version) | FS_EXECUTE};
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    struct landlock_rules *rules = memory_new(sizeof(*rules));

    attributes.net = NET_BIND_TCP | (tcp == LANDLOCK_NO_TCP ? NET_CONNECT_TCP : 0);
    attributes.scope = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    rules->handled = attributes.fs;
    rules->descriptor = (int)syscall(CREATE_RULESET, &attributes, size, 0);
    if (rules->descriptor >= 0)
        return rules;
    error_system(err, "cannot make Landlock's rules");
    free(rules);
    return NULL;
}

void landlock_free(struct landlock_rules *rules)
{
    if (!rules)
        return;
    close(rules->descriptor);
    free(rules);
}

bool landlock_allow(struct landlock_rules *rules, const char *path, unsigned access)
{
    struct path_attributes rule = {.parent = open(path, O_PATH | O_CLOEXEC)};
    struct stat status;
    bool is_allowed = false;

    rule.access = rights_of(access, landlock_version()) & rules->handled;
    if (rule.parent < 0)
        return false;
    if (fstat(rule.parent, &status) == 0) {
        if (!S_ISDIR(status.st_mode))
            rule.access &= FS_OF_FILES;
        is_allowed = syscall(ADD_RULE, rules->descriptor, RULE_PATH_BENEATH, &rule, 0) == 0;
    }
    close(rule.parent);
    return is_allowed;
}

bool landlock_enforce(const struct landlock_rules *rules, struct error *err)
{
    return syscall(RESTRICT_SELF, rules->descriptor, 0) == 0 ||
           error_system(err, "cannot enforce Landlock's rules");
}
