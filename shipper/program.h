/* SPDX-License-Identifier: MIT
 *
 * Another program, run beside us with what it writes in pipes. It begins with
 * nothing of ours: no descriptor but its three, the environment that is given, no
 * blocked or ignored signal, a session of its own (a Ctrl-C is ours alone).
 * It is killed when the process that started it dies.
 */
#ifndef SHIPPER_PROGRAM_H
#define SHIPPER_PROGRAM_H

#include "parsers/error.h"

#include <sys/types.h>

struct program {
    pid_t pid;
    int output; /* its standard output: our end of a pipe, O_CLOEXEC, non-blocking */
    int errors; /* its standard error, likewise; what it writes into a full pipe is lost */
};

/* path is absolute; arguments and environment are ended by NULL. A program that is
 * not there or may not be run says so on its standard error and exits with
 * PROGRAM_NOT_RUN. */
enum { PROGRAM_NOT_RUN = 127 };

bool program_start(const char *path, char *const *arguments, const char *const *environment,
    struct program *program, struct error *err);

#endif
