/* SPDX-License-Identifier: MIT
 *
 * The one search that every line pays is memchr for ESC. Terminal sequences go
 * before the compose prefix, since compose colours its prefix. Bytes over 0x7F
 * are never taken for the 8-bit forms of CSI and OSC: they are UTF-8.
 */
#include "clean.h"

enum { ESC = 0x1B, BEL = 0x07 };

static bool is_between(char c, char least, char most)
{
    return c >= least && c <= most;
}

/* ESC "]" … up to BEL or ST (ESC "\"). */
static size_t osc_len(struct span s)
{
    for (size_t i = 2; i < s.len; i++) {
        if (s.at[i] == BEL)
            return i + 1;
        if (s.at[i] == ESC)
            return i + 1 < s.len && s.at[i + 1] == '\\' ? i + 2 : 0;
    }
    return 0;
}

/* The length of the sequence that s starts with; 0 if it starts with none. */
static size_t sequence_len(struct span s)
{
    size_t i = 1;

    if (s.len < 2 || s.at[0] != ESC)
        return 0;
    if (s.at[1] == ']')
        return osc_len(s);
    if (s.at[1] == '[') {
        i++;
        while (i < s.len && is_between(s.at[i], '0', '?'))
            i++;
    }
    while (i < s.len && is_between(s.at[i], ' ', '/'))
        i++;
    return i < s.len && is_between(s.at[i], s.at[1] == '[' ? '@' : '0', '~') ? i + 1 : 0;
}

/* Joins the pieces of text between sequences; a single piece needs no copy. */
static bool remove_sequences(struct span line, struct arena *arena, struct span *cleaned)
{
    struct span kept = {line.at, 0};
    char *copy = NULL;

    while (line.len > 0) {
        size_t skipped = sequence_len(line);
        const char *next;
        struct span piece;

        if (skipped > 0) {
            line = span_from(line, skipped);
            continue;
        }
        next = span_find(span_from(line, 1), ESC);
        piece = next ? span_between(line.at, next) : line;
        line = span_from(line, piece.len);
        if (kept.len == 0) {
            kept = piece;
        } else if (!copy && span_end(kept) == piece.at) {
            kept.len += piece.len;
        } else {
            if (!copy) {
                copy = arena_alloc(arena, kept.len + piece.len + line.len);
                if (!copy)
                    return false;
                memcpy(copy, kept.at, kept.len);
                kept.at = copy;
            }
            memcpy(copy + kept.len, piece.at, piece.len);
            kept.len += piece.len;
        }
    }
    if (copy)
        arena_trim(arena, copy, kept.len);
    *cleaned = kept;
    return true;
}

static struct span skip_compose_prefix(struct span line)
{
    bool has_lower = false;
    size_t i = 0, name_len;

    for (; i < line.len; i++) {
        char c = line.at[i];

        if (!byte_is_alpha(c) && !byte_is_digit(c) && c != '.' && c != '_' && c != '-')
            break;
        has_lower |= is_between(c, 'a', 'z');
    }
    name_len = i;
    while (i < line.len && byte_is_blank(line.at[i]))
        i++;
    if (!has_lower || i == name_len || !span_has_prefix(span_from(line, i), SPAN("| ")))
        return line;
    return span_from(line, i + 2);
}

bool clean_line(struct span line, struct arena *arena, struct span *cleaned)
{
    if (span_has_prefix(line, SPAN("\xEF\xBB\xBF")))
        line = span_from(line, 3);
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    if (span_find(line, ESC) && !remove_sequences(line, arena, &line))
        return false;
    *cleaned = skip_compose_prefix(line);
    return true;
}
