/* SPDX-License-Identifier: MIT
 *
 * Joins texts; does not look at the disk, nor take `..` or links away.
 */
#include "shipper/path.h"

#include "parsers/buffer.h"
#include "parsers/memory.h"

#include <stdlib.h>

char *path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return memory_string(SPAN("."));
    return memory_string(span_between(path, slash == path ? slash + 1 : slash));
}

char *path_below(const char *folder, const char *path)
{
    struct buffer joined = {0};

    if (*path != '/' && strcmp(folder, ".") != 0)
        buffer_printf(&joined, "%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/");
    buffer_append(&joined, span_of(path));
    buffer_append_byte(&joined, '\0');
    return joined.bytes;
}

void path_settle(char **path, const char *folder)
{
    char *settled = *path ? path_below(folder, *path) : NULL;

    free(*path);
    *path = settled;
}
