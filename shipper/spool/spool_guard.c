/* SPDX-License-Identifier: MIT
 *
 * Plain bytes only: what is held is copied as it is, database and log, and read by
 * SQLite when it stands in its place again. What stands there instead goes aside;
 * nothing is ever overwritten.
 */
#include "shipper/spool/spool_guard.h"

#include "parsers/memory.h"
#include "shipper/log.h"
#include "shipper/spool/spool_files.h"
#include "shipper/spool/spool_rescue.h"
#include "shipper/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 256 << 10 };

/* What the children have open, the first two with their content. */
enum held_file { HELD_DB, HELD_LOG, HELD_INDEX, HELD_QUEUE, HELD_LOCK, HELD_FILES };

static const char *const names[HELD_FILES] = {
    "spool.db", "spool.db-wal", "spool.db-shm", "spool.lock", "lock"};

struct spool_guard {
    const char *dir;
    int lock;
    int files[HELD_FILES]; /* -1: not held; never one of these is SQLite's */
};

struct spool_guard *spool_guard_new(const char *dir, int lock)
{
    struct spool_guard *guard = memory_new(sizeof(*guard));

    guard->dir = dir;
    guard->lock = lock;
    for (int i = 0; i < HELD_FILES; i++)
        guard->files[i] = -1;
    return guard;
}

void spool_guard_release(struct spool_guard *guard)
{
    for (int i = 0; i < HELD_FILES; i++) {
        if (guard->files[i] >= 0)
            close(guard->files[i]);
        guard->files[i] = -1;
    }
}

void spool_guard_free(struct spool_guard *guard)
{
    if (!guard)
        return;
    spool_guard_release(guard);
    if (guard->lock >= 0)
        close(guard->lock);
    free(guard);
}

void spool_guard_hold(struct spool_guard *guard)
{
    for (int i = 0; i < HELD_FILES; i++) {
        char *path = spool_file(guard->dir, names[i]);

        if (guard->files[i] < 0)
            guard->files[i] = open(path, O_RDONLY | O_CLOEXEC);
        free(path);
    }
}

/* --- looking ------------------------------------------------------------------- */

enum standing { STANDS, GONE, REPLACED };

/* Whether the name still is that file's. What cannot be looked at is no reason to
 * act. */
static enum standing standing_of(const char *dir, const char *name, int file)
{
    char *path = spool_file(dir, name);
    struct stat there, held;
    enum standing standing = STANDS;

    if (stat(path, &there) < 0)
        standing = errno == ENOENT || errno == ENOTDIR ? GONE : STANDS;
    else if (fstat(file, &held) == 0 &&
             (there.st_ino != held.st_ino || there.st_dev != held.st_dev))
        standing = REPLACED;
    free(path);
    return standing;
}

const char *spool_guard_missing(const struct spool_guard *guard, bool is_running)
{
    int count = is_running ? HELD_FILES : HELD_DB + 1;

    for (int i = 0; i < count; i++)
        if (guard->files[i] >= 0 && standing_of(guard->dir, names[i], guard->files[i]) != STANDS)
            return names[i];
    return NULL;
}

/* --- putting back ----------------------------------------------------------------- */

static bool copy_bytes(int from, int to, struct error *err)
{
    char *bytes = memory_new(COPY_BYTES);
    ssize_t n;
    off_t at = 0;
    bool is_copied = true;

    while (is_copied && (n = pread(from, bytes, COPY_BYTES, at)) != 0) {
        is_copied = n > 0 && pwrite(to, bytes, (size_t)n, at) == n;
        at += n;
    }
    if (!is_copied || fsync(to) < 0)
        is_copied = error_system(err, "cannot put the spool back");
    free(bytes);
    return is_copied;
}

/* Complete or not at all. */
static bool put_back(struct spool_guard *guard, enum held_file which, struct error *err)
{
    char *part = spool_file(guard->dir, "spool.part");
    int file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_done = file >= 0 ? copy_bytes(guard->files[which], file, err)
                             : error_system(err, "cannot make %s", part);

    if (file >= 0)
        close(file);
    free(part);
    return is_done && spool_files_replace(guard->dir, names[which], "spool.part", err);
}

/* Another's log goes first: beside our database it would be read as ours. Without its
 * log ours is older, but whole; a log that the last child has put into the database
 * changes nothing there. */
static bool restore(struct spool_guard *guard, struct error *err)
{
    enum standing db, log;

    if (guard->files[HELD_DB] < 0)
        return true;
    db = standing_of(guard->dir, names[HELD_DB], guard->files[HELD_DB]);
    log = guard->files[HELD_LOG] < 0
              ? STANDS
              : standing_of(guard->dir, names[HELD_LOG], guard->files[HELD_LOG]);
    if ((log == REPLACED && !spool_files_set_log_aside(guard->dir, err)) ||
        (db != STANDS && !put_back(guard, HELD_DB, err)) ||
        (log != STANDS && !put_back(guard, HELD_LOG, err)))
        return false;
    if (db != STANDS)
        log_write(LOG_WARNING, "the spool was %s while it was in use, put back as it was",
            db == GONE ? "deleted" : "replaced");
    return true;
}

/* --- all of it -------------------------------------------------------------------- */

static bool take_lock(struct spool_guard *guard, struct error *err)
{
    int lock;

    if (standing_of(guard->dir, names[HELD_LOCK], guard->lock) == STANDS)
        return true;
    lock = state_lock(guard->dir, 0, err);
    if (lock < 0)
        return false;
    close(guard->lock);
    guard->lock = lock;
    return true;
}

static void say_rescued(const struct spool_rescued *rescued)
{
    char lost[64] = "it is not known how many are lost";

    if (!rescued->is_lost_open)
        snprintf(lost, sizeof(lost), "%llu are lost", (unsigned long long)rescued->lost);
    log_write(LOG_WARNING,
        "the damaged spool is set aside as %s: %llu waiting and %llu rejected events and %llu "
        "cursors are saved, %llu events are damaged and not sent, %s; what has no cursor any more "
        "is read from its beginning",
        rescued->aside, (unsigned long long)rescued->events, (unsigned long long)rescued->rejected,
        (unsigned long long)rescued->cursors, (unsigned long long)rescued->corrupt, lost);
}

bool spool_guard_mend(struct spool_guard *guard, bool is_damaged, struct error *err)
{
    struct spool_rescued rescued;

    if (!state_make(guard->dir, err) || !take_lock(guard, err) || !restore(guard, err))
        return false;
    /* Before SQLite opens them here: closing would drop its locks. */
    spool_guard_release(guard);
    if (!is_damaged) {
        if (spool_prepare(guard->dir, err))
            return true;
        if (err->kind != ERROR_CORRUPT)
            return false;
        log_failure(LOG_ERROR, err, "saving what can be read");
    }
    if (!spool_rescue(guard->dir, &rescued, err))
        return false;
    say_rescued(&rescued);
    return true;
}
