/* SPDX-License-Identifier: MIT
 *
 * `stdin: true`: what is piped in.
 */
#include "shipper/config_input_kind.h"
#include "shipper/sources/encoding.h"

#define MEMBER(name) offsetof(struct input_config, standard_input.name)

static const struct key keys[] = {
    {.name = "stdin",
        .type = KEY_BOOL,
        .offset = MEMBER(is_wanted),
        .help = "true: read standard input to its end"},
    {.name = "encoding",
        .type = KEY_CHOICE,
        .offset = MEMBER(encoding),
        .help = "what it is written in, unless it begins with a byte order mark",
        .default_text = "utf-8",
        .choices = encoding_names},
    {.name = NULL},
};

static void settle(const struct input_loading *l, struct input_config *input)
{
    const struct node *node = node_get(input->node, "stdin");

    if (span_is(node->value, "false"))
        error_hint(errors_add(l->errors, node->place, "an input with \"stdin\" reads it"),
            "Write stdin: true, or leave the input out.");
    for (const struct input_config *other = l->config->inputs; other < input; other++)
        if (other->kind == INPUT_STDIN)
            error_hint(
                errors_add(l->errors, node->place, "standard input can be read by one input only"),
                "Name all the rule files there: rules: [one, another].");
}

const struct config_input_kind config_input_stdin = {
    .name = "stdin",
    .what = "a stdin input",
    .keys = keys,
    .shape = SHAPE_OF_MAP(keys, config_input_shared_keys),
    .settle = settle,
};
