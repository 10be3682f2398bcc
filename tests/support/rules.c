/* SPDX-License-Identifier: MIT
 *
 * Rule files in tests: their text lives as long as they do.
 */
#include "tests/support/rules.h"

#include "tests/support/test.h"

struct loaded_rules rules_load(const char *yaml)
{
    struct loaded_rules loaded = {.text = test_malloc(sizeof(*loaded.text))};
    struct errors errors = {0};
    struct buffer shown = {0};

    *loaded.text = (struct text){"rules.yaml", span_of(yaml)};
    loaded.file = rule_file_parse(loaded.text, &errors);
    errors_render(&errors, &shown);
    if (!loaded.file)
        fail_msg("%.*s", (int)shown.len, shown.bytes);
    buffer_finish(&shown);
    errors_finish(&errors);
    return loaded;
}

void rules_unload(struct loaded_rules *rules)
{
    rule_file_free(rules->file);
    test_free(rules->text);
}
