/* SPDX-License-Identifier: MIT
 *
 * Rules are checked here as far as the configuration decides about them: `only`,
 * activities, whether a rule can have an address at all, and whether two of them
 * would make one event twice.
 */
#include "shipper/config_input_rules.h"

#include "parsers/fill.h"
#include "parsers/filter.h"
#include "parsers/memory.h"
#include "parsers/rule.h"
#include "shipper/sources/container_path.h"
#include "shipper/sources/journal_source.h"
#include "shipper/wanted_rules.h"

#include <stdlib.h>

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
    const struct input_loading *l, const struct input_config *input, struct engine_rules *rules)
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

static void check_only(const struct input_loading *l, const struct input_config *input)
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

/* --- checks ----------------------------------------------------------------- */

static bool has_error_at(const struct errors *errors, struct place place)
{
    for (size_t i = 0; i < errors->count; i++)
        if (errors->items[i].place.text == place.text &&
            errors->items[i].place.offset == place.offset)
            return true;
    return false;
}

static void check_activity(const struct input_loading *l, const struct rule *rule)
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

static void check_address(const struct input_loading *l, const struct rule *rule)
{
    if (!rule->event.is_without_address && !can_have_address(l->config, &rule->event.ip_addr))
        error_hint(errors_add(&l->config->warnings, rule->place,
                       "warning: no event of \"%.*s\" will have an address, so none will be sent",
                       (int)rule->name.len, rule->name.at),
            "Set host_address to this host's public address%s in the configuration.",
            rule->event.ip_addr.count > 0 ? "" : " and missing_address to host");
}

/* Without the secret a hash has no value. */
static void check_secret(const struct input_loading *l, const struct rule *rule)
{
    if (rule_hashes(rule) && !l->config->hash_secret_file)
        error_hint(errors_add(l->errors, rule->place,
                       "\"%.*s\" hashes a value, and there is no hash_secret_file",
                       (int)rule->name.len, rule->name.at),
            "Make one with `openssl rand -hex 32 > FILE`, and name it in the configuration.");
}

/* A rule that several inputs use is complained of once. */
static void check_rule(const struct input_loading *l, const struct rule *rule)
{
    if (!rule->has_event)
        return;
    if (l->config->activity_count > 0 && !has_error_at(l->errors, rule->place))
        check_activity(l, rule);
    if (!has_error_at(l->errors, rule->place))
        check_secret(l, rule);
    if (!has_error_at(&l->config->warnings, rule->place))
        check_address(l, rule);
}

/* The configuration's source takes the place of the rule's. */
static void check_count(
    const struct input_loading *l, const struct engine_rules *rules, const struct rule *rule)
{
    const struct event event = fill_constants(rules, rule);
    bool has_user = rule_windows_has(&rule->count, BY_USER_ID);

    if (rule->count.every_s == 0 || has_error_at(l->errors, rule->place) ||
        span_is(event.source, "PRODUCT_CLOUD") ||
        (!has_user && !span_is(event.source, "SAAS_PRODUCT")))
        return;
    error_hint(
        errors_add(l->errors, rule->place, "the endpoint takes no counts%s with the source %.*s",
            has_user ? " of users" : "", (int)event.source.len, event.source.at),
        "Take another `source` in the configuration, or leave the rule out with `only`.");
}

/* `only` may have left the other one out. */
static void check_recall(
    const struct input_loading *l, const struct engine_rules *rules, const struct rule *rule)
{
    if (rule->recall.count == 0 || has_error_at(l->errors, rule->place))
        return;
    for (size_t i = 0; i < wanted_rules_count(rules); i++)
        if (wanted_rules_get(rules, i)->remember.key.count > 0)
            return;
    error_hint(
        errors_add(l->errors, rule->place, "rule \"%.*s\" recalls what no rule here remembers",
            (int)rule->name.len, rule->name.at),
        "Add the rule of its file that has `remember` to `only`.");
}

static void check_rules(const struct input_loading *l, const struct engine_rules *rules)
{
    for (size_t i = 0; i < wanted_rules_count(rules); i++) {
        const struct rule *rule = wanted_rules_get(rules, i);

        check_rule(l, rule);
        check_count(l, rules, rule);
        check_recall(l, rules, rule);
    }
}

/* An event is known by product and rule beside its line: two rules with both in
 * common would make two events of one line under one id. */
static void check_identities(const struct input_loading *l, const struct input_config *input)
{
    const struct engine_rules *rules = input->settings.rules;

    for (size_t i = 1; i < input->settings.rules_count; i++)
        for (size_t j = 0; j < i; j++)
            wanted_rules_compare(&(struct named_rules){input->rules.items[i],
                                     place_of(input, "rules", i), &rules[i]},
                &(struct named_rules){.name = input->rules.items[j], .rules = &rules[j]},
                l->errors);
}

/* --- loading --------------------------------------------------------------- */

/* False if a rule file is missing or faulty: checks on its rules would only add
 * errors that follow from that one. */
static bool load_files(const struct input_loading *l, struct input_config *input)
{
    const struct config *config = l->config;
    const struct format *runtime = input->kind == INPUT_FILE && !input->multiline
                                       ? container_path_runtime(input->file.pattern)
                                       : NULL;
    struct engine_rules *rules = arena_alloc(l->arena, input->rules.count * sizeof(*rules));
    size_t loaded = 0;

    for (size_t i = 0; i < input->rules.count; i++) {
        struct place named = place_of(input, "rules", i);
        const struct rule_file *file = rule_library_get_within(
            runtime, config->library, input->rules.items[i], named, l->errors);

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
static void settle_multiline(const struct input_loading *l, struct input_config *input)
{
    const struct engine_rules *rules = input->settings.rules;

    /* A message is a record. */
    if (input->kind == INPUT_SYSLOG || input->kind == INPUT_JOURNAL)
        return;
    input->settings.multiline = input->multiline ? input->framing : rules[0].file->multiline;
    for (size_t i = 1; i < input->settings.rules_count && !input->multiline; i++)
        if (!framing_is_same(rules[0].file->multiline, rules[i].file->multiline))
            error_hint(errors_add(l->errors, place_of(input, "rules", i),
                           "\"%s\" has another `multiline` than \"%s\"", input->rules.items[i],
                           input->rules.items[0]),
                "Set `multiline` in this input: it then holds for all of its rules.");
}

/* An entry is given to all rule files in one shape: with a syslog header, or without. */
static void check_header(const struct input_loading *l, const struct input_config *input)
{
    const struct engine_rules *rules = input->settings.rules;

    for (size_t i = 1; i < input->settings.rules_count && input->kind == INPUT_JOURNAL; i++)
        if (journal_source_is_syslog(rules[i].file) != journal_source_is_syslog(rules[0].file))
            error_hint(errors_add(l->errors, place_of(input, "rules", i),
                           "of \"%s\" and \"%s\" only one is for lines of format syslog",
                           input->rules.items[0], input->rules.items[i]),
                "Make it two inputs.");
}

void config_input_rules_read(const struct input_loading *l, struct input_config *input)
{
    if (input->rules.items && input->rules.count == 0)
        error_hint(errors_add(l->errors, node_get(input->node, "rules")->place,
                       "an input needs at least one rule file"),
            "Write one by name, like nginx, or by path.");
    if (!load_files(l, input) || input->settings.rules_count == 0)
        return;
    settle_multiline(l, input);
    check_header(l, input);
    check_identities(l, input);
    check_only(l, input);
    for (size_t i = 0; i < input->settings.rules_count; i++)
        check_rules(l, &input->settings.rules[i]);
}
