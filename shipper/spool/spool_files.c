/* SPDX-License-Identifier: MIT
 *
 * spool.next is the decision: as long as it is there, all that stands in its way
 * is moved aside, log first, so that being killed between two renames leaves
 * nothing that the next start would read wrongly.
 */
#include "shipper/spool/spool_files.h"

#include "parsers/buffer.h"
#include "parsers/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const made[] = {
    "spool.db", "spool.db-wal", "spool.db-shm", "spool.db-journal", "spool.lock"};

char *spool_file(const char *dir, const char *name)
{
    struct buffer path = {0};

    buffer_printf(&path, "%s/%s", dir, name);
    buffer_append_byte(&path, '\0');
    return path.bytes;
}

int64_t spool_file_size(const char *dir, const char *name)
{
    char *path = spool_file(dir, name);
    struct stat status;
    int64_t size = stat(path, &status) == 0 ? (int64_t)status.st_size : -1;

    free(path);
    return size;
}

static bool remove_file(const char *dir, const char *name, struct error *err)
{
    char *path = spool_file(dir, name);
    bool is_gone =
        unlink(path) == 0 || errno == ENOENT || error_system(err, "cannot remove %s", path);

    free(path);
    return is_gone;
}

/* What is not there is not moved. */
static bool move_file(
    const char *dir, const char *name, const char *to, const char *suffix, struct error *err)
{
    char *from = spool_file(dir, name), *target = spool_file(dir, to);
    struct buffer path = {0};
    bool is_moved;

    buffer_printf(&path, "%s%s", target, suffix);
    buffer_append_byte(&path, '\0');
    is_moved = rename(from, path.bytes) == 0 || errno == ENOENT ||
               error_system(err, "cannot move %s", from);
    buffer_finish(&path);
    free(from);
    free(target);
    return is_moved;
}

/* Of a file, or of the names in a directory. */
static bool sync_path(const char *path, struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool is_synced = file >= 0 && fsync(file) == 0;

    if (!is_synced)
        error_system(err, "cannot sync %s", path);
    if (file >= 0)
        close(file);
    return is_synced;
}

char *spool_files_begin(const char *dir, struct error *err)
{
    char *place = spool_file(dir, "spool.new");
    bool is_ready =
        mkdir(place, 0700) == 0 || errno == EEXIST || error_system(err, "cannot make %s", place);

    for (size_t i = 0; is_ready && i < sizeof(made) / sizeof(*made); i++)
        is_ready = remove_file(place, made[i], err);
    if (is_ready)
        return place;
    free(place);
    return NULL;
}

char *spool_files_aside(const char *dir)
{
    for (unsigned number = 1;; number++) {
        struct buffer name = {0};

        buffer_printf(&name, "spool.damaged-%u.db", number);
        buffer_append_byte(&name, '\0');
        if (spool_file_size(dir, name.bytes) < 0)
            return name.bytes;
        buffer_finish(&name);
    }
}

bool spool_files_publish(const char *dir, struct error *err)
{
    char *place = spool_file(dir, "spool.new"), *file = spool_file(place, "spool.db");
    bool is_there = spool_file_size(place, "spool.db-wal") < 0 ||
                    error_set(err, ERROR_SYSTEM, 0, "cannot complete the spool %s", file);

    is_there = is_there && sync_path(file, err) &&
               move_file(place, "spool.db", "../spool.next", "", err) && sync_path(dir, err);
    if (is_there) {
        remove_file(place, "spool.lock", err);
        rmdir(place);
    }
    free(file);
    free(place);
    return is_there && spool_files_finish(dir, err);
}

bool spool_files_set_log_aside(const char *dir, struct error *err)
{
    char *aside = spool_files_aside(dir);
    bool is_done =
        remove_file(dir, "spool.db-shm", err) && move_file(dir, "spool.db-wal", aside, "-wal", err);

    free(aside);
    return is_done;
}

/* By a second name, so that there is a spool at every moment; some file systems have
 * no such thing. */
static bool set_copy_aside(const char *dir, const char *name, struct error *err)
{
    char *aside = spool_files_aside(dir), *path = spool_file(dir, name),
         *copy = spool_file(dir, aside);
    bool is_done = link(path, copy) == 0 || errno == ENOENT || move_file(dir, name, aside, "", err);

    free(aside);
    free(path);
    free(copy);
    return is_done;
}

bool spool_files_replace(const char *dir, const char *name, const char *by, struct error *err)
{
    return set_copy_aside(dir, name, err) && move_file(dir, by, name, "", err) &&
           sync_path(dir, err);
}

bool spool_files_finish(const char *dir, struct error *err)
{
    return spool_file_size(dir, "spool.next") < 0 ||
           (spool_files_set_log_aside(dir, err) &&
               spool_files_replace(dir, "spool.db", "spool.next", err));
}
