/* SPDX-License-Identifier: MIT
 *
 * stat() tells, which no sandbox restricts.
 */
#include "shipper/sandbox/granted_files.h"

static struct granted_file look(const char *path)
{
    struct stat status;

    if (!path || stat(path, &status) < 0)
        return (struct granted_file){.path = path};
    return (struct granted_file){path, status.st_dev, status.st_ino, status.st_mtim};
}

void granted_files_note(
    const struct endpoint_config *endpoint, struct granted_file files[GRANTED_FILES])
{
    const char *const paths[GRANTED_FILES] = {endpoint->api_key_file, endpoint->ca_file,
        endpoint->client_cert, endpoint->client_key, endpoint->proxy_credentials_file};

    for (size_t i = 0; i < GRANTED_FILES; i++)
        files[i] = look(paths[i]);
}

static bool is_same(const struct granted_file *a, const struct granted_file *b)
{
    return a->inode == b->inode && a->device == b->device;
}

const char *granted_files_replaced(const struct granted_file files[GRANTED_FILES])
{
    for (size_t i = 0; i < GRANTED_FILES; i++) {
        struct granted_file now = look(files[i].path);

        if (now.inode != 0 && !is_same(&now, &files[i]))
            return now.path;
    }
    return NULL;
}

bool granted_files_changed(const struct granted_file files[GRANTED_FILES])
{
    for (size_t i = 0; i < GRANTED_FILES; i++) {
        struct granted_file now = look(files[i].path);

        if (!is_same(&now, &files[i]) || now.changed.tv_sec != files[i].changed.tv_sec ||
            now.changed.tv_nsec != files[i].changed.tv_nsec)
            return true;
    }
    return false;
}
