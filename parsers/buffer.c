/* SPDX-License-Identifier: MIT
 *
 * Doubling growth over memory_resize; no cap of its own.
 */
#include "buffer.h"

#include "memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_finish(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
}

char *buffer_reserve(struct buffer *buffer, size_t bytes)
{
    size_t room = buffer->room ? buffer->room : 256;

    while (room - buffer->len < bytes)
        room *= 2;
    if (room != buffer->room) {
        buffer->bytes = memory_resize(buffer->bytes, room);
        buffer->room = room;
    }
    return buffer->bytes + buffer->len;
}

void buffer_append(struct buffer *buffer, struct span s)
{
    if (s.len == 0)
        return;
    memcpy(buffer_reserve(buffer, s.len), s.at, s.len);
    buffer->len += s.len;
}

void buffer_append_byte(struct buffer *buffer, char c)
{
    *buffer_reserve(buffer, 1) = c;
    buffer->len++;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    char *to;
    int len;

    va_start(arguments, format);
    va_copy(again, arguments);
    len = vsnprintf(NULL, 0, format, arguments);
    assert(len >= 0);
    to = buffer_reserve(buffer, (size_t)len + 1);
    vsnprintf(to, (size_t)len + 1, format, again);
    buffer->len += (size_t)len;
    va_end(again);
    va_end(arguments);
}
