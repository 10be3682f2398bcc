/* SPDX-License-Identifier: MIT
 *
 * A span is a borrowed run of bytes: no terminator, any byte value, valid as
 * long as what it points into. An absent value is {NULL, 0}; an empty one has
 * an address. Case folding here is ASCII's, whatever the locale.
 */
#ifndef PARSERS_SPAN_H
#define PARSERS_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const char *at;
    size_t len;
};

/* The span of a string literal, for initialisers and arguments. */
#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})

static inline struct span span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

static inline struct span span_between(const char *start, const char *end)
{
    return (struct span){start, (size_t)(end - start)};
}

static inline const char *span_end(struct span s)
{
    return s.at + s.len;
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool span_is(struct span s, const char *text)
{
    if (s.len > 0 && s.at[0] != text[0]) /* nearly always, where words are looked up */
        return false;
    return span_equal(s, span_of(text));
}

static inline bool span_has_prefix(struct span s, struct span prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

/* What is left after the first n bytes; n must not exceed the length. */
static inline struct span span_from(struct span s, size_t n)
{
    return (struct span){s.at + n, s.len - n};
}

static inline bool byte_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool byte_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool byte_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline char byte_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* 0 to 15, -1 if c is no hex digit. */
static inline int byte_hex_value(char c)
{
    if (byte_is_digit(c))
        return c - '0';
    c = byte_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool span_equal_nocase(struct span a, struct span b);

/* By bytes, a prefix before what is longer: below 0, 0 or above 0, as memcmp has it. */
int span_compare(struct span a, struct span b);

/* Without leading and trailing blanks and tabs. */
struct span span_trim(struct span s);

/* The first byte c in s, or NULL. */
const char *span_find(struct span s, char c);

/* Cuts the next piece off *rest, up to separator or the end, and returns it.
 * *rest becomes absent ({NULL, 0}) after the last piece, so that
 * `while (rest.at)` sees every piece, empty ones too. */
struct span span_cut(struct span *rest, char separator);

/* All of s as an unsigned decimal number; false if it is not one or does not
 * fit, with *value untouched. */
bool span_to_u64(struct span s, uint64_t *value);

#endif
