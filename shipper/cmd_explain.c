/* SPDX-License-Identifier: MIT
 *
 * `usage-shipper explain`: what becomes of a line, or of all lines of a log, and why.
 * Nothing is sent.
 */
#include "shipper/command.h"
#include "shipper/explain_input.h"
#include "shipper/explain_print.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper explain --rules RULES [OPTIONS] LINE|FILE...\n"
    "       usage-shipper explain --config FILE [--from INPUT] [OPTIONS] LINE|FILE...\n"
    "\n"
    "Tells of a LINE how it is read, which rule takes it and what is sent; of one that\n"
    "no rule takes, the rule that comes nearest, with the place where it died and what\n"
    "it wanted there. Of a FILE (- is standard input) with more than one record it\n"
    "counts: which rules took how many, and where the nearest rules died, the most\n"
    "frequent first. An argument with a blank, { or = in it that is no file is a LINE.\n"
    "\n"
    "  --config FILE        take rules, zone, encoding and all else from this\n"
    "                       configuration\n"
    "  --from INPUT         where it would come from: the path of a log, journal,\n"
    "                       journal:UNIT, syslog, syslog:ADDRESS, stdin, or the number\n"
    "                       of an input of the configuration. Of a journal a LINE is a\n"
    "                       message, and a FILE what `journalctl -o export` writes\n"
    "  --field NAME=VALUE   what the source knows beside the line; may be given "
    "again\n" GIVEN_RULES_HELP "  --line LINE          a LINE, whatever is in it\n"
    "  --all                all groups and shapes, not only the biggest\n"
    "  --json               for programs\n"
    "  --help\n"
    "\n"
    "Of many lines of one shape the first 32 are looked at closely; the others count\n"
    "where the last of these died.\n";

struct options {
    struct explain_input input;
    const char *line;
    bool is_json, is_all;
};

/* What comes of it, gathered. */
struct telling {
    const struct options *options;
    struct explain *explain;
    struct explain_groups groups;
    struct engine_counts counts;
    struct buffer story; /* of the first record */
};

/* -1: go on with what stands from optind on; else the exit code. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        GIVEN_RULES_OPTIONS,
        {"config", required_argument, NULL, 'c'},
        {"from", required_argument, NULL, 'f'},
        {"field", required_argument, NULL, 'F'},
        {"line", required_argument, NULL, 'l'},
        {"all", no_argument, NULL, 'A'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct explain_input *input = &options->input;
    struct error err;
    int option;

    while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        switch (option) {
        case 'c':
            input->config_path = optarg;
            break;
        case 'f':
            input->from = optarg;
            break;
        case 'F':
            if (explain_input_add_field(input, optarg))
                break;
            command_refuse(argv, &err, "--field takes NAME=VALUE, not \"%s\"", optarg);
            return command_fail("explain", &err);
        case 'l':
            options->line = optarg;
            break;
        case 'A':
            options->is_all = true;
            break;
        case 'j':
            options->is_json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        default:
            if (given_rules_option(&input->given, option, optarg, argv, &err))
                break;
            if (err.kind == ERROR_NONE)
                command_refuse_option(argv, option, &err);
            return command_fail("explain", &err);
        }
    }
    if (input->config_path && input->given.names.count > 0)
        command_refuse(argv, &err, "both --config and --rules are given");
    else if (!input->config_path && input->given.names.count == 0)
        command_refuse(argv, &err, "neither --rules nor --config is given");
    else if (!options->line && optind == argc)
        command_refuse(argv, &err, "no LINE or FILE given");
    else
        return -1;
    return command_fail("explain", &err);
}

static bool is_line(const char *argument)
{
    return strpbrk(argument, " \t{=") && access(argument, F_OK) != 0;
}

static void tell(void *arg, const struct explained *explained)
{
    struct telling *telling = arg;
    size_t count = explain_file_count(telling->explain);

    if (telling->groups.lines == 0) {
        const struct explained_file *files = explain_look(telling->explain, explained);

        if (telling->options->is_json)
            explain_json_record(explained, files, count, &telling->story);
        else
            explain_text_record(explained, files, count, &telling->story);
    }
    explain_groups_add(&telling->groups, telling->explain, explained);
}

static void print(struct telling *telling)
{
    const struct options *options = telling->options;
    struct buffer out = {0};

    if (telling->groups.lines == 1) {
        fwrite(telling->story.bytes, 1, telling->story.len, stdout);
        return;
    }
    explain_groups_sort(&telling->groups);
    if (options->is_json)
        explain_json_groups(&telling->groups, &telling->counts, &out);
    else
        explain_text_groups(&telling->groups, &telling->counts, options->is_all, &out);
    fwrite(out.bytes, 1, out.len, stdout);
    buffer_finish(&out);
}

static int explain_all(struct options *options, char **arguments)
{
    struct telling telling = {.options = options, .explain = explain_new(options->input.settings)};
    struct error err;
    int code = EXIT_FINE;

    explain_groups_init(&telling.groups);
    if (options->line)
        explain_input_line(
            &options->input, telling.explain, options->line, tell, &telling, &telling.counts);
    for (; *arguments; arguments++) {
        if (is_line(*arguments))
            explain_input_line(
                &options->input, telling.explain, *arguments, tell, &telling, &telling.counts);
        else if (!explain_input_log(&options->input, telling.explain, *arguments, tell, &telling,
                     &telling.counts, &err)) {
            if (err.code == ENOENT)
                error_hint(&err, "A LINE without a blank in it goes behind --line.");
            code = command_fail("explain", &err);
        }
    }
    if (code == EXIT_FINE || telling.groups.lines > 0)
        print(&telling);
    buffer_finish(&telling.story);
    explain_groups_finish(&telling.groups);
    explain_free(telling.explain);
    return code;
}

int cmd_explain(int argc, char **argv)
{
    struct options options = {0};
    int code = read_options(argc, argv, &options);
    size_t count = (size_t)(argc - optind);

    if (code < 0)
        code = explain_input_load(
            &options.input, argv + optind, count > 0 && !is_line(argv[optind]) ? count : 0);
    if (code < 0)
        code = explain_all(&options, argv + optind);
    explain_input_finish(&options.input);
    return code;
}
