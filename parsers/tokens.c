/* SPDX-License-Identifier: MIT
 *
 * One pass from the left. What could be a time is tried first, since times have blanks
 * and marks in them; then a run of bytes that words and values are made of is taken and
 * looked at.
 */
#include "tokens.h"

#include "timestamp.h"
#include "value_kind.h"

const char *const token_kind_names[TOKEN_KINDS] = {
    [TOKEN_ADDRESS] = "<address>",
    [TOKEN_TIME] = "<time>",
    [TOKEN_NUMBER] = "<number>",
    [TOKEN_EMAIL] = "<email>",
    [TOKEN_UUID] = "<uuid>",
    [TOKEN_PATH] = "<path>",
    [TOKEN_AGENT] = "<agent>",
    [TOKEN_CODE] = "<code>",
    [TOKEN_VARIES] = "<*>",
};

enum { TIME_BYTES_LEAST = 8 };

/* Words of one meaning may stand in lines that are otherwise the same. */
static const char *const telling[] = {"accept", "accepted", "add", "added", "allow", "allowed",
    "attempt", "auth", "authenticated", "authentication", "authorized", "blocked", "cancelled",
    "clone", "close", "closed", "complete", "completed", "connect", "connected", "connection",
    "create", "created", "delete", "deleted", "denied", "deny", "disallowed", "disconnect",
    "disconnected", "download", "downloaded", "end", "ended", "error", "executed", "expired",
    "fail", "failed", "failure", "fetch", "finished", "granted", "in", "incorrect", "invalid",
    "locked", "logged", "login", "logon", "logout", "logoff", "match", "not", "off", "on", "ok",
    "open", "opened", "out", "pull", "pulled", "push", "pushed", "refused", "register",
    "registered", "rejected", "remove", "removed", "renamed", "request", "run", "session", "signin",
    "signup", "signout", "start", "started", "stop", "stopped", "succeeded", "success",
    "successful", "successfully", "unable", "unauthorized", "unknown", "update", "updated",
    "upload", "uploaded", "wrong", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"};

bool token_is_telling(struct span word)
{
    for (size_t i = 0; i < sizeof(telling) / sizeof(*telling); i++)
        if (span_equal_nocase(word, span_of(telling[i])))
            return true;
    return false;
}

static bool is_in_run(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || (unsigned char)c >= 0x80 ||
           (c != '\0' && strchr("_-.:/@+%$\\#~*?&!^", c));
}

/* A quote within a JSON string; else a backslash is of a name: DOMAIN\user. */
static bool is_escaped_quote(struct span rest)
{
    return rest.len > 1 && rest.at[0] == '\\' && rest.at[1] == '"';
}

/* What ends a sentence or a label is no part of the word before it. */
static bool is_closing(char c)
{
    return c != '\0' && strchr(".:,;!?", c);
}

static bool is_number(struct span s)
{
    size_t digits = 0, points = 0;

    for (size_t i = 0; i < s.len; i++) {
        digits += byte_is_digit(s.at[i]);
        points += s.at[i] == '.';
    }
    return digits > 0 && points <= 1 && digits + points == s.len;
}

static bool is_word(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!byte_is_alpha(s.at[i]) && (unsigned char)s.at[i] < 0x80 &&
            !(s.at[i] != '\0' && strchr("_-/.\\'", s.at[i])))
            return false;
    return s.len > 0 && s.at[0] != '/';
}

static enum token_kind kind_of(struct span s)
{
    /* Before the rest: a number is no address, whatever address.h makes of it. */
    if (is_number(s))
        return TOKEN_NUMBER;
    switch (value_kind_of(s)) {
    case VALUE_ADDRESS:
        return TOKEN_ADDRESS;
    case VALUE_EMAIL:
        return TOKEN_EMAIL;
    case VALUE_UUID:
        return TOKEN_UUID;
    case VALUE_PATH:
        return TOKEN_PATH;
    case VALUE_SECRET:
    case VALUE_NUMBER:
    case VALUE_WORD:
    case VALUE_TEXT:
    case VALUE_KINDS:
        break;
    }
    return is_word(s) ? TOKEN_WORD : TOKEN_CODE;
}

/* The length of a timestamp that begins here; 0 if none does. */
static size_t time_len(struct span rest)
{
    const struct time_context context = {.zone = &zone_utc};
    struct timestamp time;
    size_t used;

    if (!byte_is_digit(*rest.at) && !byte_is_alpha(*rest.at))
        return 0;
    if (timestamp_parse(rest, &context, &time, &used) != PARSE_OK || used < TIME_BYTES_LEAST)
        return 0;
    /* A number may be one, but is hardly meant as a time in the middle of a line; and
     * what goes on behind was cut off something else. */
    if (is_number((struct span){rest.at, used}) ||
        (used < rest.len && (byte_is_digit(rest.at[used]) || byte_is_alpha(rest.at[used]))))
        return 0;
    return used;
}

/* It has blanks and marks in it, and as many as it likes. */
static size_t agent_len(struct span rest)
{
    size_t len = 0;

    if (span_has_prefix(rest, SPAN("Mozilla/")))
        while (len < rest.len && (unsigned char)rest.at[len] >= ' ' &&
               !strchr("\"'`]|", rest.at[len]) && !is_escaped_quote(span_from(rest, len)))
            len++;
    return len;
}

static struct token take(struct span rest)
{
    size_t len = time_len(rest);

    if (len > 0)
        return (struct token){TOKEN_TIME, {rest.at, len}};
    len = agent_len(rest);
    if (len > 0)
        return (struct token){TOKEN_AGENT, {rest.at, len}};
    while (len < rest.len && byte_is_blank(rest.at[len]))
        len++;
    if (len > 0)
        return (struct token){TOKEN_BLANK, {rest.at, len}};
    while (len < rest.len && is_in_run(rest.at[len]) && !is_escaped_quote(span_from(rest, len)))
        len++;
    while (len > 1 && is_closing(rest.at[len - 1]) &&
           !(rest.at[len - 1] == ':' && rest.at[len - 2] == ':'))
        len--;
    if (len == 0 || (len == 1 && !byte_is_alpha(*rest.at) && !byte_is_digit(*rest.at) &&
                        (unsigned char)*rest.at < 0x80))
        return (struct token){TOKEN_MARK, {rest.at, 1}};
    return (struct token){kind_of((struct span){rest.at, len}), {rest.at, len}};
}

size_t tokens_read(struct span text, struct token *tokens, size_t most)
{
    size_t count = 0;

    for (; text.len > 0 && count < most; count++) {
        tokens[count] = count + 1 < most ? take(text) : (struct token){TOKEN_VARIES, text};
        text = span_from(text, tokens[count].text.len);
    }
    return count;
}
