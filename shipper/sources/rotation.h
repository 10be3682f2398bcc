/* SPDX-License-Identifier: MIT
 *
 * Where rotation puts files: beside their live name, under a name made from it
 * (sibling.h), or in the input's archive folders.
 */
#ifndef SHIPPER_SOURCES_ROTATION_H
#define SHIPPER_SOURCES_ROTATION_H

#include "shipper/sources/follow.h"

/* Looks at every file that may be a rotated one of the folder's, or of what a link of
 * its input leads to in it; `of`: only those of that path. */
void rotation_look(struct following *f, struct folder *folder, const char *of);

/* The file that has the live name which this one's is made from; NULL if there is
 * none. */
struct followed *rotation_successor(const struct following *f, const struct followed *file);

/* After the first look at everything: of each name the rotated files are read before
 * the live one, those that were written earlier first. */
void rotation_order(struct following *f);

#endif
