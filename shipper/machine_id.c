/* SPDX-License-Identifier: MIT
 *
 * Takes 32 hexadecimal digits and refuses anything else, all zeros included.
 */
#include "shipper/machine_id.h"

#include "parsers/memory.h"
#include "shipper/text_file.h"

enum { ID_LEN = 32, FILE_BYTES = 64 };

static bool is_id(struct span id)
{
    bool is_zero = true;

    for (size_t i = 0; i < id.len; i++) {
        char c = byte_lower(id.at[i]);

        if (!byte_is_digit(c) && !(c >= 'a' && c <= 'f'))
            return false;
        is_zero &= c == '0';
    }
    return id.len == ID_LEN && !is_zero;
}

char *machine_id_read(const char *path)
{
    struct error ignored;
    struct text *text = text_file_read(path ? path : "/etc/machine-id", FILE_BYTES, &ignored);
    struct span rest = text ? text->bytes : (struct span){NULL, 0};
    struct span id = span_cut(&rest, '\n');
    char *copy = is_id(id) ? memory_string(id) : NULL;

    text_file_free(text);
    return copy;
}
