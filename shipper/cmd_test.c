/* SPDX-License-Identifier: MIT
 *
 * test: the samples inside rule files, through the engine that ships. What
 * `check` says of a faulty file is said here too, since its samples can't run.
 */
#include "parsers/limits.h"
#include "parsers/samples.h"
#include "shipper/command.h"
#include "shipper/text_file.h"
#include "shipper/yaml_walk.h"

#include <getopt.h>

static const char help[] =
    "usage: usage-shipper test FILE|DIR...\n"
    "\n"
    "Runs the samples inside rule files: each line must become the event that stands\n"
    "with it, or none. Of a DIR all *.yaml files below it; configurations among them are\n"
    "passed over.\n"
    "\n"
    "  --help          print this\n"
    "\n"
    "Exit code: 0 when all hold, 1 when one does not, 78 when a file is faulty.\n";

struct tally {
    const char *given; /* on the command line: a folder, or the file itself */
    size_t files, samples, failures;
    bool has_faulty_file;
};

/* A configuration is known by its keys; a text that is not YAML is for the rule
 * loader to refuse. */
static bool is_configuration(const struct text *text)
{
    struct errors errors = {0};
    struct document *document = document_parse(text, &errors);
    const struct node *root = document ? document_root(document) : NULL;
    bool is_one = root && (node_get(root, "inputs") || node_get(root, "endpoint"));

    document_free(document);
    errors_finish(&errors);
    return is_one;
}

static void test_text(struct tally *tally, const struct text *text)
{
    struct errors errors = {0};
    struct rule_file *file = rule_file_parse(text, &errors);
    size_t failed;

    tally->files++;
    if (file) {
        tally->samples += samples_run(file, &failed, &errors);
        tally->failures += failed;
    } else {
        tally->has_faulty_file = true;
    }
    command_print_errors(&errors, stdout);
    errors_finish(&errors);
    rule_file_free(file);
}

static void fail_file(void *arg, const char *path, const struct error *why)
{
    struct tally *tally = arg;

    (void)path;
    command_fail("test", why);
    tally->has_faulty_file = true;
}

static void refuse_configuration(struct tally *tally, const char *path)
{
    struct error why;

    error_set(&why, ERROR_CONFIG, 0, "%s is a configuration, not a rule file", path);
    error_hint(&why, "Samples are in rule files; `usage-shipper check %s` checks it.", path);
    fail_file(tally, path, &why);
}

static void test_file(void *arg, const char *path)
{
    struct tally *tally = arg;
    struct error why;
    struct text *text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &why);

    if (!text)
        fail_file(tally, path, &why);
    else if (!is_configuration(text))
        test_text(tally, text);
    else if (strcmp(path, tally->given) == 0)
        refuse_configuration(tally, path);
    text_file_free(text);
}

int cmd_test(int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct tally tally = {0};
    const struct yaml_walk walk = {test_file, fail_file, &tally};
    struct error err;
    int option = getopt_long(argc, argv, ":", options, NULL);

    if (option == 'h') {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    if ((option != -1 && !command_refuse_option(argv, option, &err)) ||
        (optind == argc && !command_refuse(argv, &err, "no FILE or DIR given")))
        return command_fail("test", &err);
    for (int i = optind; i < argc; i++) {
        tally.given = argv[i];
        yaml_walk(argv[i], &walk);
    }
    printf("%zu sample%s of %zu file%s: %zu failed\n", tally.samples, tally.samples == 1 ? "" : "s",
        tally.files, tally.files == 1 ? "" : "s", tally.failures);
    if (tally.has_faulty_file)
        return EXIT_CONFIG;
    return tally.failures > 0 ? EXIT_FOUND : EXIT_FINE;
}
