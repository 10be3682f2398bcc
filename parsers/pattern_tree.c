/* SPDX-License-Identifier: MIT
 *
 * One recursive walk. PCRE2 has compiled the pattern before, so nothing is checked here
 * and nesting is at most PCRE2's own, 250.
 */
#include "pattern_tree.h"

struct flags {
    bool is_caseless, dot_takes_newline;
};

struct walk {
    struct span pattern;
    const char *p, *end;
    struct arena *arena;
    bool is_lost;
};

static struct tree *read_either(struct walk *walk, struct flags flags);

static struct tree *make(struct walk *walk, enum tree_kind kind, const char *from)
{
    struct tree *tree = arena_alloc(walk->arena, sizeof(*tree));

    if (!tree) {
        walk->is_lost = true;
        return NULL;
    }
    *tree = (struct tree){.kind = kind, .from = (size_t)(from - walk->pattern.at)};
    return tree;
}

static void adopt(struct tree *parent, struct tree **last, struct tree *child)
{
    if (!parent || !child)
        return;
    child->parent = parent;
    if (*last)
        (*last)->next = child;
    else
        parent->child = child;
    *last = child;
}

static void end(struct walk *walk, struct tree *tree)
{
    if (tree)
        tree->to = (size_t)(walk->p - walk->pattern.at);
}

static bool take_if(struct walk *walk, const char *text)
{
    struct span rest = span_between(walk->p, walk->end);

    if (!span_has_prefix(rest, span_of(text)))
        return false;
    walk->p += strlen(text);
    return true;
}

/* --- repeats --------------------------------------------------------------- */

static unsigned take_number(struct walk *walk)
{
    unsigned n = 0;

    for (; walk->p < walk->end && byte_is_digit(*walk->p); walk->p++)
        n = n < TREE_FOREVER ? n * 10 + (unsigned)(*walk->p - '0') : n;
    return n;
}

/* {n}, {n,} and {n,m}; what only looks like one is plain text. {,m} is either, as the
 * version of PCRE2 has it. */
static bool take_braces(struct walk *walk, unsigned *least, unsigned *most)
{
    const char *start = walk->p++;
    bool has_number;

    has_number = walk->p < walk->end && byte_is_digit(*walk->p);
    *least = *most = take_number(walk);
    if (take_if(walk, ",")) {
        walk->is_lost |= !has_number;
        *most = walk->p < walk->end && byte_is_digit(*walk->p) ? take_number(walk) : TREE_FOREVER;
    }
    if (has_number && take_if(walk, "}"))
        return true;
    walk->p = start;
    return false;
}

static bool take_repeat(struct walk *walk, unsigned *least, unsigned *most)
{
    *least = 0;
    *most = TREE_FOREVER;
    if (take_if(walk, "*"))
        return true;
    *least = 1;
    if (take_if(walk, "+"))
        return true;
    *least = 0;
    *most = 1;
    if (take_if(walk, "?"))
        return true;
    return walk->p < walk->end && *walk->p == '{' && take_braces(walk, least, most);
}

/* The item, or a repeat around it. */
static struct tree *repeated(struct walk *walk, struct tree *item)
{
    struct tree *repeat, *last = NULL;
    unsigned least, most;

    if (!item || !take_repeat(walk, &least, &most))
        return item;
    repeat = make(walk, TREE_REPEAT, walk->pattern.at + item->from);
    if (!repeat)
        return NULL;
    repeat->least = least;
    repeat->most = most;
    repeat->is_lazy = take_if(walk, "?");
    repeat->is_kept = !repeat->is_lazy && take_if(walk, "+");
    adopt(repeat, &last, item);
    end(walk, repeat);
    return repeated(walk, repeat); /* as in a{2}{3} */
}

/* --- items ----------------------------------------------------------------- */

static struct span take_name(struct walk *walk, char close)
{
    const char *start = walk->p;

    while (walk->p < walk->end && *walk->p != close)
        walk->p++;
    walk->p += walk->p < walk->end;
    return span_between(start, walk->p - 1);
}

/* Letters behind (? that change what is read behind them. */
static bool take_flags(struct walk *walk, struct flags *flags)
{
    const char *p = walk->p;
    struct flags wanted = *flags;
    bool is_on = true;

    for (; p < walk->end && *p && strchr("imsnJ-", *p); p++) {
        if (*p == '-')
            is_on = false;
        else if (*p == 'i')
            wanted.is_caseless = is_on;
        else if (*p == 's')
            wanted.dot_takes_newline = is_on;
    }
    if (p == walk->end || (*p != ')' && *p != ':'))
        return false;
    *flags = wanted;
    walk->p = p;
    return true;
}

/* On the parenthesis. (?i) changes *flags for what stands behind it. */
static struct tree *read_group(struct walk *walk, struct flags *flags)
{
    struct tree *group = make(walk, TREE_GROUP, walk->p++), *last = NULL;
    struct flags inside = *flags;

    if (!group)
        return NULL;
    if (take_if(walk, "?#")) {
        take_name(walk, ')');
        group->kind = TREE_NOTHING;
        end(walk, group);
        return group;
    }
    if (take_if(walk, "?=") || take_if(walk, "?<=")) {
        group->kind = TREE_LOOK;
    } else if (take_if(walk, "?!") || take_if(walk, "?<!")) {
        group->kind = TREE_LOOK;
        group->is_denied = true;
    } else if (take_if(walk, "?<") || take_if(walk, "?P<")) {
        group->name = take_name(walk, '>');
    } else if (take_if(walk, "?'")) {
        group->name = take_name(walk, '\'');
    } else if (take_if(walk, "?>")) {
        group->is_kept = true;
    } else if (take_if(walk, "?|")) {
        group->name = (struct span){NULL, 0};
    } else if (take_if(walk, "?")) {
        walk->is_lost |= !take_flags(walk, &inside);
        if (take_if(walk, ")")) {
            *flags = inside;
            group->kind = TREE_NOTHING;
            end(walk, group);
            return group;
        }
        walk->is_lost |= !take_if(walk, ":");
    } else if (walk->p < walk->end && *walk->p == '*') {
        walk->is_lost = true;
    }
    if (walk->is_lost)
        return NULL;
    adopt(group, &last, read_either(walk, inside));
    walk->is_lost |= !take_if(walk, ")");
    end(walk, group);
    return group;
}

static struct tree *read_item(struct walk *walk, struct flags *flags)
{
    const char *start = walk->p;
    struct span rest = span_between(start, walk->end);
    struct tree *tree;
    size_t len;

    if (*start == '(')
        return read_group(walk, flags);
    if (take_if(walk, "^") || take_if(walk, "\\A"))
        tree = make(walk, TREE_START, start);
    else if (take_if(walk, "$") || take_if(walk, "\\z") || take_if(walk, "\\Z"))
        tree = make(walk, TREE_END, start);
    else if (take_if(walk, "\\b") || take_if(walk, "\\B") || take_if(walk, "\\G") ||
             take_if(walk, "\\K"))
        tree = make(walk, TREE_NOTHING, start);
    else {
        tree = make(walk, TREE_SET, start);
        if (!tree ||
            !byte_set_read(rest, flags->dot_takes_newline, flags->is_caseless, &tree->set, &len)) {
            walk->is_lost = true;
            return NULL;
        }
        walk->p += len;
    }
    end(walk, tree);
    return tree;
}

/* --- the whole ------------------------------------------------------------- */

/* Up to | or ) or the end. */
static struct tree *read_sequence(struct walk *walk, struct flags *flags)
{
    struct tree *sequence = make(walk, TREE_SEQUENCE, walk->p), *last = NULL;

    while (!walk->is_lost && walk->p < walk->end && *walk->p != '|' && *walk->p != ')') {
        struct tree *item = read_item(walk, flags);

        adopt(sequence, &last, repeated(walk, item));
    }
    end(walk, sequence);
    return sequence;
}

static struct tree *read_either(struct walk *walk, struct flags flags)
{
    const char *start = walk->p;
    struct tree *first = read_sequence(walk, &flags), *either, *last = NULL;

    if (walk->is_lost || walk->p == walk->end || *walk->p != '|')
        return first;
    either = make(walk, TREE_EITHER, start);
    adopt(either, &last, first);
    while (!walk->is_lost && take_if(walk, "|"))
        adopt(either, &last, read_sequence(walk, &flags));
    end(walk, either);
    return either;
}

const struct tree *pattern_tree_read(struct span pattern, struct arena *arena)
{
    struct walk walk = {
        .pattern = pattern, .p = pattern.at, .end = span_end(pattern), .arena = arena};
    struct tree *tree = read_either(&walk, (struct flags){false, false});

    return walk.is_lost || walk.p < walk.end ? NULL : tree;
}

const struct tree *pattern_tree_next(const struct tree *tree, const struct tree *root)
{
    if (tree->child)
        return tree->child;
    while (tree != root && !tree->next)
        tree = tree->parent;
    return tree == root ? NULL : tree->next;
}
