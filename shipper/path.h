/* SPDX-License-Identifier: MIT
 *
 * Paths as a configuration writes them: relative ones start from its own folder.
 * What is returned is yours to free.
 */
#ifndef SHIPPER_PATH_H
#define SHIPPER_PATH_H

/* The folder that a path is in: "." for a bare name. */
char *path_folder(const char *path);

/* path itself when it is absolute, else below folder. */
char *path_below(const char *folder, const char *path);

/* *path, allocated or NULL, replaced by path_below. */
void path_settle(char **path, const char *folder);

#endif
