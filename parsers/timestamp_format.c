/* SPDX-License-Identifier: MIT
 *
 * Each directive is one item of a shape or a few. A format that could not give a moment
 * is refused: a month without a day, an hour by the 12-hour clock without its half.
 */
#include "timestamp_format.h"

#include "limits.h"

static const struct directive {
    char letter;
    const char *shape, *parts; /* what it reads, of the letters below */
} directives[] = {
    {'Y', "Y", "Y"},
    {'y', "y", "Y"},
    {'m', "m", "m"},
    {'b', "b", "m"},
    {'B', "b", "m"},
    {'h', "b", "m"},
    {'d', "d", "d"},
    {'e', "?d", "d"},
    {'a', "a", "a"},
    {'A', "a", "a"},
    {'H', "H", "H"},
    {'k', "?H", "H"},
    {'I', "H", "HI"},
    {'l', "?H", "HI"},
    {'M', "M", "M"},
    {'S', "S", "S"},
    {'f', "F", "f"},
    {'L', "F", "f"},
    {'N', "F", "f"},
    {'p', "P", "p"},
    {'P', "P", "p"},
    {'z', "z", "z"},
    {'Z', "z", "z"},
    {'s', "U", "U"},
    {'F', "Y-m-d", "Ymd"},
    {'D', "m/d/y", "Ymd"},
    {'T', "H:M:S", "HMS"},
    {'R', "H:M", "HM"},
    {'%', "\\%", ""},
};

enum { SHAPE_BYTES_EACH = 6 /* what the longest directive makes, with what may be added */ };

static const struct directive *find(char letter)
{
    for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++)
        if (directives[i].letter == letter)
            return &directives[i];
    return NULL;
}

static bool fail(struct timestamp_format_fault *fault, size_t offset, size_t len,
    const char *message, const char *hint)
{
    *fault = (struct timestamp_format_fault){offset, len, message, hint};
    return false;
}

/* A weekday is one of the shape's own with the blank behind it (timestamp_shape.c), and
 * may be missing; a fraction is taken with its mark unless the format has it. */
static void put(const struct directive *directive, struct span format, size_t *next, char **to)
{
    struct span rest = span_from(format, *next);
    size_t len = strlen(directive->shape);

    memcpy(*to, directive->shape, len);
    *to += len;
    if (directive->letter == 'a' || directive->letter == 'A') {
        while (*next < format.len && (format.at[*next] == ',' || byte_is_blank(format.at[*next])))
            (*next)++;
    } else if (directive->letter == 'S' || directive->letter == 'T') {
        if (rest.len < 3 || rest.at[1] != '%' || !span_find(SPAN("fLN"), rest.at[2]))
            *(*to)++ = 'f';
    }
}

static bool has(const char *parts, char part)
{
    return strchr(parts, part) != NULL;
}

static bool is_whole(struct span format, const char *parts, struct timestamp_format_fault *fault)
{
    const char *wrong = NULL, *hint = NULL;

    if (has(parts, 'U'))
        return true;
    if (!has(parts, 'm') && !has(parts, 'd') && !has(parts, 'H')) {
        wrong = "neither a date nor a time of day";
        hint = "Write it like '%d/%m/%Y %H:%M:%S'.";
    } else if (has(parts, 'm') != has(parts, 'd') || (has(parts, 'Y') && !has(parts, 'm'))) {
        wrong = "half a date";
        hint = "A date has month (%m or %b) and day (%d), and a year (%Y) if there is one.";
    } else if ((has(parts, 'M') || has(parts, 'S')) && !has(parts, 'H')) {
        wrong = "minutes without an hour";
        hint = "Write the hour as %H, or as %I with %p.";
    } else if (has(parts, 'I') && !has(parts, 'p')) {
        wrong = "an hour by the 12-hour clock, and no AM or PM";
        hint = "Add %p, or write the hour as %H.";
    }
    return !wrong || fail(fault, 0, format.len, wrong, hint);
}

static bool compile(struct span format, char *to, struct timestamp_format_fault *fault)
{
    char seen[sizeof(directives) / sizeof(*directives) * 4] = "";
    size_t seen_count = 0;

    for (size_t i = 0; i < format.len;) {
        const struct directive *directive;

        if (format.at[i] != '%') {
            if (byte_is_blank(format.at[i]))
                *to++ = ' ';
            else {
                *to++ = '\\';
                *to++ = format.at[i];
            }
            i++;
            continue;
        }
        directive = i + 1 < format.len ? find(format.at[i + 1]) : NULL;
        if (!directive)
            return fail(fault, i, i + 1 < format.len ? 2 : 1, "an unknown directive",
                "Known are %Y %y %m %b %d %e %a %H %I %M %S %f %p %z %s %F %D %T %R and %%.");
        for (const char *part = directive->parts; *part; part++)
            if (has(seen, *part))
                return fail(fault, i, 2, "what it reads was read before",
                    "Each part of a timestamp stands in a format once.");
        memcpy(seen + seen_count, directive->parts, strlen(directive->parts) + 1);
        seen_count += strlen(directive->parts);
        i += 2;
        put(directive, format, &i, &to);
    }
    *to++ = '|';
    *to = '\0';
    return is_whole(format, seen, fault);
}

const char *timestamp_format_compile(
    struct span format, struct arena *arena, struct timestamp_format_fault *fault)
{
    char *shape;

    if (format.len > LIMIT_TIME_FORMAT_BYTES) {
        fail(fault, 0, format.len, "too long for the format of a timestamp",
            "Capture the timestamp alone, and give the format of that.");
        return NULL;
    }
    if (memchr(format.at, '\0', format.len)) {
        fail(fault, 0, format.len, "a NUL in the format of a timestamp", "Take it away.");
        return NULL;
    }
    shape = arena_alloc(arena, format.len * SHAPE_BYTES_EACH + 2);
    return shape && compile(format, shape, fault) ? shape : NULL;
}
