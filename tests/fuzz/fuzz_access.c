/* SPDX-License-Identifier: MIT */
#include "parsers/access.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_format(access_parse, bytes, len);
    return 0;
}
