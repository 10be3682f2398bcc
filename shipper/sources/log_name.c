/* SPDX-License-Identifier: MIT
 *
 * The live file that it was rotated from, if that is followed; else, for a name that
 * the input does not have, the one of the input that it was made from.
 */
#include "shipper/sources/log_name.h"

#include "shipper/sources/glob.h"
#include "shipper/sources/rotation.h"
#include "shipper/sources/sibling.h"

struct naming {
    const char *names; /* the input's pattern */
    struct buffer *name;
    size_t folder_len;
};

static bool is_of_input(void *arg, const char *former)
{
    struct naming *naming = arg;

    if (!glob_is_name(naming->names, former))
        return false;
    naming->name->len = naming->folder_len;
    buffer_append(naming->name, span_of(former));
    return true;
}

struct span log_name_of(const struct following *f, const struct followed *file, struct buffer *name)
{
    const struct followed *live = rotation_successor(f, file);
    const char *slash = strrchr(file->path, '/'), *own = slash ? slash + 1 : file->path;
    struct naming naming = {.names = file->folder->names, .name = name};

    buffer_clear(name);
    buffer_append(name, span_of(file->folder->path));
    naming.folder_len = name->len;
    if (!live && naming.names && !glob_is_name(naming.names, own) &&
        sibling_find(own, is_of_input, &naming))
        return buffer_span(name);
    buffer_clear(name);
    buffer_append(name, span_of(live ? live->path : file->path));
    return buffer_span(name);
}
