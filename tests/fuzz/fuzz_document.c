/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a document, every value asked for the places of its parts, and
 * its root read by a table with a key of every type. Places must lie within the
 * value they belong to, and an error's text must be drawable.
 */
#include "parsers/document.h"
#include "parsers/keys.h"

#include <stdlib.h>

struct thing {
    char *name;
    struct strings tags;
    bool is_on;
    int64_t count, wait_ms, size;
    int colour;
    const struct node *rest;
};

static const char *const colours[] = {"red", "green", NULL};

#define ROW(key, kind, member)                                                                     \
    {                                                                                              \
        .name = (key), .type = (kind), .offset = offsetof(struct thing, member), .help = "a help"  \
    }

static const struct key keys[] = {ROW("name", KEY_STRING, name), ROW("tags", KEY_STRINGS, tags),
    ROW("on", KEY_BOOL, is_on), ROW("count", KEY_INTEGER, count),
    ROW("wait", KEY_DURATION, wait_ms), ROW("size", KEY_SIZE, size),
    {.name = "colour",
        .type = KEY_CHOICE,
        .offset = offsetof(struct thing, colour),
        .help = "a colour",
        .choices = colours},
    ROW("rest", KEY_NODE, rest), {.name = NULL}};

static void want(bool ok)
{
    if (!ok)
        abort();
}

static void ask_scalar(const struct node *node)
{
    size_t end = node->place.offset + node->place.len, last = 0;

    for (size_t i = 0; i <= node->value.len && i < 300; i++) {
        struct place place = node_place_within(node, i, 1 + i % 3);

        bool is_whole = place.offset == node->place.offset && place.len == node->place.len;

        want(place.offset >= node->place.offset && place.offset + place.len <= end);
        want(is_whole || place.offset >= last);
        last = is_whole ? last : place.offset;
    }
}

static void ask(const struct node *node)
{
    want(node->place.offset + node->place.len <= node->place.text->bytes.len);
    if (node->kind == NODE_SCALAR)
        ask_scalar(node);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == NODE_MAP)
            ask(node->pairs[i].key);
        ask(node->kind == NODE_MAP ? node->pairs[i].value : node->items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text text = {"fuzz.yaml", {(const char *)data, size}};
    struct errors errors = {0};
    struct buffer out = {0};
    struct document *document = document_parse(&text, &errors);
    struct thing thing = {0};

    want(document || errors.count > 0);
    if (document) {
        ask(document_root(document));
        keys_read(document_root(document), "a thing", keys, &thing, &errors);
        keys_finish(keys, &thing);
    }
    errors_render(&errors, &out);
    errors_finish(&errors);
    buffer_finish(&out);
    document_free(document);
    return 0;
}
