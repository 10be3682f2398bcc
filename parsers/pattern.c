/* SPDX-License-Identifier: MIT
 *
 * PCRE2 behind the two things that we need of it: compile with a fault that
 * points into the user's text, and match within limits. Captures by number are
 * not offered; several groups may share a name, for alternatives.
 *
 * A rule file is compiled to see whether it is right, but most of its patterns never
 * meet a line, and code is some 50 times as large as what it is made from. So only
 * the text is kept, and code is made when it first runs: for text in UTF-8, and for
 * bytes when a text comes that is none. PCRE2_MATCH_INVALID_UTF would not do for
 * both: no character class matches a byte that is no UTF-8, and before PCRE2 10.43
 * its JIT code does not let \S, \D and \W match any character beyond ASCII.
 */
#include "pattern.h"

#include "expansion.h"
#include "limits.h"
#include "memory.h"
#include "syntax.h"

#include <stdio.h>
#include <stdlib.h>

/* After <stdlib.h>: it brings <limits.h>, which finds ours in place of the C library's. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { COMPILE_OPTIONS = PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C };

enum which_code { CODE_UTF, CODE_BYTES, CODES };

struct code {
    pcre2_code *compiled; /* NULL: not yet, or there is none */
    bool is_tried;
};

struct group {
    struct span name;
    uint32_t number;
};

struct pattern {
    char *text;
    size_t text_len;
    struct code *codes;   /* CODES of them, made as they are needed */
    char *names;          /* of the groups, terminated */
    struct group *groups; /* the named ones, by number */
    size_t count;
    uint32_t pairs; /* of offsets that a match needs */
};

struct matcher {
    pcre2_match_context *context;
    pcre2_match_data *data;
    pcre2_jit_stack *jit_stack;
    uint32_t pairs;
};

/* PCRE2's codes that have a plain remedy. */
static const struct {
    int code;
    const char *hint;
} hints[] = {
    {PCRE2_ERROR_END_BACKSLASH, "Write \\\\ for a plain backslash."},
    {PCRE2_ERROR_UNKNOWN_ESCAPE, "Write \\\\ for a plain backslash."},
    {PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, "Close it, or write \\( for a plain parenthesis."},
    {PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS, "Write \\) for a plain parenthesis."},
    {PCRE2_ERROR_MISSING_SQUARE_BRACKET, "Close it, or write \\[ for a plain bracket."},
    {PCRE2_ERROR_QUANTIFIER_INVALID, "Put a backslash before it if it is plain text."},
    {PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH,
        "No *, + or {1,9} in a look-behind; \\K at the end of a plain prefix does the same."},
    {PCRE2_ERROR_MISSING_NAME_TERMINATOR,
        "A capture name has letters, digits and _ only, and starts with no digit."},
    {PCRE2_ERROR_SUBPATTERN_NAME_EXPECTED,
        "A capture name has letters, digits and _ only, and starts with no digit."},
    {PCRE2_ERROR_INVALID_SUBPATTERN_NAME,
        "A capture name has letters, digits and _ only, and starts with no digit."},
};

static struct span as_span(PCRE2_SPTR bytes)
{
    return span_of((const char *)bytes);
}

/* PCRE2's offset is where it gave up; what was never closed is shown instead
 * where it was opened. */
static void explain(const struct expansion *expansion, struct span source, int code, size_t at,
    struct pattern_fault *fault)
{
    PCRE2_UCHAR message[128];
    size_t offset, len;
    struct span name;
    bool is_inherited;
    int name_len;

    expansion_find(expansion, at, &offset, &len, &name);
    is_inherited = name.at != NULL;
    name_len = name.len < 48 ? (int)name.len : 48;
    if (code == PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS ||
        code == PCRE2_ERROR_MISSING_SQUARE_BRACKET) {
        const char *open = syntax_find_open(source);

        if (open)
            offset = (size_t)(open - source.at);
        is_inherited = !open;
    }
    if (offset == source.len && offset > 0)
        offset--;
    pcre2_get_error_message(code, message, sizeof(message));
    if (name.at)
        pattern_fault_set(
            fault, offset, len, "in the pattern \"%.*s\": %s", name_len, name.at, message);
    else
        pattern_fault_set(fault, offset, 1, "%s", message);
    fault->is_inherited = is_inherited;
    for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
        if (hints[i].code == code && !is_inherited)
            snprintf(fault->hint, sizeof(fault->hint), "%s", hints[i].hint);
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *one = a, *other = b;

    return one->number < other->number ? -1 : one->number > other->number;
}

/* PCRE2's table has rows of two bytes of number, the name, and a NUL. */
static void read_groups(struct pattern *pattern, const pcre2_code *code)
{
    uint32_t count, row_bytes, highest;
    PCRE2_SPTR row;
    char *name;

    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &highest);
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &row_bytes);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &row);
    pattern->pairs = highest + 1;
    pattern->count = count;
    pattern->groups = memory_new(count * sizeof(*pattern->groups));
    pattern->names = name = memory_new(count * row_bytes);
    for (size_t i = 0; i < count; i++, row += row_bytes) {
        struct span found = as_span(row + 2);

        memcpy(name, found.at, found.len + 1);
        pattern->groups[i] = (struct group){{name, found.len}, (uint32_t)(row[0] << 8 | row[1])};
        name += found.len + 1;
    }
    qsort(pattern->groups, count, sizeof(*pattern->groups), compare_groups);
}

static pcre2_code *compile(struct span text, enum which_code which, int *error, size_t *at)
{
    return pcre2_compile((PCRE2_SPTR)text.at, text.len,
        COMPILE_OPTIONS | (which == CODE_UTF ? PCRE2_UTF : 0), error, at, NULL);
}

/* NULL if the pattern has characters that no byte stands for. Without JIT code the
 * interpreter runs: the same results, later. */
static const pcre2_code *code_of(const struct pattern *pattern, enum which_code which)
{
    struct code *code = &pattern->codes[which];
    size_t at;
    int error;

    if (!code->is_tried) {
        code->is_tried = true;
        code->compiled = compile(pattern_text(pattern), which, &error, &at);
        if (code->compiled)
            pcre2_jit_compile(code->compiled, PCRE2_JIT_COMPLETE);
        else if (which == CODE_UTF)
            abort(); /* it compiled before: out of memory, as in memory.c */
    }
    return code->compiled;
}

struct pattern *pattern_compile(struct span source, const struct pattern_name *local,
    size_t local_count, struct pattern_fault *fault)
{
    struct expansion expansion = {0};
    struct pattern *pattern = NULL;
    pcre2_code *code;
    size_t at;
    int error;

    if (!expansion_write(&expansion, source, local, local_count, fault))
        goto out;
    code = compile(buffer_span(&expansion.text), CODE_UTF, &error, &at);
    if (!code) {
        explain(&expansion, source, error, at, fault);
        goto out;
    }
    pattern = memory_new(sizeof(*pattern));
    pattern->text = memory_string(buffer_span(&expansion.text));
    pattern->text_len = expansion.text.len;
    pattern->codes = memory_new(CODES * sizeof(*pattern->codes));
    read_groups(pattern, code);
    pcre2_code_free(code);
out:
    expansion_finish(&expansion);
    return pattern;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    for (int i = 0; i < CODES; i++)
        pcre2_code_free(pattern->codes[i].compiled);
    free(pattern->codes);
    free(pattern->groups);
    free(pattern->names);
    free(pattern->text);
    free(pattern);
}

struct span pattern_text(const struct pattern *pattern)
{
    return (struct span){pattern->text, pattern->text_len};
}

size_t pattern_capture_count(const struct pattern *pattern)
{
    return pattern->count;
}

struct span pattern_capture_name(const struct pattern *pattern, size_t i)
{
    return pattern->groups[i].name;
}

struct matcher *matcher_new(void)
{
    struct matcher *matcher = memory_new(sizeof(*matcher));

    matcher->context = pcre2_match_context_create(NULL);
    matcher->jit_stack = pcre2_jit_stack_create(32 << 10, LIMIT_JIT_STACK_BYTES, NULL);
    if (!matcher->context || (!matcher->jit_stack && pattern_has_jit()))
        abort();
    pcre2_set_match_limit(matcher->context, LIMIT_MATCH_STEPS);
    pcre2_set_depth_limit(matcher->context, LIMIT_MATCH_DEPTH);
    pcre2_set_heap_limit(matcher->context, LIMIT_MATCH_HEAP_KIB);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->jit_stack);
    return matcher;
}

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_jit_stack_free(matcher->jit_stack);
    free(matcher);
}

static void make_room(struct matcher *matcher, uint32_t pairs)
{
    if (pairs <= matcher->pairs)
        return;
    pcre2_match_data_free(matcher->data);
    matcher->data = pcre2_match_data_create(pairs, NULL);
    if (!matcher->data)
        abort();
    matcher->pairs = pairs;
}

/* PCRE2's own check of UTF-8 costs more than most matches do. */
static bool is_ascii(struct span s)
{
    uint64_t seen = 0, word = 0;
    size_t i = 0;

    for (; i + sizeof(word) <= s.len; i += sizeof(word)) {
        memcpy(&word, s.at + i, sizeof(word));
        seen |= word;
    }
    for (word = 0; i < s.len; i++)
        word |= (unsigned char)s.at[i];
    return ((seen | word) & 0x8080808080808080u) == 0;
}

static int match(const pcre2_code *code, struct matcher *matcher, struct span subject)
{
    return pcre2_match(code, (PCRE2_SPTR)(subject.at ? subject.at : ""), subject.len, 0,
        is_ascii(subject) ? PCRE2_NO_UTF_CHECK : 0, matcher->data, matcher->context);
}

static bool is_utf_error(int result)
{
    return result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21;
}

enum pattern_result pattern_match(const struct pattern *pattern, struct matcher *matcher,
    struct span subject, struct field *captures, size_t most, size_t *count)
{
    const size_t *offsets;
    int result;

    make_room(matcher, pattern->pairs);
    result = match(code_of(pattern, CODE_UTF), matcher, subject);
    if (is_utf_error(result)) {
        const pcre2_code *bytes = code_of(pattern, CODE_BYTES);

        result = bytes ? match(bytes, matcher, subject) : PCRE2_ERROR_NOMATCH;
    }
    if (result == PCRE2_ERROR_NOMATCH)
        return PATTERN_NO;
    if (result < 0)
        return PATTERN_LIMIT;
    if (!captures)
        return PATTERN_MATCH;

    offsets = pcre2_get_ovector_pointer(matcher->data);
    for (size_t i = 0; i < pattern->count && *count < most; i++) {
        const struct group *group = &pattern->groups[i];
        const size_t *pair = offsets + 2 * group->number;

        if (group->number < (uint32_t)result && pair[0] != PCRE2_UNSET)
            captures[(*count)++] =
                (struct field){group->name, {subject.at + pair[0], pair[1] - pair[0]}};
    }
    return PATTERN_MATCH;
}

bool pattern_has_jit(void)
{
    struct pattern_fault fault;
    struct pattern *probe = pattern_compile(SPAN("a"), NULL, 0, &fault);
    size_t jit_bytes = 0;

    pcre2_pattern_info(code_of(probe, CODE_UTF), PCRE2_INFO_JITSIZE, &jit_bytes);
    pattern_free(probe);
    return jit_bytes > 0;
}
