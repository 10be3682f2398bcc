/* SPDX-License-Identifier: MIT
 *
 * Which content a file has: the row it is read by, and whether another file that is
 * followed has the same.
 */
#ifndef SHIPPER_SOURCES_IDENTITY_H
#define SHIPPER_SOURCES_IDENTITY_H

#include "shipper/sources/follow.h"

/* Finds out by its first line what the file is: TAIL_CHUNK when it has a row. */
enum tail_result identity_find(
    struct following *f, struct followed *file, bool is_from_end, struct error *err);

/* Looks whether a row has the file's content, and proves it well enough where only a
 * few bytes were read: a first line may be the same in every file. *row is then
 * what it would be read by. */
bool identity_is_known(struct following *f, struct file_tail *tail, struct file_row *row);

/* Puts a copy where its original has been read to: at its own end while that is
 * further than the copy is long. Once the copy is the longer one (the original was
 * truncated, or its lines are not the copy's) it goes on by itself. */
void identity_keep_up(struct following *f, struct followed *file);

/* Whether a copy of the file was read beyond that offset, or is as long and may grow: an
 * unfinished line that ends there is the copy's. */
bool identity_goes_on(const struct following *f, const struct followed *file, uint64_t end);

#endif
