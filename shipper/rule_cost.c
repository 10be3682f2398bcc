/* SPDX-License-Identifier: MIT
 *
 * Runs the one rule over the samples of its file, again and again, for some
 * milliseconds. A measurement on a machine that does other things too: good for an
 * order of magnitude.
 */
#include "shipper/rule_cost.h"

#include "parsers/engine.h"
#include "parsers/limits.h"
#include "parsers/rule.h"

#include <time.h>

enum {
    CHUNK_BYTES = 16 << 10,
    ENOUGH_NS = 5000000,
    ROUNDS_MOST = 64,
    LINES_A_SAMPLE = 10, /* the sample is one of them */
};

static int64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void drop_event(void *arg, const struct event *event)
{
    (void)arg;
    (void)event;
}

/* The line in other words: its letters are later ones of the alphabet. What JSON needs,
 * and what stands behind a backslash, stays. */
static void append_altered(struct buffer *chunk, struct span line, int shift)
{
    const char *p = line.at, *end = span_end(line);

    while (p < end) {
        const char *start = p;
        struct span word;
        bool is_kept;

        while (p < end && byte_is_alpha(*p))
            p++;
        word = span_between(start, p);
        is_kept = word.len < 3 || (start > line.at && start[-1] == '\\') || span_is(word, "true") ||
                  span_is(word, "false") || span_is(word, "null");
        for (size_t i = 0; i < word.len; i++) {
            char first = word.at[i] >= 'a' ? 'a' : 'A';

            buffer_append_byte(
                chunk, is_kept ? word.at[i] : (char)(first + (word.at[i] - first + shift) % 26));
        }
        if (p < end)
            buffer_append_byte(chunk, *p++);
    }
    buffer_append_byte(chunk, '\n');
}

/* Until the chunk is full. Most lines of a log are not the rule's: behind each sample
 * stand some of its shape in other words. */
static void fill_chunk(const struct rule_file *file, struct buffer *chunk)
{
    size_t before;

    do {
        before = chunk->len;
        for (size_t i = 0; i < file->count; i++)
            for (size_t j = 0; j < file->rules[i].sample_count; j++)
                for (int shift = 0; shift < LINES_A_SAMPLE; shift++)
                    append_altered(chunk, file->rules[i].samples[j].line, shift);
    } while (chunk->len > before && chunk->len < CHUNK_BYTES);
}

double rule_cost_measure(const struct rule_file *file, const struct rule *rule)
{
    const struct engine_rules rules = {.file = file, .only = &rule, .only_count = 1};
    const struct engine_settings settings = {
        .instance = SPAN("check"),
        .multiline = file->multiline,
        .rules = &rules,
        .rules_count = 1,
    };
    const struct engine_source source = {.source_id = SPAN("check"), .time = {.zone = &zone_utc}};
    const struct engine_output output = {.event = drop_event};
    struct engine *engine = engine_new(&settings);
    struct engine_chunk chunk = {.is_final = true};
    struct engine_counts counts = {0};
    struct buffer lines = {0};
    int64_t began_ns, taken_ns = 0;
    int rounds = 0;

    fill_chunk(file, &lines);
    chunk.bytes = buffer_span(&lines);
    engine_feed(engine, &source, &chunk, &output, &counts); /* makes the pattern's code */
    began_ns = cpu_ns();
    for (; rounds < ROUNDS_MOST && taken_ns < ENOUGH_NS; rounds++) {
        engine_feed(engine, &source, &chunk, &output, &counts);
        taken_ns = cpu_ns() - began_ns;
    }
    engine_free(engine);
    buffer_finish(&lines);
    return chunk.bytes.len > 0 ? (double)taken_ns / rounds / (double)chunk.bytes.len : 0;
}

void rule_cost_check(const struct rule_file *file, struct errors *warnings)
{
    struct buffer lacks = {0};

    for (size_t i = 0; i < file->count; i++) {
        const struct rule *rule = &file->rules[i];

        if (rule->needs.count > 0)
            continue;
        if (warnings->count >= LIMIT_ERRORS) { /* it is not shown, so not measured */
            warnings->dropped++;
            continue;
        }
        needs_explain(rule, file->chain, &lacks);
        error_hint(errors_add(warnings, rule->place,
                       "warning: rule \"%.*s\" runs on every line: about %.1f CPU seconds a GB",
                       rule->name.len < 100 ? (int)rule->name.len : 100, rule->name.at,
                       rule_cost_measure(file, rule)),
            "If each of its lines has a text, say requires: 'text'. None was found (%.*s).",
            (int)lacks.len, lacks.bytes);
    }
    buffer_finish(&lacks);
}
