/* SPDX-License-Identifier: MIT */
#include "parsers/pairs.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_format(pairs_parse, bytes, len);
    return 0;
}
