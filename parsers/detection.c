/* SPDX-License-Identifier: MIT
 *
 * Names are those of the formats' table, so they are told apart by their addresses.
 */
#include "detection.h"

bool detection_add(struct detection *detection, const char *const *names, size_t count)
{
    struct detection_row *row = detection->rows, *end = row + detection->count;
    size_t bytes = count * sizeof(*names);

    if (count == 0)
        return false;
    while (row < end && (row->name_count != count || memcmp(row->names, names, bytes) != 0))
        row++;
    if (row == detection->rows + DETECTION_ROWS)
        return false;
    if (row < end) {
        row->records++;
        return false;
    }
    *row = (struct detection_row){.name_count = count, .records = 1};
    memcpy(row->names, names, bytes);
    detection->count++;
    return true;
}

void detection_name(const char *const *names, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "%s%s", i > 0 ? " with " : "", names[i]);
}

void detection_write(const struct detection *detection, struct buffer *out)
{
    for (size_t i = 0; i < detection->count; i++) {
        buffer_printf(
            out, "%s%llu as ", i > 0 ? ", " : "", (unsigned long long)detection->rows[i].records);
        detection_name(detection->rows[i].names, detection->rows[i].name_count, out);
    }
}
