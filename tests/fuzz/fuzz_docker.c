/* SPDX-License-Identifier: MIT
 *
 * Any text as a record, and any lines as parts: records cover the bytes of their group,
 * and what goes on is found.
 */
#include "parsers/docker.h"
#include "tests/fuzz/fuzz_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_format(docker_parse, bytes, len);
    fuzz_parts(docker_read_part, docker_find_hidden, bytes, len);
    return 0;
}
