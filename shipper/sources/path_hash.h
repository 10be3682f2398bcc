/* SPDX-License-Identifier: MIT
 *
 * Paths in tables.
 */
#ifndef SHIPPER_SOURCES_PATH_HASH_H
#define SHIPPER_SOURCES_PATH_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a */
static inline size_t path_hash(const char *path)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * 0x100000001B3u;
    return (size_t)(hash ^ hash >> 32);
}

#endif
