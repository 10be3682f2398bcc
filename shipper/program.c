/* SPDX-License-Identifier: MIT
 *
 * fork and execve. The end of its standard error that the program gets does not
 * block: nobody has to read what it says for it to go on.
 */
#include "shipper/program.h"

#include "parsers/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

struct pipe_ends {
    int reading, writing;
};

static bool open_pipe(struct pipe_ends *ends)
{
    int both[2];

    if (pipe2(both, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    *ends = (struct pipe_ends){both[0], both[1]};
    return true;
}

static void close_pipe(const struct pipe_ends *ends)
{
    close(ends->reading);
    close(ends->writing);
}

/* Signals that we ignore would stay ignored, those that we block blocked. */
static void reset_signals(void)
{
    sigset_t none;

    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run(const char *path, char *const *arguments, const char *const *environment,
    const struct pipe_ends *output, const struct pipe_ends *errors, pid_t parent)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before it could be told of */
        _exit(PROGRAM_NOT_RUN);
    setsid();
    reset_signals();
    fcntl(output->writing, F_SETFL, 0);
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(output->writing, STDOUT_FILENO) < 0 ||
        dup2(errors->writing, STDERR_FILENO) < 0)
        _exit(PROGRAM_NOT_RUN);
    closefrom(STDERR_FILENO + 1);
    execve(path, arguments, (char *const *)(uintptr_t)environment);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", path, strerrordesc_np(errno));
    _exit(PROGRAM_NOT_RUN);
}

bool program_start(const char *path, char *const *arguments, const char *const *environment,
    struct program *program, struct error *err)
{
    struct pipe_ends output, errors;
    pid_t parent = getpid(), pid;

    if (!open_pipe(&output))
        return error_system(err, "cannot make a pipe for %s", path);
    if (!open_pipe(&errors)) {
        error_system(err, "cannot make a pipe for %s", path);
        close_pipe(&output);
        return false;
    }
    /* More at once means fewer turns; where it is not allowed, 64 KiB do. */
    fcntl(output.writing, F_SETPIPE_SZ, LIMIT_CHUNK_BYTES);
    pid = fork();
    if (pid == 0)
        run(path, arguments, environment, &output, &errors, parent);
    if (pid < 0) {
        error_system(err, "cannot start %s", path);
        close_pipe(&output);
        close_pipe(&errors);
        return false;
    }
    close(output.writing);
    close(errors.writing);
    *program = (struct program){pid, output.reading, errors.reading};
    return true;
}
