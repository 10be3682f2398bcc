/* SPDX-License-Identifier: MIT
 *
 * run: makes ready what reader and sender need (configuration, state directory,
 * instance lock, spool) and hands over to the supervisor; at the end, what it
 * came to. The API key is taken out of the environment before anything else.
 */
#include "parsers/memory.h"
#include "shipper/command.h"
#include "shipper/config_privacy.h"
#include "shipper/control.h"
#include "shipper/journalctl.h"
#include "shipper/listener.h"
#include "shipper/log.h"
#include "shipper/metrics_server.h"
#include "shipper/sandbox/sandbox.h"
#include "shipper/sender/api_key.h"
#include "shipper/signals.h"
#include "shipper/spool/spool.h"
#include "shipper/state.h"
#include "shipper/summary.h"
#include "shipper/supervisor.h"
#include "shipper/time_span.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define API_KEY_VARIABLE "USAGE_SHIPPER_API_KEY"

/* Where journalctl is, if not in its usual place. */
#define JOURNALCTL_VARIABLE "USAGE_SHIPPER_JOURNALCTL"

static const char help[] =
    "usage: usage-shipper run [--config FILE] [--once [OPTIONS]] [--state DIR]\n"
    "       COMMAND | usage-shipper run [--once] - [--rules RULES] [OPTIONS]\n"
    "\n"
    "Follows the logs of a configuration and delivers their events, until SIGTERM or\n"
    "Ctrl-C; what is under way is finished first, for 10 s at most. With - reads standard\n"
    "input instead, delivers what is in it, prints a summary, and ends with it.\n"
    "\n"
    "  --config FILE  the configuration (default: " DEFAULT_CONFIG ")\n"
    "  --once         read everything to its end, deliver it, print a summary, exit;\n"
    "                 waits for the endpoint as long as it takes; with -: what is piped in\n"
    "                 is a log, so what was sent of it is not sent again, dated or not\n"
    "  --final        with --once: take an unfinished last line as it is, instead of holding\n"
    "                 it back for a later run\n"
    "  --since TIME, --until TIME\n"
    "                 with --once or -: send events from the one on and before the other; the\n"
    "                 others are counted as excluded. A date (2026-11-01), a time\n"
    "                 (2026-11-01T10:00:00Z) or how long ago (7d). Their lines count as read:\n"
    "                 another span of the same log needs another --state\n"
    "  --rules RULES  with -: a rule file, or a product's name; may be given again\n"
    "                 (default: the configuration's input with `stdin: true`, or else its\n"
    "                 only input)\n"
    "  --state DIR    keep spool and positions in DIR (default: state_dir of the\n"
    "                 configuration; with --once or -, the directory once/ in it)\n"
    "  --help         print this\n"
    "\n"
    "The API key comes from the file of the configuration or, without one, from the\n"
    "environment variable " API_KEY_VARIABLE ".\n"
    "\n"
    "Exit code: 0 fine; 1 with --once or - if events were rejected or the input could not\n"
    "be read to its end, with --once if it was stopped; 64 usage; 71 system; 78 configuration.\n";

struct run_options {
    const char *config_path, *state, *since, *until;
    struct strings rules;
    int64_t since_s, until_s;
    bool is_once, is_final, is_stdin, is_help;
};

static void add_rules(struct strings *rules, char *item)
{
    rules->items = memory_resize(rules->items, (rules->count + 1) * sizeof(*rules->items));
    rules->items[rules->count++] = item;
}

static bool take_options(int argc, char **argv, struct run_options *options, struct error *err)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"state", required_argument, NULL, 's'},
        {"once", no_argument, NULL, 'o'},
        {"final", no_argument, NULL, 'f'},
        {"rules", required_argument, NULL, 'r'},
        {"since", required_argument, NULL, 'S'},
        {"until", required_argument, NULL, 'U'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, ":", names, NULL)) != -1) {
        if (option == 'c')
            options->config_path = optarg;
        else if (option == 's')
            options->state = optarg;
        else if (option == 'o')
            options->is_once = true;
        else if (option == 'f')
            options->is_final = true;
        else if (option == 'r')
            add_rules(&options->rules, optarg);
        else if (option == 'S')
            options->since = optarg;
        else if (option == 'U')
            options->until = optarg;
        else if (option == 'h')
            options->is_help = true;
        else
            return command_refuse_option(argv, option, err);
    }
    if (optind < argc && strcmp(argv[optind], "-") == 0) {
        options->is_stdin = true;
        optind++;
    }
    if (options->is_final && !options->is_once && !options->is_stdin)
        return command_refuse(argv, err, "--final goes with --once");
    if ((options->since || options->until) && !options->is_once && !options->is_stdin)
        return command_refuse(
            argv, err, "%s goes with --once", options->since ? "--since" : "--until");
    if (options->rules.count > 0 && !options->is_stdin)
        return command_refuse(argv, err, "--rules goes with - for standard input");
    if (optind < argc)
        return command_refuse(argv, err, "unexpected argument \"%s\"", argv[optind]);
    return time_span_read(
        options->since, options->until, &options->since_s, &options->until_s, err);
}

/* A copy of the key, which is overwritten where others could read it
 * (/proc/PID/environ). NULL if there is none. */
static char *take_api_key(void)
{
    char *value = getenv(API_KEY_VARIABLE);
    char *key = NULL;

    if (value && *value) {
        key = memory_string(span_of(value));
        explicit_bzero(value, strlen(value));
    }
    unsetenv(API_KEY_VARIABLE);
    return key;
}

static void drop_api_key(char *key)
{
    if (key)
        explicit_bzero(key, strlen(key));
    free(key);
}

/* Not the service. */
static bool ends_by_itself(const struct run_options *options)
{
    return options->is_once || options->is_stdin;
}

/* The directory that this run works in, made if missing; NULL on failure. */
static char *make_state(
    const struct run_options *options, const struct config *config, struct error *err)
{
    struct buffer dir = {0};
    bool is_made = options->state || state_make(config->state_dir, err);

    buffer_append(&dir, span_of(options->state ? options->state : config->state_dir));
    if (ends_by_itself(options) && !options->state)
        buffer_append(&dir, SPAN("/once"));
    buffer_append_byte(&dir, '\0');
    if (is_made && state_make(dir.bytes, err))
        return dir.bytes;
    buffer_finish(&dir);
    return NULL;
}

/* All 0 on failure. */
static bool read_stats(const char *dir, struct spool_stats *stats, struct error *err)
{
    struct spool *spool = spool_open(dir, &(struct spool_options){.is_only_looking = true}, err);
    bool is_read = spool && spool_stats(spool, stats, err);

    if (!is_read)
        *stats = (struct spool_stats){0};
    spool_close(spool);
    return is_read;
}

/* To standard output of what ends by itself, else to the log. */
static void tell_summary(struct shared *shared, bool is_output, const struct spool_stats *before,
    const struct spool_stats *after)
{
    struct buffer out = {0};

    summary_write(shared, before, after, &out);
    if (is_output) {
        fwrite(out.bytes, 1, out.len, stdout);
    } else {
        struct span rest = buffer_span(&out);

        while (rest.len > 0) {
            struct span line = span_cut(&rest, '\n');
            log_write(LOG_INFO, "%.*s", (int)line.len, line.at);
        }
    }
    buffer_finish(&out);
}

static int supervise(const struct run_options *options, const struct supervisor_options *setup)
{
    bool is_output = ends_by_itself(options);
    struct error err;
    struct spool_stats before, after;
    int code;

    /* At the first start there is none; a damaged one is seen to later. */
    read_stats(setup->state_dir, &before, &err);
    code = supervisor_run(setup);
    if (code != EXIT_FINE && code != EXIT_FOUND)
        return code;
    if (!read_stats(setup->state_dir, &after, &err)) {
        after.waiting = counter_get(&setup->shared->sender.waiting);
        log_failure(LOG_WARNING, &err, "the number of waiting events is the sender's last");
    }
    tell_summary(setup->shared, is_output, &before, &after);
    if (code == EXIT_FOUND)
        log_write(LOG_WARNING, "stopped before the end, %llu events wait for the next run",
            (unsigned long long)after.waiting);
    if (is_output && (counter_get(&setup->shared->sender.rejected) > 0 ||
                         counter_get(&setup->shared->reader.is_broken) > 0))
        code = EXIT_FOUND;
    return code;
}

static bool map_memory(
    const struct config *config, struct supervisor_options *setup, struct error *err)
{
    setup->shared = shared_new(err);
    if (setup->shared && config_reads_stdin(config))
        setup->stdin_window = stdin_window_new(err);
    return setup->shared && (setup->stdin_window || !config_reads_stdin(config));
}

/* Without one, nothing would ever be sent. The sender reads it again for itself. */
static bool check_api_key(const struct config *config, const char *api_key, struct error *err)
{
    struct api_key key;
    bool is_good = api_key_read(&key, api_key, config->endpoint.api_key_file, err);

    api_key_wipe(&key);
    return is_good;
}

/* For the service alone; it does without where that is impossible. */
static struct control *listen_for_questions(const struct run_options *options, const char *dir)
{
    struct control *control;
    struct error err;

    if (ends_by_itself(options))
        return NULL;
    control = control_open(dir, &err);
    if (!control)
        log_failure(LOG_WARNING, &err, "`usage-shipper reload` will not work, SIGHUP will");
    return control;
}

/* The same. */
static struct metrics_server *listen_for_scrapes(
    const struct run_options *options, const struct config *config)
{
    struct metrics_server *server;
    struct error err;

    if (ends_by_itself(options) || config->metrics_port == 0)
        return NULL;
    server = metrics_server_open((uint16_t)config->metrics_port, &err);
    if (!server)
        log_failure(LOG_WARNING, &err, "going on without metrics");
    return server;
}

static int run(const struct run_options *options, struct in_force *in_force, char *api_key)
{
    struct error err = {0};
    const struct config *config = in_force->config;
    char *dir = make_state(options, config, &err);
    int lock = dir && check_api_key(config, api_key, &err) && config_privacy_is_ready(config, &err)
                   ? state_lock(dir, STATE_WAIT_MS, &err)
                   : -1;
    const char *named = getenv(JOURNALCTL_VARIABLE);
    struct supervisor_options setup = {
        .in_force = in_force,
        .config_path = ends_by_itself(options) ? NULL : options->config_path,
        .state_dir = dir,
        .journalctl = named ? named : JOURNALCTL,
        .api_key = api_key,
        .is_sandboxed = true,
        .is_once = options->is_once,
        .is_final = options->is_final,
        .reader = reader_run,
        .sender = sender_run,
        .times = supervisor_times,
    };
    int code;

    log_set((enum log_format)config->log.format, (enum log_level)config->log.level);
    if (lock >= 0 && !options->is_once)
        in_force->listeners = listeners_open(config, &err);
    if (lock >= 0 && (in_force->listeners || options->is_once) &&
        map_memory(config, &setup, &err)) {
        setup.guard = spool_guard_new(dir, lock);
        setup.control = listen_for_questions(options, dir);
        setup.metrics = listen_for_scrapes(options, config);
        code = supervise(options, &setup);
        metrics_server_close(setup.metrics);
        control_close(setup.control);
        spool_guard_free(setup.guard);
    } else {
        code = command_fail("run", &err);
    }
    listeners_close(in_force->config, in_force->listeners);
    free(dir);
    return code;
}

int cmd_run(int argc, char **argv)
{
    struct run_options options = {.config_path = DEFAULT_CONFIG};
    struct errors errors = {0};
    struct error err;
    char *api_key;
    struct in_force in_force = {0};
    int code;

    signals_hold_hangups();
    sandbox_supervisor();
    api_key = take_api_key();
    if (!take_options(argc, argv, &options, &err)) {
        code = command_fail("run", &err);
    } else if (options.is_help) {
        fputs(help, stdout);
        code = EXIT_FINE;
    } else {
        in_force.config = config_load(options.config_path, &errors);
        if (options.is_stdin && errors.count == 0)
            config_read_stdin(in_force.config, &options.rules, &errors);
        in_force.config->exclusion.since_s = options.since_s;
        in_force.config->exclusion.until_s = options.until_s;
        command_print_errors(&errors, stderr);
        command_print_errors(&in_force.config->warnings, stderr);
        code = errors.count > 0 ? EXIT_CONFIG : run(&options, &in_force, api_key);
    }
    errors_finish(&errors);
    config_free(in_force.config);
    drop_api_key(api_key);
    free(options.rules.items);
    return code;
}
