/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a template: compiled or refused with a place inside the text, and
 * every name that it lists lies where it says. Filters get the text itself, too.
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
    struct scope scope = {.captures = &capture,
        .capture_count = 1,
        .self_ip = SPAN("192.0.2.1"),
        .hash_secret = SPAN("secret")};
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
    record_add(&record, SPAN("dn"), SPAN("cn=Smith\\, Alice\\2c,ou=CORP\\alice%40x"));
    record_add(&record, SPAN("all"), text);
    scope.record = &record;
    for (int i = 0; i < 2; i++) {
        scope.is_raw = i > 0;
        if (template_expand(template, &scope, record.arena, &value))
            assert(value.at && value.len <= LIMIT_ARENA_BYTES);
    }
    record_finish(&record);
    template_free(template);
    return 0;
}
