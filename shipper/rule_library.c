/* SPDX-License-Identifier: MIT
 *
 * An array of loaded files, known again by their real paths. Does not watch,
 * reload or search below the rule directories.
 */
#include "shipper/rule_library.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/path.h"
#include "shipper/rule_zones.h"
#include "shipper/text_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

enum { RUNTIMES_MOST = 2 };

struct loaded {
    char *real_path;
    struct text *text;
    struct rule_file *file; /* NULL: faulty, and said so */

    /* The same rules for the logs of containers; NULL: not asked for yet. */
    const struct format *runtimes[RUNTIMES_MOST];
    struct rule_file *within[RUNTIMES_MOST];
};

struct rule_library {
    const struct strings *dirs;
    const char *folder;
    struct loaded *items;
    size_t count, room;
};

struct rule_library *rule_library_new(const struct strings *dirs, const char *folder)
{
    struct rule_library *library = memory_new(sizeof(*library));

    library->dirs = dirs;
    library->folder = folder;
    return library;
}

void rule_library_free(struct rule_library *library)
{
    if (!library)
        return;
    for (size_t i = 0; i < library->count; i++) {
        for (size_t j = 0; j < RUNTIMES_MOST; j++)
            rule_file_free(library->items[i].within[j]);
        rule_file_free(library->items[i].file);
        text_file_free(library->items[i].text);
        free(library->items[i].real_path);
    }
    free(library->items);
    free(library);
}

/* --- names ----------------------------------------------------------------- */

bool rule_library_is_path(const char *name)
{
    size_t len = strlen(name);

    return strchr(name, '/') || (len > 5 && strcmp(name + len - 5, ".yaml") == 0);
}

static char *path_in(const char *dir, const char *name)
{
    struct buffer path = {0};

    buffer_printf(&path, "%s/%s.yaml", dir, name);
    buffer_append_byte(&path, '\0');
    return path.bytes;
}

static bool has_name(const struct strings *names, struct span name)
{
    for (size_t i = 0; i < names->count; i++)
        if (span_is(name, names->items[i]))
            return true;
    return false;
}

/* A directory that cannot be read has none. */
static void append_names(const char *dir, struct strings *names, size_t *room)
{
    DIR *open_dir = opendir(dir);
    const struct dirent *entry;

    while (open_dir && names->count < LIMIT_RULES && (entry = readdir(open_dir))) {
        struct span name = span_of(entry->d_name);

        if (name.len <= 5 || !span_is(span_from(name, name.len - 5), ".yaml"))
            continue;
        name.len -= 5;
        if (has_name(names, name))
            continue;
        names->items = memory_room(names->items, names->count, room, sizeof(*names->items));
        names->items[names->count++] = memory_string(name);
    }
    if (open_dir)
        closedir(open_dir);
}

void rule_library_names(const struct strings *dirs, struct strings *names)
{
    size_t room = 0;

    *names = (struct strings){0};
    for (size_t i = 0; i < dirs->count; i++)
        append_names(dirs->items[i], names, &room);
}

void rule_library_names_free(struct strings *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static void add_not_found(
    const struct rule_library *library, const char *name, struct place named, struct errors *errors)
{
    struct error *err = errors_add(errors, named, "there are no rules called \"%s\"", name);
    struct buffer looked = {0};
    struct strings names;
    const char *nearest;

    rule_library_names(library->dirs, &names);
    for (size_t i = 0; i < library->dirs->count; i++)
        buffer_printf(&looked, "%s%s", i > 0 ? " and " : "", library->dirs->items[i]);
    nearest = error_nearest(span_of(name), (const char *const *)names.items, names.count);
    buffer_append_byte(&looked, '\0');
    if (nearest)
        error_hint(err, "Did you mean \"%s\"? Looked in %s.", nearest, looked.bytes);
    else
        error_hint(err, "Looked for %s.yaml in %s. A path has a slash in it.", name, looked.bytes);
    rule_library_names_free(&names);
    buffer_finish(&looked);
}

/* The path behind a name; NULL if no rule directory has it. */
static char *find_path(const struct rule_library *library, const char *name)
{
    if (rule_library_is_path(name))
        return path_below(library->folder, name);
    for (size_t i = 0; i < library->dirs->count; i++) {
        char *path = path_in(library->dirs->items[i], name);

        if (access(path, F_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

/* --- files ----------------------------------------------------------------- */

/* Faults were said of the file as it stands. */
static const struct rule_file *find_within(struct loaded *loaded, const struct format *runtime)
{
    struct errors again = {0};
    size_t i = 0;

    if (!runtime || !loaded->file)
        return loaded->file;
    while (i < RUNTIMES_MOST - 1 && loaded->runtimes[i] && loaded->runtimes[i] != runtime)
        i++;
    if (!loaded->within[i]) {
        loaded->runtimes[i] = runtime;
        loaded->within[i] = rule_zones_parse_within(runtime, loaded->text, &again);
        errors_finish(&again);
    }
    return loaded->within[i];
}

static struct loaded *find_loaded(const struct rule_library *library, const char *real_path)
{
    for (size_t i = 0; i < library->count; i++)
        if (strcmp(library->items[i].real_path, real_path) == 0)
            return &library->items[i];
    return NULL;
}

/* Takes real_path over. */
static struct loaded *load(struct rule_library *library, const char *path, char *real_path,
    struct place named, struct errors *errors)
{
    struct loaded loaded = {.real_path = real_path};
    struct error why;

    loaded.text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &why);
    if (!loaded.text) {
        error_hint(errors_add(errors, named, "%s", why.message), "%s", why.hint);
        free(real_path);
        return NULL;
    }
    loaded.file = rule_zones_parse(loaded.text, errors);
    library->items =
        memory_room(library->items, library->count, &library->room, sizeof(*library->items));
    library->items[library->count++] = loaded;
    return &library->items[library->count - 1];
}

const struct rule_file *rule_library_get(
    struct rule_library *library, const char *name, struct place named, struct errors *errors)
{
    return rule_library_get_within(NULL, library, name, named, errors);
}

const struct rule_file *rule_library_get_within(const struct format *runtime,
    struct rule_library *library, const char *name, struct place named, struct errors *errors)
{
    char *path = find_path(library, name), *real_path;
    struct loaded *loaded;

    if (!path) {
        add_not_found(library, name, named, errors);
        return NULL;
    }
    real_path = realpath(path, NULL);
    if (!real_path)
        real_path = memory_string(span_of(path));
    loaded = find_loaded(library, real_path);
    if (loaded)
        free(real_path);
    else
        loaded = load(library, path, real_path, named, errors);
    free(path);
    return loaded ? find_within(loaded, runtime) : NULL;
}

size_t rule_library_count(const struct rule_library *library)
{
    return library->count;
}

const struct text *rule_library_text(const struct rule_library *library, size_t i)
{
    return library->items[i].text;
}

const struct rule_file *rule_library_file(const struct rule_library *library, size_t i)
{
    return library->items[i].file;
}
