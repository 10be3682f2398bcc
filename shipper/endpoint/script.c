/* SPDX-License-Identifier: MIT
 *
 * Words of a line from left to right, each step filled as they come. Nothing is
 * guessed: a word that is not known is an error with its place.
 */
#include "shipper/endpoint/script.h"

#include "parsers/memory.h"

#include <stdlib.h>

enum { LONGEST_DELAY_S = 3600 };

struct script {
    struct script_step *steps;
    size_t count, room;
};

struct line {
    const struct text *text;
    struct span rest;
    struct errors *errors;
};

/* name=value; a word without `=` has no value. Quotes around the value are off. */
struct word {
    struct span all, name, value;
};

static struct error *fail(const struct line *line, struct span at, const char *what)
{
    struct place place = {line->text, (size_t)(at.at - line->text->bytes.at), at.len};

    return errors_add(line->errors, place, "%s", what);
}

/* False at the end of the line or its comment, where the word is an empty one. */
static bool next_word(struct line *line, struct word *word)
{
    const char *p, *end, *equals = NULL, *quote = NULL;

    line->rest = span_trim(line->rest);
    p = line->rest.at;
    end = span_end(line->rest);
    *word = (struct word){.all = {p, 0}};
    if (p == end || *p == '#')
        return false;
    for (; p < end && !byte_is_blank(*p); p++) {
        if (*p == '=' && !equals)
            equals = p;
        if (*p != '\'' || !equals || p != equals + 1)
            continue;
        quote = span_find(span_between(p + 1, end), '\'');
        if (quote)
            p = quote;
        else
            fail(line, span_between(p, end), "the quote is not closed");
    }
    word->all = span_between(line->rest.at, p);
    word->name = span_between(line->rest.at, equals ? equals : p);
    if (equals)
        word->value = span_between(equals + 1, p);
    if (quote) {
        word->value = span_between(equals + 2, quote);
        if (quote + 1 != p)
            fail(line, word->all, "text behind the closing quote");
    }
    line->rest = span_from(line->rest, word->all.len);
    return true;
}

/* 3, * or 1/10 */
static bool take_when(struct span word, struct script_step *step)
{
    step->every = 1;
    if (span_is(word, "*"))
        return true;
    if (span_has_prefix(word, SPAN("1/")))
        return span_to_u64(span_from(word, 2), &step->every) && step->every > 0;
    step->has_end = true;
    return span_to_u64(word, &step->left) && step->left > 0;
}

static bool take_answer(struct span word, struct script_step *step)
{
    uint64_t status;

    if (span_is(word, "ok")) {
        step->answer = SCRIPT_OK;
        step->is_accepted = true;
    } else if (span_is(word, "close")) {
        step->answer = SCRIPT_CLOSE;
    } else {
        if (!span_to_u64(word, &status) || status < 200 || status > 599)
            return false;
        step->answer = SCRIPT_STATUS;
        step->status = (unsigned)status;
    }
    return true;
}

static struct span named_body(struct span name)
{
    static const struct {
        const char *name, *body;
    } bodies[] = {
        {"success", "{\"response_code\":\"200\",\"response\":\"Data Uploaded\","
                    "\"status\":\"success\"}"},
        {"failure", "{\"response_code\":400,\"response\":\"Scripted Failure\","
                    "\"status\":\"failure\"}"},
        {"auth", "{\"response_code\":400,\"response\":\"Authentication Failure\","
                 "\"status\":\"failure\"}"},
        {"html", "<!DOCTYPE html><html><body><h1>Not what you asked for</h1></body></html>"},
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
        if (span_is(name, bodies[i].name))
            return span_of(bodies[i].body);
    return name;
}

static bool take_delay(struct span value, int64_t *delay_ms)
{
    uint64_t number, unit_ms = 1000;

    if (value.len > 2 && span_is(span_from(value, value.len - 2), "ms")) {
        unit_ms = 1;
        value.len--;
    } else if (value.len < 2 || value.at[value.len - 1] != 's') {
        return false;
    }
    value.len--;
    if (!span_to_u64(value, &number) || number > LONGEST_DELAY_S * 1000 / unit_ms)
        return false;
    *delay_ms = (int64_t)(number * unit_ms);
    return true;
}

static bool take_header(struct span value, struct script_step *step)
{
    const char *colon = span_find(value, ':');

    if (!colon || colon == value.at || step->header_count == LIMIT_SCRIPT_HEADERS)
        return false;
    step->headers[step->header_count++] = value;
    return true;
}

static void take_option(const struct line *line, const struct word *word, struct script_step *step)
{
    static const char *const names[] = {"body", "header", "delay"};
    const char *nearest;
    struct error *err;

    if (span_is(word->name, "delay")) {
        if (!take_delay(word->value, &step->delay_ms))
            fail(line, word->all, "a delay is 200ms or 2s, an hour at most");
    } else if (step->answer != SCRIPT_STATUS && span_is(word->name, "body")) {
        fail(line, word->all, "only an answer with a status has a body of its own");
    } else if (step->answer != SCRIPT_STATUS && span_is(word->name, "header")) {
        fail(line, word->all, "only an answer with a status has headers of its own");
    } else if (span_is(word->name, "body") && word->value.at) {
        step->body = named_body(word->value);
    } else if (span_is(word->name, "header")) {
        if (!take_header(word->value, step))
            fail(line, word->all, "a header is 'Name: value', four at most");
    } else {
        err = fail(line, word->all, "unknown option");
        nearest = error_nearest(word->name, names, sizeof(names) / sizeof(*names));
        if (nearest)
            error_hint(err, "did you mean %s=?", nearest);
    }
}

/* A line without words adds no step. */
static void parse_line(struct line *line, struct script *script)
{
    struct script_step step = {0};
    struct word word;

    if (!next_word(line, &word))
        return;
    if (!take_when(word.all, &step)) {
        error_hint(fail(line, word.all, "which requests?"),
            "a line starts with a number of requests, * for all, or 1/10 for one in ten.");
        return;
    }
    next_word(line, &word);
    if (span_is(word.name, "has") && word.value.len > 0) {
        step.has = word.value;
        next_word(line, &word);
    }
    if (span_is(word.all, "accept")) {
        step.is_accepted = true;
        next_word(line, &word);
    }
    if (!take_answer(word.all, &step)) {
        error_hint(fail(line, word.all, "which answer?"),
            "the answer is ok, close, or an HTTP status from 200 to 599.");
        return;
    }
    while (next_word(line, &word))
        take_option(line, &word, &step);
    script->steps =
        memory_room(script->steps, script->count, &script->room, sizeof(*script->steps));
    script->steps[script->count++] = step;
}

struct script *script_parse(const struct text *text, struct errors *errors)
{
    struct script *script = memory_new(sizeof(*script));
    size_t errors_before = errors->count;
    struct span rest = text->bytes;

    while (rest.at) {
        struct line line = {text, span_cut(&rest, '\n'), errors};

        parse_line(&line, script);
    }
    if (errors->count == errors_before)
        return script;
    script_free(script);
    return NULL;
}

void script_free(struct script *script)
{
    if (!script)
        return;
    free(script->steps);
    free(script);
}

static bool is_fitting(const struct script_step *step, struct span body)
{
    if (step->has_end && step->left == 0)
        return false;
    return !step->has.at || memmem(body.at, body.len, step->has.at, step->has.len);
}

const struct script_step *script_take(struct script *script, struct span body)
{
    for (size_t i = 0; i < script->count; i++) {
        struct script_step *step = &script->steps[i];

        if (!is_fitting(step, body) || step->seen++ % step->every != 0)
            continue;
        if (step->has_end)
            step->left--;
        return step;
    }
    return NULL;
}
