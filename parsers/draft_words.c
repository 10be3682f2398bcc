/* SPDX-License-Identifier: MIT
 *
 * Tables of words, the better first. What they miss, the writer of the rules adds.
 */
#include "draft_words.h"

#include "address.h"
#include "value_kind.h"

#include <stdlib.h>

/* --- phrases ------------------------------------------------------------------ */

/* " user logged in ": letters only, lower case, a blank around each word. */
static void write_words(struct span text, struct buffer *out)
{
    bool was_lower = false, is_open = false;

    buffer_append_byte(out, ' ');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_upper = c >= 'A' && c <= 'Z';

        if (is_open && (!byte_is_alpha(c) || (is_upper && was_lower))) {
            buffer_append_byte(out, ' ');
            is_open = false;
        }
        if (byte_is_alpha(c)) {
            buffer_append_byte(out, byte_lower(c));
            is_open = true;
        }
        was_lower = byte_is_alpha(c) && !is_upper;
    }
    if (is_open)
        buffer_append_byte(out, ' ');
}

static bool has_phrase(const struct buffer *words, const char *phrase)
{
    struct span text = buffer_span(words);
    size_t len = strlen(phrase);

    for (const char *p = text.at; (p = memmem(p, (size_t)(span_end(text) - p), phrase, len)); p++)
        if (p > text.at && p[-1] == ' ' && p[len] == ' ')
            return true;
    return false;
}

static const struct {
    const char *phrase, *activity;
} activities[] = {
    {"logged out", "LOGOUT"},
    {"log out", "LOGOUT"},
    {"logout", "LOGOUT"},
    {"logoff", "LOGOUT"},
    {"sign out", "LOGOUT"},
    {"signed out", "LOGOUT"},
    {"session closed", "LOGOUT"},
    {"disconnected", "LOGOUT"},
    {"registered", "SIGNUP"},
    {"register", "SIGNUP"},
    {"signup", "SIGNUP"},
    {"sign up", "SIGNUP"},
    {"user created", "USER_CREATED"},
    {"created user", "USER_CREATED"},
    {"user create", "USER_CREATED"},
    {"create user", "USER_CREATED"},
    {"user deleted", "USER_DELETED"},
    {"user delete", "USER_DELETED"},
    {"project created", "PROJECT_CREATED"},
    {"created a new project", "PROJECT_CREATED"},
    {"repository created", "REPOSITORY_CREATED"},
    {"logged in", "LOGIN"},
    {"log in", "LOGIN"},
    {"login", "LOGIN"},
    {"logon", "LOGIN"},
    {"signed in", "LOGIN"},
    {"sign in", "LOGIN"},
    {"signin", "LOGIN"},
    {"authenticated", "LOGIN"},
    {"authentication", "LOGIN"},
    {"authenticate", "LOGIN"},
    {"successful auth", "LOGIN"},
    {"auth successful", "LOGIN"},
    {"auth succeeded", "LOGIN"},
    {"session opened", "LOGIN"},
    {"session start", "LOGIN"},
    {"accepted password", "LOGIN"},
    {"accepted publickey", "LOGIN"},
    {"accepted", "LOGIN"},
    {"connection authorized", "LOGIN"},
    {"pushed", "PUSH"},
    {"push", "PUSH"},
    {"pulled", "PULL"},
    {"pull", "PULL"},
    {"cloned", "CLONE"},
    {"clone", "CLONE"},
    {"downloaded", "DOWNLOAD"},
    {"download", "DOWNLOAD"},
    {"uploaded", "UPLOAD"},
    {"upload", "UPLOAD"},
    {"created", "CREATE"},
    {"create", "CREATE"},
    {"deleted", "DELETE"},
    {"delete", "DELETE"},
    {"executed", "RUN"},
    {"execute", "RUN"},
    {"started", "RUN"},
    {"run", "RUN"},
    {"connect", "CONNECT"},
    {"connected", "CONNECT"},
    {"allowed", "API_CALL"},
    {"request", "API_CALL"},
    {"api", "API_CALL"},
};

static const char *const failures[] = {"bad", "blocked", "bruteforce", "brute force", "cannot",
    "could not", "denied", "deny", "disallowed", "error", "expired", "fail", "failed", "failure",
    "failures", "failing", "forbidden", "illegal", "incorrect", "invalid", "locked", "mismatch",
    "no match", "not found", "not allowed", "refused", "rejected", "timeout", "unable",
    "unauthorized", "unknown", "unsuccessful", "wrong", "aborted", "banned", "does not", "not a"};

static bool has_method(struct span text)
{
    static const char *const methods[] = {"GET ", "POST ", "PUT ", "DELETE ", "PATCH "};

    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        if (memmem(text.at, text.len, methods[i], strlen(methods[i])))
            return true;
    return false;
}

const char *draft_activity(struct span text)
{
    struct buffer words = {0};
    const char *found = NULL;

    write_words(text, &words);
    for (size_t i = 0; i < sizeof(activities) / sizeof(*activities) && !found; i++)
        if (has_phrase(&words, activities[i].phrase))
            found = activities[i].activity;
    buffer_finish(&words);
    return found || !has_method(text) ? found : "API_CALL";
}

bool draft_is_failure(struct span text)
{
    struct buffer words = {0};
    bool is_one = false;

    write_words(text, &words);
    for (size_t i = 0; i < sizeof(failures) / sizeof(*failures) && !is_one; i++)
        is_one = has_phrase(&words, failures[i]);
    buffer_finish(&words);
    return is_one;
}

/* --- names of fields ------------------------------------------------------------ */

/* Lower case, without _ and -; a path matches by its last parts. The first fits best. */
static const char *const names[DRAFT_ROLES][40] = {
    [ROLE_USER] = {"user.name", "username", "loginid", "uname", "user", "userlogin", "user.login",
        "login", "userid", "principalname", "principal", "email", "useremail", "user.email", "mail",
        "account", "accountname", "authorname", "author.name", "actor.displayname", "actor.name",
        "actor.alternateid", "actor", "initiator", "auth.displayname", "displayname", "remoteuser",
        "authuser", "subject", "owner", "metauser", "usr", "uid", NULL},
    [ROLE_ADDRESS] = {"clientip", "remoteip", "remoteaddr", "remoteaddress", "ipaddress", "ipaddr",
        "ip", "srcip", "sourceip", "sourceips", "source.ip", "client.ip", "clientaddress",
        "clientaddr", "origin.address", "addr.remote", "callerip", "xforwardedfor", "xrealip",
        "clienthost", "client", "remote", "remotehost", "rhost", "peer", "peeraddr", "address",
        "src", "addr", "host", NULL},
    [ROLE_AGENT] = {"useragent", "useragent.original", "httpuseragent", "ua", "agent", NULL},
    [ROLE_TIME] = {"@timestamp", "timestamp", "time", "ts", "datetime", "date", "t", "created",
        "createdat", NULL},
    [ROLE_EVENT] = {"event.action", "eventaction", "eventtype", "event", "action", "type",
        "operation", "op", "auditcategory", "event.outcome", "outcome", "success", "result",
        "requesttype", "grpc.method", "grpc.code", NULL},
};

static void write_name(struct span name, struct buffer *out)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (c == '[') /* an index */
            while (i < name.len && name.at[i] != ']')
                i++;
        else if (c != '_' && c != '-')
            buffer_append_byte(out, byte_lower(c));
    }
}

unsigned draft_fit(enum draft_role role, struct span name)
{
    const char *const *known = names[role];
    unsigned fit = 0, count = 0;
    struct buffer plain = {0};

    write_name(name, &plain);
    while (known[count])
        count++;
    for (unsigned i = 0; i < count && fit == 0; i++) {
        size_t len = strlen(known[i]);

        if (plain.len < len || memcmp(plain.bytes + plain.len - len, known[i], len) != 0)
            continue;
        if (plain.len == len)
            fit = 2 * (count - i);
        else if (plain.bytes[plain.len - len - 1] == '.')
            fit = 2 * (count - i) - 1;
    }
    buffer_finish(&plain);
    return fit;
}

/* --- tokens of a line -------------------------------------------------------------- */

static const char *const user_labels[] = {"user", "username", "login", "account", "acct", "email",
    "principal", "usr", "user_id", "userid", "loginid", "uname", "user-name", "identity", NULL};
static const char *const weak_labels[] = {"for", "by", "User", NULL};
static const char *const address_labels[] = {"from", "client", "ip", "remote", "rhost", "addr",
    "address", "peer", "src", "source", "remote_ip", "clientip", "client_ip", "remoteaddr",
    "ipaddress", "ip_address", "remote-ip", NULL};
static const char *const other_labels[] = {
    "to", "server", "dst", "listen", "listening", "local", "laddr", "upstream", "dest", NULL};
static const char *const no_names[] = {"a", "an", "and", "as", "at", "bad", "by", "for", "from",
    "has", "in", "is", "name", "of", "on", "the", "to", "using", "via", "was", "with", "id",
    "service", "info", "warn", "debug", "error", NULL};

static const char *const things[] = {"bucket", "cluster", "database", "db", "domain", "group",
    "host", "hostname", "instance", "job", "name", "node", "org", "organization", "pipeline",
    "project", "queue", "realm", "repo", "repository", "server", "team", "tenant", "title", "topic",
    "vhost", "workflow", "workspace", NULL};

static bool is_among(struct span word, const char *const *words)
{
    for (; *words; words++)
        if (span_equal_nocase(word, span_of(*words)))
            return true;
    return false;
}

/* The word before a token, over blanks, quotes and what stands between label and value;
 * absent if there is none. */
static struct span label_of(const struct token *tokens, size_t i)
{
    while (i > 0) {
        const struct token *token = &tokens[--i];

        if (token->kind == TOKEN_BLANK ||
            (token->kind == TOKEN_MARK && strchr("=:'\"`<([", *token->text.at)))
            continue;
        if (token->kind != TOKEN_WORD && token->kind != TOKEN_CODE)
            break;
        return token->text;
    }
    return (struct span){NULL, 0};
}

bool draft_is_thing(const struct token *tokens, size_t i)
{
    struct span label = label_of(tokens, i);

    return label.at && is_among(label, things) && !draft_is_label(tokens[i].text) &&
           (tokens[i].kind == TOKEN_WORD || tokens[i].kind == TOKEN_CODE);
}

bool draft_names_thing(struct span name)
{
    size_t at = name.len;

    while (at > 0 && name.at[at - 1] != '.')
        at--;
    return is_among(span_from(name, at), things);
}

bool draft_is_label(struct span word)
{
    return is_among(word, no_names) || is_among(word, user_labels) ||
           is_among(word, address_labels) || is_among(word, other_labels) || token_is_telling(word);
}

static bool may_be_user(const struct token *token)
{
    switch (token->kind) {
    case TOKEN_WORD:
        return !draft_is_label(token->text);
    case TOKEN_VARIES:
    case TOKEN_CODE:
        return !span_find(token->text, '/') && !span_find(token->text, ' ') &&
               value_kind_of(token->text) != VALUE_ADDRESS;
    case TOKEN_EMAIL:
    case TOKEN_UUID:
        return true;
    default:
        return false;
    }
}

static size_t find_labelled(const struct token *tokens, size_t count, const char *const *labels)
{
    for (size_t i = 0; i < count; i++)
        if (may_be_user(&tokens[i]) && is_among(label_of(tokens, i), labels))
            return i;
    return count;
}

/* "logged in: alice" */
static size_t find_object(const struct token *tokens, size_t count)
{
    for (size_t i = 4; i < count; i++)
        if (may_be_user(&tokens[i]) && tokens[i - 1].kind == TOKEN_BLANK &&
            span_is(tokens[i - 2].text, ":") && span_is(tokens[i - 3].text, "in"))
            return i;
    return count;
}

/* "alice logged in" */
static size_t find_subject(const struct token *tokens, size_t count)
{
    for (size_t i = 0; i + 2 < count; i++)
        if (may_be_user(&tokens[i]) && tokens[i + 1].kind == TOKEN_BLANK &&
            (span_is(tokens[i + 2].text, "logged") || span_is(tokens[i + 2].text, "signed") ||
                span_is(tokens[i + 2].text, "authenticated") ||
                span_is(tokens[i + 2].text, "created")))
            return i;
    return count;
}

static size_t find_user(const struct token *tokens, size_t count)
{
    size_t found = find_labelled(tokens, count, user_labels);

    for (size_t i = 0; i < count && found == count; i++)
        if (tokens[i].kind == TOKEN_EMAIL)
            found = i;
    if (found == count)
        found = find_object(tokens, count);
    if (found == count)
        found = find_subject(tokens, count);
    return found == count ? find_labelled(tokens, count, weak_labels) : found;
}

static bool is_address(const struct token *token)
{
    struct address address;

    return token->kind == TOKEN_ADDRESS ||
           (token->kind == TOKEN_VARIES && address_parse(token->text, &address));
}

static size_t find_address(const struct token *tokens, size_t count)
{
    size_t first = count;

    for (size_t i = 0; i < count; i++) {
        struct span label;

        if (!is_address(&tokens[i]))
            continue;
        label = label_of(tokens, i);
        if (label.at && is_among(label, address_labels))
            return i;
        if (first == count && !(label.at && is_among(label, other_labels)))
            first = i;
    }
    return first;
}

static size_t find_agent(const struct token *tokens, size_t count)
{
    size_t first = count;

    for (size_t i = 0; i < count; i++) {
        struct span label = label_of(tokens, i);

        if (tokens[i].kind == TOKEN_AGENT && first == count)
            first = i;
        if (tokens[i].kind >= TOKEN_WORD && label.at && draft_fit(ROLE_AGENT, label) > 0)
            return i;
    }
    return first;
}

static size_t find_time(const struct token *tokens, size_t count)
{
    size_t i = 0;

    while (i < count && tokens[i].kind != TOKEN_TIME)
        i++;
    return i;
}

size_t draft_find_token(enum draft_role role, const struct token *tokens, size_t count)
{
    static size_t (*const find[DRAFT_ROLES])(const struct token *, size_t) = {
        [ROLE_USER] = find_user,
        [ROLE_ADDRESS] = find_address,
        [ROLE_AGENT] = find_agent,
        [ROLE_TIME] = find_time,
    };
    size_t found = find[role] ? find[role](tokens, count) : count;

    return found < count ? found : DRAFT_NO_TOKEN;
}
