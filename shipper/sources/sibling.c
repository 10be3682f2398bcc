/* SPDX-License-Identifier: MIT
 *
 * A name is cut before each separator, once to its end (app.log.1) and once to its
 * extension (app.1.log). What is cut off is not parsed further: a date that
 * nobody thought of is a date too.
 */
#include "shipper/sources/sibling.h"

#include "parsers/buffer.h"

enum { CUTS_MOST = 16 };

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == '_';
}

static bool has_tag(struct span cut)
{
    for (size_t i = 0; i < cut.len; i++)
        if (byte_is_digit(cut.at[i]))
            return true;
    return cut.len == 4 && (span_equal_nocase(span_from(cut, 1), SPAN("old")) ||
                               span_equal_nocase(span_from(cut, 1), SPAN("bak")));
}

/* Without what compression adds. */
static struct span without_compression(struct span name)
{
    static const struct span endings[] = {SPAN(".gz"), SPAN(".xz"), SPAN(".bz2"), SPAN(".zst")};

    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        if (name.len > endings[i].len &&
            span_equal(span_from(name, name.len - endings[i].len), endings[i]))
            return (struct span){name.at, name.len - endings[i].len};
    return name;
}

/* ".log" of app.1.log; empty where there is none, or it is the number itself. */
static struct span extension_of(struct span name)
{
    const char *dot = name.len > 0 ? memrchr(name.at, '.', name.len) : NULL;
    struct span extension = dot ? span_between(dot, span_end(name)) : span_from(name, name.len);

    return dot && has_tag(extension) ? span_from(name, name.len) : extension;
}

struct asking {
    bool (*is_it)(void *arg, const char *former);
    void *arg;
    struct buffer name;
};

static bool ask(struct asking *asking, struct span front, struct span end)
{
    buffer_clear(&asking->name);
    buffer_append(&asking->name, front);
    buffer_append(&asking->name, end);
    buffer_append_byte(&asking->name, '\0');
    return asking->is_it(asking->arg, asking->name.bytes);
}

bool sibling_find(const char *name, bool (*is_it)(void *arg, const char *former), void *arg)
{
    struct span whole = without_compression(span_of(name)), extension = extension_of(whole);
    struct span nothing = span_from(whole, whole.len);
    struct asking asking = {is_it, arg, {0}};
    bool is_found = whole.len < strlen(name) && ask(&asking, whole, nothing);
    unsigned cuts = 0;

    for (size_t at = whole.len; at-- > 1 && !is_found && cuts < CUTS_MOST;) {
        struct span front = {whole.at, at}, cut = span_from(whole, at);

        if (!is_separator(whole.at[at]))
            continue;
        cuts++;
        is_found = has_tag(cut) && ask(&asking, front, nothing);
        if (is_found || extension.len == 0 || cut.len <= extension.len)
            continue;
        cut.len -= extension.len;
        is_found = has_tag(cut) && ask(&asking, front, extension);
    }
    buffer_finish(&asking.name);
    return is_found;
}
