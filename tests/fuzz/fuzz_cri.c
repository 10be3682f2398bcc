/* SPDX-License-Identifier: MIT
 *
 * Any text as a record, and any lines as parts: records cover the bytes of their group,
 * and what goes on is found.
 */
#include "parsers/cri.h"
#include "tests/fuzz/fuzz_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_format(cri_parse, bytes, len);
    fuzz_parts(cri_read_part, cri_find_part, bytes, len);
    return 0;
}
