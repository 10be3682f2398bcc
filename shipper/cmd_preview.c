/* SPDX-License-Identifier: MIT
 *
 * `usage-shipper preview FILE... --rules R`: what would be sent, nothing sent.
 * Needs no key, no state, no network. Request bodies, one JSON object a line, on
 * a pipe; an aligned table on a terminal. The summary goes to standard error.
 */
#include "shipper/account.h"
#include "shipper/command.h"
#include "shipper/event_table.h"
#include "shipper/preview.h"
#include "shipper/rule_library.h"
#include "shipper/wanted_rules.h"
#include "shipper/zone_file.h"

#include "parsers/address.h"
#include "parsers/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper preview FILE... --rules RULES [OPTIONS]\n"
    "\n"
    "Shows what would be sent for the lines of each FILE (- is standard input), and\n"
    "sends nothing. On a terminal a table, on a pipe one request body a line, as\n"
    "the rules make it: a configuration may change product_id, source, environment\n"
    "and activity_type, and event_id is another one.\n"
    "\n"
    "  --rules RULES        a rule file, or a product's name; may be given again\n"
    "  --rules-dir DIR      where names are looked up; may be given again\n"
    "                       (default: /etc/usage-shipper/rules, then " RULES_DIR ")\n"
    "  --host-address IP    this host's public address: ${self.ip}, and what a line\n"
    "                       without an address gets\n"
    "  --zone ZONE          zone of times that name none, like Europe/Berlin or\n"
    "                       +02:00 (default: this host's)\n"
    "  --encoding NAME      of files without a byte order mark (default: utf-8)\n"
    "  --json, --table      choose the output\n"
    "  --help\n";

enum output_kind { OUTPUT_BY_TERMINAL, OUTPUT_JSON, OUTPUT_TABLE };

struct options {
    struct strings rules, dirs;
    const char *host_address, *zone;
    enum encoding encoding;
    enum output_kind output;
};

static void add_string(struct strings *strings, char *item)
{
    strings->items = memory_resize(strings->items, (strings->count + 1) * sizeof(*strings->items));
    strings->items[strings->count++] = item;
}

/* False with the error printed. */
static bool read_encoding(const char *name, enum encoding *encoding)
{
    const char *nearest;

    for (unsigned i = 0; i < ENCODINGS; i++)
        if (strcmp(name, encoding_names[i]) == 0) {
            *encoding = (enum encoding)i;
            return true;
        }
    nearest = error_nearest(span_of(name), encoding_names, ENCODINGS);
    fprintf(stderr, "usage-shipper preview: \"%s\" is not an encoding%s%s%s\n", name,
        nearest ? ", did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    return false;
}

/* -1: go on with the files from optind; else the exit code. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"rules", required_argument, NULL, 'r'},
        {"rules-dir", required_argument, NULL, 'd'},
        {"host-address", required_argument, NULL, 'a'},
        {"zone", required_argument, NULL, 'z'},
        {"encoding", required_argument, NULL, 'e'},
        {"json", no_argument, NULL, 'j'},
        {"table", no_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct error err;
    int option;

    while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        switch (option) {
        case 'r':
            add_string(&options->rules, optarg);
            break;
        case 'd':
            add_string(&options->dirs, optarg);
            break;
        case 'a':
            options->host_address = optarg;
            break;
        case 'z':
            options->zone = optarg;
            break;
        case 'e':
            if (!read_encoding(optarg, &options->encoding))
                return EXIT_USAGE;
            break;
        case 'j':
            options->output = OUTPUT_JSON;
            break;
        case 't':
            options->output = OUTPUT_TABLE;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        default:
            command_refuse_option(argv, option, &err);
            return command_fail("preview", &err);
        }
    }
    if (optind < argc && options->rules.count > 0)
        return -1;
    command_refuse(argv, &err, optind == argc ? "no FILE given" : "no --rules given");
    return command_fail("preview", &err);
}

/* Where events go, and in which shape. */
struct screen {
    bool is_table;
    struct event_table table;
    struct buffer line;
};

static void show_event(void *arg, const struct event *event, bool is_unfinished)
{
    struct screen *screen = arg;

    buffer_clear(&screen->line);
    if (screen->is_table) {
        event_table_row(&screen->table, event, is_unfinished ? "not finished" : "", &screen->line);
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
    if (result->undated > 0)
        buffer_printf(&out,
            "no time is understood in the lines of %llu event%s: sent with the "
            "moment of reading\n",
            (unsigned long long)result->undated, plural(result->undated));
    for (size_t i = 0; i < result->reason_count; i++) {
        const struct preview_reason *r = &result->reasons[i];

        buffer_printf(&out,
            "incomplete: %.*s/%.*s: %s: %s (%llu line%s, the first at byte %llu of %s)\n",
            (int)r->product.len, r->product.at, (int)r->rule.len, r->rule.at, r->field, r->reason,
            (unsigned long long)r->lines, plural(r->lines), (unsigned long long)r->first_offset,
            r->first_path);
    }
    fwrite(out.bytes, 1, out.len, stderr);
    buffer_finish(&out);
}

static bool show_file(struct engine *engine, const char *path, struct preview_input input,
    struct screen *screen, struct preview_result *result, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct error why;
    bool done;

    if (fd < 0)
        return error_system(err, "can't open \"%s\"", path);
    input.fd = fd;
    input.path = path;
    done = preview_file(engine, &input, show_event, screen, result, &why);
    if (!is_stdin)
        close(fd);
    return done || error_set(err, ERROR_SYSTEM, why.code, "\"%s\": %s", path, why.message);
}

/* Every pair of them, as `check` compares those of an input. */
static void compare_rules(
    const struct strings *names, const struct engine_rules *rules, struct errors *errors)
{
    for (size_t i = 1; i < names->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct named_rules one = {.name = names->items[i], .rules = &rules[i]};
            const struct named_rules other = {.name = names->items[j], .rules = &rules[j]};

            if (rules[i].file == rules[j].file)
                errors_add(errors, (struct place){0}, "\"%s\" is given twice", one.name);
            else
                wanted_rules_compare(&one, &other, errors);
        }
}

/* The rule files named, or false with the errors printed. */
static bool load_rules(
    struct rule_library *library, const struct strings *names, struct engine_rules *rules)
{
    struct errors errors = {0};
    bool is_fine;

    for (size_t i = 0; i < names->count; i++)
        rules[i].file = rule_library_get(library, names->items[i], (struct place){0}, &errors);
    for (size_t i = 1; i < names->count; i++)
        if (rules[0].file && rules[i].file &&
            !framing_is_same(rules[0].file->multiline, rules[i].file->multiline))
            error_hint(
                errors_add(&errors, (struct place){0}, "\"%s\" has another `multiline` than \"%s\"",
                    names->items[i], names->items[0]),
                "Preview them one after the other.");
    if (errors.count == 0)
        compare_rules(names, rules, &errors);
    is_fine = errors.count == 0;
    command_print_errors(&errors, stderr);
    errors_finish(&errors);
    return is_fine;
}

static int show_files(char **paths, const struct options *options, struct engine_settings *settings,
    const struct zone *zone)
{
    struct engine *engine = engine_new(settings);
    struct preview_result result = {0};
    struct screen screen = {
        .is_table = options->output == OUTPUT_TABLE ||
                    (options->output == OUTPUT_BY_TERMINAL && isatty(STDOUT_FILENO)),
        .table = {.has_color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")},
    };
    const struct preview_input input = {.zone = zone, .encoding = options->encoding};
    struct error err;
    int code = EXIT_FINE;

    for (; *paths; paths++)
        if (!show_file(engine, *paths, input, &screen, &result, &err))
            code = command_fail("preview", &err);
    fflush(stdout);
    print_summary(&result);
    buffer_finish(&screen.line);
    engine_free(engine);
    return code;
}

int cmd_preview(int argc, char **argv)
{
    static char etc_dir[] = "/etc/usage-shipper/rules", installed_dir[] = RULES_DIR;
    struct options options = {0};
    struct engine_settings settings = {.instance = SPAN("preview")};
    struct rule_library *library;
    struct engine_rules *rules;
    struct address address;
    struct zone zone = {0};
    struct error err;
    int code = read_options(argc, argv, &options);

    if (code >= 0)
        goto done;
    if (options.dirs.count == 0) {
        add_string(&options.dirs, etc_dir);
        add_string(&options.dirs, installed_dir);
    }
    if (options.host_address) {
        if (!address_parse(span_of(options.host_address), &address)) {
            error_set(&err, ERROR_USAGE, 0, "\"%s\" is not an address", options.host_address);
            code = command_fail("preview", &err);
            goto done;
        }
        settings.host_address = span_of(address.text);
        settings.missing_address = MISSING_HOST;
    }
    if (!(options.zone ? zone_load(options.zone, &zone, &err) : zone_load_host(&zone, &err))) {
        if (options.zone)
            err.kind = ERROR_USAGE; /* it stands on the command line */
        code = command_fail("preview", &err);
        goto done;
    }
    library = rule_library_new(&options.dirs, ".");
    rules = memory_new(options.rules.count * sizeof(*rules));
    code = EXIT_CONFIG;
    if (load_rules(library, &options.rules, rules)) {
        settings.rules = rules;
        settings.rules_count = options.rules.count;
        settings.multiline = rules[0].file->multiline;
        code = show_files(argv + optind, &options, &settings, &zone);
    }
    free(rules);
    rule_library_free(library);
    zone_free(&zone);
done:
    free(options.rules.items);
    free(options.dirs.items);
    return code;
}
