/* SPDX-License-Identifier: MIT
 *
 * One key is enough: a file that lacks the others is for its loader to refuse.
 */
#include "shipper/yaml_kind.h"

#include "parsers/document.h"

enum yaml_kind yaml_kind(const struct text *text, struct errors *errors)
{
    struct document *document = document_parse(text, errors);
    const struct node *root = document ? document_root(document) : NULL;
    enum yaml_kind kind = YAML_NEITHER;
    bool is_empty;

    if (!root)
        return YAML_BROKEN;
    errors_finish(errors);
    is_empty = root->kind == NODE_MAP && root->count == 0;
    if (node_get(root, "inputs") || node_get(root, "endpoint"))
        kind = YAML_CONFIGURATION;
    else if (node_get(root, "rules") || node_get(root, "product"))
        kind = YAML_RULES;
    else
        error_hint(
            errors_add(errors, (struct place){.text = text}, "%s",
                is_empty ? "nothing is in this file" : "neither a configuration nor a rule file"),
            "A configuration has `inputs` and `endpoint`, a rule file `product` and `rules`; a log "
            "is for `explain` and `test --coverage`.");
    document_free(document);
    return kind;
}
