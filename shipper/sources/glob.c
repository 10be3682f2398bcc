/* SPDX-License-Identifier: MIT
 *
 * Walks the pattern's components: literal ones are joined, a component with
 * wildcards lists its directory. fnmatch(3) decides about one name; the process
 * never sets a locale, so that ranges are of bytes. glob(3) would not say which
 * directories to watch, and has no `**`.
 */
#include "shipper/sources/glob.h"

#include "parsers/buffer.h"
#include "parsers/limits.h"
#include "parsers/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>

bool glob_has_wildcard(const char *pattern)
{
    return strpbrk(pattern, "*?[\\") != NULL;
}

bool glob_is_name(const char *names, const char *name)
{
    return fnmatch(names, name, FNM_PERIOD) == 0;
}

/* The `**` that is a whole component, or NULL. */
static const char *find_stars(const char *pattern)
{
    const char *at = pattern;

    while ((at = strstr(at, "**")) != NULL) {
        if ((at == pattern || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
            return at;
        at += 2;
    }
    return NULL;
}

static bool is_path(const char *pattern, const char *path)
{
    return fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0;
}

/* The path's first components against the n bytes of pattern before `**`; the rest
 * of the path where they match, else NULL. */
static const char *match_front(const char *pattern, size_t n, const char *path)
{
    struct span front = {pattern, n};
    const char *rest = path;
    char *pattern_text, *path_text;
    bool is_match;

    for (const char *at = front.at; (at = span_find(span_between(at, span_end(front)), '/')); at++)
        if (!(rest = strchr(rest, '/')))
            return NULL;
        else
            rest++;
    pattern_text = memory_string(front);
    path_text = memory_string(span_between(path, rest));
    is_match = n == 0 || is_path(pattern_text, path_text);
    free(pattern_text);
    free(path_text);
    return is_match ? rest : NULL;
}

static bool matches_path(const char *pattern, const char *path)
{
    const char *stars = find_stars(pattern);
    const char *rest;

    if (!stars)
        return is_path(pattern, path);
    rest = match_front(pattern, (size_t)(stars - pattern), path);
    while (rest) {
        if (matches_path(stars[2] == '/' ? stars + 3 : "*", rest))
            return true;
        rest = *rest == '.' ? NULL : strchr(rest, '/');
        rest = rest ? rest + 1 : NULL;
    }
    return false;
}

bool glob_matches(const char *pattern, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!strchr(pattern, '/'))
        return glob_is_name(pattern, slash ? slash + 1 : path);
    return matches_path(pattern, path);
}

bool glob_matches_any(const struct strings *patterns, const char *path)
{
    for (size_t i = 0; patterns && i < patterns->count; i++)
        if (glob_matches(patterns->items[i], path))
            return true;
    return false;
}

/* --- listing --------------------------------------------------------------- */

/* "." for the start of a relative pattern. */
static const char *to_open(const char *directory)
{
    return *directory ? directory : ".";
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
    char **items;
    size_t count, room;
};

static void names_finish(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

/* The entries of a directory that match one component, sorted. */
static bool names_read(
    struct names *names, const char *directory, const char *component, bool is_of_directories)
{
    DIR *listed = opendir(to_open(directory));

    if (!listed)
        return false;
    for (const struct dirent *entry; (entry = readdir(listed));) {
        bool is_other =
            entry->d_type != DT_DIR && entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN;

        if ((is_of_directories && is_other) || strcmp(entry->d_name, ".") == 0 ||
            strcmp(entry->d_name, "..") == 0 || !glob_is_name(component, entry->d_name))
            continue;
        names->items = memory_room(names->items, names->count, &names->room, sizeof(char *));
        names->items[names->count++] = memory_string(span_of(entry->d_name));
    }
    closedir(listed);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof(*names->items), compare_names);
    return true;
}

/* Terminates the path. */
static const char *text_of(struct buffer *path)
{
    buffer_append_byte(path, '\0');
    path->len--;
    return path->bytes;
}

bool glob_list(
    const char *directory, const char *names, void (*match)(void *arg, const char *path), void *arg)
{
    struct buffer path = {0};
    struct names found = {0};
    bool is_listed = true;
    size_t before;

    buffer_append(&path, span_of(directory));
    before = path.len;
    if (!glob_has_wildcard(names)) {
        buffer_append(&path, span_of(names));
        match(arg, text_of(&path));
    } else
        is_listed = names_read(&found, directory, names, false);
    for (size_t i = 0; i < found.count; i++) {
        path.len = before;
        buffer_append(&path, span_of(found.items[i]));
        match(arg, text_of(&path));
    }
    names_finish(&found);
    buffer_finish(&path);
    return is_listed;
}

/* --- walking --------------------------------------------------------------- */

/* A directory that `**` has been in, with what followed in the pattern: links may
 * lead to it again, or back to it. */
struct visited {
    const char *rest;
    dev_t device;
    ino_t inode;
};

struct walk {
    const struct glob_visit *visit;
    struct buffer path; /* what was walked so far: empty, or ended by a slash */
    struct visited *visited;
    size_t visited_count, visited_room; /* room: a power of two, at most half of it used */
    size_t told;
};

static bool is_directory(struct walk *walk, struct stat *st)
{
    const char *path = text_of(&walk->path);

    if (stat(to_open(path), st) == 0)
        return S_ISDIR(st->st_mode);
    if (errno != ENOENT && errno != ENOTDIR)
        walk->visit->failed(walk->visit->arg, path, errno);
    return false;
}

static struct visited *visited_place(
    struct visited *table, size_t room, const struct visited *wanted)
{
    size_t at = (size_t)(wanted->inode * 0x9E3779B97F4A7C15u >> 20) & (room - 1);

    while (
        table[at].rest && (table[at].inode != wanted->inode || table[at].device != wanted->device ||
                              table[at].rest != wanted->rest))
        at = (at + 1) & (room - 1);
    return &table[at];
}

/* False if it was there before. */
static bool visited_add(struct walk *walk, const struct visited *added)
{
    struct visited *place;

    if (walk->visited_count * 2 >= walk->visited_room) {
        size_t room = walk->visited_room ? walk->visited_room * 2 : 64;
        struct visited *table = memory_new(room * sizeof(*table));

        for (size_t i = 0; i < walk->visited_room; i++)
            if (walk->visited[i].rest)
                *visited_place(table, room, &walk->visited[i]) = walk->visited[i];
        free(walk->visited);
        walk->visited = table;
        walk->visited_room = room;
    }
    place = visited_place(walk->visited, walk->visited_room, added);
    if (place->rest)
        return false;
    *place = *added;
    walk->visited_count++;
    return true;
}

static bool is_enough(const struct walk *walk)
{
    return walk->told > LIMIT_FOLDERS;
}

static void tell(struct walk *walk, const char *names)
{
    walk->told++;
    if (!is_enough(walk))
        walk->visit->directory(walk->visit->arg, text_of(&walk->path), names);
}

static void walk_on(struct walk *walk, const char *rest);

/* Into each directory of that name, with `rest` of the pattern. */
static void walk_names(struct walk *walk, const char *component, const char *rest,
    void (*into)(struct walk *walk, const char *rest))
{
    struct names names = {0};
    size_t before = walk->path.len;
    struct stat st;

    if (!names_read(&names, text_of(&walk->path), component, true))
        walk->visit->failed(walk->visit->arg, text_of(&walk->path), errno);
    for (size_t i = 0; i < names.count && !is_enough(walk); i++) {
        buffer_append(&walk->path, span_of(names.items[i]));
        if (is_directory(walk, &st)) {
            buffer_append_byte(&walk->path, '/');
            into(walk, rest);
        }
        walk->path.len = before;
    }
    names_finish(&names);
}

/* `**` here and in every directory below. */
static void walk_stars(struct walk *walk, const char *rest)
{
    struct visited here = {.rest = rest};
    struct stat st;

    if (!is_directory(walk, &st))
        return;
    here.device = st.st_dev;
    here.inode = st.st_ino;
    if (!visited_add(walk, &here))
        return;
    walk_on(walk, rest);
    tell(walk, NULL);
    walk_names(walk, "*", rest, walk_stars);
}

/* Literal directories are joined without a look. */
static void walk_on(struct walk *walk, const char *rest)
{
    const char *slash = strchr(rest, '/');
    struct span component = slash ? span_between(rest, slash) : span_of(rest);
    size_t before = walk->path.len;
    struct stat st;
    char *text;

    if (span_is(component, "**")) {
        walk_stars(walk, slash ? slash + 1 : "*");
        return;
    }
    if (!slash) {
        if (is_directory(walk, &st))
            tell(walk, rest);
        return;
    }
    text = memory_string(component);
    if (!glob_has_wildcard(text)) {
        buffer_append(&walk->path, span_between(rest, slash + 1));
        walk_on(walk, slash + 1);
        walk->path.len = before;
    } else if (is_directory(walk, &st)) {
        tell(walk, NULL);
        walk_names(walk, text, slash + 1, walk_on);
    }
    free(text);
}

bool glob_walk(const char *pattern, const struct glob_visit *visit)
{
    struct walk walk = {.visit = visit};

    walk_on(&walk, pattern);
    buffer_finish(&walk.path);
    free(walk.visited);
    return !is_enough(&walk);
}

struct each {
    void (*match)(void *arg, const char *path);
    void *arg;
};

static void each_directory(void *arg, const char *path, const char *names)
{
    const struct each *each = arg;

    if (names)
        glob_list(path, names, each->match, each->arg);
}

static void each_failed(void *arg, const char *path, int code)
{
    (void)arg;
    (void)path;
    (void)code;
}

void glob_each(const char *pattern, void (*match)(void *arg, const char *path), void *arg)
{
    struct each each = {match, arg};
    struct glob_visit visit = {each_directory, each_failed, &each};

    glob_walk(pattern, &visit);
}
