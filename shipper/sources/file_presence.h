/* SPDX-License-Identifier: MIT
 *
 * Whether a saved file is still at its path, for who looks without following:
 * `status`.
 */
#ifndef SHIPPER_SOURCES_FILE_PRESENCE_H
#define SHIPPER_SOURCES_FILE_PRESENCE_H

#include "parsers/span.h"

#include <sys/stat.h>

/* cursor: the value that the file source keeps in the spool. True if the content
 * that was read is at that path: *now is then filled, and *size set to what the file
 * has in all. Only decoding would tell that of gzip or another encoding than UTF-8:
 * then *size stays. */
bool file_presence_look(struct span cursor, const char *path, struct stat *now, uint64_t *size);

#endif
