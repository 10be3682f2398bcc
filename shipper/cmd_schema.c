/* SPDX-License-Identifier: MIT
 *
 * `usage-shipper schema`: the JSON Schema of rule files or configurations, for editors.
 */
#include "shipper/command.h"
#include "shipper/config.h"

#include "parsers/schema.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: usage-shipper schema rules|config\n"
    "\n"
    "Prints the JSON Schema of rule files, or of configurations, made from the tables that\n"
    "they are read by. With it an editor that knows yaml-language-server completes keys,\n"
    "shows what they mean, and marks those that are wrong. Save it, and begin a file with\n"
    "\n"
    "  # yaml-language-server: $schema=/path/to/rules.schema.json\n"
    "\n"
    "`usage-shipper check` says more: it reads patterns, templates and names as well.\n"
    "\n"
    "  --help\n";

static const struct {
    const char *name, *title;
    const struct key_shape *shape;
} schemas[] = {
    {"rules", "usage-shipper rule file", &rule_file_shape},
    {"config", "usage-shipper configuration", &config_shape},
};

int cmd_schema(int argc, char **argv)
{
    static const struct option known[] = {
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option = getopt_long(argc, argv, ":", known, NULL);
    struct error err;

    if (option == 'h') {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    if (option != -1 && !command_refuse_option(argv, option, &err))
        return command_fail("schema", &err);
    for (size_t i = 0; optind + 1 == argc && i < sizeof(schemas) / sizeof(*schemas); i++) {
        struct buffer out = {0};

        if (strcmp(argv[optind], schemas[i].name) != 0)
            continue;
        schema_write(schemas[i].shape, schemas[i].title, &out);
        fwrite(out.bytes, 1, out.len, stdout);
        buffer_finish(&out);
        return EXIT_FINE;
    }
    command_refuse(argv, &err, "which schema? Say rules or config");
    return command_fail("schema", &err);
}
