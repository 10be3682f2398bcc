/* SPDX-License-Identifier: MIT
 *
 * The line is taken apart as tokens (tokens.h), so JSON, logfmt and text alike. Names are
 * replaced where no letter or digit stands beside them.
 */
#include "anonymous.h"

#include "address.h"
#include "memory.h"
#include "tokens.h"
#include "value_kind.h"

#include <stdlib.h>

enum { TOKENS_MOST = 2000, NAMES_MOST = 200, OPAQUE_BYTES = 20 };

struct known {
    char *real;
    char made[64];
};

struct list {
    struct known *items;
    size_t count, room;
};

struct anonymous {
    struct list names, addresses, emails, ids;
    size_t users, things;
    struct token tokens[TOKENS_MOST];
};

static const char *const invented[] = {"alice", "bob", "carol", "dave", "erin", "frank", "grace",
    "heidi", "ivan", "judy", "mallory", "niaj", "olivia", "peggy", "rupert", "sybil", "trent",
    "victor", "walter"};
enum { INVENTED = sizeof(invented) / sizeof(*invented) };

static void finish(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].real);
    free(list->items);
}

struct anonymous *anonymous_new(void)
{
    return memory_new(sizeof(struct anonymous));
}

void anonymous_free(struct anonymous *anonymous)
{
    if (!anonymous)
        return;
    finish(&anonymous->names);
    finish(&anonymous->addresses);
    finish(&anonymous->emails);
    finish(&anonymous->ids);
    free(anonymous);
}

/* The row of what is real; *is_new: it has just been begun. */
static struct known *look_up(struct list *list, struct span real, bool *is_new)
{
    *is_new = false;
    for (size_t i = 0; i < list->count; i++)
        if (span_is(real, list->items[i].real))
            return &list->items[i];
    *is_new = true;
    list->items = memory_room(list->items, list->count, &list->room, sizeof(*list->items));
    list->items[list->count] = (struct known){.real = memory_string(real)};
    return &list->items[list->count++];
}

static void make(struct known *known, const char *text, size_t number)
{
    struct buffer made = {0};

    buffer_printf(&made, "%s", text);
    if (number > 0)
        buffer_printf(&made, "%zu", number);
    memcpy(known->made, made.bytes, made.len < 63 ? made.len : 63);
    buffer_finish(&made);
}

/* Ways to do things, which many products have names for. */
static bool is_common(struct span name)
{
    static const char *const common[] = {"api", "basic", "bearer", "cli", "desktop", "docker",
        "false", "ftp", "git", "github", "gitlab", "google", "http", "https", "info", "internal",
        "keyboard-interactive/pam", "ldap", "local", "none", "null", "oauth", "oidc", "pam",
        "password", "private", "public", "publickey", "saml", "sftp", "ssh", "standard", "time",
        "token", "true", "warn", "web"};

    for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
        if (span_equal_nocase(name, span_of(common[i])))
            return true;
    return false;
}

void anonymous_add_name(struct anonymous *anonymous, struct span name, bool is_user)
{
    struct known *known;
    bool is_new;

    if (name.len == 0 || anonymous->names.count == NAMES_MOST ||
        value_kind_of(name) == VALUE_ADDRESS || value_is_email(name) ||
        (!is_user && is_common(name)))
        return;
    known = look_up(&anonymous->names, name, &is_new);
    if (!is_new)
        return;
    if (is_user) {
        make(known, invented[anonymous->users % INVENTED], anonymous->users / INVENTED);
        anonymous->users++;
    } else {
        make(known, "name", ++anonymous->things);
    }
}

static bool is_of_name(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || (unsigned char)c >= 0x80;
}

/* --- values --------------------------------------------------------------------- */

static void put_address(struct anonymous *anonymous, struct span text, struct buffer *out)
{
    struct address address;
    struct known *known;
    bool is_new, is_v4;
    const char *colon = span_find(text, ':');

    if (!address_parse(text, &address)) {
        buffer_append(out, text);
        return;
    }
    is_v4 = !strchr(address.text, ':');
    known = look_up(&anonymous->addresses, span_of(address.text), &is_new);
    if (is_new && is_v4)
        make(known, "203.0.113.", 1 + (anonymous->addresses.count - 1) % 250);
    else if (is_new)
        make(known, "2001:db8::", 1 + (anonymous->addresses.count - 1) % 250);
    if (span_has_prefix(text, SPAN("::ffff:"))) {
        buffer_append(out, SPAN("::ffff:"));
        colon = span_find(span_from(text, 7), ':');
    }
    buffer_append(out, span_of(known->made));
    if (is_v4 && colon)
        buffer_append(out, span_between(colon, span_end(text)));
}

static void put_email(struct anonymous *anonymous, struct span text, struct buffer *out)
{
    bool is_new;
    struct known *known = look_up(&anonymous->emails, text, &is_new);

    if (is_new) {
        make(known, invented[anonymous->users % INVENTED], anonymous->users / INVENTED);
        strcat(known->made, "@example.com");
        anonymous->users++;
    }
    buffer_append(out, span_of(known->made));
}

static void put_uuid(struct anonymous *anonymous, struct span text, struct buffer *out)
{
    bool is_new;
    size_t number = (size_t)(look_up(&anonymous->ids, text, &is_new) - anonymous->ids.items);

    buffer_printf(out, "00000000-0000-4000-8000-%012zx", number + 1);
}

/* A hash, a key, an id: long, of letters and digits. */
static bool is_opaque(struct span text)
{
    size_t digits = 0;

    /* Mozilla/5.0 */
    if (span_find(text, '/') && span_find(text, '.'))
        return false;
    for (size_t i = 0; i < text.len; i++)
        digits += byte_is_digit(text.at[i]);
    return value_kind_of(text) == VALUE_SECRET || (text.len >= OPAQUE_BYTES && digits > 0);
}

/* Letters and digits become others, all else stays, as does a label ("SHA256:"). */
static void put_made_up(struct span text, struct buffer *out)
{
    const char *colon = span_find(text, ':');

    if (colon) {
        buffer_append(out, span_between(text.at, colon));
        text = span_between(colon, span_end(text));
    }
    for (size_t i = 0; i < text.len; i++)
        buffer_append_byte(out, byte_is_digit(text.at[i])                ? '0'
                                : text.at[i] >= 'A' && text.at[i] <= 'Z' ? 'X'
                                : byte_is_alpha(text.at[i])              ? 'x'
                                                                         : text.at[i]);
}

/* The name that stands at i, or NULL. The longest wins. */
static const struct known *name_at(const struct anonymous *anonymous, struct span text, size_t i)
{
    const struct known *best = NULL;
    size_t best_len = 0;

    for (size_t n = 0; n < anonymous->names.count; n++) {
        const struct known *known = &anonymous->names.items[n];
        size_t len = strlen(known->real);

        if (len > best_len && len <= text.len - i && memcmp(text.at + i, known->real, len) == 0 &&
            (i + len == text.len || !is_of_name(text.at[i + len]) ||
                !is_of_name(text.at[i + len - 1]))) {
            best = known;
            best_len = len;
        }
    }
    return best;
}

/* Names in it replaced. */
static void put_text(struct anonymous *anonymous, struct span text, struct buffer *out)
{
    for (size_t i = 0; i < text.len;) {
        bool is_start = i == 0 || !is_of_name(text.at[i - 1]) || !is_of_name(text.at[i]);
        const struct known *known = is_start ? name_at(anonymous, text, i) : NULL;

        if (known) {
            buffer_append(out, span_of(known->made));
            i += strlen(known->real);
        } else {
            buffer_append_byte(out, text.at[i++]);
        }
    }
}

static bool is_of_address(char c)
{
    return byte_is_digit(c) || c == '.' || c == ':' ||
           (byte_lower(c) >= 'a' && byte_lower(c) <= 'f');
}

/* Addresses within it replaced: "ip/10.0.0.7". */
static void put_parts(struct anonymous *anonymous, struct span text, struct buffer *out)
{
    struct address address;

    for (size_t i = 0, len; i < text.len; i += len) {
        for (len = 0; i + len < text.len && is_of_address(text.at[i + len]);)
            len++;
        while (len > 0 && (text.at[i + len - 1] == '.' || text.at[i + len - 1] == ':'))
            len--;
        if (len > 2 && (i == 0 || !is_of_name(text.at[i - 1])) &&
            address_parse((struct span){text.at + i, len}, &address)) {
            put_address(anonymous, (struct span){text.at + i, len}, out);
        } else {
            len = len > 0 ? len : 1;
            buffer_append(out, (struct span){text.at + i, len});
        }
    }
}

static void put_path(struct anonymous *anonymous, struct span text, struct buffer *out)
{
    const char *query = span_find(text, '?');

    put_parts(anonymous, query ? span_between(text.at, query) : text, out);
    if (query)
        buffer_append(out, SPAN("?q=x"));
}

static void put_token(struct anonymous *anonymous, const struct token *token, struct buffer *out);

/* Its words one by one, behind the first. */
static void put_agent(struct anonymous *anonymous, struct span text, struct buffer *out)
{
    struct token pair[2]; /* the second has all the rest */

    buffer_append(out, span_cut(&text, ' '));
    if (text.at)
        buffer_append_byte(out, ' ');
    for (; text.len > 0; text = span_from(text, pair[0].text.len)) {
        tokens_read(text, pair, 2);
        put_token(anonymous, &pair[0], out);
    }
}

static void put_token(struct anonymous *anonymous, const struct token *token, struct buffer *out)
{
    switch (token->kind) {
    case TOKEN_ADDRESS:
        put_address(anonymous, token->text, out);
        return;
    case TOKEN_EMAIL:
        put_email(anonymous, token->text, out);
        return;
    case TOKEN_UUID:
        put_uuid(anonymous, token->text, out);
        return;
    case TOKEN_PATH:
        put_path(anonymous, token->text, out);
        return;
    case TOKEN_AGENT:
        put_agent(anonymous, token->text, out);
        return;
    case TOKEN_CODE:
    case TOKEN_WORD:
    case TOKEN_VARIES:
        if (is_opaque(token->text))
            put_made_up(token->text, out);
        else
            put_parts(anonymous, token->text, out);
        return;
    case TOKEN_NUMBER:
    case TOKEN_BLANK:
    case TOKEN_MARK:
    case TOKEN_TIME:
    case TOKEN_KINDS:
        break;
    }
    buffer_append(out, token->text);
}

void anonymous_write(struct anonymous *anonymous, struct span line, struct buffer *out)
{
    struct buffer text = {0};
    size_t count;

    /* Names first, since they may have blanks in them. */
    put_text(anonymous, line, &text);
    count = tokens_read(buffer_span(&text), anonymous->tokens, TOKENS_MOST);
    for (size_t i = 0; i < count; i++)
        put_token(anonymous, &anonymous->tokens[i], out);
    buffer_finish(&text);
}
