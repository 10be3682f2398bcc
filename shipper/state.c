/* SPDX-License-Identifier: MIT
 *
 * A flock that says who holds it: the file has the number of the supervisor. The
 * lock decides, the number is for people.
 */
#include "shipper/state.h"

#include "shipper/clock.h"
#include "shipper/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 50 };

bool state_make(const char *dir, struct error *err)
{
    if (mkdir(dir, 0700) == 0 || errno == EEXIST)
        return true;
    error_system(err, "cannot make the state directory %s", dir);
    error_hint(err, "Make it and give it to this user, or name another with `state_dir` or "
                    "--state.");
    return false;
}

/* 0: not known. */
static pid_t read_pid(int lock)
{
    char number[16] = "";
    ssize_t got = pread(lock, number, sizeof(number) - 1, 0);
    long pid = got > 0 ? strtol(number, NULL, 10) : 0;

    return pid > 0 ? (pid_t)pid : 0;
}

/* "process 123", or what is known when the supervisor is gone and a child of it
 * is not. */
static void name_holder(int lock, char *text, size_t room)
{
    pid_t pid = read_pid(lock);

    if (pid == 0)
        snprintf(text, room, "another process");
    else if (kill(pid, 0) < 0 && errno == ESRCH)
        snprintf(text, room, "what process %d left running", (int)pid);
    else
        snprintf(text, room, "process %d", (int)pid);
}

static bool wait_for_lock(int lock, const char *dir, int wait_ms, struct error *err)
{
    int64_t give_up_ms = clock_now().monotonic_ms + wait_ms;
    bool is_said = false;
    char holder[64];

    while (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return error_system(err, "cannot lock %s/lock", dir);
        name_holder(lock, holder, sizeof(holder));
        if (clock_now().monotonic_ms >= give_up_ms) {
            error_set(err, ERROR_SYSTEM, EWOULDBLOCK, "the state directory %s is in use by %s", dir,
                holder);
            error_hint(err,
                "Stop that usage-shipper first (`fuser -v %s/lock` shows all of it), "
                "or name another directory with --state.",
                dir);
            return false;
        }
        if (!is_said)
            log_write(LOG_INFO, "%s is in use by %s, waiting up to %d s for its end", dir, holder,
                (wait_ms + 999) / 1000);
        is_said = true;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000}, NULL);
    }
    return true;
}

int state_lock(const char *dir, int wait_ms, struct error *err)
{
    char path[4096];
    int lock;

    snprintf(path, sizeof(path), "%s/lock", dir);
    lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        error_system(err, "cannot open %s", path);
        return -1;
    }
    if (wait_for_lock(lock, dir, wait_ms, err)) {
        /* For people only: a lock without a number is as good. */
        if (ftruncate(lock, 0) == 0)
            dprintf(lock, "%d\n", (int)getpid());
        return lock;
    }
    close(lock);
    return -1;
}

bool state_look(const char *dir, struct state_holder *holder, struct error *err)
{
    struct state_holder found = {0};
    struct stat status;
    char path[4096];
    int lock;

    snprintf(path, sizeof(path), "%s/lock", dir);
    lock = open(path, O_RDONLY | O_CLOEXEC);
    if (lock < 0 && errno != ENOENT) {
        error_system(err, "cannot open %s", path);
        if (errno == EACCES)
            error_hint(err, "Run it as the user that usage-shipper runs as, or as root.");
        return false;
    }
    /* A shared lock that is got is given back at once, with the descriptor. */
    if (lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 && fstat(lock, &status) == 0)
        found = (struct state_holder){true, read_pid(lock), status.st_mtim.tv_sec};
    if (lock >= 0)
        close(lock);
    *holder = found;
    return true;
}

bool state_has_run(const char *dir, struct error *err)
{
    char path[4096];
    struct stat status;

    snprintf(path, sizeof(path), "%s/spool.db", dir);
    if (stat(path, &status) == 0 && status.st_size > 0)
        return true;
    error_set(err, ERROR_SYSTEM, ENOENT, "nothing has run in %s yet", dir);
    error_hint(err, "`usage-shipper run` makes the state; --state names another directory, which "
                    "for `run --once` is once/ in it.");
    return false;
}

uid_t state_owner(const char *dir)
{
    struct stat status;

    return stat(dir, &status) == 0 ? status.st_uid : geteuid();
}

bool state_act_as_owner(const char *dir, struct error *err)
{
    struct stat status;

    if (geteuid() != 0 || stat(dir, &status) < 0 || status.st_uid == 0)
        return true;
    if (setgroups(0, NULL) == 0 && setresgid(status.st_gid, status.st_gid, status.st_gid) == 0 &&
        setresuid(status.st_uid, status.st_uid, status.st_uid) == 0)
        return true;
    return error_system(err, "cannot act as the owner of %s", dir);
}
