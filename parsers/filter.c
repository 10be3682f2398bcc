/* SPDX-License-Identifier: MIT
 *
 * One function a filter. Letters are those of ASCII only: what a capital letter is
 * beyond that depends on a language, and a user must not become another one.
 */
#include "filter.h"

#include "address.h"
#include "escape.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

/* --- letters and escapes --------------------------------------------------- */

static bool run_lower(
    const struct filter_context *context, struct span argument, struct span *value)
{
    char *to = arena_alloc(context->arena, value->len);

    (void)argument;
    if (!to)
        return false;
    for (size_t i = 0; i < value->len; i++)
        to[i] = byte_lower(value->at[i]);
    value->at = to;
    return true;
}

/* The byte that `%XX` at p stands for, or -1. */
static int percent_byte(const char *p, const char *end)
{
    int high, low;

    if (end - p < 3 || *p != '%')
        return -1;
    high = byte_hex_value(p[1]);
    low = byte_hex_value(p[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* RFC 3986 section 2.1; with '+' also a blank as forms write it. What is no escape stays. */
static bool run_urldecode(
    const struct filter_context *context, struct span argument, struct span *value)
{
    const char *p = value->at, *end = span_end(*value);
    char *start = arena_alloc(context->arena, value->len), *to = start;

    if (!start)
        return false;
    while (p < end) {
        int byte = percent_byte(p, end);

        if (byte >= 0) {
            *to++ = (char)byte;
            p += 3;
        } else {
            *to++ = argument.at && *p == *argument.at ? ' ' : *p;
            p++;
        }
    }
    *value = span_between(start, to);
    return true;
}

static bool run_unescape(
    const struct filter_context *context, struct span argument, struct span *value)
{
    (void)argument;
    return escape_decode(*value, context->arena, value);
}

/* --- parts ----------------------------------------------------------------- */

static const char *find_first(struct span s, struct span what)
{
    return memmem(s.at, s.len, what.at, what.len);
}

static const char *find_last(struct span s, struct span what)
{
    const char *found = NULL, *next = find_first(s, what);

    while (next) {
        found = next;
        next = find_first(span_between(next + 1, span_end(s)), what);
    }
    return found;
}

static bool run_before(
    const struct filter_context *context, struct span argument, struct span *value)
{
    const char *mark = find_first(*value, argument);

    (void)context;
    if (mark)
        *value = span_between(value->at, mark);
    return true;
}

static bool run_before_last(
    const struct filter_context *context, struct span argument, struct span *value)
{
    const char *mark = find_last(*value, argument);

    (void)context;
    if (mark)
        *value = span_between(value->at, mark);
    return true;
}

static bool run_after(
    const struct filter_context *context, struct span argument, struct span *value)
{
    const char *mark = find_first(*value, argument);

    (void)context;
    if (mark)
        *value = span_between(mark + argument.len, span_end(*value));
    return true;
}

static bool run_after_last(
    const struct filter_context *context, struct span argument, struct span *value)
{
    const char *mark = find_last(*value, argument);

    (void)context;
    if (mark)
        *value = span_between(mark + argument.len, span_end(*value));
    return true;
}

/* CORP\alice; two backslashes where the log has escaped the one. */
static bool run_domain_user(
    const struct filter_context *context, struct span argument, struct span *value)
{
    (void)argument;
    return run_after_last(context, SPAN("\\"), value);
}

/* --- distinguished names --------------------------------------------------- */

/* Where the attribute that starts at p ends: at an unescaped , ; or +, or at the end. */
static const char *attribute_end(const char *p, const char *end)
{
    while (p < end && *p != ',' && *p != ';' && *p != '+')
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    return p;
}

/* RFC 4514 section 2.4: a backslash before a special character or two hex digits. */
static bool decode_attribute(struct arena *arena, struct span *value)
{
    const char *p = value->at, *end = span_end(*value);
    char *start, *to;

    if (!span_find(*value, '\\'))
        return true;
    start = to = arena_alloc(arena, value->len);
    if (!start)
        return false;
    while (p < end) {
        int high = end - p > 2 ? byte_hex_value(p[1]) : -1;
        int low = high >= 0 ? byte_hex_value(p[2]) : -1;

        if (*p == '\\' && low >= 0) {
            *to++ = (char)(high << 4 | low);
            p += 3;
        } else {
            if (*p == '\\' && p + 1 < end)
                p++;
            *to++ = *p++;
        }
    }
    *value = span_between(start, to);
    return true;
}

static bool is_attribute_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!byte_is_alpha(name.at[i]) && !byte_is_digit(name.at[i]) && name.at[i] != '-' &&
            name.at[i] != '.')
            return false;
    return name.len > 0;
}

/* The value of the first attribute, or of the first one of the wanted name. A text
 * that is no distinguished name stays; one without that attribute has no value. */
static bool run_rdn(const struct filter_context *context, struct span argument, struct span *value)
{
    const char *p = value->at, *end = span_end(*value);
    bool is_first = true;

    while (p < end) {
        const char *stop = attribute_end(p, end);
        struct span content = span_between(p, stop), name = span_cut(&content, '=');

        name = span_trim(name);
        if (!content.at || !is_attribute_name(name))
            return is_first;
        if (!argument.at || span_equal_nocase(name, argument)) {
            *value = span_trim(content);
            return decode_attribute(context->arena, value);
        }
        is_first = false;
        p = stop < end ? stop + 1 : stop;
    }
    return false;
}

/* --- hiding ---------------------------------------------------------------- */

bool filter_hash_value(const struct filter_context *context, struct span *value)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char *hex = arena_alloc(context->arena, FILTER_HASH_LEN);
    unsigned len = 0;

    if (!hex || !context->secret.at)
        return false;
    if (!HMAC(EVP_sha256(), context->secret.at, (int)context->secret.len,
            (const unsigned char *)value->at, value->len, digest, &len))
        return false;
    for (unsigned i = 0; i < FILTER_HASH_LEN; i++)
        hex[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
    *value = (struct span){hex, FILTER_HASH_LEN};
    return true;
}

/* A `-` stands for no value, which has no hash. */
static bool run_hash(const struct filter_context *context, struct span argument, struct span *value)
{
    (void)argument;
    return !span_is(*value, "-") && filter_hash_value(context, value);
}

/* What is no address is not shown in its stead. */
static bool run_truncate(
    const struct filter_context *context, struct span argument, struct span *value)
{
    struct address address;

    (void)argument;
    if (!address_parse(*value, &address))
        return false;
    address_truncate(&address);
    *value = arena_copy(context->arena, span_of(address.text));
    return value->at != NULL;
}

/* --- the table ------------------------------------------------------------- */

enum { HASH_ROW, TRUNCATE_ROW };

const struct filter filters[] = {
    [HASH_ROW] = {"hash", run_hash, ARGUMENT_NONE, NULL, "hash",
        "HMAC-SHA-256 in hex, with the secret of the configuration's hash_secret_file", true},
    [TRUNCATE_ROW] = {"truncate", run_truncate, ARGUMENT_NONE, NULL, "truncate",
        "of an address only the network: /24 of IPv4, /48 of IPv6", true},
    {"lower", run_lower, ARGUMENT_NONE, NULL, "lower", "A to Z as small letters", false},
    {"urldecode", run_urldecode, ARGUMENT_OPTIONAL, "+", "urldecode('+')",
        "%XX undone; with '+' as argument each + is a blank, as forms write it", false},
    {"unescape", run_unescape, ARGUMENT_NONE, NULL, "unescape",
        "backslash escapes as in JSON undone (\\n, \\\", \\u00e9)", false},
    {"before", run_before, ARGUMENT_REQUIRED, NULL, "before('@')",
        "what stands before the first one", false},
    {"after", run_after, ARGUMENT_REQUIRED, NULL, "after('@')", "what stands behind the first one",
        false},
    {"before_last", run_before_last, ARGUMENT_REQUIRED, NULL, "before_last('@')",
        "what stands before the last one", false},
    {"after_last", run_after_last, ARGUMENT_REQUIRED, NULL, "after_last('/')",
        "what stands behind the last one", false},
    {"rdn", run_rdn, ARGUMENT_OPTIONAL, NULL, "rdn('uid')",
        "of an LDAP name the first value, or that of an attribute: uid=alice,ou=people", false},
    {"domain_user", run_domain_user, ARGUMENT_NONE, NULL, "domain_user",
        "of a Windows name what stands behind the backslash: CORP\\alice", false},
    {.name = NULL},
};

const struct filter *const filter_hash = &filters[HASH_ROW];
const struct filter *const filter_truncate = &filters[TRUNCATE_ROW];

const struct filter *filter_find(struct span name)
{
    for (const struct filter *filter = filters; filter->name; filter++)
        if (span_is(name, filter->name))
            return filter;
    return NULL;
}
