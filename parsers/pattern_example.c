/* SPDX-License-Identifier: MIT
 *
 * One walk over the tree: the first alternative, as few rounds as a repeat allows.
 */
#include "pattern_example.h"

/* Repeats in repeats may be of anything, or of nothing. */
enum { BYTES_MOST = 8192, STEPS_MOST = 100000 };

static bool is_part(const struct pattern_example *example, const struct tree *tree)
{
    for (int i = 0; i < EXAMPLE_PARTS; i++)
        for (const struct tree *up = example->parts[i]; up; up = up->parent)
            if (up == tree)
                return true;
    return false;
}

static const struct tree *choose(const struct pattern_example *example, const struct tree *either)
{
    for (const struct tree *child = either->child; child; child = child->next)
        if (is_part(example, child))
            return child;
    return either->child;
}

static void append_inside(struct pattern_example *example, const struct tree *tree)
{
    unsigned rounds;
    int byte;

    if (example->text.len > BYTES_MOST || ++example->steps > STEPS_MOST)
        return;
    switch (tree->kind) {
    case TREE_SET:
        byte = byte_set_common(&tree->set, &tree->set);
        if (byte >= 0)
            buffer_append_byte(&example->text, (char)byte);
        break;
    case TREE_SEQUENCE:
        for (const struct tree *child = tree->child; child; child = child->next)
            pattern_example_append(example, child);
        break;
    case TREE_EITHER:
        pattern_example_append(example, choose(example, tree));
        break;
    case TREE_REPEAT:
        rounds = tree->least == 0 && is_part(example, tree) ? 1 : tree->least;
        for (unsigned i = 0; i < rounds && example->steps < STEPS_MOST; i++)
            pattern_example_append(example, tree->child);
        break;
    case TREE_GROUP:
        pattern_example_append(example, tree->child);
        break;
    case TREE_LOOK:
        if (is_part(example, tree))
            pattern_example_append(example, tree->child);
        break;
    case TREE_START:
    case TREE_END:
    case TREE_NOTHING:
        break;
    }
}

void pattern_example_append(struct pattern_example *example, const struct tree *tree)
{
    size_t from = example->text.len;

    if (example->instead.at && tree == example->parts[0])
        buffer_append(&example->text, example->instead);
    else
        append_inside(example, tree);
    for (int i = 0; i < EXAMPLE_PARTS; i++)
        if (tree == example->parts[i]) {
            example->from[i] = from;
            example->to[i] = example->text.len;
        }
}
