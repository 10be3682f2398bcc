/* SPDX-License-Identifier: MIT
 *
 * The fault points of the spool, for tests only: a program under LD_PRELOAD of this
 * asks the file DISK_FAULT (environment) before each durable step on a file whose path
 * has "/spool." in it: write, sync, truncation, rename, link, removal.
 *
 *     kill N     the process that is about to do the N-th step is killed. Steps of all
 *                processes count, as bytes of DISK_FAULT.count
 *     fail N     steps fail with errno N
 *
 * Empty: all is well. It is there from the start: a sandboxed process could not open it
 * later.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int control = -1, count = -1;

/* In each process anew, before it has a sandbox: the end of what it has appended itself
 * is the number of its step. */
static void open_control(void)
{
    const char *path = getenv("DISK_FAULT");
    char count_path[4096];

    if (!path)
        return;
    snprintf(count_path, sizeof(count_path), "%s.count", path);
    close(count);
    count = open(count_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    control = control < 0 ? open(path, O_RDONLY | O_CLOEXEC) : control;
    if (count < 0 || control < 0)
        abort();
}

__attribute__((constructor)) static void begin(void)
{
    pthread_atfork(NULL, NULL, open_control);
    open_control();
}

/* The number of this step. */
static long count_step(void)
{
    if (write(count, ".", 1) != 1)
        abort();
    return (long)lseek(count, 0, SEEK_CUR);
}

/* False with errno set: the step fails. */
static bool may_step(const char *path)
{
    char text[32] = "";
    int before = errno;
    long number;

    if (control < 0 || !strstr(path, "/spool."))
        return true;
    if (pread(control, text, sizeof(text) - 1, 0) < 0)
        abort();
    number = strlen(text) > 5 ? strtol(text + 5, NULL, 10) : 0;
    if (strncmp(text, "kill ", 5) == 0 && count_step() == number)
        raise(SIGKILL);
    errno = strncmp(text, "fail ", 5) == 0 ? (int)number : before;
    return strncmp(text, "fail ", 5) != 0;
}

static bool may_step_on(int file)
{
    char link[64], path[4096];
    ssize_t len;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    len = readlink(link, path, sizeof(path) - 1);
    path[len > 0 ? len : 0] = '\0';
    return may_step(path);
}

/* POSIX has it that way: a pointer of dlsym may be one to a function. */
#define NEXT(name)                                                                                 \
    __typeof__(name) *next;                                                                        \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

ssize_t pwrite(int file, const void *bytes, size_t len, off_t offset)
{
    NEXT(pwrite);
    return may_step_on(file) ? next(file, bytes, len, offset) : -1;
}

ssize_t pwrite64(int file, const void *bytes, size_t len, off64_t offset)
{
    NEXT(pwrite64);
    return may_step_on(file) ? next(file, bytes, len, offset) : -1;
}

int fsync(int file)
{
    NEXT(fsync);
    return may_step_on(file) ? next(file) : -1;
}

int fdatasync(int file)
{
    NEXT(fdatasync);
    return may_step_on(file) ? next(file) : -1;
}

int ftruncate(int file, off_t len)
{
    NEXT(ftruncate);
    return may_step_on(file) ? next(file, len) : -1;
}

int ftruncate64(int file, off64_t len)
{
    NEXT(ftruncate64);
    return may_step_on(file) ? next(file, len) : -1;
}

int rename(const char *from, const char *to)
{
    NEXT(rename);
    return may_step(from) ? next(from, to) : -1;
}

int link(const char *from, const char *to)
{
    NEXT(link);
    return may_step(from) ? next(from, to) : -1;
}

int unlink(const char *path)
{
    NEXT(unlink);
    return may_step(path) ? next(path) : -1;
}
