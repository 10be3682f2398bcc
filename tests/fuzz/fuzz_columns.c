/* SPDX-License-Identifier: MIT
 *
 * Any bytes as columns of each kind; and what is one record by its quotes, line by line, is
 * read without a quote left open.
 */
#include "parsers/columns.h"
#include "parsers/lines.h"
#include "tests/fuzz/fuzz.h"

static enum parse_result parse_csv(struct span text, struct record *record, size_t *at)
{
    return columns_parse(&columns_csv, text, record, at);
}

static enum parse_result parse_tsv(struct span text, struct record *record, size_t *at)
{
    return columns_parse(&columns_tsv, text, record, at);
}

static enum parse_result parse_pipe(struct span text, struct record *record, size_t *at)
{
    return columns_parse(&columns_pipe, text, record, at);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct span rest = {(const char *)bytes, len}, line;
    const char *start = rest.at;
    bool is_open = false;
    size_t whole;

    fuzz_format(parse_csv, bytes, len);
    fuzz_format(parse_tsv, bytes, len);
    fuzz_format(parse_pipe, bytes, len);
    while (lines_next(&rest, &line, &whole)) {
        struct span record = span_between(start, span_end(line));

        is_open = columns_is_open(&columns_csv, line, is_open);
        assert(is_open == columns_is_open(&columns_csv, record, false));
        if (!is_open)
            start = rest.at;
    }
    return 0;
}
