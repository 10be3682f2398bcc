/* SPDX-License-Identifier: MIT
 *
 * What a process tells of itself in a file of the state directory, overwritten in place:
 * for who looks, beside a running service and after its end. Nobody acts on it.
 */
#ifndef SHIPPER_BULLETIN_H
#define SHIPPER_BULLETIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { BULLETIN_MOST_BYTES = 16384 };

struct bulletin {
    int descriptor;   /* -1: not open */
    const char *what; /* it tells, for the log: "what holds it up" */
    bool is_failing;  /* said */
};

/* Opens DIR/NAME; what must outlive the bulletin. A failure is logged, here and in
 * bulletin_write, and nothing else comes of it. */
void bulletin_open(struct bulletin *bulletin, const char *dir, const char *name, const char *what);
void bulletin_close(struct bulletin *bulletin);

/* Overwrites it with a struct of at most BULLETIN_MOST_BYTES, of which all bytes are set (what
 * lies between its members, too). A full disk needs no more room for that. */
void bulletin_write(struct bulletin *bulletin, const void *from, size_t bytes, int64_t wall_s);

struct bulletin_seen {
    pid_t pid; /* of who wrote it */
    int64_t noted_s;
};

/* False, and nothing touched, if it is not there, cannot be read, or is not of that size. */
bool bulletin_read(
    const char *dir, const char *name, void *to, size_t bytes, struct bulletin_seen *seen);

#endif
