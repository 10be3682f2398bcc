/* SPDX-License-Identifier: MIT
 *
 * Files that have just come under a name of an input. Rotations within a moment take
 * a file from its name before anybody could open it; where the pattern leaves out the
 * names that rotation gives, no later look finds it. So what inotify tells of a
 * newcomer is followed from name to name, until it is certain that it was opened: it
 * is opened where it is by then, or counted as missed.
 */
#ifndef SHIPPER_SOURCES_NEWCOMER_H
#define SHIPPER_SOURCES_NEWCOMER_H

#include "shipper/sources/follow.h"

struct newcomer;

/* {0} is an empty list, in the order in which they came. */
struct newcomers {
    struct newcomer *items;
    size_t count, room;
};

/* A change in a directory, whose folders are told one after the other from `folder`
 * (folders_watched). What came before must have been told. */
void newcomers_note(struct newcomers *newcomers, const struct following *f, struct folder *folder,
    const struct watch_change *change);

/* Every change so far has been told and looked at: opens those that left their name
 * without being opened, and counts those that are gone. */
void newcomers_settle(struct newcomers *newcomers, struct following *f);

/* The folder will be removed: nobody asks any more what came into it. */
void newcomers_forget(struct newcomers *newcomers, const struct folder *folder);

void newcomers_finish(struct newcomers *newcomers);

#endif
