/* SPDX-License-Identifier: MIT
 *
 * test: the samples inside rule files, through the engine that ships. What
 * `check` says of a faulty file is said here too, since its samples can't run.
 */
#include "parsers/limits.h"
#include "parsers/memory.h"
#include "parsers/samples.h"
#include "shipper/command.h"
#include "shipper/coverage.h"
#include "shipper/given_rules.h"
#include "shipper/rule_zones.h"
#include "shipper/text_file.h"
#include "shipper/yaml_kind.h"
#include "shipper/yaml_walk.h"
#include "shipper/zone_file.h"

#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char help[] =
    "usage: usage-shipper test FILE|DIR... [--coverage LOG...] [--encoding NAME]\n"
    "\n"
    "Runs the samples inside rule files: each line must become the event that stands\n"
    "with it, or none. Of a DIR all *.yaml files below it; configurations among them are\n"
    "passed over.\n"
    "\n"
    "  --coverage LOG   how many lines of LOG each rule takes, and which take none; what\n"
    "                   is no folder and does not end in .yaml is then another LOG\n"
    "  --encoding NAME  of LOGs without a byte order mark (default: utf-8)\n"
    "  --help           print this\n"
    "\n"
    "Exit code: 0 when all hold, 1 when one does not or a rule takes no line of any LOG,\n"
    "78 when a file is faulty.\n";

struct tally {
    const char *given; /* on the command line: a folder, or the file itself */
    size_t files, samples, failures;
    size_t faulty; /* files whose samples could not be run */

    struct strings logs; /* of --coverage; borrowed */
    struct zone zone;    /* of their times that name none: the host's */
    enum encoding encoding;
    size_t unused; /* rules that took none of their lines */
    bool has_unread_log;
};

static void cover(struct tally *tally, const struct rule_file *file)
{
    const struct log_file as = {.zone = &tally->zone, .encoding = tally->encoding};
    struct coverage coverage;
    struct buffer out = {0};
    struct error err;

    if (coverage_read(&coverage, file, &tally->logs, &as, &err)) {
        tally->unused += coverage_write(&coverage, &out);
        fwrite(out.bytes, 1, out.len, stdout);
    } else {
        command_fail("test", &err);
        tally->has_unread_log = true;
    }
    coverage_finish(&coverage);
    buffer_finish(&out);
}

static void test_rules(struct tally *tally, const struct text *text, struct errors *errors)
{
    struct rule_file *file = rule_zones_parse(text, errors);
    size_t failed;

    if (file) {
        tally->samples += samples_run(file, &failed, errors);
        tally->failures += failed;
        command_print_detected(file);
        if (tally->logs.count > 0)
            cover(tally, file);
    } else {
        tally->faulty++;
    }
    rule_file_free(file);
}

static void fail_file(void *arg, const char *path, const struct error *why)
{
    struct tally *tally = arg;

    (void)path;
    command_fail("test", why);
    tally->faulty++;
}

static void refuse_configuration(struct tally *tally, const char *path)
{
    struct error why;

    error_set(&why, ERROR_CONFIG, 0, "%s is a configuration, not a rule file", path);
    error_hint(&why, "Samples are in rule files; `usage-shipper check %s` checks it.", path);
    fail_file(tally, path, &why);
}

static void test_text(struct tally *tally, const struct text *text)
{
    struct errors errors = {0};
    enum yaml_kind kind = yaml_kind(text, &errors);

    if (kind == YAML_CONFIGURATION) {
        if (strcmp(text->name, tally->given) == 0)
            refuse_configuration(tally, text->name);
        return;
    }
    tally->files++;
    if (kind == YAML_RULES)
        test_rules(tally, text, &errors);
    else
        tally->faulty++;
    command_print_errors(&errors, stdout);
    errors_finish(&errors);
}

static void test_file(void *arg, const char *path)
{
    struct tally *tally = arg;
    struct error why;
    struct text *text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &why);

    if (text)
        test_text(tally, text);
    else
        fail_file(tally, path, &why);
    text_file_free(text);
}

static bool is_rules(const char *argument)
{
    size_t len = strlen(argument);
    struct stat st;

    return (len > 5 && strcmp(argument + len - 5, ".yaml") == 0) ||
           (stat(argument, &st) == 0 && S_ISDIR(st.st_mode));
}

static void add_log(struct tally *tally, char *log)
{
    struct strings *logs = &tally->logs;

    logs->items = memory_resize(logs->items, (logs->count + 1) * sizeof(*logs->items));
    logs->items[logs->count++] = log;
}

/* -1: go on with the files from optind; else the exit code. */
static int read_options(int argc, char **argv, struct tally *tally)
{
    static const struct option options[] = {
        {"coverage", required_argument, NULL, 'c'},
        {"encoding", required_argument, NULL, 'e'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct error err;
    int option;

    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return EXIT_FINE;
        }
        if (option == 'c')
            add_log(tally, optarg);
        else if (option != 'e' ? !command_refuse_option(argv, option, &err)
                               : !given_rules_encoding(optarg, &tally->encoding, argv, &err))
            return command_fail("test", &err);
    }
    if (optind == argc && !command_refuse(argv, &err, "no FILE or DIR given"))
        return command_fail("test", &err);
    if (tally->logs.count > 0 && !zone_load_host(&tally->zone, &err))
        return command_fail("test", &err);
    return -1;
}

static void test_all(struct tally *tally, char **arguments)
{
    const struct yaml_walk walk = {test_file, fail_file, tally};
    bool has_logs = tally->logs.count > 0;

    for (char **log = arguments; *log && has_logs; log++)
        if (!is_rules(*log))
            add_log(tally, *log);
    for (; *arguments; arguments++) {
        if (has_logs && !is_rules(*arguments))
            continue;
        tally->given = *arguments;
        yaml_walk(*arguments, &walk);
    }
}

int cmd_test(int argc, char **argv)
{
    struct tally tally = {0};
    int code = read_options(argc, argv, &tally);

    if (code < 0) {
        test_all(&tally, argv + optind);
        printf("%zu sample%s of %zu file%s: %zu failed", tally.samples,
            tally.samples == 1 ? "" : "s", tally.files, tally.files == 1 ? "" : "s",
            tally.failures);
        if (tally.faulty > 0)
            printf(", %zu file%s not run", tally.faulty, tally.faulty == 1 ? "" : "s");
        putchar('\n');
        code = tally.faulty > 0                         ? EXIT_CONFIG
               : tally.has_unread_log                   ? EXIT_SYSTEM
               : tally.failures > 0 || tally.unused > 0 ? EXIT_FOUND
                                                        : EXIT_FINE;
    }
    zone_free(&tally.zone);
    free(tally.logs.items);
    return code;
}
