/* SPDX-License-Identifier: MIT
 *
 * Where a fault's offset in a decoded text becomes a place in the file.
 */
#include "rule_text.h"

#include "limits.h"

bool rule_text_is_missing(const struct node *node)
{
    return node->kind == NODE_SCALAR && !node->is_quoted && node->value.len == 0;
}

static bool is_text(const struct node *node, const char *what, struct errors *errors)
{
    if (rule_text_is_missing(node))
        error_hint(errors_add(errors, node->place, "\"%s\" has no value", what),
            "Write one behind the colon, or take the line away.");
    else if (node->kind != NODE_SCALAR)
        errors_add(errors, node->place, "\"%s\" must be a text, not a %s", what,
            node->kind == NODE_LIST ? "list" : "map");
    else
        return true;
    return false;
}

bool rule_text_read(
    const struct node *node, const char *what, struct span *text, struct errors *errors)
{
    if (!is_text(node, what, errors))
        return false;
    if (node->value.len == 0) {
        errors_add(errors, node->place, "\"%s\" is empty", what);
        return false;
    }
    *text = node->value;
    return true;
}

/* A comment that is meant has a blank behind its #. */
bool rule_text_read_logged(
    const struct node *node, const char *what, struct span *text, struct errors *errors)
{
    struct span file = node->place.text->bytes;
    size_t at = node->place.offset + node->place.len;

    if (!rule_text_read(node, what, text, errors))
        return false;
    while (at < file.len && file.at[at] == ' ')
        at++;
    if (node->is_quoted || at + 1 >= file.len || file.at[at] != '#' ||
        strchr(" \t\r\n#", file.at[at + 1]))
        return true;
    error_hint(errors_add(errors, (struct place){node->place.text, at, 1},
                   "\"%s\" ends before this #, which begins a comment", what),
        "Put all of it in single quotes; of a comment that is meant, a blank behind the #.");
    return false;
}

static void add_fault(const struct node *node, size_t offset, size_t len, const char *message,
    const char *hint, struct errors *errors)
{
    error_hint(errors_add(errors, node_place_within(node, offset, len), "%s", message), "%s", hint);
}

bool rule_text_spend(struct file_patterns *patterns, const struct node *node,
    const struct pattern *pattern, struct errors *errors)
{
    patterns->bytes += pattern_text(pattern).len;
    if (patterns->bytes <= LIMIT_PATTERNS_BYTES)
        return true;
    if (!patterns->is_spent)
        error_hint(errors_add(errors, node->place,
                       "up to here this file's patterns are over %u MiB once their names are "
                       "written out",
                       LIMIT_PATTERNS_BYTES >> 20),
            "Split the file, or write [0-9A-Fa-f.:]+ where %%{IP} stands: an event's address is "
            "checked anyway.");
    patterns->is_spent = true;
    return false;
}

struct pattern *rule_text_pattern(const struct node *node, const char *what,
    struct file_patterns *patterns, struct errors *errors)
{
    struct pattern_fault fault;
    struct pattern *pattern;
    struct span source;

    if (!rule_text_read_logged(node, what, &source, errors) || patterns->is_spent)
        return NULL;
    pattern = pattern_compile(source, patterns->local, patterns->local_count, &fault);
    if (!pattern) {
        add_fault(node, fault.offset, fault.len, fault.message, fault.hint, errors);
    } else if (!rule_text_spend(patterns, node, pattern, errors)) {
        pattern_free(pattern);
        return NULL;
    }
    return pattern;
}

struct template *rule_text_template(
    const struct node *node, const char *what, struct errors *errors)
{
    struct template_fault fault;
    struct template *template;

    if (!is_text(node, what, errors))
        return NULL;
    template = template_compile(node->value, &fault);
    if (!template)
        add_fault(node, fault.offset, fault.len, fault.message, fault.hint, errors);
    return template;
}
