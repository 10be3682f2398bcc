/* SPDX-License-Identifier: MIT
 *
 * Files that a pattern catches but that are no logs: archives, programs, images,
 * anything that is no text. Told by their first bytes, by the signatures of common
 * formats and else by how many control characters there are.
 */
#ifndef SHIPPER_SOURCES_BINARY_H
#define SHIPPER_SOURCES_BINARY_H

#include "parsers/span.h"

enum { BINARY_LOOK_BYTES = 4096 /* a good size for `beginning` */ };

/* What the file is, as a noun ("a ZIP archive"); NULL if it may be a log.
 * `beginning` is decompressed and transcoded. Not text are also: UTF-16 that
 * nobody declared. Text are: runs of NUL bytes, escape sequences, the separators
 * SOH (FIX) and FS to US, and bytes from 128 on in any order. */
const char *binary_kind(struct span beginning);

#endif
