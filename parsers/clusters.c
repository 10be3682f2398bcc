/* SPDX-License-Identifier: MIT
 *
 * A line joins the cluster that it is most like: of the same number of tokens, blanks and
 * marks at the same places, most words the same, and none of those that differ telling
 * (tokens.h). Copies are kept, so that a caller's line may go.
 */
#include "clusters.h"

#include "memory.h"

#include <stdlib.h>

/* Of the words and values of two lines, so many in ten are the same, or of one kind. */
enum { SAME_IN_TEN = 6 };

struct kept {
    struct cluster cluster;
    char *text, *of; /* the first line, which the tokens point into */
    struct span of_span;
};

struct clusters {
    struct kept **items;
    size_t count, room, most;
    size_t last; /* where the last line went */
    struct token tokens[CLUSTER_TOKENS];
};

struct clusters *clusters_new(size_t most)
{
    struct clusters *clusters = memory_new(sizeof(*clusters));

    clusters->most = most;
    return clusters;
}

void clusters_free(struct clusters *clusters)
{
    if (!clusters)
        return;
    for (size_t i = 0; i < clusters->count; i++) {
        struct kept *kept = clusters->items[i];

        for (size_t j = 0; j < kept->cluster.example_count; j++)
            free((char *)(uintptr_t)kept->cluster.examples[j].at);
        free(kept->cluster.examples);
        free(kept->cluster.tokens);
        free(kept->text);
        free(kept->of);
        free(kept);
    }
    free(clusters->items);
    free(clusters);
}

static bool is_structure(enum token_kind kind)
{
    return kind == TOKEN_BLANK || kind == TOKEN_MARK;
}

/* In ten, how much two lines have in common; -1 if they are not of one cluster. */
static int likeness(const struct cluster *cluster, const struct token *tokens, size_t count)
{
    size_t same = 0, all = 0;

    if (cluster->token_count != count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct token *a = &cluster->tokens[i], *b = &tokens[i];

        if (is_structure(a->kind) || is_structure(b->kind)) {
            if (a->kind != b->kind || (a->kind == TOKEN_MARK && *a->text.at != *b->text.at))
                return -1;
            continue;
        }
        all++;
        if (a->kind == b->kind && (a->kind != TOKEN_WORD || span_equal(a->text, b->text)))
            same++;
        else if ((a->kind == TOKEN_WORD && token_is_telling(a->text)) ||
                 (b->kind == TOKEN_WORD && token_is_telling(b->text)))
            return -1;
    }
    return all == 0 ? 10 : (int)(same * 10 / all);
}

static size_t find(
    const struct clusters *clusters, struct span of, const struct token *tokens, size_t count)
{
    size_t best = clusters->count;
    int most = SAME_IN_TEN - 1;

    if (clusters->count > 0 && span_equal(clusters->items[clusters->last]->of_span, of) &&
        likeness(&clusters->items[clusters->last]->cluster, tokens, count) == 10)
        return clusters->last;
    for (size_t i = 0; i < clusters->count; i++) {
        int like = span_equal(clusters->items[i]->of_span, of)
                       ? likeness(&clusters->items[i]->cluster, tokens, count)
                       : -1;

        if (like > most) {
            most = like;
            best = i;
        }
    }
    return best;
}

static struct kept *begin(
    struct clusters *clusters, struct span of, const struct token *tokens, size_t count)
{
    struct kept *kept = memory_new(sizeof(*kept));
    struct cluster *cluster = &kept->cluster;
    struct span line = {"", 0};

    if (count > 0)
        line = span_between(tokens[0].text.at, span_end(tokens[count - 1].text));
    kept->text = memory_string(line);
    kept->of = memory_string(of);
    kept->of_span = (struct span){kept->of, of.len};
    cluster->tokens = memory_new(count * sizeof(*cluster->tokens));
    cluster->token_count = count;
    for (size_t i = 0; i < count; i++)
        cluster->tokens[i] = (struct token){
            tokens[i].kind, {kept->text + (tokens[i].text.at - line.at), tokens[i].text.len}};
    cluster->examples = memory_new(CLUSTER_EXAMPLES * sizeof(*cluster->examples));
    clusters->items =
        memory_room(clusters->items, clusters->count, &clusters->room, sizeof(*clusters->items));
    clusters->items[clusters->count++] = kept;
    return kept;
}

/* Where the line differs from the cluster, the cluster varies. */
static void join(struct cluster *cluster, const struct token *tokens)
{
    for (size_t i = 0; i < cluster->token_count; i++) {
        struct token *token = &cluster->tokens[i];

        if (!is_structure(token->kind) &&
            (token->kind != tokens[i].kind ||
                (token->kind == TOKEN_WORD && !span_equal(token->text, tokens[i].text))))
            token->kind = TOKEN_VARIES;
    }
}

static void keep_example(struct cluster *cluster, struct span example)
{
    if (cluster->example_count == CLUSTER_EXAMPLES)
        return;
    for (size_t i = 0; i < cluster->example_count; i++)
        if (span_equal(cluster->examples[i], example))
            return;
    cluster->examples[cluster->example_count++] =
        (struct span){memory_string(example), example.len};
}

struct cluster *clusters_add(
    struct clusters *clusters, struct span of, struct span line, struct span example)
{
    size_t count = tokens_read(line, clusters->tokens, CLUSTER_TOKENS);
    size_t at = find(clusters, of, clusters->tokens, count);
    struct cluster *cluster;

    if (at == clusters->count && clusters->count == clusters->most && clusters->most > 0)
        at = 0;
    else if (at == clusters->count)
        begin(clusters, of, clusters->tokens, count);
    else
        join(&clusters->items[at]->cluster, clusters->tokens);
    clusters->last = at;
    cluster = &clusters->items[at]->cluster;
    cluster->count++;
    keep_example(cluster, example);
    return cluster;
}

size_t clusters_count(const struct clusters *clusters)
{
    return clusters->count;
}

struct cluster *clusters_get(const struct clusters *clusters, size_t i)
{
    return &clusters->items[i]->cluster;
}

void cluster_write(const struct cluster *cluster, struct buffer *out)
{
    for (size_t i = 0; i < cluster->token_count; i++) {
        const struct token *token = &cluster->tokens[i];
        const char *name = token_kind_names[token->kind];

        buffer_append(out, name ? span_of(name) : token->text);
    }
}
