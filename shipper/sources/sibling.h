/* SPDX-License-Identifier: MIT
 *
 * The names that rotation gives: what app.log may be called when it is not app.log
 * any more (app.log.1, app.log-20261123.gz, app-2026-11-23.1.log, app.log_old), read
 * backwards. Names only say where to look, and in which order; content decides.
 */
#ifndef SHIPPER_SOURCES_SIBLING_H
#define SHIPPER_SOURCES_SIBLING_H

#include <stdbool.h>

/* Tells every name that a file called `name` (one path component) may have had
 * before it was rotated, the longest first, until `is_it` says yes. Only names that
 * lose something with a digit in it, or an "old" or "bak". */
bool sibling_find(const char *name, bool (*is_it)(void *arg, const char *former), void *arg);

#endif
