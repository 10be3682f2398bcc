/* SPDX-License-Identifier: MIT
 *
 * Whatever comes, in two pieces: spans stay inside, limits hold.
 */
#include "parsers/journal_export.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct journal_export *entry = journal_export_new();
    size_t cut = size > 0 ? data[0] % size : 0, count;
    struct span pieces[] = {{(const char *)data, cut}, {(const char *)data + cut, size - cut}};

    for (int i = 0; i < 2; i++)
        while (journal_export_read(entry, &pieces[i])) {
            const struct field *fields = journal_export_fields(entry, &count);

            for (size_t k = 0; k < count; k++)
                fuzz_touch(fields[k].value);
        }
    journal_export_free(entry);
    return 0;
}
