/* SPDX-License-Identifier: MIT
 *
 * `journal:` inputs: the entries of a systemd journal. What journalctl would only say
 * when it runs is checked here as far as it can be.
 */
#include "shipper/config_input_kind.h"
#include "shipper/path.h"

#define MEMBER(name) offsetof(struct journal_config, name)

static const struct key journal_keys[] = {
    {.name = "unit",
        .type = KEY_STRINGS,
        .offset = MEMBER(unit),
        .help = "entries of these units; * and ? match several"},
    {.name = "identifier",
        .type = KEY_STRINGS,
        .offset = MEMBER(identifier),
        .help = "entries of these syslog identifiers: what stands before the colon"},
    {.name = "match",
        .type = KEY_STRINGS,
        .offset = MEMBER(match),
        .help = "entries with these fields, as FIELD=value; one of those with the same FIELD"},
    {.name = "namespace",
        .type = KEY_STRING,
        .offset = MEMBER(namespace_name),
        .help = "the journal of this namespace (LogNamespace= of the unit), not the host's"},
    {.name = "directory",
        .type = KEY_STRING,
        .offset = MEMBER(directory),
        .help =
            "a folder of journal files, of this or other hosts, in place of the host's journal"},
    {.name = NULL},
};

static const struct key_shape journal_shape = SHAPE_OF_MAP(journal_keys);

static const struct key keys[] = {
    {.name = "journal",
        .type = KEY_NODE,
        .offset = offsetof(struct input_config, journal.node),
        .help = "which entries of the journal: {unit: acme.service}; {} for all",
        .shape = &journal_shape},
    {.name = "start",
        .type = KEY_CHOICE,
        .offset = offsetof(struct input_config, journal.start),
        .help = "where to start in a journal read for the first time; auto: at the end, or with "
                "--once at the beginning",
        .default_text = "auto",
        .choices = config_starts},
    {.name = NULL},
};

/* The place of the i-th text of a key that takes one text or a list. */
static struct place place_of(const struct node *map, const char *key, size_t i)
{
    const struct node *node = node_get(map, key);

    return node->kind == NODE_LIST ? node->items[i]->place : node->place;
}

/* systemd.journal-fields(7): capital letters, digits, underscores. */
static bool is_match(struct span text)
{
    const char *equals = span_find(text, '=');

    if (!equals || equals == text.at)
        return false;
    for (const char *p = text.at; p < equals; p++)
        if (!(*p >= 'A' && *p <= 'Z') && !byte_is_digit(*p) && *p != '_')
            return false;
    return true;
}

static bool is_namespace(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!byte_is_alpha(text.at[i]) && !byte_is_digit(text.at[i]) && !strchr("-_.", text.at[i]))
            return false;
    return text.len > 0 && text.at[0] != '.';
}

static void check(const struct input_loading *l, const struct journal_config *journal)
{
    for (size_t i = 0; i < journal->match.count; i++)
        if (!is_match(span_of(journal->match.items[i])))
            error_hint(errors_add(l->errors, place_of(journal->node, "match", i),
                           "\"%s\" does not say what a field must be", journal->match.items[i]),
                "Write FIELD=value, such as _UID=0 or SYSLOG_FACILITY=4.");
    if (journal->namespace_name && !is_namespace(span_of(journal->namespace_name)))
        error_hint(errors_add(l->errors, place_of(journal->node, "namespace", 0),
                       "\"%s\" is not the name of a namespace", journal->namespace_name),
            "It is what the unit has as LogNamespace=.");
    if (journal->namespace_name && journal->directory)
        error_hint(errors_add(l->errors, place_of(journal->node, "directory", 0),
                       "a journal is either of a namespace or in a directory"),
            "Make it two inputs.");
}

static void settle(const struct input_loading *l, struct input_config *input)
{
    struct journal_config *journal = &input->journal;

    keys_read(journal->node, "a journal", journal_keys, journal, l->errors);
    path_settle(&journal->directory, l->folder);
    check(l, journal);
}

static void finish(struct input_config *input)
{
    keys_finish(journal_keys, &input->journal);
}

const struct config_input_kind config_input_journal = {
    .name = "journal",
    .what = "a journal input",
    .keys = keys,
    .shape = SHAPE_OF_MAP(keys, config_input_shared_keys),
    .settle = settle,
    .finish = finish,
};
