/* SPDX-License-Identifier: MIT
 *
 * `usage-shipper preview FILE... --rules R`: what would be sent, nothing sent.
 * Needs no key, no state, no network. Request bodies, one JSON object a line, on
 * a pipe; an aligned table on a terminal. The summary goes to standard error.
 */
#include "parsers/rule.h"
#include "shipper/account.h"
#include "shipper/command.h"
#include "shipper/event_table.h"
#include "shipper/given_rules.h"
#include "shipper/preview.h"
#include "shipper/review.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper preview FILE... --rules RULES [OPTIONS]\n"
    "\n"
    "Shows what would be sent for the lines of each FILE (- is standard input), and\n"
    "sends nothing. On a terminal a table, on a pipe one request body a line, as\n"
    "the rules make it: a configuration may change product_id, source, environment\n"
    "and activity_type, and event_id is another one.\n"
    "\n" GIVEN_RULES_HELP "  --json, --table      choose the output\n"
    "  --report             no events, but what all of them have: each field, its rule, in\n"
    "                       how many it stands, how many values it has, what they look like\n"
    "  --help\n";

enum output_kind { OUTPUT_BY_TERMINAL, OUTPUT_JSON, OUTPUT_TABLE };

struct options {
    struct given_rules given;
    enum output_kind output;
    bool is_report;
};

/* -1: go on with the files from optind; else the exit code. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        GIVEN_RULES_OPTIONS,
        {"json", no_argument, NULL, 'j'},
        {"table", no_argument, NULL, 't'},
        {"report", no_argument, NULL, 'R'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct error err;
    int option;

    while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        switch (option) {
        case 'j':
            options->output = OUTPUT_JSON;
            break;
        case 't':
            options->output = OUTPUT_TABLE;
            break;
        case 'R':
            options->is_report = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        default:
            if (given_rules_option(&options->given, option, optarg, argv, &err))
                break;
            if (err.kind == ERROR_NONE)
                command_refuse_option(argv, option, &err);
            return command_fail("preview", &err);
        }
    }
    if (optind < argc && options->given.names.count > 0)
        return -1;
    command_refuse(argv, &err, optind == argc ? "no FILE given" : "no --rules given");
    return command_fail("preview", &err);
}

/* Where events go, and in which shape. */
struct screen {
    bool is_table;
    struct event_table table;
    struct review *review; /* not NULL: they are not shown, but counted there */
    struct buffer line;
};

static void show_event(void *arg, const struct event *event, bool is_unfinished)
{
    struct screen *screen = arg;

    if (screen->review) {
        review_take(screen->review, event);
        return;
    }
    buffer_clear(&screen->line);
    if (screen->is_table) {
        event_table_row(&screen->table, event,
            is_unfinished ? (event->count > 0 ? "window still open" : "not finished") : "",
            &screen->line);
    } else {
        event_write(event, &screen->line);
        buffer_append_byte(&screen->line, '\n');
    }
    fwrite(screen->line.bytes, 1, screen->line.len, stdout);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_summary(const struct preview_result *result)
{
    struct buffer out = {0};
    uint64_t lines = 0;

    for (int class = 0; class < LINE_CLASSES; class ++)
        lines += result->counts.lines[class];
    buffer_printf(&out, "%llu line%s read, %llu event%s", (unsigned long long)lines, plural(lines),
        (unsigned long long)result->counts.events, plural(result->counts.events));
    for (unsigned class = 0, shown = 0; class < LINE_CLASSES; class ++)
        if (result->counts.lines[class] > 0) {
            buffer_printf(&out, "%s %llu ", shown++ == 0 ? ":" : ",",
                (unsigned long long)result->counts.lines[class]);
            account_class_write(class, &out);
        }
    buffer_append_byte(&out, '\n');
    if (result->detection.count > 0) {
        buffer_append(&out, SPAN("format auto reads lines that rules may take: "));
        detection_write(&result->detection, &out);
        buffer_append_byte(&out, '\n');
    }
    if (result->undated > 0)
        buffer_printf(&out,
            "no time is understood in the lines of %llu event%s: sent with the "
            "moment of reading\n",
            (unsigned long long)result->undated, plural(result->undated));
    for (size_t i = 0; i < result->reason_count; i++) {
        const struct preview_reason *r = &result->reasons[i];

        buffer_printf(&out, "incomplete: %.*s/%.*s: %s: %s", (int)r->product.len, r->product.at,
            (int)r->rule.len, r->rule.at, r->field, r->reason);
        if (r->value[0]) {
            buffer_append(&out, SPAN(" (\""));
            event_table_text(span_of(r->value), &out);
            buffer_append(&out, SPAN("\")"));
        }
        buffer_printf(&out, " (%llu line%s, the first at %s:%llu)\n", (unsigned long long)r->lines,
            plural(r->lines), r->first_path, (unsigned long long)r->first_line);
    }
    if (lines > 0 && result->counts.events == 0 && result->reason_count == 0)
        buffer_append(&out, SPAN("hint: `usage-shipper explain` of the same log tells how near "
                                 "the rules come.\n"));
    fwrite(out.bytes, 1, out.len, stderr);
    buffer_finish(&out);
}

/* A hash that is shown is not the one that would be sent. */
static void print_hashing(const struct given_rules *given)
{
    for (size_t i = 0; i < given->names.count; i++)
        for (size_t j = 0; j < given->rules[i].file->count; j++)
            if (rule_hashes(&given->rules[i].file->rules[j])) {
                fputs("hashes are made with a secret that everybody knows: with your "
                      "hash_secret_file they are others\n",
                    stderr);
                return;
            }
}

static void print_review(struct review *review, bool is_json)
{
    struct buffer out = {0};

    if (is_json)
        review_write_json(review, &out);
    else
        review_write_text(review, &out);
    if (out.len > 0)
        fwrite(out.bytes, 1, out.len, stdout);
    buffer_finish(&out);
}

static int show_files(char **paths, const struct options *options)
{
    struct engine *engine = engine_new(&options->given.settings);
    struct preview_result result = {0};
    struct screen screen = {
        .is_table = options->output == OUTPUT_TABLE ||
                    (options->output == OUTPUT_BY_TERMINAL && isatty(STDOUT_FILENO)),
        .table = {.has_color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")},
        .review = options->is_report ? review_new() : NULL,
    };
    struct log_file log = {.zone = &options->given.zone_table, .encoding = options->given.encoding};
    struct error err;
    int code = EXIT_FINE;

    for (; *paths; paths++) {
        log.path = *paths;
        if (!preview_file(engine, &log, show_event, &screen, &result, &err))
            code = command_fail("preview", &err);
    }
    preview_end(engine, show_event, &screen, &result);
    if (screen.review)
        print_review(screen.review, options->output == OUTPUT_JSON);
    fflush(stdout);
    print_summary(&result);
    print_hashing(&options->given);
    buffer_finish(&screen.line);
    review_free(screen.review);
    engine_free(engine);
    return code;
}

int cmd_preview(int argc, char **argv)
{
    struct options options = {0};
    int code = read_options(argc, argv, &options);

    options.given.log = argv[optind];
    if (code < 0)
        code = given_rules_load(&options.given, "preview");
    if (code < 0)
        code = show_files(argv + optind, &options);
    given_rules_finish(&options.given);
    return code;
}
