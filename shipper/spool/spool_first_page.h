/* SPDX-License-Identifier: MIT
 *
 * The first page of a database says where its tables begin. Ours are made in one go and
 * never again, so that this is the same in all of them: a damaged one can be had from
 * another spool.
 */
#ifndef SHIPPER_SPOOL_FIRST_PAGE_H
#define SHIPPER_SPOOL_FIRST_PAGE_H

#include <sqlite3.h>
#include <stdbool.h>

/* Whether the tables are where that page says; accepts NULL. */
bool spool_first_page_is_sound(sqlite3 *database);

/* Puts the first page of the spool at `like`, made by this version and empty, into the file at
 * `path`, which nobody has open. Without the list of free pages, so that it is good for reading
 * only. False if there is nothing to be done. */
bool spool_first_page_mend(const char *path, const char *like);

#endif
