/* SPDX-License-Identifier: MIT
 *
 * One stat a look; the text is read only when that shows a change. A file with a
 * fault is looked at again only after its next change.
 */
#include "shipper/endpoint/script_file.h"

#include "parsers/memory.h"
#include "shipper/text_file.h"

#include <stdlib.h>
#include <sys/stat.h>

struct script_file {
    const char *path;
    struct stat seen;
    struct text *text;
    struct script *script;
};

struct script_file *script_file_new(const char *path)
{
    struct script_file *file = memory_new(sizeof(*file));

    file->path = path;
    return file;
}

void script_file_free(struct script_file *file)
{
    if (!file)
        return;
    script_free(file->script);
    text_file_free(file->text);
    free(file);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool script_file_refresh(struct script_file *file, bool is_forced, struct buffer *complaint)
{
    struct stat now = {0};
    struct errors errors = {0};
    struct error err;
    struct script *script = NULL;
    struct text *text;

    /* A file that is gone looks the same until it is back. */
    if (stat(file->path, &now) < 0)
        now = (struct stat){0};
    if (is_same(&now, &file->seen) && !is_forced)
        return true;
    file->seen = now;

    text = text_file_read(file->path, LIMIT_SCRIPT_BYTES, &err);
    if (text)
        script = script_parse(text, &errors);
    else
        error_render(&err, complaint);
    errors_render(&errors, complaint);
    errors_finish(&errors);
    if (!script) {
        text_file_free(text);
        return false;
    }
    script_free(file->script);
    text_file_free(file->text);
    file->script = script;
    file->text = text;
    return true;
}

struct script *script_file_script(const struct script_file *file)
{
    return file->script;
}
