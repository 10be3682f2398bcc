/* SPDX-License-Identifier: MIT
 *
 * The first line as a pattern, the rest as a text that it may die on: whatever they are,
 * what is told lies inside both, and nothing is told of a match.
 */
#include "parsers/pattern_trace.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct pattern_name local[] = {{SPAN("A"), SPAN("a(?<b>b)?|%{INT}")}};
    struct span text = {(const char *)bytes, len}, source = span_cut(&text, '\n');
    struct pattern_trace *trace = pattern_trace_new(source, local, 1);
    struct pattern_fault fault;
    struct pattern *pattern = pattern_compile(source, local, 1, &fault);
    struct pattern_miss miss;

    assert(pattern || !trace);
    if (trace && pattern_trace_run(trace, text, &miss)) {
        struct matcher *matcher = matcher_new();

        assert(miss.from <= miss.to && miss.to <= miss.until && miss.until <= text.len);
        assert(miss.offset <= source.len && miss.len <= source.len - miss.offset);
        assert(miss.progress <= miss.whole);
        assert(pattern_match(pattern, matcher, text, NULL, 0, NULL) != PATTERN_MATCH);
        matcher_free(matcher);
    }
    pattern_free(pattern);
    pattern_trace_free(trace);
    return 0;
}
