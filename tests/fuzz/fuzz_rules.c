/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a rule file: read or refused with errors that can be shown, never
 * both, and every place inside the file (a caret may stand behind its end). What is
 * read is linted. Its seeds are the cases of test_rules.c.
 */
#include "parsers/lint.h"
#include "parsers/rules.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct text text = {"fuzz.yaml", {(const char *)bytes, len}};
    struct errors errors = {0};
    struct buffer out = {0};
    struct rule_file *file = rule_file_parse(&text, &errors);

    assert((file == NULL) == (errors.count > 0));
    if (file)
        lint_check(file, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        const struct place *place = &errors.items[i].place;

        assert(place->text == &text && place->offset <= len);
    }
    errors_render(&errors, &out);
    rule_file_free(file);
    errors_finish(&errors);
    buffer_finish(&out);
    return 0;
}
