/* SPDX-License-Identifier: MIT
 *
 * Back references, \X, \C and properties other than letters, marks and digits are not
 * read; nor is \Q.
 */
#include "byte_set.h"

enum { BEYOND_ASCII = 128, BYTES = 256 };

static const char *const posix_classes[] = {"alpha", "digit", "alnum", "upper", "lower", "space",
    "blank", "punct", "xdigit", "word", "print", "graph"};

void byte_set_add(struct byte_set *set, unsigned first, unsigned last)
{
    for (unsigned c = first; c <= last && c < BYTES; c++)
        set->bits[c >> 6] |= (uint64_t)1 << (c & 63);
}

void byte_set_add_all(struct byte_set *set, const struct byte_set *more)
{
    for (int i = 0; i < 4; i++)
        set->bits[i] |= more->bits[i];
}

void byte_set_invert(struct byte_set *set)
{
    for (int i = 0; i < 4; i++)
        set->bits[i] = ~set->bits[i];
}

void byte_set_fold(struct byte_set *set)
{
    for (unsigned c = 'a'; c <= 'z'; c++)
        if (byte_set_has(set, (unsigned char)c) ||
            byte_set_has(set, (unsigned char)(c - 'a' + 'A'))) {
            byte_set_add(set, c, c);
            byte_set_add(set, c - 'a' + 'A', c - 'a' + 'A');
        }
}

int byte_set_common(const struct byte_set *a, const struct byte_set *b)
{
    static const char pleasant[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    for (const char *c = pleasant; *c; c++)
        if (byte_set_has(a, (unsigned char)*c) && byte_set_has(b, (unsigned char)*c))
            return *c;
    for (int pass = 0; pass < 2; pass++) /* what can be seen first */
        for (int c = pass ? 0 : ' ' + 1; c < (pass ? BYTES : BEYOND_ASCII - 1); c++)
            if (byte_set_has(a, (unsigned char)c) && byte_set_has(b, (unsigned char)c))
                return c;
    return -1;
}

size_t byte_set_count(const struct byte_set *set)
{
    size_t count = (set->bits[2] | set->bits[3]) != 0;

    for (int c = 0; c < BEYOND_ASCII; c++)
        count += byte_set_has(set, (unsigned char)c);
    return count;
}

static void add_letters(struct byte_set *set)
{
    byte_set_add(set, 'a', 'z');
    byte_set_add(set, 'A', 'Z');
}

static void add_spaces(struct byte_set *set)
{
    byte_set_add(set, '\t', '\r');
    byte_set_add(set, ' ', ' ');
}

static void add_word(struct byte_set *set)
{
    add_letters(set);
    byte_set_add(set, '0', '9');
    byte_set_add(set, '_', '_');
}

static bool add_posix(struct byte_set *set, struct span name)
{
    size_t which = 0, count = sizeof(posix_classes) / sizeof(*posix_classes);

    while (which < count && !span_is(name, posix_classes[which]))
        which++;
    for (int c = 0; c < BEYOND_ASCII; c++) {
        bool is_letter = byte_is_alpha((char)c), is_digit = byte_is_digit((char)c);
        bool is_graph = c > ' ' && c < BEYOND_ASCII - 1;
        const bool is_in[] = {is_letter, is_digit, is_letter || is_digit, c >= 'A' && c <= 'Z',
            c >= 'a' && c <= 'z', c == ' ' || (c >= '\t' && c <= '\r'), c == ' ' || c == '\t',
            is_graph && !is_letter && !is_digit, byte_hex_value((char)c) >= 0,
            is_letter || is_digit || c == '_', is_graph || c == ' ', is_graph};

        if (which < count && is_in[which])
            byte_set_add(set, (unsigned)c, (unsigned)c);
    }
    return which < count;
}

/* Behind \p or \P, from the letter or the brace on. */
static bool read_property(struct span text, struct byte_set *set, size_t *len)
{
    const char *close = text.len > 0 && *text.at == '{' ? span_find(text, '}') : NULL;
    struct span name = close ? span_between(text.at + 1, close) : (struct span){text.at, 1};

    *len = close ? (size_t)(close + 1 - text.at) : 1;
    if (text.len == 0 || name.len == 0 || !strchr("LMN", *name.at))
        return false;
    if (span_is(name, "L") || span_is(name, "L&") || span_is(name, "Ll"))
        byte_set_add(set, 'a', 'z');
    if (span_is(name, "L") || span_is(name, "L&") || span_is(name, "Lu"))
        byte_set_add(set, 'A', 'Z');
    if (span_is(name, "N") || span_is(name, "Nd"))
        byte_set_add(set, '0', '9');
    byte_set_add(set, BEYOND_ASCII, BYTES - 1);
    return true;
}

/* \xHH and \x{HHHH}; text begins behind the x. */
static bool read_hex(struct span text, struct byte_set *set, size_t *len)
{
    bool is_braced = text.len > 0 && *text.at == '{';
    size_t i = is_braced, most = is_braced ? text.len : 2;
    unsigned code = 0;

    for (; i < text.len && i < most && byte_hex_value(text.at[i]) >= 0; i++)
        code = code * 16 + (unsigned)byte_hex_value(text.at[i]); /* at most 0x10FFFF */
    *len = i + is_braced;
    if (i == is_braced || (is_braced && (i == text.len || text.at[i] != '}')))
        return false;
    byte_set_add(
        set, code < BEYOND_ASCII ? code : BEYOND_ASCII, code < BEYOND_ASCII ? code : BYTES - 1);
    return true;
}

/* text begins behind the backslash. */
static bool read_escape(struct span text, struct byte_set *set, size_t *len)
{
    static const char names[] = "tnrfae", bytes[] = "\t\n\r\f\a\033";
    char c = text.len > 0 ? *text.at : '\0';
    const char *control = c ? strchr(names, c) : NULL;
    bool is_known = true;

    *len = 1;
    if (c == '\0')
        return false;
    if (control) {
        byte_set_add(
            set, (unsigned char)bytes[control - names], (unsigned char)bytes[control - names]);
        return true;
    }
    switch (c) {
    case 'd':
    case 'D':
        byte_set_add(set, '0', '9');
        break;
    case 's':
    case 'S':
        add_spaces(set);
        break;
    case 'w':
    case 'W':
        add_word(set);
        break;
    case 'h':
    case 'H':
        byte_set_add(set, '\t', '\t');
        byte_set_add(set, ' ', ' ');
        break;
    case 'v':
    case 'V':
    case 'R':
        byte_set_add(set, '\n', '\r');
        break;
    case 'N':
        byte_set_add(set, '\n', '\n');
        byte_set_invert(set);
        return text.len < 2 || text.at[1] != '{';
    case 'p':
    case 'P':
        is_known = read_property(span_from(text, 1), set, len);
        (*len)++;
        break;
    case 'x':
        is_known = read_hex(span_from(text, 1), set, len);
        (*len)++;
        return is_known;
    default:
        byte_set_add(set, (unsigned char)c, (unsigned char)c);
        return !byte_is_alpha(c) && !byte_is_digit(c) && (unsigned char)c < BEYOND_ASCII;
    }
    if (c >= 'A' && c <= 'Z' && c != 'R')
        byte_set_invert(set);
    if (c == 'P')
        byte_set_add(set, BEYOND_ASCII, BYTES - 1);
    return is_known;
}

/* One plain character, of one or more bytes. */
static size_t add_character(struct span text, struct byte_set *set)
{
    size_t len = 1;

    if ((unsigned char)*text.at < BEYOND_ASCII) {
        byte_set_add(set, (unsigned char)*text.at, (unsigned char)*text.at);
        return 1;
    }
    byte_set_add(set, BEYOND_ASCII, BYTES - 1);
    while (len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len++;
    return len;
}

/* An escape, a [:posix:] class or a character between brackets. */
static bool read_member(struct span text, struct byte_set *set, size_t *len)
{
    const char *close;
    struct span name;
    struct byte_set named = {0};

    if (text.len > 1 && text.at[0] == '\\' && text.at[1] == 'b') {
        byte_set_add(set, '\b', '\b');
        *len = 2;
        return true;
    }
    if (*text.at == '\\') {
        bool is_read = read_escape(span_from(text, 1), set, len);

        (*len)++;
        return is_read;
    }
    close = text.len > 1 && text.at[0] == '[' && text.at[1] == ':'
                ? memmem(text.at, text.len, ":]", 2)
                : NULL;
    if (!close) {
        *len = add_character(text, set);
        return true;
    }
    name = span_between(text.at + 2, close);
    *len = (size_t)(close + 2 - text.at);
    if (name.len > 0 && *name.at == '^') {
        bool is_read = add_posix(&named, span_from(name, 1));

        byte_set_invert(&named);
        byte_set_add_all(set, &named);
        return is_read;
    }
    return add_posix(set, name);
}

/* The one byte of a set, -1 if there are more. */
static int only_byte(const struct byte_set *set)
{
    return byte_set_count(set) == 1 ? byte_set_common(set, set) : -1;
}

static bool read_class(struct span text, struct byte_set *set, size_t *len)
{
    bool is_negated = text.len > 1 && text.at[1] == '^', is_first = true;
    size_t i = 1 + is_negated, taken;

    for (; i < text.len && (text.at[i] != ']' || is_first); is_first = false) {
        struct byte_set from = {0}, to = {0};
        int first, last;

        if (!read_member(span_from(text, i), &from, &taken))
            return false;
        i += taken;
        first = only_byte(&from);
        if (first < 0 || i + 1 >= text.len || text.at[i] != '-' || text.at[i + 1] == ']') {
            byte_set_add_all(set, &from);
            continue;
        }
        if (!read_member(span_from(text, i + 1), &to, &taken))
            return false;
        i += 1 + taken;
        last = only_byte(&to);
        byte_set_add(set, (unsigned)first, last < 0 ? (unsigned)first : (unsigned)last);
        if (last < first) /* no range, or one that ends beyond ASCII */
            byte_set_add_all(set, &to);
        if (last >= BEYOND_ASCII)
            byte_set_add(set, (unsigned)first, BYTES - 1);
    }
    if (is_negated)
        byte_set_invert(set);
    *len = i + 1;
    return i < text.len;
}

bool byte_set_read(struct span pattern, bool dot_takes_newline, bool is_caseless,
    struct byte_set *set, size_t *len)
{
    bool is_read = true;

    *set = (struct byte_set){0};
    if (*pattern.at == '.') {
        *len = 1;
        if (!dot_takes_newline)
            byte_set_add(set, '\n', '\n');
        byte_set_invert(set);
        return true;
    }
    if (*pattern.at == '[') {
        is_read = read_class(pattern, set, len);
    } else if (*pattern.at == '\\') {
        is_read = read_escape(span_from(pattern, 1), set, len);
        (*len)++;
    } else {
        *len = add_character(pattern, set);
    }
    /* Caseless properties are of newer versions of PCRE2 only. */
    if (is_caseless && !span_has_prefix(pattern, SPAN("\\p")))
        byte_set_fold(set);
    return is_read;
}
