/* SPDX-License-Identifier: MIT
 *
 * A list of one may stand there as the text alone.
 */
#include "shipper/config_networks.h"

#include "parsers/memory.h"

struct network *config_networks_read(
    const struct strings *texts, const struct node *node, struct errors *errors)
{
    struct network *networks = memory_new(texts->count * sizeof(*networks));

    for (size_t i = 0; i < texts->count; i++)
        if (!network_parse(span_of(texts->items[i]), &networks[i]))
            error_hint(
                errors_add(errors, node->kind == NODE_LIST ? node->items[i]->place : node->place,
                    "\"%s\" is no range of addresses", texts->items[i]),
                "Write an address, or a range by its first address and its bits, like "
                "192.0.2.0/24.");
    return networks;
}
