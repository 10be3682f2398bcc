/* SPDX-License-Identifier: MIT
 *
 * Which file is at a path: whatever tells of one (the first scan, a sweep, inotify)
 * goes through here, and it is followed from then on, or recognised as one that is.
 */
#ifndef SHIPPER_SOURCES_LOOK_H
#define SHIPPER_SOURCES_LOOK_H

#include "shipper/sources/follow.h"

/* Anything that is or may be at a path in the folder; is_hint: something has just
 * happened to it. */
void look_at(struct following *f, struct folder *folder, const char *path, bool is_hint);

/* A path that the folder's input does not name, where one of its files may be now:
 * it is followed if a row knows it and there may be more of it. */
void look_at_rotated(struct following *f, struct folder *folder, const char *path);

/* A path that the folder's input does not name, where a file is that had the name
 * `former` of it before it could be opened: it is followed, and read before the one
 * that has that name now. */
void look_at_moved(
    struct following *f, struct folder *folder, const char *path, const char *former);

/* Files in the folder that the sweep did not see have no name there any more. */
void look_end_sweep(struct following *f, struct folder *folder);

#endif
