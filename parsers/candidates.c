/* SPDX-License-Identifier: MIT
 *
 * Reading templates, and checking that something can fill the names in them.
 * self.ip and self.name are this host's and always known.
 */
#include "candidates.h"

#include "memory.h"
#include "rule_names.h"
#include "rule_text.h"

#include <stdlib.h>

static bool add_candidate(const struct node *node, const char *what, const struct rule_names *names,
    struct candidates *candidates, struct errors *errors)
{
    struct template *template = rule_text_template(node, what, errors);

    if (!template)
        return false;
    candidates->items[candidates->count++] = template;
    for (size_t i = 0; i < template_name_count(template); i++) {
        size_t offset;
        struct span name = template_name(template, i, &offset);

        if (!span_has_prefix(name, SPAN("self.")))
            rule_names_check(names, name, node_place_within(node, offset, name.len), errors);
    }
    return true;
}

bool candidates_parse(const struct node *node, const char *what, const struct rule_names *names,
    struct candidates *candidates, struct errors *errors)
{
    bool is_fine = true;

    *candidates = (struct candidates){0};
    if (!node)
        return true;
    if (node->kind == NODE_LIST && node->count == 0) {
        errors_add(errors, node->place, "\"%s\" is an empty list", what);
        return false;
    }
    if (node->kind == NODE_MAP) {
        error_hint(errors_add(errors, node->place,
                       "\"%s\" must be a template or a list of them, not a map", what),
            "Write a capture or a field as '${name}'.");
        return false;
    }
    candidates->items =
        memory_new((node->kind == NODE_LIST ? node->count : 1) * sizeof(*candidates->items));
    if (node->kind != NODE_LIST)
        return add_candidate(node, what, names, candidates, errors);
    for (size_t i = 0; i < node->count; i++)
        is_fine = add_candidate(node->items[i], what, names, candidates, errors) && is_fine;
    return is_fine;
}

void candidates_finish(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++)
        template_free(candidates->items[i]);
    free(candidates->items);
    *candidates = (struct candidates){0};
}
