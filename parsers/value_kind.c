/* SPDX-License-Identifier: MIT
 *
 * Tests from the narrowest shape to the widest. What may be a secret is told by its
 * mixture, since a reviewer would rather look at a harmless one than miss a key.
 */
#include "value_kind.h"

#include "address.h"

enum { SECRET_BYTES = 20, MASKED_BYTES = 60, UUID_BYTES = 36 };

const char *const value_kind_names[VALUE_KINDS] = {
    [VALUE_ADDRESS] = "address",
    [VALUE_EMAIL] = "e-mail",
    [VALUE_UUID] = "uuid",
    [VALUE_SECRET] = "secret?",
    [VALUE_NUMBER] = "number",
    [VALUE_PATH] = "path",
    [VALUE_WORD] = "word",
    [VALUE_TEXT] = "text",
};

/* How tokens of well-known services begin. */
static const char *const secret_beginnings[] = {"AKIA", "eyJ", "ghp_", "gho_", "github_pat_",
    "glpat-", "hvs.", "sk-", "sk_live_", "xoxb-", "xoxp-"};

bool value_is_email(struct span value)
{
    const char *at = span_find(value, '@');
    struct span domain;
    const char *dot;

    if (!at || at == value.at || span_find(value, ' '))
        return false;
    domain = span_between(at + 1, span_end(value));
    dot = span_find(domain, '.');
    return dot && dot > domain.at && domain.at[domain.len - 1] != '.' && !span_find(domain, '@');
}

static bool is_hex(char c)
{
    return byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'f');
}

static bool is_uuid(struct span value)
{
    if (value.len != UUID_BYTES)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (is_hyphen ? value.at[i] != '-' : !is_hex(value.at[i]))
            return false;
    }
    return true;
}

static bool is_number(struct span value)
{
    bool has_digit = false;

    for (size_t i = 0; i < value.len; i++) {
        has_digit |= byte_is_digit(value.at[i]);
        if (!byte_is_digit(value.at[i]) && value.at[i] != '.' && (i > 0 || value.at[i] != '-'))
            return false;
    }
    return has_digit;
}

/* Long hex; or letters of both cases and digits, with what base64 and JWT have. */
static bool is_mixed(struct span value)
{
    size_t digits = 0, upper = 0, lower = 0, hex = 0;

    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];

        digits += byte_is_digit(c);
        upper += c >= 'A' && c <= 'Z';
        lower += c >= 'a' && c <= 'z';
        hex += is_hex(c);
        if (!byte_is_digit(c) && !byte_is_alpha(c) && !memchr("+/=_-.", c, 6))
            return false;
    }
    return digits >= 2 && (hex == value.len || (upper >= 2 && lower >= 2));
}

static bool may_be_secret(struct span value)
{
    if (value.len < SECRET_BYTES)
        return false;
    for (size_t i = 0; i < sizeof(secret_beginnings) / sizeof(*secret_beginnings); i++)
        if (span_has_prefix(value, span_of(secret_beginnings[i])))
            return true;
    return is_mixed(value);
}

static bool has_scheme(struct span value)
{
    return memmem(value.at, value.len, "://", 3) != NULL;
}

enum value_kind value_kind_of(struct span value)
{
    struct address address;

    if (address_parse(value, &address))
        return VALUE_ADDRESS;
    if (value_is_email(value))
        return VALUE_EMAIL;
    if (is_uuid(value))
        return VALUE_UUID;
    if (is_number(value))
        return VALUE_NUMBER;
    if (may_be_secret(value))
        return VALUE_SECRET;
    if (span_has_prefix(value, SPAN("/")) || has_scheme(value))
        return VALUE_PATH;
    return span_find(value, ' ') ? VALUE_TEXT : VALUE_WORD;
}

/* A byte of a character that is not ASCII counts as a letter. */
static bool is_in_run(char c)
{
    return byte_is_digit(c) || byte_is_alpha(c) || (unsigned char)c >= 0x80;
}

static void mask_address(struct span value, struct buffer *out)
{
    char separator = span_find(value, ':') ? ':' : '.';
    size_t parts = 0, i = 0;

    while (i < value.len && parts < 2)
        parts += value.at[i++] == separator;
    buffer_append(out, (struct span){value.at, i});
    buffer_append(out, separator == '.' ? SPAN("*.*") : SPAN("*"));
}

/* Its ends where they are ASCII, so that no character is cut. */
static void mask_run(struct span run, struct buffer *out)
{
    char first = run.at[0], last = run.at[run.len - 1];

    if (run.len > 1 && (unsigned char)first < 0x80)
        buffer_append_byte(out, first);
    buffer_append_byte(out, '*');
    if (run.len > 3 && (unsigned char)last < 0x80)
        buffer_append_byte(out, last);
}

void value_mask(struct span value, enum value_kind kind, struct buffer *out)
{
    size_t start = out->len;

    if (kind == VALUE_ADDRESS) {
        mask_address(value, out);
        return;
    }
    for (size_t i = 0; i < value.len && out->len - start < MASKED_BYTES;) {
        size_t end = i;

        while (end < value.len && (is_in_run(value.at[end]) || kind == VALUE_SECRET))
            end++;
        if (end > i)
            mask_run((struct span){value.at + i, end - i}, out);
        else
            buffer_append_byte(out, value.at[end] < ' ' ? '.' : value.at[end]);
        i = end > i ? end : i + 1;
    }
    if (out->len - start >= MASKED_BYTES)
        buffer_append(out, SPAN("..."));
}
