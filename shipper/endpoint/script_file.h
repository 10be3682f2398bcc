/* SPDX-License-Identifier: MIT
 *
 * A script that follows its file, so that whoever runs the stand-in can change
 * what it answers while it runs: replace the file (write beside it, then rename).
 */
#ifndef SHIPPER_ENDPOINT_SCRIPT_FILE_H
#define SHIPPER_ENDPOINT_SCRIPT_FILE_H

#include "shipper/endpoint/script.h"

struct script_file;

/* Nothing is read yet. path must outlive it. */
struct script_file *script_file_new(const char *path);
void script_file_free(struct script_file *file); /* accepts NULL */

/* Reads the file if it is another one than last time by inode, size or time of
 * change, or if it is_forced; counts start anew. On failure appends what is wrong,
 * and the script stays as it was. */
bool script_file_refresh(struct script_file *file, bool is_forced, struct buffer *complaint);

/* The script as it stands, NULL before the first success; valid until the next
 * refresh. */
struct script *script_file_script(const struct script_file *file);

#endif
