/* SPDX-License-Identifier: MIT
 *
 * `usage-shipper draft`: a rule file proposed from sample logs, on standard output.
 */
#include "shipper/chunk_reader.h"
#include "shipper/command.h"
#include "shipper/given_rules.h"
#include "shipper/log_file.h"

#include "parsers/draft.h"
#include "parsers/limits.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper draft LOG... [--product NAME] > NAME.yaml\n"
    "\n"
    "Proposes a rule file from sample lines of a product (- is standard input): finds the\n"
    "format, puts lines together that are alike, guesses what they tell of and where\n"
    "user, address and user agent stand, and fills in samples with invented addresses\n"
    "and users. Every guess is marked. Up to 200,000 lines and 64 MiB are looked at.\n"
    "\n"
    "  --product NAME       the product (default: the first log's name)\n"
    "  --encoding NAME      of files without a byte order mark (default: utf-8)\n"
    "  --help\n"
    "\n"
    "Exit code: 0 with a rule file that passes `check` and `test`, 1 when no line tells\n"
    "of anything that was done.\n";

struct options {
    const char *product;
    enum encoding encoding;
};

/* -1: go on with the files from optind; else the exit code. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"product", required_argument, NULL, 'p'},
        {"encoding", required_argument, NULL, 'e'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct error err;
    int option;

    while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        switch (option) {
        case 'p':
            options->product = optarg;
            break;
        case 'e':
            if (!given_rules_encoding(optarg, &options->encoding, argv, &err))
                return command_fail("draft", &err);
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        default:
            command_refuse_option(argv, option, &err);
            return command_fail("draft", &err);
        }
    }
    if (optind < argc)
        return -1;
    command_refuse(argv, &err, "no LOG given");
    return command_fail("draft", &err);
}

/* "/var/log/acme-web.log.1" is a log of acme-web. */
static struct span product_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct span name = span_of(slash ? slash + 1 : path);
    const char *dot = span_find(name, '.');

    if (dot && dot > name.at)
        name = span_between(name.at, dot);
    return name.len == 0 || span_is(name, "-") ? SPAN("product") : name;
}

static bool read_chunks(int fd, enum encoding encoding, struct buffer *text, struct error *err)
{
    struct chunk_reader reader;
    struct engine_chunk chunk;
    enum chunk_result got = CHUNK_WHOLE;
    bool is_first = true;

    chunk_reader_init(&reader, fd, encoding);
    while (text->len < LIMIT_DRAFT_BYTES &&
           (got = chunk_reader_next(&reader, &chunk, err)) != CHUNK_END && got != CHUNK_ERROR) {
        if (is_first && !log_file_is_log(buffer_span(&reader.held), err)) {
            got = CHUNK_ERROR;
            break;
        }
        is_first = false;
        buffer_append(text, chunk.bytes);
        chunk_reader_take(&reader, chunk.bytes.len);
    }
    if (text->len > 0 && text->bytes[text->len - 1] != '\n')
        buffer_append_byte(text, '\n');
    chunk_reader_finish(&reader);
    return got != CHUNK_ERROR;
}

static bool read_log(
    const char *path, enum encoding encoding, struct buffer *text, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0, done;
    struct error why;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return error_system(err, "can't open \"%s\"", path);
    done = read_chunks(fd, encoding, text, &why);
    if (!is_stdin)
        close(fd);
    if (!done) {
        error_set(err, why.kind, why.code, "\"%s\": %s", path, why.message);
        error_hint(err, "%s", why.hint);
    }
    return done;
}

static int print_draft(struct span text, struct span product)
{
    struct draft_result result;
    struct buffer out = {0};

    draft_write(text, product, &out, &result);
    fprintf(stderr, "%zu lines%s, %zu of another format, %zu shapes: %zu rules with %zu samples\n",
        result.lines, result.is_cut ? " (there are more)" : "", result.not_read, result.shapes,
        result.rules, result.samples);
    if (result.rules == 0)
        fprintf(stderr,
            "No line tells of something that was done by a user or from an address.\n%s",
            result.failures > 0 ? "hint: Draft from a log in which something succeeds: lines of "
                                  "failures are usage to nobody.\n"
                                : "");
    fwrite(out.bytes, 1, out.len, result.rules > 0 ? stdout : stderr);
    buffer_finish(&out);
    return result.rules > 0 ? EXIT_FINE : EXIT_FOUND;
}

int cmd_draft(int argc, char **argv)
{
    struct options options = {0};
    struct buffer text = {0};
    struct span product;
    struct error err;
    int code = read_options(argc, argv, &options);

    if (code >= 0)
        return code;
    product = options.product ? span_of(options.product) : product_of(argv[optind]);
    for (int i = optind; i < argc && code < 0; i++)
        if (!read_log(argv[i], options.encoding, &text, &err))
            code = command_fail("draft", &err);
    if (code < 0)
        code = print_draft(buffer_span(&text), product);
    buffer_finish(&text);
    return code;
}
