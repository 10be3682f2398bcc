/* SPDX-License-Identifier: MIT
 *
 * libyaml says what it did not find; people need to know what they did. The same
 * complaint has different causes, told apart by what stands at the fault and
 * before it in its line.
 */
#include "yaml_advice.h"

enum where { ANYWHERE, ON_TAB, FIRST_IN_LINE, BEHIND_COLON, BEHIND_QUOTE };

#define END_OF_VALUE                                                                               \
    "The value ended before this: put all of it in single quotes, and write a single quote in it " \
    "twice."

/* Tried in this order, by the start of what libyaml says. */
static const struct advice {
    const char *problem;
    enum where where;
    const char *hint;
} advices[] = {
    {"found character that cannot start any token", ON_TAB, "Indent with blanks, not with tabs."},
    {"found character that cannot start any token", BEHIND_QUOTE, END_OF_VALUE},
    {"found character that cannot start any token", ANYWHERE,
        "An unquoted value cannot start with this character: put it in single quotes."},
    {"found a tab character", ANYWHERE, "Indent with blanks, not with tabs."},
    {"found unknown escape character", ANYWHERE,
        "In double quotes a backslash starts an escape: put patterns in single quotes."},
    {"mapping values are not allowed", BEHIND_COLON,
        "An unquoted value cannot hold \": \": put it in single quotes."},
    {"mapping values are not allowed", ANYWHERE,
        "Is this line indented too far, or does the line above lack its colon?"},
    {"did not find expected key", FIRST_IN_LINE, "Is this line indented like its neighbours?"},
    {"did not find expected key", ANYWHERE, END_OF_VALUE},
    {"did not find expected '-' indicator", FIRST_IN_LINE,
        "Is this line indented like its neighbours? The items of this list start with \"- \"."},
    {"did not find expected '-' indicator", ANYWHERE, END_OF_VALUE},
    {"could not find expected ':'", ANYWHERE,
        "A key ends with a colon and a blank: \"key: value\"."},
    {"did not find expected ',' or '}'", ANYWHERE,
        "Close the { with }, or put the value in single quotes if the brace belongs to its text."},
    {"did not find expected ',' or ']'", ANYWHERE,
        "Close the [ with ], or put the value in single quotes if the bracket belongs to its "
        "text."},
    {"did not find expected node content", ANYWHERE,
        "A value is missing here, or the ] or } that closes an open bracket or brace."},
    {"did not find expected <document start>", ANYWHERE,
        "What stands here belongs to nothing above it: is it indented right?"},
    {"block sequence entries are not allowed", ANYWHERE,
        "A list begins in a line of its own, or stands in brackets: [a, b]."},
    {"found unexpected end of stream", ANYWHERE, "The quote that opens here is never closed."},
    {"found unexpected document indicator", ANYWHERE, "The quote that opens here is never closed."},
    {"did not find expected alphabetic or numeric character", ANYWHERE,
        "An unquoted value cannot start with * or &: put it in single quotes."},
    {"control characters are not allowed", ANYWHERE,
        "Only text can stand here: is this another kind of file?"},
    {"invalid", ANYWHERE, "The file must be UTF-8: convert it, for example with iconv."},
    {"incomplete", ANYWHERE, "The file must be UTF-8: convert it, for example with iconv."},
};

static bool is_where(enum where where, struct span text, size_t offset)
{
    size_t start = offset;
    struct span before;

    if (where == ANYWHERE || where == ON_TAB)
        return where == ANYWHERE || (offset < text.len && text.at[offset] == '\t');
    while (start > 0 && text.at[start - 1] != '\n')
        start--;
    before = (struct span){text.at + start, offset - start};
    if (where == BEHIND_COLON)
        return span_find(before, ':') != NULL;
    before = span_trim(before);
    return where == BEHIND_QUOTE ? before.len > 0 && strchr("'\"", before.at[before.len - 1])
                                 : before.len == 0;
}

const char *yaml_advice(struct span problem, struct span text, size_t offset)
{
    if (offset > text.len)
        offset = text.len;
    for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
        if (span_has_prefix(problem, span_of(advices[i].problem)) &&
            is_where(advices[i].where, text, offset))
            return advices[i].hint;
    return NULL;
}
