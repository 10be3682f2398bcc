/* SPDX-License-Identifier: MIT
 *
 * The loop's places (sets of characters) become the states of an automaton without empty
 * steps (Glushkov), where each step knows in how many ways it can be made. A text with
 * two readings is either a step of two ways, or a path of two readers that part at one
 * state and meet at another (Weber and Seidl, On the degree of ambiguity of finite
 * automata, 1991).
 */
#include "loop_graph.h"

#include "memory.h"

#include <stdlib.h>

enum {
    STATES_MOST = 96,
    PARTS_MOST = 4096,
    COPIES_MOST = 6, /* a longer {n,m} is taken for one without an end */
};

/* What a part may begin and end with, each in how many ways, up to 2. */
struct part {
    uint8_t first[STATES_MOST], last[STATES_MOST], empty;
};

struct graph {
    struct byte_set sets[STATES_MOST];
    bool is_kept[STATES_MOST]; /* leaves nothing of its set to what follows */
    uint8_t ways[STATES_MOST][STATES_MOST];
    size_t count, parts; /* states, and parts of the pattern read */
    bool is_too_large;
};

static uint8_t many(unsigned ways)
{
    return ways < 2 ? (uint8_t)ways : 2;
}

/* --- making ---------------------------------------------------------------- */

static void add_steps(struct graph *graph, const struct part *from, const struct part *to)
{
    for (size_t i = 0; i < graph->count; i++)
        for (size_t j = 0; from->last[i] && j < graph->count; j++)
            if (!graph->is_kept[i] || i != j)
                graph->ways[i][j] =
                    many(graph->ways[i][j] + (unsigned)from->last[i] * to->first[j]);
}

static struct part joined(struct graph *graph, const struct part *a, const struct part *b)
{
    struct part part = {.empty = many((unsigned)a->empty * b->empty)};

    add_steps(graph, a, b);
    for (size_t i = 0; i < graph->count; i++) {
        part.first[i] = many(a->first[i] + (unsigned)a->empty * b->first[i]);
        part.last[i] = many(b->last[i] + (unsigned)b->empty * a->last[i]);
    }
    return part;
}

static struct part read_part(struct graph *graph, const struct tree *tree);

/* The last round of a repeat that has no end. */
static struct part read_rounds(struct graph *graph, const struct tree *repeat)
{
    const struct tree *body = repeat->child;
    size_t before = graph->count;
    struct part part = read_part(graph, body);

    add_steps(graph, &part, &part);
    part.empty = part.empty > 0;
    while (body->kind == TREE_GROUP ||
           (body->kind == TREE_SEQUENCE && body->child && !body->child->next))
        body = body->child;
    if (repeat->is_kept && body->kind == TREE_SET && graph->count == before + 1)
        graph->is_kept[before] = true;
    return part;
}

static struct part read_repeat(struct graph *graph, const struct tree *repeat)
{
    unsigned least = repeat->least < COPIES_MOST ? repeat->least : COPIES_MOST;
    unsigned optional = repeat->most - repeat->least;
    struct part part = {.empty = 1};

    if (repeat->most == 0)
        return part;
    for (unsigned i = 0; i + (optional > COPIES_MOST) < least; i++) {
        struct part copy = read_part(graph, repeat->child);

        part = joined(graph, &part, &copy);
    }
    if (optional > COPIES_MOST) {
        struct part rounds = read_rounds(graph, repeat);

        rounds.empty = least == 0 ? 1 : rounds.empty;
        return joined(graph, &part, &rounds);
    }
    /* a{2,4} is aa(a(a)?)? */
    if (optional > 0) {
        struct part rest = {.empty = 1};

        for (unsigned i = 0; i < optional; i++) {
            struct part copy = read_part(graph, repeat->child);

            rest = joined(graph, &copy, &rest);
            rest.empty = 1;
        }
        part = joined(graph, &part, &rest);
    }
    return part;
}

static struct part read_part(struct graph *graph, const struct tree *tree)
{
    struct part part = {.empty = 0};

    graph->is_too_large |= ++graph->parts > PARTS_MOST;
    if (graph->is_too_large)
        return part;
    switch (tree->kind) {
    case TREE_SET:
        if (graph->count == STATES_MOST) {
            graph->is_too_large = true;
            break;
        }
        part.first[graph->count] = part.last[graph->count] = 1;
        graph->sets[graph->count++] = tree->set;
        break;
    case TREE_SEQUENCE:
        part.empty = 1;
        for (const struct tree *child = tree->child; child; child = child->next) {
            struct part next = read_part(graph, child);

            part = joined(graph, &part, &next);
        }
        break;
    case TREE_EITHER:
        for (const struct tree *child = tree->child; child; child = child->next) {
            struct part branch = read_part(graph, child);

            part.empty = many((unsigned)part.empty + branch.empty);
            for (size_t i = 0; i < graph->count; i++) {
                part.first[i] = many((unsigned)part.first[i] + branch.first[i]);
                part.last[i] = many((unsigned)part.last[i] + branch.last[i]);
            }
        }
        break;
    case TREE_REPEAT:
        return read_repeat(graph, tree);
    case TREE_GROUP:
        return read_part(graph, tree->child);
    case TREE_LOOK:
    case TREE_START:
    case TREE_END:
    case TREE_NOTHING:
        part.empty = 1;
        break;
    }
    return part;
}

/* --- reading --------------------------------------------------------------- */

/* What may be read in a step. */
static struct byte_set label(const struct graph *graph, size_t from, size_t to)
{
    struct byte_set set = graph->sets[to], kept;

    if (!graph->is_kept[from] || from == to)
        return set;
    kept = graph->sets[from];
    byte_set_invert(&kept);
    for (int i = 0; i < 4; i++)
        set.bits[i] &= kept.bits[i];
    return set;
}

/* A byte with which one reader goes to a and the other to b; -1: none. */
static int common_step(const struct graph *graph, size_t from, size_t other, size_t a, size_t b)
{
    struct byte_set one, two;

    if (!graph->ways[from][a] || !graph->ways[other][b])
        return -1;
    one = label(graph, from, a);
    two = label(graph, other, b);
    return byte_set_common(&one, &two);
}

/* Where a pair of readers was reached from, with which byte. */
struct visit {
    uint16_t from;
    int16_t byte;
    bool is_seen;
};

enum { PAIRS = STATES_MOST * STATES_MOST };

struct search {
    struct visit visits[PAIRS];
    uint16_t queue[PAIRS];
    size_t head, tail;
};

static void visit(struct search *search, size_t from, size_t pair, int byte)
{
    if (search->visits[pair].is_seen)
        return;
    search->visits[pair] = (struct visit){(uint16_t)from, (int16_t)byte, true};
    search->queue[search->tail++] = (uint16_t)pair;
}

static void reverse(struct buffer *text, size_t from)
{
    for (size_t i = from, j = text->len; i + 1 < j; i++) {
        char c = text->bytes[i];

        text->bytes[i] = text->bytes[--j];
        text->bytes[j] = c;
    }
}

/* What one reader reads from a state, or from the loop's start (STATES_MOST) to another. */
static bool append_path(const struct graph *graph, struct search *search, const struct part *whole,
    size_t from, size_t to, struct buffer *text)
{
    size_t at, before = text->len;

    if (from == to)
        return true;
    *search = (struct search){.head = 0};
    for (size_t i = 0; from == STATES_MOST && i < graph->count; i++)
        if (whole->first[i])
            visit(search, STATES_MOST, i, byte_set_common(&graph->sets[i], &graph->sets[i]));
    if (from < STATES_MOST)
        visit(search, STATES_MOST, from, -1);
    while (search->head < search->tail && !search->visits[to].is_seen) {
        at = search->queue[search->head++];
        for (size_t i = 0; i < graph->count; i++) {
            int byte = common_step(graph, at, at, i, i);

            if (byte >= 0)
                visit(search, at, i, byte);
        }
    }
    if (!search->visits[to].is_seen)
        return false;
    for (at = to; at != STATES_MOST && at != from; at = search->visits[at].from)
        buffer_append_byte(text, (char)search->visits[at].byte);
    reverse(text, before);
    return true;
}

/* Two readers start in one state, part, and meet: from is where, to is where they meet. */
static bool find_two(
    const struct graph *graph, struct search *search, size_t *from, size_t *to, struct buffer *text)
{
    size_t n = graph->count, at;

    for (size_t q = 0; q < n; q++)
        for (size_t r = 0; r < n; r++) {
            int byte = graph->ways[q][r] > 1 ? common_step(graph, q, q, r, r) : -1;

            if (byte < 0)
                continue;
            buffer_append_byte(text, (char)byte);
            *from = q;
            *to = r;
            return true;
        }
    *search = (struct search){.head = 0};
    for (size_t q = 0; q < n; q++)
        for (size_t a = 0; a < n; a++)
            for (size_t b = a + 1; b < n; b++) {
                int byte = common_step(graph, q, q, a, b);

                if (byte >= 0)
                    visit(search, q * STATES_MOST + q, a * STATES_MOST + b, byte);
            }
    while (search->head < search->tail) {
        size_t pair = search->queue[search->head++];
        size_t one = pair / STATES_MOST, other = pair % STATES_MOST;

        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; graph->ways[one][a] && b < n; b++) {
                int byte = common_step(graph, one, other, a, b);

                if (byte >= 0 && a != b)
                    visit(search, pair, a * STATES_MOST + b, byte);
                if (byte < 0 || a != b)
                    continue;
                buffer_append_byte(text, (char)byte);
                for (at = pair; at / STATES_MOST != at % STATES_MOST; at = search->visits[at].from)
                    buffer_append_byte(text, (char)search->visits[at].byte);
                reverse(text, 0);
                *from = at / STATES_MOST;
                *to = a;
                return true;
            }
    }
    return false;
}

bool loop_graph_find(const struct tree *loop, struct buffer *into, struct buffer *piece)
{
    struct graph *graph = memory_new(sizeof(*graph));
    struct search *search = memory_new(sizeof(*search));
    struct part whole = read_rounds(graph, loop);
    size_t from, to;
    bool is_found;

    buffer_clear(into);
    buffer_clear(piece);
    is_found = !graph->is_too_large && find_two(graph, search, &from, &to, piece) &&
               append_path(graph, search, &whole, to, from, piece) &&
               append_path(graph, search, &whole, STATES_MOST, from, into);
    free(graph);
    free(search);
    return is_found;
}
