/* SPDX-License-Identifier: MIT
 *
 * check: every error of configurations and rule files with place, caret and hint.
 * What a file is, its top-level keys tell. Runs no sample (that is `test`), sends
 * nothing, and changes nothing on disk.
 */
#include "parsers/limits.h"
#include "parsers/lint.h"
#include "parsers/memory.h"
#include "parsers/rule.h"
#include "parsers/sample_times.h"
#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/config.h"
#include "shipper/endpoint_files.h"
#include "shipper/listener.h"
#include "shipper/manifest.h"
#include "shipper/rule_cost.h"
#include "shipper/rule_zones.h"
#include "shipper/text_file.h"
#include "shipper/yaml_kind.h"
#include "shipper/yaml_walk.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: usage-shipper check [--config FILE] [FILE|DIR...]\n"
    "\n"
    "Checks configurations and rule files and prints every error with its place and\n"
    "a hint. Of a DIR all *.yaml files below it are checked. A configuration is\n"
    "checked with the rule files that it names, and with the files that its endpoint\n"
    "names: key, certificates. One that is not there is only warned of: it may be on\n"
    "the host that the configuration is for.\n"
    "\n"
    "  --config FILE     check FILE as a configuration, whatever is in it\n"
    "  --manifest        print all that the configuration can ever send, and where to\n"
    "  --manifest=KEPT   compare that with a file KEPT of an earlier time: what went (-) and\n"
    "                    what came (+) is printed\n"
    "  --help            print this\n"
    "\n"
    "Exit code: 0 without errors (warnings may have been printed), 78 with errors, 1 when\n"
    "what can be sent is not what KEPT says.\n"
    "Samples are run by `usage-shipper test`.\n";

struct tally {
    struct strings seen; /* real paths of the files that count already */
    size_t seen_room;
    size_t bad_files, rules, samples, problems, warnings;
};

/* --- counting -------------------------------------------------------------- */

/* False if the file counts already: a rule file may be given and also be named by
 * a configuration, even by several. */
static bool count_file(struct tally *tally, const char *path)
{
    struct strings *seen = &tally->seen;
    char *real_path = realpath(path, NULL);

    if (!real_path)
        real_path = memory_string(span_of(path));
    for (size_t i = 0; i < seen->count; i++)
        if (strcmp(seen->items[i], real_path) == 0) {
            free(real_path);
            return false;
        }
    seen->items = memory_room(seen->items, seen->count, &tally->seen_room, sizeof(*seen->items));
    seen->items[seen->count++] = real_path;
    return true;
}

/* The zone is that of the times that name none; of a rule file alone UTC, as in samples. */
static void count_rules(struct tally *tally, const struct rule_file *file, const struct zone *zone,
    const struct zone_names *names)
{
    struct errors warnings = {0};

    lint_check(file, &warnings);
    rule_cost_check(file, &warnings);
    sample_times_check(file, zone, names, &warnings);
    tally->warnings += warnings.count + warnings.dropped;
    command_print_errors(&warnings, stdout);
    errors_finish(&warnings);
    command_print_detected(file);
    tally->rules += file->count;
    for (size_t i = 0; i < file->count; i++)
        tally->samples += file->rules[i].sample_count;
}

/* Prints, counts and frees. */
static void finish_errors(struct tally *tally, struct errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        bool is_new = true;

        for (size_t j = 0; j < i; j++)
            is_new &= errors->items[j].place.text != errors->items[i].place.text;
        tally->bad_files += is_new;
    }
    tally->problems += errors->count + errors->dropped;
    command_print_errors(errors, stdout);
    errors_finish(errors);
}

/* --- files ----------------------------------------------------------------- */

/* What has been printed when the faulty rule file was met before. */
static void drop_errors_of(const struct text *text, struct errors *errors)
{
    size_t kept = 0;

    for (size_t i = 0; i < errors->count; i++)
        if (errors->items[i].place.text != text)
            errors->items[kept++] = errors->items[i];
    errors->count = kept;
}

/* Of the first input that has these rules. */
static const struct zone *zone_of(const struct config *config, const struct rule_file *file)
{
    for (size_t i = 0; i < config->input_count; i++)
        for (size_t j = 0; j < config->inputs[i].settings.rules_count; j++)
            if (config->inputs[i].settings.rules[j].file == file)
                return &config->inputs[i].zone_table;
    return &zone_utc;
}

static void check_config(struct tally *tally, const char *path)
{
    struct errors errors = {0};
    struct config *config = config_load(path, &errors);
    size_t named = config->library ? rule_library_count(config->library) : 0;

    for (size_t i = 0; i < named; i++) {
        const struct text *text = rule_library_text(config->library, i);
        const struct rule_file *file = rule_library_file(config->library, i);
        bool is_new = count_file(tally, text->name);

        if (file && is_new)
            count_rules(tally, file, zone_of(config, file), &config->zone_names);
        else if (!file && !is_new)
            drop_errors_of(text, &errors);
    }
    endpoint_files_check(&config->endpoint, clock_now().wall_s, &errors, &config->warnings);
    listeners_check(config);
    finish_errors(tally, &errors);
    tally->warnings += config->warnings.count + config->warnings.dropped;
    command_print_errors(&config->warnings, stdout);
    config_free(config);
}

static void check_rules(struct tally *tally, const struct text *text)
{
    struct errors errors = {0};
    struct rule_file *file = rule_zones_parse(text, &errors);

    if (file)
        count_rules(tally, file, &zone_utc, NULL);
    finish_errors(tally, &errors);
    rule_file_free(file);
}

static void fail_file(void *arg, const char *path, const struct error *err)
{
    struct tally *tally = arg;
    struct errors errors = {0};

    count_file(tally, path);
    error_hint(errors_add(&errors, err->place, "%s", err->message), "%s", err->hint);
    finish_errors(tally, &errors);
}

/* A file whose kind its text does not tell. */
static void check_text(struct tally *tally, const struct text *text)
{
    struct errors errors = {0};
    enum yaml_kind kind = yaml_kind(text, &errors);

    if (kind == YAML_CONFIGURATION)
        check_config(tally, text->name);
    else if (kind == YAML_RULES)
        check_rules(tally, text);
    finish_errors(tally, &errors);
}

static void check_file(void *arg, const char *path)
{
    struct tally *tally = arg;
    struct error why;
    struct text *text;

    if (!count_file(tally, path))
        return;
    text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &why);
    if (text)
        check_text(tally, text);
    else
        fail_file(tally, path, &why);
    text_file_free(text);
}

/* --- the manifest ---------------------------------------------------------- */

/* kept: NULL for none. The configuration's errors go to standard error. */
static int show_manifest(const char *path, const char *kept)
{
    struct errors errors = {0};
    struct config *config = config_load(path, &errors);
    struct buffer now = {0}, difference = {0};
    struct text *then = NULL;
    struct error err;
    int code = EXIT_FINE;

    if (errors.count > 0) {
        command_print_errors(&errors, stderr);
        code = EXIT_CONFIG;
    } else if (kept && !(then = text_file_read(kept, LIMIT_DOCUMENT_BYTES, &err))) {
        code = command_fail("check", &err);
    } else {
        manifest_write(config, &now);
        if (!then)
            fwrite(now.bytes, 1, now.len, stdout);
        else if (manifest_compare(then->bytes, buffer_span(&now), &difference)) {
            fwrite(difference.bytes, 1, difference.len, stdout);
            code = EXIT_FOUND;
        }
    }
    text_file_free(then);
    buffer_finish(&now);
    buffer_finish(&difference);
    errors_finish(&errors);
    config_free(config);
    return code;
}

/* --- the command ----------------------------------------------------------- */

static void print_count(size_t n, const char *what)
{
    printf("%zu %s%s", n, what, n == 1 ? "" : "s");
}

static int print_summary(const struct tally *tally)
{
    if (tally->problems > 0) {
        print_count(tally->problems, "problem");
        fputs(" in ", stdout);
        if (tally->seen.count > 1)
            printf("%zu of ", tally->bad_files);
        print_count(tally->seen.count, "file");
    } else {
        print_count(tally->seen.count, "file");
        fputs(", ", stdout);
        print_count(tally->rules, "rule");
        fputs(", ", stdout);
        print_count(tally->samples, "sample");
        fputs(": no problems", stdout);
    }
    if (tally->warnings > 0) {
        fputs(", ", stdout);
        print_count(tally->warnings, "warning");
    }
    putchar('\n');
    return tally->problems > 0 ? EXIT_CONFIG : EXIT_FINE;
}

int cmd_check(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"manifest", optional_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct tally tally = {0};
    const struct yaml_walk walk = {check_file, fail_file, &tally};
    const char *config = NULL, *kept = NULL;
    bool is_manifest = false;
    struct error err;
    int option, code;

    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return EXIT_FINE;
        }
        if (option == 'm') {
            is_manifest = true;
            kept = optarg;
            continue;
        }
        if (option != 'c' && !command_refuse_option(argv, option, &err))
            return command_fail("check", &err);
        if (config && !command_refuse(argv, &err, "--config is given twice"))
            return command_fail("check", &err);
        config = optarg;
    }
    if (!config && optind == argc && !command_refuse(argv, &err, "no FILE or DIR given"))
        return command_fail("check", &err);
    if (is_manifest) {
        if (optind + !config < argc && !command_refuse(argv, &err, "--manifest is of one FILE"))
            return command_fail("check", &err);
        return show_manifest(config ? config : argv[optind], kept);
    }
    if (config && count_file(&tally, config))
        check_config(&tally, config);
    for (int i = optind; i < argc; i++)
        yaml_walk(argv[i], &walk);
    code = print_summary(&tally);
    for (size_t i = 0; i < tally.seen.count; i++)
        free(tally.seen.items[i]);
    free(tally.seen.items);
    return code;
}
