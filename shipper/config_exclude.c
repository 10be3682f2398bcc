/* SPDX-License-Identifier: MIT
 *
 * An `exclude` that leaves nothing out, or everybody, is a mistake.
 */
#include "shipper/config_exclude.h"

#include "parsers/document.h"
#include "shipper/config_networks.h"

#include <stdlib.h>

static const struct key exclude_keys[] = {
    {.name = "user_id",
        .type = KEY_STRINGS,
        .offset = offsetof(struct exclusion, users),
        .help = "users, as the log has them; * stands for any characters, ? for one"},
    {.name = "ip_addr",
        .type = KEY_STRINGS,
        .offset = offsetof(struct exclusion, addresses),
        .help = "addresses, and ranges of them like 192.0.2.0/24"},
    {.name = NULL},
};

const struct key_shape config_exclude_shape = SHAPE_OF_MAP(exclude_keys);

static bool is_everybody(const char *pattern)
{
    return pattern[strspn(pattern, "*")] == '\0';
}

void config_exclude_read(
    struct exclusion *exclusion, const struct node *node, struct errors *errors)
{
    const struct node *users;

    if (!node)
        return;
    keys_read(node, "exclude", exclude_keys, exclusion, errors);
    if (node->kind != NODE_MAP)
        return;
    users = node_get(node, "user_id");
    for (size_t i = 0; i < exclusion->users.count; i++)
        if (is_everybody(exclusion->users.items[i]))
            error_hint(
                errors_add(errors, users->kind == NODE_LIST ? users->items[i]->place : users->place,
                    "\"%s\" leaves out every user", exclusion->users.items[i]),
                "Write names, or patterns like svc-*.");
    exclusion->networks =
        config_networks_read(&exclusion->addresses, node_get(node, "ip_addr"), errors);
}

void config_exclude_finish(struct exclusion *exclusion)
{
    keys_finish(exclude_keys, exclusion);
    free(exclusion->networks);
}
