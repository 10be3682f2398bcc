/* SPDX-License-Identifier: MIT
 *
 * Escapes and classes only. Comments, verbs and the extended mode are not
 * understood: at worst a caret points beside its fault.
 */
#include "syntax.h"

enum { NESTING_MAX = 256 }; /* PCRE2 itself stops at 250 */

static const char *skip_if(const char *p, const char *end, char c)
{
    return p < end && *p == c ? p + 1 : p;
}

struct span syntax_take(struct syntax *syntax)
{
    const char *start = syntax->p, *end = syntax->end, *p = start + 1, *close;

    if (*start == '\\' && p < end && *p == 'Q') {
        close = memmem(p, (size_t)(end - p), "\\E", 2);
        p = close ? close + 2 : end;
    } else if (*start == '\\') {
        p += p < end && *p == 'c' && p + 1 < end; /* \c and what it makes a control character */
        p += p < end;
    } else if (*start == '[' && !syntax->in_class) {
        p = skip_if(skip_if(p, end, '^'), end, ']');
        syntax->in_class = true;
    } else if (*start == '[' && p < end && *p == ':') {
        close = memmem(p, (size_t)(end - p), ":]", 2);
        p = close ? close + 2 : p;
    } else if (*start == ']') {
        syntax->in_class = false;
    }
    syntax->p = p;
    return span_between(start, p);
}

const char *syntax_find_open(struct span pattern)
{
    struct syntax syntax = {.p = pattern.at, .end = span_end(pattern)};
    const char *open[NESTING_MAX], *class = NULL;
    size_t depth = 0;

    while (syntax.p < syntax.end) {
        bool in_class = syntax.in_class;
        struct span item = syntax_take(&syntax);

        if (in_class)
            continue;
        class = item.at;
        if (*item.at == '(' && depth < NESTING_MAX)
            open[depth++] = item.at;
        else if (*item.at == ')' && depth > 0)
            depth--;
    }
    if (syntax.in_class)
        return class;
    return depth > 0 ? open[depth - 1] : NULL;
}
