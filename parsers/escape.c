/* SPDX-License-Identifier: MIT
 *
 * Backslash escapes to bytes. A decoded string is never longer than its source:
 * \uXXXX is six bytes for at most three, a pair twelve for four.
 */
#include "escape.h"

/* That many hex digits at p; -1 if there are not as many. */
static int32_t hex_unit(const char *p, const char *end, int digits)
{
    int32_t unit = 0;

    if (end - p < digits)
        return -1;
    for (int i = 0; i < digits; i++) {
        int digit = byte_hex_value(p[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

size_t escape_put_utf8(char *to, uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

size_t escape_take_utf8(const char *p, const char *end, uint32_t *code_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)*p;
    size_t len = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint32_t c = len == 1 ? lead : lead & (0x7Fu >> len);

    if (len == 0 || lead > 0xF4 || (size_t)(end - p) < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | ((unsigned char)p[i] & 0x3F);
    }
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *code_point = c;
    return len;
}

/* The code point of `XXXX` or of a pair `XXXX\uXXXX` at p. Returns how much was
 * read, 0 if these are not four hex digits. */
static size_t read_code_point(const char *p, const char *end, uint32_t *code_point)
{
    int32_t high = hex_unit(p, end, 4), low;

    if (high < 0)
        return 0;
    *code_point = (uint32_t)high;
    if (high < 0xD800 || high > 0xDBFF || end - p < 10 || p[4] != '\\' || p[5] != 'u')
        return 4;
    low = hex_unit(p + 6, end, 4);
    if (low < 0xDC00 || low > 0xDFFF)
        return 4;
    *code_point = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
    return 10;
}

bool escape_decode(struct span quoted, struct arena *arena, struct span *decoded)
{
    const char *p = quoted.at, *end = span_end(quoted);
    char *start, *to;

    if (!span_find(quoted, '\\')) {
        *decoded = quoted;
        return true;
    }
    start = to = arena_alloc(arena, quoted.len);
    if (!start)
        return false;
    while (p < end) {
        uint32_t code_point;
        int32_t byte;
        size_t used;

        if (*p != '\\' || p + 1 == end) {
            *to++ = *p++;
            continue;
        }
        p++;
        switch (*p) {
        case 'n':
            *to++ = '\n';
            break;
        case 'r':
            *to++ = '\r';
            break;
        case 't':
            *to++ = '\t';
            break;
        case 'b':
            *to++ = '\b';
            break;
        case 'f':
            *to++ = '\f';
            break;
        case 'u':
            used = read_code_point(p + 1, end, &code_point);
            if (used > 0) {
                to += escape_put_utf8(to, code_point);
                p += used;
            } else {
                *to++ = 'u';
            }
            break;
        case 'x':
            byte = hex_unit(p + 1, end, 2);
            *to++ = byte >= 0 ? (char)byte : 'x';
            p += byte >= 0 ? 2 : 0;
            break;
        default:
            *to++ = *p;
            break;
        }
        p++;
    }
    *decoded = span_between(start, to);
    arena_trim(arena, start, decoded->len);
    return true;
}

/* Whether an escape for c hides it from who looks for c as it is. */
static bool is_hidden(int32_t c, const char *escaped)
{
    return c >= 0x20 && c < 0x7F && (c == '\\' || !strchr(escaped, (int)c));
}

const char *escape_find_hidden(struct span bytes)
{
    const char *end = span_end(bytes), *p = span_find(bytes, '\\');

    for (; p && p + 1 < end; p = span_find(span_between(p + 1, end), '\\')) {
        int32_t c = -1;

        if (p[1] == 'u' || p[1] == 'x')
            c = hex_unit(p + 2, end, p[1] == 'u' ? 4 : 2);
        if (c >= 0 ? is_hidden(c, ESCAPE_CHARACTERS)
                   : !strchr("nrtbf" ESCAPE_CHARACTERS, (unsigned char)p[1]) &&
                         is_hidden(p[1], ESCAPE_CHARACTERS))
            return p;
    }
    return NULL;
}

const char *escape_find_hidden_json(struct span bytes)
{
    const char *end = span_end(bytes), *p = span_find(bytes, '\\');

    for (; p && p + 1 < end; p = span_find(span_between(p + 1, end), '\\'))
        if (p[1] == 'u' && is_hidden(hex_unit(p + 2, end, 4), ESCAPE_JSON_CHARACTERS))
            return p;
    return NULL;
}

const char *escape_find_close(const char *start, const char *end, char quote)
{
    for (const char *p = start; p < end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == quote)
            return p;
    }
    return NULL;
}
