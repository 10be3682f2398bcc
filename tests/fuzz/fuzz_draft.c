/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a log to draft rules from: what comes out is a rule file without a mistake
 * whose samples hold, or has no rule.
 */
#include "parsers/draft.h"
#include "parsers/samples.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct draft_result result;
    struct buffer out = {0};
    struct errors errors = {0};

    draft_write((struct span){(const char *)bytes, len}, SPAN("fuzz"), &out, &result);
    if (result.rules > 0) {
        const struct text text = {"draft.yaml", buffer_span(&out)};
        struct rule_file *file = rule_file_parse(&text, &errors);
        size_t failed;

        assert(file && errors.count == 0 && file->count == result.rules);
        assert(samples_run(file, &failed, &errors) == result.samples && failed == 0);
        rule_file_free(file);
    }
    errors_finish(&errors);
    buffer_finish(&out);
    return 0;
}
