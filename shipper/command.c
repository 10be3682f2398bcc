/* SPDX-License-Identifier: MIT
 *
 * What subcommands share: how an error ends one, and what is said of a command
 * line.
 */
#include "shipper/command.h"

#include "parsers/samples.h"

#include <getopt.h>
#include <stdarg.h>

int command_fail(const char *command, const struct error *err)
{
    struct buffer out = {0};

    /* A place names the file first, as compilers do, so that editors can jump to it. */
    if (!err->place.text)
        buffer_printf(&out, "usage-shipper %s: ", command);
    error_render(err, &out);
    fwrite(out.bytes, 1, out.len, stderr);
    buffer_finish(&out);

    switch (err->kind) {
    case ERROR_USAGE:
        return EXIT_USAGE;
    case ERROR_CONFIG:
        return EXIT_CONFIG;
    case ERROR_SYSTEM:
    case ERROR_CORRUPT:
        return EXIT_SYSTEM;
    case ERROR_REMOTE:
        return EXIT_FOUND;
    case ERROR_NONE:
        break;
    }
    return EXIT_BUG;
}

bool command_refuse(char **argv, struct error *err, const char *format, ...)
{
    char message[256];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    error_set(err, ERROR_USAGE, 0, "%s", message);
    error_hint(err, "`usage-shipper %s --help` tells how it is used.", argv[0]);
    return false;
}

bool command_refuse_option(char **argv, int option, struct error *err)
{
    const char *text = argv[optind - 1];

    return option == ':' ? command_refuse(argv, err, "\"%s\" needs a value", text)
                         : command_refuse(argv, err, "unknown option \"%s\"", text);
}

void command_print_errors(struct errors *errors, FILE *to)
{
    struct buffer out = {0};

    errors_render(errors, &out);
    fwrite(buffer_span(&out).at, 1, out.len, to);
    buffer_finish(&out);
}

void command_print_detected(const struct rule_file *file)
{
    struct detection detection = {0};
    struct buffer out = {0};

    samples_detect(file, &detection);
    if (detection.count > 0) {
        detection_write(&detection, &out);
        printf("%s: format auto reads samples: %.*s\n", file->text->name, (int)out.len, out.bytes);
    }
    buffer_finish(&out);
}
