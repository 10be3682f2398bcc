/* SPDX-License-Identifier: MIT
 *
 * A subcommand: its name, its line in the help, and its main function. argv[0]
 * is the subcommand's name; what it returns is the program's exit code.
 */
#ifndef SHIPPER_COMMAND_H
#define SHIPPER_COMMAND_H

#include "parsers/error.h"
#include "parsers/rules.h"

#include <stdio.h>

/* Exit codes, as sysexits(3) has them. */
enum {
    EXIT_FINE = 0,
    EXIT_FOUND = 1,   /* something wrong was found: a failed sample, a rejected event */
    EXIT_USAGE = 64,  /* the command line */
    EXIT_BUG = 70,    /* ours */
    EXIT_SYSTEM = 71, /* the operating system */
    EXIT_CONFIG = 78, /* a configuration or rule file */
};

#define DEFAULT_CONFIG "/etc/usage-shipper/usage-shipper.yaml"

struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv);
};

/* Prints the error to standard error, with place, caret and hint, and returns
 * the exit code of its kind. */
int command_fail(const char *command, const struct error *err);

/* Command lines that can't be followed: each fills *err, with where help is as the
 * hint, and returns false. argv is the subcommand's. */
bool command_refuse(char **argv, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What getopt_long answered, '?' or ':': options are read with ":" or "+:". */
bool command_refuse_option(char **argv, int option, struct error *err);

/* Prints all of them to that stream, as error_render does. Does not free. */
void command_print_errors(struct errors *errors, FILE *to);

int cmd_check(int argc, char **argv);
int cmd_preview(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_endpoint(int argc, char **argv);
int cmd_draft(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_schema(int argc, char **argv);
int cmd_spool(int argc, char **argv);
int cmd_status(int argc, char **argv);

/* As what a rule file of `format: auto` reads its samples, on standard output. */
void command_print_detected(const struct rule_file *file);

#endif
