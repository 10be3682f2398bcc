/* SPDX-License-Identifier: MIT
 *
 * What every input has, whatever its kind, and what the engine wants to know of it.
 * The kinds' own keys are in config_input_file.c and its neighbours, the rules in
 * config_input_rules.c.
 */
#include "shipper/config_inputs.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/config_input_kind.h"
#include "shipper/config_input_rules.h"
#include "shipper/zone_file.h"

#include <stdlib.h>

#define MEMBER(name) offsetof(struct input_config, name)

static const struct config_input_kind *const kinds[INPUT_KINDS] = {
    [INPUT_FILE] = &config_input_file,
    [INPUT_JOURNAL] = &config_input_journal,
    [INPUT_STDIN] = &config_input_stdin,
    [INPUT_SYSLOG] = &config_input_syslog,
};

const struct key config_input_shared_keys[] = {
    {.name = "rules",
        .type = KEY_STRINGS,
        .offset = MEMBER(rules),
        .is_required = true,
        .help = "rule files by name from rule_dirs, or by path"},
    {.name = "only",
        .type = KEY_STRINGS,
        .offset = MEMBER(only),
        .help = "of these rule files, only the rules of these names"},
    {.name = "product_id",
        .type = KEY_STRING,
        .offset = MEMBER(product_id),
        .help = "for this input, instead of the configuration's"},
    {.name = "source",
        .type = KEY_STRING,
        .offset = MEMBER(source),
        .help = "for this input, instead of the configuration's"},
    {.name = "environment",
        .type = KEY_STRING,
        .offset = MEMBER(environment),
        .help = "for this input, instead of the configuration's"},
    {.name = "zone",
        .type = KEY_STRING,
        .offset = MEMBER(zone),
        .help = "of times that name none, for example Europe/Berlin; default: the host's"},
    {.name = "multiline",
        .type = KEY_NODE,
        .offset = MEMBER(multiline),
        .help = "which lines make one record, instead of what the rule files say: "
                "{start: PATTERN} or {continues: PATTERN}",
        .shape = &framing_shape},
    {.name = NULL},
};

static const struct key_shape input_shape = SHAPE_OF(SHAPE_EITHER, &config_input_file.shape,
    &config_input_journal.shape, &config_input_stdin.shape, &config_input_syslog.shape);
const struct key_shape config_inputs_shape = SHAPE_OF(SHAPE_LIST, &input_shape);

void config_check_source(const struct node *map, struct errors *errors)
{
    static const char *const sources[] = {"TELEMETRY", "SAAS_PRODUCT", "PRODUCT_CLOUD"};
    const size_t count = sizeof(sources) / sizeof(*sources);
    const struct node *node = node_get(map, "source");
    const char *nearest;
    struct error *err;

    if (!node || node->kind != NODE_SCALAR || node->value.len == 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (span_is(node->value, sources[i]))
            return;
    err = errors_add(
        errors, node->place, "\"%.*s\" is not a source", (int)node->value.len, node->value.at);
    nearest = error_nearest(node->value, sources, count);
    if (nearest)
        error_hint(err, "Did you mean \"%s\"?", nearest);
    else
        error_hint(err, "Write TELEMETRY, SAAS_PRODUCT or PRODUCT_CLOUD.");
}

/* --- kinds ----------------------------------------------------------------- */

/* A table of keys under way. */
struct key_list {
    struct key *keys;
    size_t count, room;
};

static void add_key(struct key_list *list, struct key key)
{
    list->keys = memory_room(list->keys, list->count, &list->room, sizeof(*list->keys));
    list->keys[list->count++] = key;
}

static bool has_key(const struct key_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->keys[i].name, name) == 0)
            return true;
    return false;
}

/* Kinds may share names: of an input that names none, each is read once. */
static void add_keys(struct key_list *list, const struct key *keys)
{
    for (; keys->name; keys++)
        if (!has_key(list, keys->name))
            add_key(list, *keys);
}

/* The keys that an input of that kind may have; of any kind if it is not known. To
 * be freed. */
static struct key *keys_of(const struct config_input_kind *kind)
{
    struct key_list list = {0};

    for (unsigned i = 0; i < INPUT_KINDS; i++)
        if (!kind || kinds[i] == kind)
            add_keys(&list, kinds[i]->keys);
    add_keys(&list, config_input_shared_keys);
    add_key(&list, (struct key){0});
    return list.keys;
}

/* NULL if the input names none or, with an error, several. */
static const struct config_input_kind *find_kind(
    const struct input_loading *l, struct input_config *input, size_t *count)
{
    const struct config_input_kind *found = NULL;

    *count = 0;
    for (unsigned i = 0; i < INPUT_KINDS; i++) {
        const struct node *node = node_get(input->node, kinds[i]->name);

        *count += node != NULL;
        if (node && found) {
            error_hint(
                errors_add(l->errors, node->place, "an input is either \"%s\" or \"%s\", not both",
                    found->name, kinds[i]->name),
                "Make it two inputs, each with its rules.");
        } else if (node) {
            found = kinds[i];
            input->kind = (enum input_kind)i;
        }
    }
    return *count == 1 ? found : NULL;
}

static void add_missing_kind(const struct input_loading *l, const struct input_config *input)
{
    const struct node *map = input->node;
    struct place place = map->count > 0 ? map->pairs[0].key->place : map->place;
    struct buffer names = {0};

    for (unsigned i = 0; i < INPUT_KINDS; i++)
        buffer_printf(&names, "%s\"%s\"",
            i == 0                ? ""
            : i + 1 < INPUT_KINDS ? ", "
                                  : " or ",
            kinds[i]->name);
    error_hint(errors_add(l->errors, place, "an input needs %.*s", (int)names.len, names.bytes),
        "Begin it with \"- file: \" and the path of a log, for example.");
    buffer_finish(&names);
}

/* Fills the input's members from its map. */
static void read_keys(const struct input_loading *l, struct input_config *input)
{
    size_t count;
    const struct config_input_kind *kind = find_kind(l, input, &count);
    struct key *keys = keys_of(kind);
    bool are_known = keys_read(input->node, kind ? kind->what : "an input", keys, input, l->errors);

    if (kind)
        kind->settle(l, input);
    else if (are_known && count == 0 && input->node->kind == NODE_MAP)
        add_missing_kind(l, input);
    free(keys);
}

/* --- inputs ---------------------------------------------------------------- */

static void load_zone(const struct input_loading *l, struct input_config *input)
{
    const struct node *named = node_get(input->node, "zone");
    struct place nowhere = {0};
    struct error why;

    if (input->zone ? !zone_load(input->zone, &input->zone_table, &why)
                    : !zone_load_host(&input->zone_table, &why))
        error_hint(errors_add(l->errors, named ? named->place : nowhere, "%s", why.message), "%s",
            why.hint);
}

static void read_input(const struct input_loading *l, struct input_config *input)
{
    const struct config *config = l->config;

    read_keys(l, input);
    config_check_source(input->node, l->errors);
    load_zone(l, input);
    if (input->multiline)
        input->framing = framing_parse(input->multiline, &(struct file_patterns){0}, l->errors);
    input->settings = (struct engine_settings){
        .instance = span_of(config->instance),
        .host_name = span_of(config->host_name),
        .host_address = span_of(config->host_address),
        .missing_address = (enum missing_address)config->missing_address,
        .private_address = (enum private_address)config->private_address,
        .hash_secret = config->hash_secret.len > 0
                           ? (struct span){config->hash_secret.text, config->hash_secret.len}
                           : (struct span){NULL, 0},
        .hash_users = config->privacy.hash_users,
        .truncate_addresses = config->privacy.truncate_addresses,
        .exclusion = &config->exclusion,
        .zone_names = &config->zone_names,
        .window_zone = input->zone ? &input->zone_table : NULL,
    };
    config_input_rules_read(l, input);
}

void config_inputs_read(struct config *config, const struct node *list, const char *folder,
    struct arena *arena, struct errors *errors)
{
    const struct input_loading l = {config, folder, arena, errors};

    if (list->kind != NODE_LIST || list->count == 0 || list->count > LIMIT_INPUTS) {
        error_hint(errors_add(errors, list->place, "inputs must be a list of 1 to %u inputs",
                       LIMIT_INPUTS),
            "Begin each with \"- file: \" and the path of a log.");
        return;
    }
    config->inputs = memory_new(list->count * sizeof(*config->inputs));
    config->input_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        config->inputs[i].node = list->items[i];
        read_input(&l, &config->inputs[i]);
    }
}

static void finish_input(struct input_config *input)
{
    for (unsigned i = 0; i < INPUT_KINDS; i++) {
        if (kinds[i]->finish)
            kinds[i]->finish(input);
        keys_finish(kinds[i]->keys, input);
    }
    keys_finish(config_input_shared_keys, input);
    zone_free(&input->zone_table);
    framing_free(input->framing);
}

void config_inputs_finish(struct config *config)
{
    for (size_t i = 0; i < config->input_count; i++)
        finish_input(&config->inputs[i]);
    free(config->inputs);
    config->inputs = NULL;
    config->input_count = 0;
}

void config_inputs_keep_stdin(struct config *config, struct errors *errors)
{
    struct input_config *inputs = config->inputs;
    size_t chosen = config->input_count == 1 ? 0 : SIZE_MAX;

    for (size_t i = 0; i < config->input_count; i++)
        if (inputs[i].kind == INPUT_STDIN)
            chosen = i;
    if (chosen == SIZE_MAX) {
        error_hint(errors_add(errors, (struct place){0},
                       "several inputs, and none of them says what to do with standard input"),
            "Add --rules and the name of the rules, or an input with \"stdin: true\".");
        return;
    }
    for (size_t i = 0; i < config->input_count; i++)
        if (i != chosen)
            finish_input(&inputs[i]);
    inputs[0] = inputs[chosen];
    if (inputs[0].kind == INPUT_FILE)
        inputs[0].standard_input.encoding = inputs[0].file.encoding;
    inputs[0].kind = INPUT_STDIN;
    config->input_count = 1;
}
