/* SPDX-License-Identifier: MIT
 *
 * A line is: what the pattern wants before the loop, the way into the loop, a piece with
 * two readings 32 times, something that should not follow, and what the pattern wants
 * behind the loop, since PCRE2 looks for that first. 2^32 ways are beyond any limit;
 * what is merely slow, a square or a cube of the length, is not on so short a line.
 */
#include "blowup.h"

#include "pattern_example.h"

enum {
    PIECES = 32,
    SUSPECTS_MOST = 32, /* loops of one pattern that are run */
};

/* What the pattern wants behind the loop, beside what should not follow. */
enum rest { NO_REST, REST_BEHIND, REST_BEFORE };

/* Whether the pattern hits its limits on a line with that piece again and again. */
static bool is_shown(const struct tree *loop, const struct pattern *pattern,
    struct matcher *matcher, struct span into, struct span piece, struct buffer *line)
{
    const struct tree *root = loop;
    struct pattern_example example = {.parts = {loop}, .instead = SPAN("")};
    static const char *const misfits[] = {"!", " ", "\x01", "\"", "\\", "0", ""};
    struct span rest;
    bool is_found = false;
    size_t len, unused = 0;

    while (root->parent)
        root = root->parent;
    pattern_example_append(&example, root);
    rest = span_from(buffer_span(&example.text), example.to[0]);
    buffer_clear(line);
    buffer_append(line, (struct span){example.text.bytes, example.from[0]});
    buffer_append(line, into);
    for (int i = 0; i < PIECES; i++)
        buffer_append(line, piece);
    len = line->len;
    for (size_t i = 0; !is_found && i < sizeof(misfits) / sizeof(*misfits); i++)
        for (enum rest where = NO_REST; !is_found && where <= REST_BEFORE; where++) {
            line->len = len;
            if (where == REST_BEFORE)
                buffer_append(line, rest);
            buffer_append(line, span_of(misfits[i]));
            if (where == REST_BEHIND)
                buffer_append(line, rest);
            is_found = pattern_match(pattern, matcher, buffer_span(line), NULL, 0, &unused) ==
                       PATTERN_LIMIT;
        }
    buffer_finish(&example.text);
    return is_found;
}

static bool is_loop(const struct tree *tree)
{
    return tree->kind == TREE_REPEAT && tree->most == TREE_FOREVER && !tree->is_kept;
}

/* A loop that holds others is looked at first, and they with it. */
const struct tree *blowup_find(const struct tree *root, const struct pattern *pattern,
    struct matcher *matcher, struct buffer *line)
{
    struct buffer into = {0}, piece = {0};
    const struct tree *found = NULL;
    int suspects = 0;

    for (const struct tree *tree = root; tree && !found && suspects < SUSPECTS_MOST;
         tree = pattern_tree_next(tree, root)) {
        if (!is_loop(tree) || !loop_graph_find(tree, &into, &piece))
            continue;
        suspects++;
        if (is_shown(tree, pattern, matcher, buffer_span(&into), buffer_span(&piece), line))
            found = tree;
    }
    buffer_finish(&into);
    buffer_finish(&piece);
    return found;
}
