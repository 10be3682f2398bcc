/* SPDX-License-Identifier: MIT
 *
 * Directories under TMPDIR, and bounded waits that look every millisecond.
 */
#include "tests/support/scratch.h"

#include "parsers/memory.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *new_under(const char *root)
{
    char name[256];

    snprintf(name, sizeof(name), "%s/usage-shipper.XXXXXX", root);
    if (!mkdtemp(name))
        abort();
    return memory_string(span_of(name));
}

char *scratch_new(void)
{
    const char *root = getenv("TMPDIR");

    return new_under(root ? root : "/tmp");
}

char *scratch_new_in_memory(void)
{
    return access("/dev/shm", W_OK) == 0 ? new_under("/dev/shm") : scratch_new();
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

void scratch_remove(char *dir)
{
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(dir);
}

const char *scratch_path(const char *dir, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    return path;
}

void scratch_copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");
    char bytes[65536];
    size_t n;

    if (!in || !out)
        abort();
    while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
        if (fwrite(bytes, 1, n, out) != n)
            abort();
    fclose(in);
    if (fclose(out) != 0)
        abort();
}

bool scratch_until(bool (*is_true)(void *arg), void *arg, int bound_ms)
{
    for (int waited_ms = 0; !is_true(arg); waited_ms++) {
        if (waited_ms >= bound_ms)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return true;
}

struct ended {
    pid_t pid;
    int status;
};

static bool has_ended(void *arg)
{
    struct ended *ended = arg;

    return waitpid(ended->pid, &ended->status, WNOHANG) == ended->pid;
}

int scratch_wait(pid_t pid, int bound_ms)
{
    struct ended ended = {.pid = pid};

    if (scratch_until(has_ended, &ended, bound_ms))
        return ended.status;
    kill(pid, SIGKILL);
    waitpid(pid, &ended.status, 0);
    return -1;
}
