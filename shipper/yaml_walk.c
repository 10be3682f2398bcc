/* SPDX-License-Identifier: MIT
 *
 * fts(3) over one path. Opens no file.
 */
#include "shipper/yaml_walk.h"

#include "parsers/memory.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>

static int compare_names(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool has_suffix(const FTSENT *entry, struct span suffix)
{
    struct span name = {entry->fts_name, entry->fts_namelen};

    return name.len > suffix.len && span_equal(span_from(name, name.len - suffix.len), suffix);
}

/* True when the entry was told to someone. */
static bool visit(const struct yaml_walk *walk, FTS *tree, FTSENT *entry)
{
    struct error why;

    switch (entry->fts_info) {
    case FTS_F:
        if (!has_suffix(entry, SPAN(".yaml")))
            return false;
        walk->file(walk->arg, entry->fts_path);
        return true;
    case FTS_D:
        if (entry->fts_level > 0 && entry->fts_name[0] == '.')
            fts_set(tree, entry, FTS_SKIP);
        return false;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        errno = entry->fts_errno;
        error_system(&why, "cannot read %s", entry->fts_path);
        walk->trouble(walk->arg, entry->fts_path, &why);
        return true;
    default:
        return false;
    }
}

void yaml_walk(const char *path, const struct yaml_walk *walk)
{
    char *copy = memory_string(span_of(path));
    char *paths[] = {copy, NULL};
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, compare_names);
    FTSENT *entry = tree ? fts_read(tree) : NULL;
    bool has_any = false;
    struct error why;

    if (!entry || entry->fts_info != FTS_D) {
        walk->file(walk->arg, path);
    } else {
        for (; entry; entry = fts_read(tree))
            has_any |= visit(walk, tree, entry);
        if (!has_any) {
            error_set(&why, ERROR_CONFIG, 0, "no *.yaml file below %s", path);
            walk->trouble(walk->arg, path, &why);
        }
    }
    if (tree)
        fts_close(tree);
    free(copy);
}
