/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a template: compiled or refused with a place inside the text, and
 * every name that it lists lies where it says.
 */
#include "parsers/limits.h"
#include "parsers/template.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct span text = {(const char *)bytes, len};
    const struct field capture = {SPAN("user"), SPAN("alice")};
    struct template_fault fault = {0};
    struct template *template = template_compile(text, &fault);
    struct record record;
    struct span value;

    if (!template) {
        assert(fault.message[0] && fault.offset <= len && fault.len <= len - fault.offset);
        return 0;
    }
    for (size_t i = 0; i < template_name_count(template); i++) {
        size_t offset;
        struct span name = template_name(template, i, &offset);

        assert(name.len > 0 && name.at == text.at + offset && offset + name.len < len);
    }
    record_init(&record);
    record_reset(&record, text);
    record_add(&record, SPAN("ip"), SPAN("192.0.2.7"));
    if (template_expand(template, &(struct scope){&capture, 1, &record, SPAN("192.0.2.1"), {0}},
            record.arena, &value))
        assert(value.at && value.len <= LIMIT_ARENA_BYTES);
    record_finish(&record);
    template_free(template);
    return 0;
}
