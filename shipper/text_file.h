/* SPDX-License-Identifier: MIT
 *
 * A whole small file in memory, as a text that errors can point into.
 */
#ifndef SHIPPER_TEXT_FILE_H
#define SHIPPER_TEXT_FILE_H

#include "parsers/error.h"

/* Reads a regular file of at most most_bytes; its name is the path as given.
 * NULL with *err filled (ERROR_CONFIG) when it is missing, a folder, a device,
 * not readable or larger. */
struct text *text_file_read(const char *path, size_t most_bytes, struct error *err);
void text_file_free(struct text *text); /* accepts NULL */

#endif
