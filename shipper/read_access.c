/* SPDX-License-Identifier: MIT
 *
 * The first part of the path that is in the way decides. A mode alone does not tell of
 * ACLs, so whether a file can be read is tried, never worked out.
 */
#include "shipper/read_access.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- trying ------------------------------------------------------------------- */

void read_access_begin(struct read_access *access, uid_t uid)
{
    const struct passwd *user = uid != geteuid() && geteuid() == 0 ? getpwuid(uid) : NULL;

    *access = (struct read_access){.uid = uid};
    if (!user)
        return;
    access->group_count = getgroups(64, access->groups);
    if (access->group_count < 0 || initgroups(user->pw_name, user->pw_gid) < 0)
        return;
    access->is_other = setegid(user->pw_gid) == 0 && seteuid(uid) == 0;
    if (!access->is_other)
        read_access_end(access);
}

void read_access_end(const struct read_access *access)
{
    if (access->group_count <= 0 && !access->is_other)
        return;
    /* What was root may be root again. */
    if (seteuid(0) < 0 || setegid(0) < 0 ||
        setgroups((size_t)access->group_count, access->groups) < 0)
        abort();
}

int read_access_try(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

/* --- advising ------------------------------------------------------------------- */

static bool is_member(uid_t uid, gid_t gid)
{
    const struct passwd *user = getpwuid(uid);
    gid_t groups[256];
    int count = 256;

    if (!user || getgrouplist(user->pw_name, user->pw_gid, groups, &count) < 0)
        return false;
    for (int i = 0; i < count; i++)
        if (groups[i] == gid)
            return true;
    return false;
}

/* Whether the mode lets the user: right is that of others (S_IROTH, S_IXOTH). */
static bool is_let(const struct stat *status, uid_t uid, unsigned right)
{
    if (status->st_uid == uid)
        return status->st_mode & (right << 6);
    if (is_member(uid, status->st_gid))
        return status->st_mode & (right << 3);
    return status->st_mode & right;
}

/* The first directory on the way that is closed to the user, or else the file itself.
 * False if it cannot be told. */
static bool find_obstacle(const char *path, uid_t uid, char obstacle[PATH_MAX], struct stat *status)
{
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(obstacle, PATH_MAX, "%.*s", (int)(slash - path), path);
        if (stat(obstacle, status) < 0)
            return false;
        if (!is_let(status, uid, S_IXOTH))
            return true;
    }
    snprintf(obstacle, PATH_MAX, "%s", path);
    return stat(path, status) == 0;
}

/* As a word for a shell. */
static void put_word(const char *word, struct buffer *out)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:,@";

    if (word[strspn(word, plain)] == '\0') {
        buffer_append(out, span_of(word));
        return;
    }
    buffer_append_byte(out, '\'');
    for (; *word; word++)
        buffer_append(out, *word == '\'' ? SPAN("'\\''") : (struct span){word, 1});
    buffer_append_byte(out, '\'');
}

static void put_user(uid_t uid, struct buffer *out)
{
    const struct passwd *user = getpwuid(uid);

    if (user)
        buffer_append(out, span_of(user->pw_name));
    else
        buffer_printf(out, "%u", (unsigned)uid);
}

static void put_group(gid_t gid, struct buffer *out)
{
    const struct group *group = getgrgid(gid);

    if (group)
        buffer_append(out, span_of(group->gr_name));
    else
        buffer_printf(out, "%u", (unsigned)gid);
}

static void advise_group(uid_t uid, gid_t gid, struct buffer *out)
{
    buffer_append(out, SPAN("Its group may: `usermod -aG "));
    put_group(gid, out);
    buffer_append_byte(out, ' ');
    put_user(uid, out);
    buffer_append(out, SPAN("`, then restart the service."));
}

static void put_acl(
    const char *options, const char *right, uid_t uid, const char *path, struct buffer *out)
{
    buffer_printf(out, "setfacl %s-m u:", options);
    put_user(uid, out);
    buffer_printf(out, ":%s ", right);
    put_word(path, out);
}

static void advise_acl(uid_t uid, const char *path, bool is_dir, struct buffer *out)
{
    char folder[PATH_MAX];
    char *slash;

    buffer_append(out, SPAN("An ACL gives it: `"));
    put_acl("", is_dir ? "rx" : "r", uid, path, out);
    snprintf(folder, sizeof(folder), "%s", path);
    slash = strrchr(folder, '/');
    if (!is_dir && slash) {
        slash[slash == folder] = '\0';
        buffer_append(out, SPAN("` and, for the files that rotation makes, `"));
        put_acl("-d ", "r", uid, folder, out);
    }
    buffer_append(out, SPAN("`."));
}

static void advise_capability(struct buffer *out)
{
    buffer_append(out,
        SPAN("Its mode closes it to groups and ACLs, each time that it is made: have it made with "
             "0640, or as the last resort let the reader read everything: `systemctl edit "
             "usage-shipper` with [Service] CapabilityBoundingSet=CAP_DAC_READ_SEARCH "
             "AmbientCapabilities=CAP_DAC_READ_SEARCH."));
}

void read_access_advise(const char *path, uid_t uid, struct buffer *out)
{
    char obstacle[PATH_MAX];
    struct stat status;
    bool is_dir, is_open_to_group;

    if (!find_obstacle(path, uid, obstacle, &status)) {
        buffer_append(out, SPAN("Run `usage-shipper doctor` as root: it says what is in the way."));
        return;
    }
    is_dir = S_ISDIR(status.st_mode);
    is_open_to_group = status.st_mode & (is_dir ? S_IXGRP : S_IRGRP);
    if (is_dir) {
        buffer_append(out, SPAN("The way to it ends at "));
        put_word(obstacle, out);
        buffer_append(out, SPAN(". "));
    }
    /* Root's group is given for more than reading. */
    if (is_open_to_group && status.st_gid != 0 && !is_member(uid, status.st_gid))
        advise_group(uid, status.st_gid, out);
    else if (is_dir || is_open_to_group)
        advise_acl(uid, obstacle, is_dir, out);
    else
        advise_capability(out);
}
