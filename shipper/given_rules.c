/* SPDX-License-Identifier: MIT
 *
 * Options become engine settings; mistakes are said as `check` says them.
 */
#include "shipper/given_rules.h"

#include "shipper/command.h"
#include "shipper/sources/container_path.h"
#include "shipper/wanted_rules.h"
#include "shipper/zone_file.h"

#include "parsers/memory.h"
#include "parsers/samples.h"

#include <stdlib.h>

static void add_string(struct strings *strings, char *item)
{
    strings->items = memory_resize(strings->items, (strings->count + 1) * sizeof(*strings->items));
    strings->items[strings->count++] = item;
}

bool given_rules_encoding(const char *name, enum encoding *encoding, char **argv, struct error *err)
{
    const char *nearest;

    for (unsigned i = 0; i < ENCODINGS; i++)
        if (strcmp(name, encoding_names[i]) == 0) {
            *encoding = (enum encoding)i;
            return true;
        }
    nearest = error_nearest(span_of(name), encoding_names, ENCODINGS);
    return command_refuse(argv, err, "\"%s\" is not an encoding%s%s%s", name,
        nearest ? ", did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

bool given_rules_option(
    struct given_rules *given, int option, char *argument, char **argv, struct error *err)
{
    *err = (struct error){.kind = ERROR_NONE};
    switch (option) {
    case 'r':
        add_string(&given->names, argument);
        return true;
    case 'd':
        add_string(&given->dirs, argument);
        return true;
    case 'a':
        given->host_address = argument;
        return true;
    case 'z':
        given->zone = argument;
        return true;
    case 'e':
        return given_rules_encoding(argument, &given->encoding, argv, err);
    default:
        return false;
    }
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
static bool load_rules(struct given_rules *given)
{
    const struct format *runtime = given->log ? container_path_runtime(given->log) : NULL;
    const struct strings *names = &given->names;
    struct engine_rules *rules = given->rules;
    struct errors errors = {0};
    bool is_fine;

    for (size_t i = 0; i < names->count; i++)
        rules[i].file = rule_library_get_within(
            runtime, given->library, names->items[i], (struct place){0}, &errors);
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

int given_rules_load(struct given_rules *given, const char *command)
{
    static char etc_dir[] = "/etc/usage-shipper/rules", installed_dir[] = RULES_DIR;
    struct error err;

    given->settings =
        (struct engine_settings){.instance = SPAN("preview"), .hash_secret = SAMPLES_SECRET};
    if (given->dirs.count == 0) {
        add_string(&given->dirs, etc_dir);
        add_string(&given->dirs, installed_dir);
    }
    if (given->host_address) {
        if (!address_parse(span_of(given->host_address), &given->address)) {
            error_set(&err, ERROR_USAGE, 0, "\"%s\" is not an address", given->host_address);
            return command_fail(command, &err);
        }
        given->settings.host_address = span_of(given->address.text);
        given->settings.missing_address = MISSING_HOST;
    }
    if (!(given->zone ? zone_load(given->zone, &given->zone_table, &err)
                      : zone_load_host(&given->zone_table, &err))) {
        if (given->zone)
            err.kind = ERROR_USAGE; /* it stands on the command line */
        return command_fail(command, &err);
    }
    given->library = rule_library_new(&given->dirs, ".");
    given->rules = memory_new(given->names.count * sizeof(*given->rules));
    if (!load_rules(given))
        return EXIT_CONFIG;
    given->settings.rules = given->rules;
    given->settings.rules_count = given->names.count;
    given->settings.multiline = given->rules[0].file->multiline;
    return -1;
}

void given_rules_finish(struct given_rules *given)
{
    free(given->rules);
    rule_library_free(given->library);
    zone_free(&given->zone_table);
    free(given->names.items);
    free(given->dirs.items);
}
