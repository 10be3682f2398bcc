/* SPDX-License-Identifier: MIT
 *
 * Fields first: a name says more than a place in a text.
 */
#include "draft_kind.h"

#include "address.h"
#include "draft_format.h"
#include "memory.h"
#include "rule.h"
#include "timestamp.h"
#include "value_kind.h"
#include "yaml_text.h"

#include <stdlib.h>

enum {
    CONDITIONS_MOST = 3,
    VALUE_MOST = 60,
    FIXED_MOST = 40,
    REFUSED = 400,
    TOKENS_BEHIND = 2,
    TOKENS_MOST = 24,
    TELLING_MOST = 80
};

static const char *const captures[DRAFT_ROLES] = {
    [ROLE_USER] = "user", [ROLE_ADDRESS] = "ip", [ROLE_AGENT] = "agent", [ROLE_TIME] = "time"};

/* --- lines ---------------------------------------------------------------------- */

static void put_condition(struct span name, struct span value, struct buffer *out)
{
    yaml_text_write(name, out);
    buffer_append(out, SPAN(": "));
    yaml_text_write(value, out);
    buffer_append_byte(out, '\n');
}

static bool is_plain_value(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!byte_is_alpha(value.at[i]) && !strchr("_.-:/ ", value.at[i]))
            return false;
    return value.len > 0 && value.len <= VALUE_MOST;
}

static bool is_named(struct span name, const char *last)
{
    struct span end = span_of(last);

    return span_equal_nocase(name, end) ||
           (name.len > end.len && name.at[name.len - end.len - 1] == '.' &&
               span_equal_nocase((struct span){span_end(name) - end.len, end.len}, end));
}

static bool is_status(struct span name)
{
    return is_named(name, "status") || is_named(name, "statusCode") ||
           is_named(name, "status_code") || is_named(name, "code");
}

/* Adds a condition where the field says what happened, or whether it went well. */
static bool read_field(const struct field *field, struct draft_line *line)
{
    uint64_t number;

    if (is_status(field->name) && span_to_u64(field->value, &number) && number >= 100 &&
        number < 600) {
        line->is_failure |= number >= REFUSED;
        yaml_text_write(field->name, &line->where);
        buffer_append(&line->where,
            number < REFUSED ? SPAN(": {from: 200, below: 400}\n") : SPAN(": {from: 400}\n"));
        return false;
    }
    if ((is_named(field->name, "error") || is_named(field->name, "err")) && field->value.len > 0)
        line->is_failure = true;
    if (draft_fit(ROLE_EVENT, field->name) == 0 || !is_plain_value(field->value))
        return false;
    if (is_named(field->name, "success") && span_is(field->value, "false"))
        line->is_failure = true;
    put_condition(field->name, field->value, &line->where);
    return true;
}

static void read_access(const struct record *record, struct draft_line *line)
{
    struct span method = record_get(record, SPAN("method")),
                path = record_get(record, SPAN("path"));
    struct span user = record_get(record, SPAN("user"));
    uint64_t status = 0;
    bool is_login = span_is(method, "POST") && path.at && draft_activity(path) &&
                    span_is(span_of(draft_activity(path)), "LOGIN");

    span_to_u64(record_get(record, SPAN("status")), &status);
    line->text = SPAN("");
    line->activity = is_login ? "LOGIN" : "API_CALL";
    line->is_failure = status < 200 || status >= REFUSED;
    if (is_login)
        buffer_append(&line->where,
            SPAN("method: POST\npath: {matches: '(?i)(?:log|sign)_?in|session|auth'}\n"));
    else if (user.len > 0)
        buffer_append(&line->where, SPAN("user: {exists: true}\n"));
    buffer_append(&line->where, line->is_failure ? SPAN("status: {from: 400}\n")
                                                 : SPAN("status: {from: 200, below: 400}\n"));
}

/* A value that may stand in a pattern as it is: letters and what joins them, so that it is
 * of the product and not of a user. */
static bool is_fixed(const struct token *token)
{
    if ((token->kind != TOKEN_PATH && token->kind != TOKEN_CODE) || token->text.len > FIXED_MOST)
        return false;
    for (size_t i = 0; i < token->text.len; i++)
        if (!byte_is_alpha(token->text.at[i]) && !strchr("/._:-", token->text.at[i]))
            return false;
    return true;
}

/* The text without what a pattern does not pin down, values and all that is far behind: what
 * only they tell of, a rule would take of every line. */
static void put_words(struct span text, struct buffer *words)
{
    struct token *tokens = memory_new(CLUSTER_TOKENS * sizeof(*tokens));
    size_t count = tokens_read(text, tokens, CLUSTER_TOKENS);

    for (size_t i = 0; i < count && i < TELLING_MOST; i++)
        if (tokens[i].kind <= TOKEN_WORD || is_fixed(&tokens[i]))
            buffer_append(words, tokens[i].text);
        else
            buffer_append_byte(words, ' ');
    free(tokens);
}

void draft_line_read(
    const struct format *const *chain, const struct record *record, struct draft_line *line)
{
    bool is_whole =
        record->message.at == record->line.at && record->message.len == record->line.len;
    bool has_names = draft_has_names(chain);
    struct span program = record_get(record, SPAN("program"));
    struct buffer words = {0};
    const struct format *last = chain[0];

    for (; *chain; chain++)
        last = *chain;
    buffer_clear(&line->where);
    line->activity = NULL;
    line->is_failure = false;
    line->text = has_names && is_whole ? SPAN("") : record->message;
    if (has_names && line->text.len > 0 && *line->text.at == '{')
        line->text = SPAN("");
    if (program.at)
        put_condition(SPAN("program"), program, &line->where);
    if (span_is(span_of(last->name), "access")) {
        read_access(record, line);
        return;
    }
    for (size_t i = 0, found = 0; has_names && i < record->count && found < CONDITIONS_MOST; i++)
        found += read_field(&record->fields[i], line);
    /* What a condition says is of the words, too. */
    put_words(line->text, &words);
    buffer_append_byte(&words, ' ');
    if (has_names)
        buffer_append(&words, buffer_span(&line->where));
    line->activity = draft_activity(buffer_span(&words));
    line->is_failure |= draft_is_failure(buffer_span(&words)) || draft_is_failure(line->text);
    buffer_finish(&words);
}

/* --- kinds ---------------------------------------------------------------------- */

static bool is_placeholder(struct span value)
{
    for (size_t i = 0; i < rule_placeholder_count; i++)
        if (span_equal_nocase(value, rule_placeholders[i]))
            return true;
    return false;
}

static bool is_time(struct span value)
{
    const struct time_context context = {.zone = &zone_utc};
    struct timestamp time;
    size_t used;

    return timestamp_parse(value, &context, &time, &used) == PARSE_OK;
}

static bool may_fill(enum draft_role role, struct span value)
{
    struct address address;

    switch (role) {
    case ROLE_ADDRESS:
        return address_parse(value, &address);
    case ROLE_USER:
        return value.len <= VALUE_MOST && !is_placeholder(value) &&
               !address_parse(value, &address) && value_kind_of(value) != VALUE_SECRET &&
               !span_is(value, "true");
    case ROLE_AGENT:
        return value.len > 1;
    case ROLE_TIME:
        return is_time(value);
    case ROLE_EVENT:
    case DRAFT_ROLES:
        break;
    }
    return false;
}

/* A name that a template can have. */
static bool is_template_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < ' ' || strchr("{}|:'$", name.at[i]))
            return false;
    return name.len > 0;
}

static char *find_field(enum draft_role role, const struct record *record)
{
    struct span best = {NULL, 0};
    unsigned best_fit = 0;

    for (size_t i = 0; i < record->count; i++) {
        const struct field *field = &record->fields[i];
        unsigned fit = is_template_name(field->name) && may_fill(role, field->value)
                           ? draft_fit(role, field->name)
                           : 0;

        if (fit > best_fit) {
            best_fit = fit;
            best = field->name;
        }
    }
    return best.at ? memory_string(best) : NULL;
}

void draft_kind_learn(struct draft_kind *kind, const struct record *example)
{
    for (enum draft_role role = 0; role < DRAFT_ROLES; role++)
        if (!kind->values[role].field)
            kind->values[role].field = find_field(role, example);
}

void draft_kind_settle(struct draft_kind *kind, const struct cluster *cluster)
{
    for (enum draft_role role = 0; role < DRAFT_ROLES; role++)
        kind->values[role].token =
            kind->values[role].field
                ? DRAFT_NO_TOKEN
                : draft_find_token(role, cluster->tokens, cluster->token_count);
}

void draft_kind_free(struct draft_kind *kind)
{
    if (!kind)
        return;
    free(kind->where);
    for (enum draft_role role = 0; role < DRAFT_ROLES; role++)
        free(kind->values[role].field);
    free(kind);
}

bool draft_kind_is_same(const struct draft_kind *one, const struct draft_kind *other)
{
    return span_equal(span_of(one->activity), span_of(other->activity));
}

bool draft_kind_has(const struct draft_kind *kind, enum draft_role role)
{
    return kind->values[role].field || kind->values[role].token != DRAFT_NO_TOKEN;
}

const char *draft_kind_name(const struct draft_kind *kind, enum draft_role role)
{
    return kind->values[role].field ? kind->values[role].field : captures[role];
}

/* --- patterns --------------------------------------------------------------------- */

static void put_literal(struct span text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\0' && strchr("\\^$.[]|()?*+{}#", text.at[i]))
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, text.at[i]);
    }
}

/* What stands for any value there: up to the mark behind it, else up to a blank. A user
 * agent has blanks in it, and goes on to the mark. */
static void put_any(const struct cluster *cluster, size_t i, bool is_agent, struct buffer *out)
{
    const struct token *next = i + 1 < cluster->token_count ? &cluster->tokens[i + 1] : NULL;
    const struct token *before = i > 0 ? &cluster->tokens[i - 1] : NULL;
    bool is_quoted = next && before && next->kind == TOKEN_MARK && before->kind == TOKEN_MARK &&
                     strchr("\"'`)]>", *next->text.at);

    if (!next || next->kind != TOKEN_MARK) {
        buffer_append(out, is_agent && !next ? SPAN("\\S.*") : SPAN("\\S+"));
        return;
    }
    buffer_append(out, SPAN("[^"));
    if (strchr("]\\^-", *next->text.at))
        buffer_append_byte(out, '\\');
    buffer_append_byte(out, *next->text.at);
    buffer_append(out, is_quoted || is_agent ? SPAN("]+") : SPAN("\\s]+"));
}

static bool is_bare_address(struct span text)
{
    struct address address;

    return address_parse(text, &address) && span_is(text, address.text);
}

static void put_time(struct span text, struct buffer *out)
{
    while (text.at) {
        struct span piece = span_cut(&text, ' ');

        buffer_append(out, piece.len > 0 ? SPAN("\\S+") : SPAN(""));
        if (text.at)
            buffer_append_byte(out, ' ');
    }
}

/* Whether it is what tells of the activity: `/api/login:`, `auth.login`. */
static bool is_telling(const struct draft_kind *kind, const struct token *token)
{
    const char *told = is_fixed(token) ? draft_activity(token->text) : NULL;

    return told && kind->activity && span_is(span_of(told), kind->activity);
}

static void put_plain(
    const struct draft_kind *kind, const struct cluster *cluster, size_t i, struct buffer *out)
{
    const struct token *token = &cluster->tokens[i];

    switch (token->kind) {
    case TOKEN_BLANK:
        buffer_append(out, token->text.len == 1 ? SPAN(" ") : SPAN(" +"));
        break;
    case TOKEN_MARK:
    case TOKEN_WORD:
        put_literal(token->text, out);
        break;
    case TOKEN_TIME:
        put_time(token->text, out);
        break;
    default:
        if (is_telling(kind, token))
            put_literal(token->text, out);
        else
            put_any(cluster, i, token->kind == TOKEN_AGENT, out);
    }
}

static void put_token(const struct draft_kind *kind, const struct cluster *cluster, size_t i,
    const char *capture, struct buffer *out)
{
    const struct token *token = &cluster->tokens[i];

    if (!capture) {
        put_plain(kind, cluster, i, out);
    } else if (token->kind == TOKEN_ADDRESS && is_bare_address(token->text)) {
        buffer_printf(out, "%%{IP:%s}", capture);
    } else {
        buffer_printf(out, "(?<%s>", capture);
        if (token->kind == TOKEN_TIME)
            put_time(token->text, out);
        else
            put_any(cluster, i, capture == captures[ROLE_AGENT], out);
        buffer_append_byte(out, ')');
    }
}

/* What the token is captured as; NULL if it is not. */
static const char *capture_of(const struct draft_kind *kind, size_t i, bool with_time)
{
    for (enum draft_role role = 0; role < DRAFT_ROLES; role++)
        if (kind->values[role].token == i && (role != ROLE_TIME || with_time))
            return captures[role];
    return NULL;
}

/* Whether so many tokens, as the pattern pins them down, tell of the activity. */
static bool is_told(const struct draft_kind *kind, const struct cluster *cluster, size_t end)
{
    struct buffer words = {0};
    const char *told;

    for (size_t i = 0; i < end; i++)
        if (cluster->tokens[i].kind <= TOKEN_WORD || is_telling(kind, &cluster->tokens[i]))
            buffer_append(&words, cluster->tokens[i].text);
        else
            buffer_append_byte(&words, ' ');
    buffer_append_byte(&words, ' ');
    buffer_append(&words, span_of(kind->where));
    told = draft_activity(buffer_span(&words));
    buffer_finish(&words);
    return told && kind->activity && span_is(span_of(told), kind->activity);
}

/* Behind the last token that the pattern needs: what is captured, and what tells. */
static size_t pattern_end(
    const struct draft_kind *kind, const struct cluster *cluster, bool with_time)
{
    size_t end = 0, count = cluster->token_count, more;

    for (size_t i = 0; i < count; i++)
        if (capture_of(kind, i, with_time) ||
            (i < TELLING_MOST && (is_telling(kind, &cluster->tokens[i]) ||
                                     (cluster->tokens[i].kind == TOKEN_WORD &&
                                         token_is_telling(cluster->tokens[i].text)))))
            end = i + 1;
    if (end == 0)
        end = count < TOKENS_MOST ? count : TOKENS_MOST;
    else if (end < count)
        end += end + TOKENS_BEHIND < count ? TOKENS_BEHIND : count - end;
    for (more = end; more < count && more < TELLING_MOST && !is_told(kind, cluster, more);)
        more++;
    if (is_told(kind, cluster, more))
        end = more;
    while (end > 0 && cluster->tokens[end - 1].kind == TOKEN_BLANK)
        end--;
    return end;
}

void draft_kind_write_pattern(const struct draft_kind *kind, const struct cluster *cluster,
    bool with_time, struct buffer *out)
{
    size_t end = pattern_end(kind, cluster, with_time);

    if (end == 0)
        return;
    buffer_append_byte(out, '^');
    for (size_t i = 0; i < end; i++)
        put_token(kind, cluster, i, capture_of(kind, i, with_time), out);
}
