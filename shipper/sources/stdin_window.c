/* SPDX-License-Identifier: MIT
 *
 * A ring in a shared mapping. Killed in the moment between the system's copying of the
 * bytes and our noting how many came, a reader leaves them behind `end`: the place was
 * zeroed before, so that they can be told from what was there. Text has no NUL at its
 * end that anyone would miss.
 */
#include "shipper/sources/stdin_window.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct stdin_window *stdin_window_new(struct error *err)
{
    struct stdin_window *window =
        mmap(NULL, sizeof(*window), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (window != MAP_FAILED)
        return window;
    error_system(err, "cannot map memory for standard input");
    return NULL;
}

/* The room behind `end` that lies in one piece. */
static char *room_of(struct stdin_window *window, size_t *room)
{
    size_t at = (size_t)(window->end % STDIN_WINDOW_BYTES);

    *room = STDIN_WINDOW_BYTES - at < STDIN_READ_BYTES ? STDIN_WINDOW_BYTES - at : STDIN_READ_BYTES;
    return window->bytes + at;
}

void stdin_window_mend(struct stdin_window *window)
{
    size_t room;
    const char *bytes = room_of(window, &room);

    if (window->is_reading && window->end == window->reading_at) {
        while (room > 0 && bytes[room - 1] == '\0')
            room--;
        window->end += room;
    }
    window->is_reading = false;
}

ssize_t stdin_window_read(struct stdin_window *window, int fd, char *to, size_t most)
{
    size_t room;
    char *bytes = room_of(window, &room);
    ssize_t n;

    if (room > most)
        room = most;
    memset(bytes, 0, room);
    window->reading_at = window->end;
    window->is_reading = true;
    n = read(fd, bytes, room);
    if (n > 0) {
        memcpy(to, bytes, (size_t)n);
        window->end += (size_t)n;
    }
    window->is_reading = false;
    return n;
}

size_t stdin_window_copy(const struct stdin_window *window, uint64_t at, char *to, size_t most)
{
    size_t from = (size_t)(at % STDIN_WINDOW_BYTES);

    if (window->end - at < most)
        most = (size_t)(window->end - at);
    if (STDIN_WINDOW_BYTES - from < most)
        most = STDIN_WINDOW_BYTES - from;
    memcpy(to, window->bytes + from, most);
    return most;
}
