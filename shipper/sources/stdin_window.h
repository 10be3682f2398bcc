/* SPDX-License-Identifier: MIT
 *
 * The last bytes read from standard input, in memory that outlives the reader. A pipe
 * gives each byte once: what a reader had read and not committed when it died is here
 * for the next one. Made by the supervisor before it forks.
 */
#ifndef SHIPPER_SOURCES_STDIN_WINDOW_H
#define SHIPPER_SOURCES_STDIN_WINDOW_H

#include "parsers/error.h"

#include <sys/types.h>

/* Room for what waits to be committed: several lines of the greatest length. */
enum { STDIN_WINDOW_BYTES = 4 << 20, STDIN_READ_BYTES = 32 << 10 };

struct stdin_window {
    bool is_begun;       /* a reader has taken the stream up */
    uint64_t generation; /* of the stream, as that reader chose it */
    off_t base;          /* where a file that can be read again stood then; else -1 */

    uint64_t end; /* bytes read so far; the last STDIN_WINDOW_BYTES of them are in: */
    char bytes[STDIN_WINDOW_BYTES]; /* byte N of the stream at N modulo its size */

    bool is_reading; /* a read has begun with end at: */
    uint64_t reading_at;
};

/* NULL on failure. Unmapped when the process ends. */
struct stdin_window *stdin_window_new(struct error *err);

/* Takes what a reader had just read when it died. To be called by the next one. */
void stdin_window_mend(struct stdin_window *window);

/* As read(2), into the window and into `to`: at most STDIN_READ_BYTES. The caller keeps
 * all that it still needs within the window's size. */
ssize_t stdin_window_read(struct stdin_window *window, int fd, char *to, size_t most);

/* Copies what the window has of the bytes from `at` on; returns how many. */
size_t stdin_window_copy(const struct stdin_window *window, uint64_t at, char *to, size_t most);

#endif
