/* SPDX-License-Identifier: MIT
 *
 * What address_parse accepts is canonical: read again it is itself, and as
 * private as before.
 */
#include "parsers/address.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct address first, again;

    if (!address_parse((struct span){(const char *)bytes, len}, &first))
        return 0;
    assert(strlen(first.text) < sizeof(first.text));
    assert(address_parse(span_of(first.text), &again));
    assert(strcmp(first.text, again.text) == 0 && first.is_private == again.is_private);
    return 0;
}
