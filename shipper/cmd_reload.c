/* SPDX-License-Identifier: MIT
 *
 * reload: asks the running service to take its configuration anew, and says what came of
 * it. The service does the work; nothing is loaded here but what says where it is.
 */
#include "shipper/command.h"
#include "shipper/config.h"
#include "shipper/control.h"

#include <getopt.h>
#include <stdio.h>

enum { WAIT_MS = 180000 };

static const char help[] =
    "usage: usage-shipper reload [--config FILE] [--state DIR]\n"
    "\n"
    "Has the running service load its configuration and rules again, and waits for the\n"
    "result. They are loaded beside those in force, with the samples of all rules. If\n"
    "anything is wrong it is printed, and what was in force stays. What was read already is\n"
    "not read again, and events that wait are sent as they are. SIGHUP does the same; the\n"
    "result is in the service's log then.\n"
    "\n"
    "  --config FILE  a configuration, for its state_dir (default:\n"
    "                 " DEFAULT_CONFIG "); the service reads its own\n"
    "  --state DIR    the service that works in DIR\n"
    "  --help         print this\n"
    "\n"
    "Exit code: 0 the new one is in force; 64 usage; 71 no service runs there; 78 the new\n"
    "one was refused.\n";

struct reload_options {
    const char *config_path, *state;
    bool is_help;
};

static bool take_options(int argc, char **argv, struct reload_options *options, struct error *err)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"state", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "+:", names, NULL)) != -1) {
        if (option == 'c')
            options->config_path = optarg;
        else if (option == 's')
            options->state = optarg;
        else if (option == 'h')
            options->is_help = true;
        else
            return command_refuse_option(argv, option, err);
    }
    if (optind < argc)
        return command_refuse(argv, err, "unexpected argument \"%s\"", argv[optind]);
    return true;
}

static int ask(const char *dir)
{
    struct buffer answer = {0};
    struct error err;
    struct span words;
    bool is_refused;
    int code;

    if (control_ask(dir, "reload", WAIT_MS, &answer, &err)) {
        words = buffer_span(&answer);
        is_refused = span_is(span_cut(&words, '\n'), "refused");
        if (is_refused)
            fwrite(words.at, 1, words.len, stderr);
        else
            fwrite(answer.bytes, 1, answer.len, stdout);
        if (is_refused)
            fputs(
                "usage-shipper reload: refused, the configuration before stays in force\n", stderr);
        code = is_refused ? EXIT_CONFIG : EXIT_FINE;
    } else {
        code = command_fail("reload", &err);
    }
    buffer_finish(&answer);
    return code;
}

/* The state_dir of a configuration that may well have errors: they are the service's to
 * tell. */
static int ask_configured(const char *path)
{
    struct errors errors = {0};
    struct config *config = config_load(path, &errors);
    int code;

    if (config->state_dir) {
        code = ask(config->state_dir);
    } else {
        command_print_errors(&errors, stderr);
        fputs("`usage-shipper reload --state DIR` needs no configuration.\n", stderr);
        code = EXIT_CONFIG;
    }
    errors_finish(&errors);
    config_free(config);
    return code;
}

int cmd_reload(int argc, char **argv)
{
    struct reload_options options = {.config_path = DEFAULT_CONFIG};
    struct error err;

    if (!take_options(argc, argv, &options, &err))
        return command_fail("reload", &err);
    if (options.is_help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    return options.state ? ask(options.state) : ask_configured(options.config_path);
}
