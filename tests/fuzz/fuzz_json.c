/* SPDX-License-Identifier: MIT */
#include "parsers/json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_format(json_parse, bytes, len);
    fuzz_format(text_json_parse, bytes, len);
    return 0;
}
