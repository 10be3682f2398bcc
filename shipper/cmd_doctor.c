/* SPDX-License-Identifier: MIT
 *
 * doctor: what keeps a configuration from working on this host, what it can send, and
 * if asked one event that says that it is a test.
 */
#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/doctor_report.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper doctor [--config FILE] [--send-canary] [--json]\n"
    "\n"
    "Looks at all that a configuration needs on this host: key and certificates, state\n"
    "directory, logs, the endpoint's name, connection, certificate and clock. Then lists\n"
    "all that it can send, to be compared with the vendor's settings page.\n"
    "\n"
    "Run it as the user that usage-shipper runs as. It sends no event: the endpoint sees\n"
    "one HEAD request, without the key.\n"
    "\n"
    "  --config FILE  the configuration (default: " DEFAULT_CONFIG ")\n"
    "  --send-canary  post one event, of user usage-shipper-canary with the first product\n"
    "                 and activity of the list, and show the whole exchange, the key\n"
    "                 masked. The endpoint counts it as any other\n"
    "  --json         one JSON object\n"
    "  --help         print this\n"
    "\n"
    "Exit code: 0 nothing has failed; 1 something has; 64 usage; 78 configuration.\n";

struct options {
    const char *config_path;
    bool is_canary_wanted, is_json, is_help;
};

static bool take_options(int argc, char **argv, struct options *options, struct error *err)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"send-canary", no_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
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
            options->is_canary_wanted = true;
            break;
        case 'j':
            options->is_json = true;
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

/* --- the command --------------------------------------------------------------------------- */

static void send_canary(struct doctor_report *report, const struct api_key *key)
{
    static const char check[] = "canary";
    struct doctor *doctor = &report->doctor;
    struct judgement *judgement = &report->canary.judgement;
    struct error err;

    if (report->emitted.count == 0) {
        doctor_note(doctor, FINDING_FAIL, check, "not sent: the configuration can send nothing");
        return;
    }
    report->has_canary = canary_send(
        &report->canary, doctor->config, &report->emitted.items[0], key, doctor->wall_s, &err);
    if (!report->has_canary) {
        doctor_hint(
            doctor_note(doctor, FINDING_FAIL, check, "not sent: %s", err.message), "%s", err.hint);
        canary_finish(&report->canary);
    } else if (judgement->verdict == VERDICT_DELIVERED) {
        doctor_note(
            doctor, FINDING_OK, check, "event %s: %s", report->canary.id, judgement->reason);
    } else {
        doctor_hint(doctor_note(doctor, FINDING_FAIL, check, "event %s: %s", report->canary.id,
                        judgement->reason),
            "%s",
            judgement->verdict == VERDICT_KEY        ? "The key is wrong."
            : judgement->verdict == VERDICT_REJECTED ? "Do the vendor's settings know this "
                                                       "product_id and activity_type?"
                                                     : "Is endpoint.url right?");
    }
}

static void check_config(struct doctor *doctor, const char *path)
{
    size_t warnings = doctor->config->warnings.count + doctor->config->warnings.dropped;

    if (warnings == 0)
        doctor_note(doctor, FINDING_OK, "config", "%s", path);
    else
        doctor_hint(doctor_note(doctor, FINDING_WARN, "config", "%s: %zu warnings", path, warnings),
            "`usage-shipper check --config %s` shows them.", path);
}

static void print(const struct doctor_report *report, bool is_json)
{
    struct buffer out = {0};

    if (is_json)
        doctor_report_write_json(report, &out);
    else
        doctor_report_write_text(report, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"), &out);
    fwrite(out.bytes, 1, out.len, stdout);
    buffer_finish(&out);
}

static int examine(const struct config *config, const char *path, const struct options *options)
{
    struct doctor_report report = {.doctor = {.config = config, .wall_s = clock_now().wall_s}};
    struct api_key key;
    bool has_key;
    int code;

    check_config(&report.doctor, path);
    emitted_gather(config, &report.emitted);
    doctor_check_host(&report.doctor);
    has_key = doctor_check_key(&report.doctor, getenv("USAGE_SHIPPER_API_KEY"), &key);
    doctor_check_endpoint(&report.doctor);
    if (options->is_canary_wanted && has_key)
        send_canary(&report, &key);
    api_key_wipe(&key);
    print(&report, options->is_json);
    code = doctor_is_ill(&report.doctor) ? EXIT_FOUND : EXIT_FINE;
    if (report.has_canary)
        canary_finish(&report.canary);
    emitted_finish(&report.emitted);
    doctor_finish(&report.doctor);
    return code;
}

int cmd_doctor(int argc, char **argv)
{
    struct options options = {.config_path = DEFAULT_CONFIG};
    struct errors errors = {0};
    struct config *config;
    struct error err;
    int code = EXIT_CONFIG;

    if (!take_options(argc, argv, &options, &err))
        return command_fail("doctor", &err);
    if (options.is_help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    config = config_load(options.config_path, &errors);
    if (errors.count == 0)
        code = examine(config, options.config_path, &options);
    else
        command_print_errors(&errors, stderr);
    errors_finish(&errors);
    config_free(config);
    return code;
}
