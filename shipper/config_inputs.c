/* SPDX-License-Identifier: MIT
 *
 * Each input with the rule files it names and what the engine wants to know.
 * Rules are checked here as far as the configuration decides about them: `only`,
 * activities, and whether a rule can have an address at all.
 */
#include "shipper/config_inputs.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "parsers/rule.h"
#include "shipper/path.h"
#include "shipper/sources/encoding.h"
#include "shipper/zone_file.h"

#include <stdlib.h>

#define MEMBER(name) offsetof(struct input_config, name)

static const char *const starts[] = {"auto", "beginning", "end", NULL};

static const struct key keys[] = {
    {.name = "file",
        .type = KEY_STRING,
        .offset = MEMBER(file),
        .is_required = true,
        .help = "the log to follow; * and ? match several, ** any folders"},
    {.name = "exclude",
        .type = KEY_STRINGS,
        .offset = MEMBER(exclude),
        .help = "of these, not the ones that match: paths, or names like *.gz"},
    {.name = "archive",
        .type = KEY_STRINGS,
        .offset = MEMBER(archive),
        .help = "folders where rotation puts the log, from the log's own folder; beside it is "
                "always looked"},
    {.name = "settle",
        .type = KEY_DURATION,
        .offset = MEMBER(settle_ms),
        .help = "a rotated log that has not grown for so long is complete: an unfinished last "
                "line is taken",
        .default_text = "30s",
        .least = 1000,
        .most = 24 * 3600 * 1000},
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
                "{start: PATTERN} or {continues: PATTERN}"},
    {.name = "encoding",
        .type = KEY_CHOICE,
        .offset = MEMBER(encoding),
        .help = "what files without a byte order mark are written in",
        .default_text = "utf-8",
        .choices = encoding_names},
    {.name = "start",
        .type = KEY_CHOICE,
        .offset = MEMBER(start),
        .help = "where to start in a file seen for the first time; auto: at the end, or with "
                "--once at the beginning",
        .default_text = "auto",
        .choices = starts},
    {.name = NULL},
};

/* What the functions below pass on. */
struct loading {
    struct config *config;
    const char *folder;
    struct arena *arena;
    struct errors *errors;
};

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

static struct span first_of(const char *own, const char *shared)
{
    return span_of(own ? own : shared);
}

/* The place of the i-th text of a key that takes one text or a list. */
static struct place place_of(const struct input_config *input, const char *key, size_t i)
{
    const struct node *node = node_get(input->node, key);

    return node->kind == NODE_LIST ? node->items[i]->place : node->place;
}

/* --- only ------------------------------------------------------------------ */

/* The rules of the file that `only` names, in the order of `only`. */
static void pick_rules(
    const struct loading *l, const struct input_config *input, struct engine_rules *rules)
{
    const struct rule **picked;

    if (input->only.count == 0)
        return;
    picked = arena_alloc(l->arena, input->only.count * sizeof(struct rule *));
    for (size_t i = 0; i < input->only.count; i++) {
        const struct rule *rule = rule_file_find(rules->file, span_of(input->only.items[i]));

        if (rule)
            picked[rules->only_count++] = rule;
    }
    rules->only = picked;
}

static void hint_rules(struct error *err, const struct input_config *input, struct span name)
{
    struct strings names = {0};
    size_t room = 0;
    const char *nearest;

    for (size_t i = 0; i < input->settings.rules_count; i++) {
        const struct rule_file *file = input->settings.rules[i].file;

        for (size_t j = 0; j < file->count; j++) {
            names.items = memory_room(names.items, names.count, &room, sizeof(*names.items));
            names.items[names.count++] = memory_string(file->rules[j].name);
        }
    }
    nearest = error_nearest(name, (const char *const *)names.items, names.count);
    if (nearest)
        error_hint(err, "Did you mean \"%s\"?", nearest);
    else
        error_hint(err, "It has %zu rules, the first is \"%s\".", names.count,
            names.count > 0 ? names.items[0] : "");
    for (size_t i = 0; i < names.count; i++)
        free(names.items[i]);
    free(names.items);
}

static void check_only(const struct loading *l, const struct input_config *input)
{
    for (size_t i = 0; i < input->only.count; i++) {
        struct span name = span_of(input->only.items[i]);
        bool is_known = false;

        for (size_t j = 0; j < input->settings.rules_count; j++)
            is_known |= rule_file_find(input->settings.rules[j].file, name) != NULL;
        if (!is_known)
            hint_rules(errors_add(l->errors, place_of(input, "only", i),
                           "these rules have none called \"%.*s\"", (int)name.len, name.at),
                input, name);
    }
}

/* --- rules ----------------------------------------------------------------- */

static bool has_error_at(const struct errors *errors, struct place place)
{
    for (size_t i = 0; i < errors->count; i++)
        if (errors->items[i].place.text == place.text &&
            errors->items[i].place.offset == place.offset)
            return true;
    return false;
}

static void check_activity(const struct loading *l, const struct rule *rule)
{
    const struct config *config = l->config;
    struct span activity = rule->event.activity_type;

    for (size_t i = 0; i < config->activity_count; i++)
        if (span_equal(config->activities[i].ours, activity))
            return;
    error_hint(errors_add(l->errors, rule->place,
                   "activity_types does not have this rule's activity \"%.*s\"", (int)activity.len,
                   activity.at),
        "Add it to activity_types in the configuration, or leave the rule out with `only`.");
}

/* Whether one of the candidates names something of the line, or may fall back on
 * this host's address. */
static bool can_have_address(const struct config *config, const struct candidates *candidates)
{
    if (config->missing_address == MISSING_HOST)
        return true;
    for (size_t i = 0; i < candidates->count; i++) {
        const struct template *template = candidates->items[i];
        size_t names = template_name_count(template), at;

        if (names != 1 || config->host_address ||
            !span_is(template_name(template, 0, &at), "self.ip"))
            return true;
    }
    return false;
}

static void check_address(const struct loading *l, const struct rule *rule)
{
    if (!can_have_address(l->config, &rule->event.ip_addr))
        error_hint(errors_add(&l->config->warnings, rule->place,
                       "warning: no event of \"%.*s\" will have an address, so none will be sent",
                       (int)rule->name.len, rule->name.at),
            "Set host_address to this host's public address%s in the configuration.",
            rule->event.ip_addr.count > 0 ? "" : " and missing_address to host");
}

/* A rule that several inputs use is complained of once. */
static void check_rule(const struct loading *l, const struct rule *rule)
{
    if (rule->is_ignore)
        return;
    if (l->config->activity_count > 0 && !has_error_at(l->errors, rule->place))
        check_activity(l, rule);
    if (!has_error_at(&l->config->warnings, rule->place))
        check_address(l, rule);
}

static size_t count_wanted(const struct engine_rules *rules)
{
    return rules->only ? rules->only_count : rules->file->count;
}

static const struct rule *wanted_rule(const struct engine_rules *rules, size_t i)
{
    return rules->only ? rules->only[i] : &rules->file->rules[i];
}

static void check_rules(const struct loading *l, const struct engine_rules *rules)
{
    for (size_t i = 0; i < count_wanted(rules); i++)
        check_rule(l, wanted_rule(rules, i));
}

/* The first rule of one that makes events, as one of the same name in other does. */
static const struct rule *find_namesake(
    const struct engine_rules *one, const struct engine_rules *other)
{
    for (size_t i = 0; i < count_wanted(one); i++) {
        const struct rule *rule = wanted_rule(one, i);
        const struct rule *namesake = rule_file_find(other->file, rule->name);

        if (namesake && !rule->is_ignore && !namesake->is_ignore)
            return rule;
    }
    return NULL;
}

/* An event is known by product and rule beside its line: two rules with both in
 * common would make two events of one line under one id. */
static void check_identities(const struct loading *l, const struct input_config *input)
{
    const struct engine_rules *rules = input->settings.rules;

    for (size_t i = 1; i < input->settings.rules_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct rule *rule = span_equal(rules[i].file->product, rules[j].file->product)
                                          ? find_namesake(&rules[i], &rules[j])
                                          : NULL;

            if (rule)
                error_hint(errors_add(l->errors, place_of(input, "rules", i),
                               "\"%s\" has a rule \"%.*s\" and the same product as \"%s\", which "
                               "has one, too",
                               input->rules.items[i], (int)rule->name.len, rule->name.at,
                               input->rules.items[j]),
                    "Rename one of the rules: their events of one line would share an id.");
        }
}

/* --- inputs ---------------------------------------------------------------- */

/* False if a rule file is missing or faulty: checks on its rules would only add
 * errors that follow from that one. */
static bool load_rules(const struct loading *l, struct input_config *input)
{
    const struct config *config = l->config;
    struct engine_rules *rules = arena_alloc(l->arena, input->rules.count * sizeof(*rules));
    size_t loaded = 0;

    for (size_t i = 0; i < input->rules.count; i++) {
        struct place named = place_of(input, "rules", i);
        const struct rule_file *file =
            rule_library_get(config->library, input->rules.items[i], named, l->errors);

        for (size_t j = 0; file && j < loaded; j++)
            if (rules[j].file == file) {
                errors_add(l->errors, named, "\"%s\" stands here twice", input->rules.items[i]);
                file = NULL;
            }
        if (file)
            rules[loaded++] = (struct engine_rules){
                .file = file,
                .product_id = first_of(input->product_id, config->product_id),
                .source = first_of(input->source, config->source),
                .environment = first_of(input->environment, config->environment),
                .activities = config->activities,
                .activity_count = config->activity_count,
            };
    }
    input->settings.rules = rules;
    input->settings.rules_count = loaded;
    for (size_t i = 0; i < loaded; i++)
        pick_rules(l, input, &rules[i]);
    return loaded == input->rules.count;
}

/* One input has one framing, its own or that of all its rule files. */
static void settle_multiline(const struct loading *l, struct input_config *input)
{
    const struct engine_rules *rules = input->settings.rules;

    input->settings.multiline = input->multiline ? input->framing : rules[0].file->multiline;
    for (size_t i = 1; i < input->settings.rules_count && !input->multiline; i++)
        if (!framing_is_same(rules[0].file->multiline, rules[i].file->multiline))
            error_hint(errors_add(l->errors, place_of(input, "rules", i),
                           "\"%s\" has another `multiline` than \"%s\"", input->rules.items[i],
                           input->rules.items[0]),
                "Set `multiline` in this input: it then holds for all of its rules.");
}

static void load_zone(const struct loading *l, struct input_config *input)
{
    const struct node *named = node_get(input->node, "zone");
    struct place nowhere = {0};
    struct error why;

    if (input->zone ? !zone_load(input->zone, &input->zone_table, &why)
                    : !zone_load_host(&input->zone_table, &why))
        error_hint(errors_add(l->errors, named ? named->place : nowhere, "%s", why.message), "%s",
            why.hint);
}

static void read_input(const struct loading *l, struct input_config *input)
{
    const struct config *config = l->config;

    keys_read(input->node, "an input", keys, input, l->errors);
    config_check_source(input->node, l->errors);
    path_settle(&input->file, l->folder);
    for (size_t i = 0; i < input->exclude.count; i++)
        if (strchr(input->exclude.items[i], '/'))
            path_settle(&input->exclude.items[i], l->folder);
    load_zone(l, input);
    if (input->multiline)
        input->framing = framing_parse(input->multiline, NULL, 0, l->errors);
    input->settings = (struct engine_settings){
        .instance = span_of(config->instance),
        .host_name = span_of(config->host_name),
        .host_address = span_of(config->host_address),
        .missing_address = (enum missing_address)config->missing_address,
    };
    if (input->rules.items && input->rules.count == 0)
        error_hint(errors_add(l->errors, node_get(input->node, "rules")->place,
                       "an input needs at least one rule file"),
            "Write one by name, like nginx, or by path.");
    if (!load_rules(l, input) || input->settings.rules_count == 0)
        return;
    settle_multiline(l, input);
    check_identities(l, input);
    check_only(l, input);
    for (size_t i = 0; i < input->settings.rules_count; i++)
        check_rules(l, &input->settings.rules[i]);
}

void config_inputs_read(struct config *config, const struct node *list, const char *folder,
    struct arena *arena, struct errors *errors)
{
    const struct loading l = {config, folder, arena, errors};

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

void config_inputs_finish(struct config *config)
{
    for (size_t i = 0; i < config->input_count; i++) {
        zone_free(&config->inputs[i].zone_table);
        framing_free(config->inputs[i].framing);
        keys_finish(keys, &config->inputs[i]);
    }
    free(config->inputs);
}
