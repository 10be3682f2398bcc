/* SPDX-License-Identifier: MIT
 *
 * The table of subcommands, and nothing else but what all of them need: each lives
 * in its cmd_*.c.
 */
#include "parsers/error.h"
#include "shipper/command.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command commands[] = {
    {"run", "follow the logs of a configuration and deliver their events", cmd_run},
    {"check", "check a configuration or rule files: every error with its place", cmd_check},
    {"test", "run the samples inside rule files", cmd_test},
    {"explain", "what becomes of a line or a log, and why; how near a rule came", cmd_explain},
    {"preview", "show what would be sent for a log; sends nothing", cmd_preview},
    {"draft", "propose a rule file from sample logs", cmd_draft},
    {"schema", "the JSON Schema of rule files or configurations, for editors", cmd_schema},
    {"status", "show what it is doing, and what became of every byte", cmd_status},
    {"reload", "have the running service take its configuration anew", cmd_reload},
    {"spool", "look into what waits and what was refused; export, retry, drop, repair", cmd_spool},
    {"init", "find known products on this host and write a first configuration", cmd_init},
    {"doctor", "look for what keeps a configuration from working on this host", cmd_doctor},
    {"endpoint", "the local stand-in endpoint, strict about every rule of the API", cmd_endpoint},
    {NULL, NULL, NULL},
};

static void print_help(FILE *to)
{
    fputs("usage: usage-shipper COMMAND [OPTIONS]\n\n"
          "Turns the logs a product already writes into product-usage events.\n\n",
        to);
    for (const struct command *c = commands; c->name; c++)
        fprintf(to, "  %-10s %s\n", c->name, c->help);
    fputs("\n`usage-shipper COMMAND --help` tells more about each.\n", to);
}

static void refuse_command(const char *name)
{
    const char *names[sizeof(commands) / sizeof(*commands)], *nearest;
    size_t count = 0;

    for (const struct command *c = commands; c->name; c++)
        names[count++] = c->name;
    nearest = error_nearest(span_of(name), names, count);
    fprintf(stderr, "usage-shipper: unknown command \"%s\"\n", name);
    if (nearest)
        fprintf(stderr, "hint: Did you mean \"%s\"?\n", nearest);
    else if (*name == '-')
        fputs("hint: The command comes first, then its options.\n", stderr);
    else
        print_help(stderr);
}

static int run_command(const char *name, int argc, char **argv)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c->run(argc, argv);
    refuse_command(name);
    return EXIT_USAGE;
}

/* Where one of the three standard descriptors is closed, the next file to be opened,
 * the lock or a spool, would get its number, and what is printed. */
static void fill_standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    fill_standard_descriptors();
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("usage-shipper " VERSION);
        return EXIT_FINE;
    }
    return run_command(argv[1], argc - 1, argv + 1);
}
