/* SPDX-License-Identifier: MIT
 *
 * Paths by pattern: `*`, `?` and `[…]` within one path component, never across a
 * slash and never a leading dot; `**` as a component for any number of
 * directories, none included. A literal path is a pattern with one match.
 *
 * Looking is in two steps, since directories change rarely and their files often:
 * first the directories of a pattern, then the names in each.
 */
#ifndef SHIPPER_SOURCES_GLOB_H
#define SHIPPER_SOURCES_GLOB_H

#include "parsers/keys.h"

/* Paths live during the call only. */
struct glob_visit {
    /* A directory, as a path to put a name behind ("" for the current one). `names`
     * is the pattern of the names in it that match, in the pattern's own memory; NULL
     * where only directories on the way to them may appear. */
    void (*directory)(void *arg, const char *path, const char *names);
    /* A directory that cannot be listed; code is errno. */
    void (*failed)(void *arg, const char *path, int code);
    void *arg;
};

/* Tells every directory of the pattern, in the order of names. Below `**` each is
 * told once, however many links lead to it. False if there are over LIMIT_FOLDERS:
 * the rest is left out. */
bool glob_walk(const char *pattern, const struct glob_visit *visit);

/* Tells the paths of a directory (as glob_walk told it) that match `names`, sorted.
 * Literal ones are told without looking whether they are there. False with errno
 * if it cannot be listed. */
bool glob_list(const char *directory, const char *names, void (*match)(void *arg, const char *path),
    void *arg);

/* Tells every path that the pattern matches, as far as can be seen. */
void glob_each(const char *pattern, void (*match)(void *arg, const char *path), void *arg);

/* Whether one name matches a pattern without slashes. */
bool glob_is_name(const char *names, const char *name);

/* Whether the pattern matches the path: all of it, or its last component alone where
 * the pattern has no slash. */
bool glob_matches(const char *pattern, const char *path);

/* Whether any of the patterns does; NULL: none. */
bool glob_matches_any(const struct strings *patterns, const char *path);

bool glob_has_wildcard(const char *pattern);

#endif
