/* SPDX-License-Identifier: MIT
 *
 * That a text can forge a value is not concluded but tried: a line is made that the
 * pattern matches, with what stands before the value, and a value, in the middle of the
 * text; then the pattern is run, and where it takes the value from decides.
 */
#include "forgery.h"

#include "limits.h"
#include "pattern_example.h"

/* --- who needs the group --------------------------------------------------- */

static bool is_named_by(const struct candidates *candidates, struct span name)
{
    size_t offset;

    for (size_t i = 0; i < candidates->count; i++)
        for (size_t j = 0; j < template_name_count(candidates->items[i]); j++)
            if (span_equal(template_name(candidates->items[i], j, &offset), name))
                return true;
    return false;
}

/* What goes into the event of what a user may have chosen. */
static bool is_text(const struct rule *rule, const struct tree *tree)
{
    const struct rule_event *event = &rule->event;
    bool is_named =
        tree->kind == TREE_GROUP && tree->name.len > 0 &&
        (is_named_by(&event->user_id, tree->name) || is_named_by(&event->user_agent, tree->name));

    for (size_t i = 0; i < event->meta_count && !is_named && tree->name.len > 0; i++)
        is_named = is_named_by(&event->meta[i].value, tree->name);
    return is_named;
}

/* --- what stands before it ------------------------------------------------- */

/* Whether everything that it matches has a mark or a letter of its own. */
static bool has_label(const struct tree *tree)
{
    bool all = tree->child != NULL, any = false;
    int byte;

    switch (tree->kind) {
    case TREE_SET:
        byte = byte_set_common(&tree->set, &tree->set);
        return byte > ' ' && byte_set_count(&tree->set) <= 2;
    case TREE_LOOK:
        if (tree->is_denied)
            return false;
        break;
    case TREE_REPEAT:
        if (tree->least == 0)
            return false;
        break;
    default:
        break;
    }
    for (const struct tree *child = tree->child; child; child = child->next) {
        bool has = has_label(child);

        any |= has;
        all &= has;
    }
    return tree->kind == TREE_EITHER ? all : any;
}

/* A repeat that runs over words and addresses alike. */
static bool is_open(const struct tree *tree)
{
    return tree->kind == TREE_REPEAT && tree->most == TREE_FOREVER &&
           tree->child->kind == TREE_SET && byte_set_has(&tree->child->set, ' ') &&
           byte_set_has(&tree->child->set, '1') && byte_set_has(&tree->child->set, '.');
}

static bool has_open(const struct tree *tree)
{
    if (is_open(tree))
        return true;
    for (const struct tree *child = tree->child; child && tree->kind != TREE_LOOK;
         child = child->next)
        if (has_open(child))
            return true;
    return false;
}

/* `^.*` begins anywhere, too. */
static bool is_start(const struct tree *tree)
{
    const struct tree *next = tree->next;

    if (tree->kind != TREE_START)
        return false;
    if (!next || !is_open(next))
        return true;
    for (unsigned char c = ' '; c <= '~'; c++)
        if (!byte_set_has(&next->child->set, c))
            return true;
    return false;
}

static bool has_start(const struct tree *tree)
{
    bool all = tree->child != NULL, any = is_start(tree);

    for (const struct tree *child = tree->child; child; child = child->next) {
        bool has = has_start(child);

        any |= has;
        all &= has;
    }
    return tree->kind == TREE_EITHER ? all : any && (tree->kind != TREE_REPEAT || tree->least > 0);
}

/* The part right before it in the pattern, groups looked into; NULL: none. */
static const struct tree *before(const struct tree *tree)
{
    const struct tree *last = NULL;

    for (; tree->parent && !last; tree = tree->parent)
        for (const struct tree *child = tree->parent->child;
             tree->parent->kind == TREE_SEQUENCE && child != tree; child = child->next)
            last = child;
    while (last && last->child && (last->kind == TREE_GROUP || last->kind == TREE_SEQUENCE)) {
        last = last->child;
        while (last->next)
            last = last->next;
    }
    return last;
}

static bool is_anchored(const struct tree *value)
{
    for (const struct tree *part = before(value); part; part = before(part))
        if (has_start(part))
            return true;
    return has_start(value);
}

static bool is_labelled(const struct tree *value)
{
    for (const struct tree *part = before(value); part; part = before(part))
        if (has_label(part) || has_start(part))
            return true;
        else if (has_open(part))
            return false;
    return has_start(value);
}

/* --- trying ---------------------------------------------------------------- */

/* The repeat in a group that someone else fills. */
static const struct tree *find_filled(const struct tree *group)
{
    for (const struct tree *part = group; part; part = pattern_tree_next(part, group))
        if (part->kind == TREE_REPEAT && part->most == TREE_FOREVER &&
            part->child->kind == TREE_SET)
            return part;
    return NULL;
}

static bool can_be_filled(const struct tree *repeat, struct span with)
{
    for (size_t i = 0; i < with.len; i++)
        if (!byte_set_has(&repeat->child->set, (unsigned char)with.at[i]))
            return false;
    return true;
}

/* Whether the pattern takes the value out of the filled text, which is part 0. */
static bool is_taken(const struct pattern_example *made, const struct pattern *pattern,
    struct matcher *matcher, struct span name)
{
    struct field captures[LIMIT_CAPTURES];
    struct span line = buffer_span(&made->text);
    size_t count = 0;

    if (pattern_match(pattern, matcher, line, captures, LIMIT_CAPTURES, &count) != PATTERN_MATCH)
        return false;
    for (size_t i = 0; i < count; i++)
        if (span_equal(captures[i].name, name) && captures[i].value.at)
            return captures[i].value.at >= line.at + made->from[0] &&
                   span_end(captures[i].value) <= line.at + made->to[0];
    return false;
}

/* What stands in the example from `from` on to the end of the value, and to its own end. */
static bool try_fill(const struct tree *root, const struct pattern *pattern,
    struct matcher *matcher, const struct pattern_example *plain, size_t from,
    struct forgery *forgery)
{
    const size_t ends[] = {plain->to[1], plain->text.len};
    const struct tree *repeat = plain->parts[0];
    struct buffer with = {0};
    bool is_forged = false;

    for (int i = 0; i < 2 && !is_forged; i++) {
        struct pattern_example made = {.parts = {repeat, plain->parts[1]}};

        buffer_clear(&with);
        buffer_append_byte(&with, 'x');
        buffer_append(&with, (struct span){plain->text.bytes + from, ends[i] - from});
        made.instead = buffer_span(&with);
        if (can_be_filled(repeat, made.instead)) {
            pattern_example_append(&made, root);
            is_forged = is_taken(&made, pattern, matcher, forgery->value->name);
        }
        if (is_forged) {
            buffer_clear(&forgery->line);
            buffer_append(&forgery->line, buffer_span(&made.text));
        }
        buffer_finish(&made.text);
    }
    buffer_finish(&with);
    return is_forged;
}

/* From where on the text would have to hold what leads to the value: behind the text
 * itself, or behind what runs over everything up to there. */
static bool is_forged_by(const struct tree *root, const struct pattern *pattern,
    struct matcher *matcher, struct forgery *forgery)
{
    const struct tree *open = before(forgery->value);
    struct pattern_example plain = {.parts = {find_filled(forgery->text), forgery->value}};
    bool is_forged;

    while (open && !is_open(open))
        open = before(open);
    plain.parts[2] = open;
    if (!plain.parts[0])
        return false;
    pattern_example_append(&plain, root);
    if (plain.to[0] <= plain.from[1])
        is_forged = try_fill(root, pattern, matcher, &plain, plain.to[0], forgery);
    else
        is_forged = open && try_fill(root, pattern, matcher, &plain, plain.to[2], forgery);
    buffer_finish(&plain.text);
    return is_forged;
}

/* --- the groups ------------------------------------------------------------ */

/* What is wrong with one value of the event. */
static enum forgery_kind judge(const struct rule *rule, const struct tree *root,
    const struct pattern *pattern, struct matcher *matcher, struct forgery *forgery)
{
    const struct tree *value = forgery->value;

    if (forgery->is_address && !is_labelled(value))
        return FORGERY_NO_LABEL;
    if (!is_anchored(value))
        return FORGERY_NO_START;
    for (const struct tree *text = root; text; text = pattern_tree_next(text, root)) {
        forgery->text = text;
        if (is_text(rule, text) && (text->to <= value->from || value->to <= text->from) &&
            !span_equal(text->name, value->name) && is_forged_by(root, pattern, matcher, forgery))
            return FORGERY_BY_TEXT;
    }
    return FORGERY_NONE;
}

void forgery_find(const struct rule *rule, const struct tree *root, const struct pattern *pattern,
    struct matcher *matcher, struct forgery *forgery)
{
    struct forgery found = {.kind = FORGERY_NONE};

    *forgery = found;
    for (const struct tree *tree = root; tree; tree = pattern_tree_next(tree, root)) {
        enum forgery_kind kind;

        if (tree->kind != TREE_GROUP || tree->name.len == 0)
            continue;
        found.value = tree;
        found.is_address = is_named_by(&rule->event.ip_addr, tree->name);
        if (!found.is_address && !is_named_by(&rule->event.user_id, tree->name))
            continue;
        kind = judge(rule, root, pattern, matcher, &found);
        if (kind == FORGERY_NONE || (forgery->kind != FORGERY_NONE && forgery->kind <= kind))
            continue;
        found.kind = kind;
        buffer_finish(&forgery->line);
        *forgery = found;
        found.line = (struct buffer){0};
    }
    buffer_finish(&found.line);
}
