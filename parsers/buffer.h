/* SPDX-License-Identifier: MIT
 *
 * The one growing array of bytes. {0} is an empty buffer. A span of its bytes
 * is valid until the buffer is next written to.
 */
#ifndef PARSERS_BUFFER_H
#define PARSERS_BUFFER_H

#include "span.h"

struct buffer {
    char *bytes;
    size_t len, room;
};

void buffer_finish(struct buffer *buffer); /* frees; the buffer is empty again */
void buffer_clear(struct buffer *buffer);  /* keeps the memory */

void buffer_append(struct buffer *buffer, struct span s);
void buffer_append_byte(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for that many more bytes and returns where they go; the caller
 * writes there and adds to len what it wrote. */
char *buffer_reserve(struct buffer *buffer, size_t bytes);

static inline struct span buffer_span(const struct buffer *buffer)
{
    return (struct span){buffer->bytes ? buffer->bytes : "", buffer->len};
}

#endif
