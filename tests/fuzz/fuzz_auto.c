/* SPDX-License-Identifier: MIT
 *
 * Whatever a line is, it is read as something or is broken, says as what, and is read the
 * same again; the lines of container runtimes join as their own formats have it.
 */
#include "parsers/auto.h"
#include "tests/fuzz/fuzz_parts.h"

static const char *find_hidden(struct span bytes)
{
    const char *docker = format_find(SPAN("docker"))->writing->find_hidden(bytes);

    return docker ? docker : format_find(SPAN("cri"))->writing->find_hidden(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct record first, again;
    const struct span text = {(const char *)bytes, len};
    size_t at;
    enum parse_result result;

    if (!first.arena) {
        record_init(&first);
        record_init(&again);
    }
    fuzz_format(auto_parse, bytes, len);
    record_reset(&first, text);
    record_reset(&again, text);
    result = auto_parse(text, &first, &at);
    assert(result != PARSE_NO && first.detected_count > 0);
    assert(auto_parse(text, &again, &at) == result && again.count == first.count &&
           again.detected_count == first.detected_count && again.detected[0] == first.detected[0] &&
           span_equal(again.message, first.message));
    fuzz_parts(auto_read_part, find_hidden, bytes, len);
    return 0;
}
