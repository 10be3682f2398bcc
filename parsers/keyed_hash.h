/* SPDX-License-Identifier: MIT
 *
 * SipHash-2-4 (Aumasson, Bernstein, INDOCRYPT 2012): a hash for tables whose keys others
 * choose. Without the key of it nobody can make many of theirs fall into one slot.
 */
#ifndef PARSERS_KEYED_HASH_H
#define PARSERS_KEYED_HASH_H

#include "span.h"

#include <stdint.h>

uint64_t keyed_hash(const uint64_t key[2], struct span bytes);

#endif
