/* SPDX-License-Identifier: MIT
 *
 * status: reads the state directory and prints it. Needs no running service, and
 * does not disturb one.
 */
#include "shipper/command.h"
#include "shipper/control.h"
#include "shipper/status.h"
#include "shipper/status_screen.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper status [--config FILE] [--state DIR] [--all] [--json]\n"
    "       usage-shipper status --watch[=SECONDS] [OPTIONS]\n"
    "       usage-shipper status --metrics [OPTIONS]\n"
    "\n"
    "Shows whether the service runs, what is in the spool, why events wait, and what\n"
    "became of every byte of every source. Reads the state directory only: it works beside a "
    "running\n"
    "service, and on a stopped one.\n"
    "\n"
    "  --config FILE  the configuration, for its state_dir and inputs\n"
    "                 (default: " DEFAULT_CONFIG ")\n"
    "  --state DIR    look into DIR; without --config, no configuration is read.\n"
    "                 `run --once` keeps its state in once/ of the state_dir\n"
    "  --all          files that are gone one by one, not as a sum; all rules\n"
    "  --json         one JSON object\n"
    "  --watch[=N]    again every N seconds (default: 2), with what came and went meanwhile,\n"
    "                 on a terminal as much of it as fits; ends with Ctrl-C\n"
    "  --metrics      of the running service, in Prometheus' text format: what metrics_port\n"
    "                 serves, through the state directory\n"
    "  --help         print this\n"
    "\n"
    "Exit code: 0 fine; 1 the bytes of a source do not add up, or an event in the spool\n"
    "is damaged; 64 usage; 71 system; 78 configuration.\n";

enum { WATCH_S = 2, WATCH_MOST_S = 3600, ANSWER_MS = 5000 };

struct status_options {
    const char *config_path, *state;
    bool is_all, is_json, is_metrics, is_help;
    uint64_t every_s; /* 0: once */
};

static bool take_options(int argc, char **argv, struct status_options *options, struct error *err)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"state", required_argument, NULL, 's'},
        {"all", no_argument, NULL, 'a'},
        {"json", no_argument, NULL, 'j'},
        {"watch", optional_argument, NULL, 'w'},
        {"metrics", no_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "+:", names, NULL)) != -1) {
        switch (option) {
        case 'c':
            options->config_path = optarg;
            break;
        case 's':
            options->state = optarg;
            break;
        case 'a':
            options->is_all = true;
            break;
        case 'j':
            options->is_json = true;
            break;
        case 'm':
            options->is_metrics = true;
            break;
        case 'w':
            options->every_s = WATCH_S;
            if (optarg && (!span_to_u64(span_of(optarg), &options->every_s) ||
                              options->every_s == 0 || options->every_s > WATCH_MOST_S))
                return command_refuse(
                    argv, err, "--watch is of 1 to %d seconds, not \"%s\"", WATCH_MOST_S, optarg);
            break;
        case 'h':
            options->is_help = true;
            break;
        default:
            return command_refuse_option(argv, option, err);
        }
    }
    if (optind < argc)
        return command_refuse(argv, err, "unexpected argument \"%s\"", argv[optind]);
    return true;
}

static int print(const struct status *status, const struct status_options *options)
{
    struct buffer out = {0};

    if (options->is_json)
        status_write_json(status, options->is_all, &out);
    else
        status_write_text(status, options->is_all, &out);
    fwrite(out.bytes, 1, out.len, stdout);
    buffer_finish(&out);
    return status_faults(status) > 0 || status->spool.corrupt > 0 ? EXIT_FOUND : EXIT_FINE;
}

static int show_metrics(const char *dir)
{
    struct buffer answer = {0};
    struct error err;
    int code = EXIT_FINE;

    if (control_ask(dir, "metrics", ANSWER_MS, &answer, &err))
        fwrite(answer.bytes, 1, answer.len, stdout);
    else
        code = command_fail("status", &err);
    buffer_finish(&answer);
    return code;
}

/* As large as it is now. */
static struct status_screen look_at_screen(void)
{
    struct status_screen screen = {24, 80};
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        screen = (struct status_screen){size.ws_row, size.ws_col};
    if (screen.rows < SCREEN_ROWS_LEAST)
        screen.rows = SCREEN_ROWS_LEAST;
    if (screen.columns < SCREEN_COLUMNS_LEAST)
        screen.columns = SCREEN_COLUMNS_LEAST;
    return screen;
}

/* In the place of the last one, without an empty screen between the two. */
static void redraw(const struct status *status, struct status_pace *pace)
{
    struct status_screen screen = look_at_screen();
    struct buffer text = {0};
    struct span rest;

    status_screen_write(&screen, status, pace, &text);
    rest = buffer_span(&text);
    fputs("\033[H", stdout);
    while (rest.len > 0) {
        struct span line = span_cut(&rest, '\n');

        printf("\033[K%.*s\n", (int)line.len, line.at);
    }
    fputs("\033[J", stdout);
    buffer_finish(&text);
}

static void print_again(
    const struct status *status, const struct status_options *options, struct status_pace *pace)
{
    struct buffer out = {0};

    if (options->is_json) {
        status_write_json(status, options->is_all, &out);
    } else {
        status_write_text(status, options->is_all, &out);
        status_pace_write(pace, status, &out);
    }
    fwrite(out.bytes, 1, out.len, stdout);
    buffer_finish(&out);
}

/* Until somebody ends it, or it fails. */
static int watch(const struct status_options *options, const char *dir, const struct config *config)
{
    bool is_screen = isatty(STDOUT_FILENO) && !options->is_json;
    const struct timespec pause = {.tv_sec = (time_t)options->every_s};
    struct status_pace pace = {0};
    sigset_t resized;

    /* A new size of the terminal ends the pause. */
    sigemptyset(&resized);
    sigaddset(&resized, SIGWINCH);
    sigprocmask(SIG_BLOCK, &resized, NULL);
    if (is_screen)
        fputs("\033[2J", stdout);
    for (;;) {
        struct status status;
        struct error err = {0};

        if (!status_read(dir, config, &status, &err)) {
            status_finish(&status);
            return command_fail("status", &err);
        }
        if (is_screen)
            redraw(&status, &pace);
        else
            print_again(&status, options, &pace);
        fflush(stdout);
        status_finish(&status);
        if (ferror(stdout))
            return EXIT_SYSTEM;
        sigtimedwait(&resized, NULL, &pause);
    }
}

static int show(const struct status_options *options, const struct config *config)
{
    const char *dir = options->state ? options->state : config->state_dir;
    struct status status;
    struct error err = {0};
    int code;

    if (options->is_metrics)
        return show_metrics(dir);
    if (options->every_s > 0)
        return watch(options, dir, config);
    code = status_read(dir, config, &status, &err) ? print(&status, options)
                                                   : command_fail("status", &err);
    status_finish(&status);
    return code;
}

static int show_configured(const struct status_options *options)
{
    struct errors errors = {0};
    struct config *config =
        config_load(options->config_path ? options->config_path : DEFAULT_CONFIG, &errors);
    int code;

    if (errors.count == 0) {
        code = show(options, config);
    } else {
        command_print_errors(&errors, stderr);
        fputs("`usage-shipper status --state DIR` needs no configuration.\n", stderr);
        code = EXIT_CONFIG;
    }
    errors_finish(&errors);
    config_free(config);
    return code;
}

int cmd_status(int argc, char **argv)
{
    struct status_options options = {0};
    struct error err = {0};

    if (!take_options(argc, argv, &options, &err))
        return command_fail("status", &err);
    if (options.is_help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    return options.state && !options.config_path ? show(&options, NULL) : show_configured(&options);
}
