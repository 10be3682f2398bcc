/* SPDX-License-Identifier: MIT
 *
 * A user is what stands in the user's place. A thing is what a label calls one, or what
 * differs from line to line.
 */
#include "draft_names.h"

static void add_name(struct anonymous *anonymous, struct span name, bool is_user)
{
    if (name.len > 0 && !draft_is_label(name) && (is_user || name.len > 2))
        anonymous_add_name(anonymous, name, is_user);
}

static void learn_fields(
    struct anonymous *anonymous, const struct draft_kind *kind, const struct record *record)
{
    const char *user = kind->values[ROLE_USER].field;

    if (user)
        add_name(anonymous, record_get(record, span_of(user)), true);
    for (size_t i = 0; i < record->count; i++)
        if (draft_names_thing(record->fields[i].name) &&
            !(user && span_is(record->fields[i].name, user)))
            add_name(anonymous, record->fields[i].value, false);
}

void draft_names_learn(
    struct anonymous *anonymous, const struct cluster *cluster, const struct record *example)
{
    const struct draft_kind *kind = cluster->data;
    struct token tokens[CLUSTER_TOKENS];

    learn_fields(anonymous, kind, example);
    if (tokens_read(example->message, tokens, CLUSTER_TOKENS) != cluster->token_count)
        return;
    for (size_t i = 0; i < cluster->token_count; i++)
        if (i == kind->values[ROLE_USER].token)
            add_name(anonymous, tokens[i].text, true);
        else if (i != kind->values[ROLE_ADDRESS].token && i != kind->values[ROLE_AGENT].token &&
                 (cluster->tokens[i].kind == TOKEN_VARIES || draft_is_thing(cluster->tokens, i)))
            add_name(anonymous, tokens[i].text, false);
}

void draft_names_blur(struct anonymous *anonymous, struct cluster *cluster)
{
    struct buffer made = {0};

    for (size_t i = 0; i < cluster->token_count; i++) {
        struct token *token = &cluster->tokens[i];

        if (token->kind != TOKEN_WORD)
            continue;
        buffer_clear(&made);
        anonymous_write(anonymous, token->text, &made);
        if (!span_equal(buffer_span(&made), token->text))
            token->kind = TOKEN_VARIES;
    }
    buffer_finish(&made);
}
