/* SPDX-License-Identifier: MIT */
#include "parsers/logfmt.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_format(logfmt_parse, bytes, len);
    return 0;
}
