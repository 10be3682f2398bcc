/* SPDX-License-Identifier: MIT
 *
 * What a command uses, finer than time(1) tells:
 *
 *     cpu_time FILE COMMAND...   writes a line to FILE: CPU seconds (user and system
 *                                time), seconds, peak KiB; ends as the command does
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
    double began = seconds_now();
    struct rusage used;
    int status;
    pid_t pid;
    FILE *file;

    if (argc < 3) {
        fprintf(stderr, "usage: cpu_time FILE COMMAND...\n");
        return 64;
    }
    pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid || !(file = fopen(argv[1], "w"))) {
        perror("cpu_time");
        return 71;
    }
    fprintf(file, "%.6f %.6f %ld\n", seconds_of(&used.ru_utime) + seconds_of(&used.ru_stime),
        seconds_now() - began, used.ru_maxrss);
    if (fclose(file) != 0) {
        perror(argv[1]);
        return 71;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
