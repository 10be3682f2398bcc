/* SPDX-License-Identifier: MIT
 *
 * No state is kept of an unfinished message but its bytes, which come again: a
 * frame is looked at only when it is whole, or longer than it may be. Nothing is
 * looked for inside a message whose count holds: what stands there was perhaps
 * written by somebody who would like to be another sender.
 */
#include "syslog_framing.h"

#include "limits.h"
#include "lines.h"

enum { COUNT_DIGITS = 7, PRI_DIGITS = 3 };

enum header { HEADER_NONE, HEADER_MORE, HEADER_FOUND };

static bool is_end_byte(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

/* A counted message or a datagram as one line; false if it is empty. */
static bool put_message(struct span message, struct buffer *lines)
{
    char *to;

    while (message.len > 0 && is_end_byte(message.at[message.len - 1]))
        message.len--;
    if (message.len == 0)
        return false;
    to = buffer_reserve(lines, message.len + 1);
    memcpy(to, message.at, message.len);
    for (char *c = to; (c = memchr(c, '\n', (size_t)(to + message.len - c)));)
        *c = ' ';
    to[message.len] = '\n';
    lines->len += message.len + 1;
    return true;
}

/* --- lines ----------------------------------------------------------------- */

/* Behind the first, or the last, byte that ends a line; 0 if there is none. */
static size_t first_end(struct span s)
{
    const char *newline = memchr(s.at, '\n', s.len);
    size_t len = newline ? (size_t)(newline - s.at) : s.len;
    const char *nul = memchr(s.at, '\0', len);

    return nul ? (size_t)(nul + 1 - s.at) : newline ? len + 1 : 0;
}

static size_t last_end(struct span s)
{
    const char *newline = memrchr(s.at, '\n', s.len);
    size_t behind = newline ? (size_t)(newline + 1 - s.at) : 0;
    const char *nul = memrchr(s.at + behind, '\0', s.len - behind);

    return nul ? (size_t)(nul + 1 - s.at) : behind;
}

/* Lines as they are, the last of which may lack its end. */
static void put_lines(struct syslog_framing *framing, struct span s, struct buffer *lines)
{
    char *to = buffer_reserve(lines, s.len + 1), *end = to + s.len;

    memcpy(to, s.at, s.len);
    for (char *c = to; (c = memchr(c, '\0', (size_t)(end - c)));)
        *c = '\n';
    if (end[-1] != '\n')
        *end++ = '\n';
    lines->len += (size_t)(end - to);
    framing->messages += lines_count(span_between(to, end));
}

static size_t take_lines(
    struct syslog_framing *framing, struct span bytes, bool is_end, struct buffer *lines)
{
    struct span rest = bytes;

    while (rest.len > 0) {
        size_t most = framing->max_message_bytes, len;

        if (framing->is_cutting) {
            len = first_end(rest);
            framing->is_cutting = len == 0;
            len = len > 0 ? len : rest.len;
            framing->cut_bytes += len;
        } else {
            len = last_end((struct span){rest.at, rest.len > most ? most + 1 : rest.len});
            if (len == 0 && rest.len <= most && !is_end)
                break;
            if (len == 0 && rest.len > most) {
                framing->cut++;
                framing->is_cutting = true;
            }
            if (len == 0)
                len = rest.len > most ? most : rest.len;
            put_lines(framing, (struct span){rest.at, len}, lines);
        }
        rest = span_from(rest, len);
    }
    return bytes.len - rest.len;
}

/* --- octet counting -------------------------------------------------------- */

/* COUNT SP "<" 1 to 3 digits ">", COUNT at most `most`. MORE: it may become one. */
static enum header read_header(struct span s, size_t most, size_t *count, size_t *len)
{
    size_t digits = 0, pri;
    uint64_t number;

    while (digits < s.len && digits < COUNT_DIGITS && byte_is_digit(s.at[digits]))
        digits++;
    if (digits < s.len && (digits == 0 || s.at[digits] != ' '))
        return HEADER_NONE;
    if (s.len > 0 && s.at[0] == '0')
        return HEADER_NONE;
    if (digits + 1 < s.len && s.at[digits + 1] != '<')
        return HEADER_NONE;
    for (pri = digits + 2; pri < s.len && pri < digits + 2 + PRI_DIGITS; pri++)
        if (!byte_is_digit(s.at[pri]))
            break;
    if (pri < s.len && (pri == digits + 2 || s.at[pri] != '>'))
        return HEADER_NONE;
    if (pri >= s.len)
        return HEADER_MORE;
    if (!span_to_u64((struct span){s.at, digits}, &number) || number > most ||
        number < pri - digits)
        return HEADER_NONE;
    *count = (size_t)number;
    *len = digits + 1;
    return HEADER_FOUND;
}

/* How much does not begin a frame; what is left does, or is too short to tell. Digits
 * of the message before may stand right before a count: a count that is more than
 * a message may have is none here. */
static size_t find_frame(const struct syslog_framing *framing, struct span s)
{
    size_t count, len, at = 0;

    while (at < s.len &&
           read_header(span_from(s, at), framing->max_message_bytes, &count, &len) == HEADER_NONE)
        at++;
    return at;
}

static size_t skip_padding(struct span s)
{
    size_t len = 0;

    while (len < s.len && is_end_byte(s.at[len]))
        len++;
    return len;
}

/* A frame whose header was read. Returns its length with all that was taken of it,
 * or 0: wait for more. */
static size_t take_frame(struct syslog_framing *framing, struct span s, size_t count,
    size_t header_len, bool is_end, struct buffer *lines)
{
    size_t most = framing->max_message_bytes, wanted = count < most ? count : most;
    struct span message = {s.at + header_len, s.len - header_len};

    if (message.len < wanted && !is_end)
        return 0;
    if (message.len < wanted) {
        framing->unfinished++;
    } else {
        message.len = wanted;
        framing->left = count - wanted;
        framing->cut += count > wanted;
    }
    framing->messages += put_message(message, lines);
    return header_len + message.len;
}

/* What stands before the next frame and is none. */
static size_t pass_over(struct syslog_framing *framing, struct span s)
{
    size_t len;

    if (framing->left > 0) {
        len = framing->left < s.len ? framing->left : s.len;
        framing->left -= len;
        framing->cut_bytes += len;
    } else if (framing->is_searching) {
        len = find_frame(framing, s);
        framing->skipped += len;
    } else {
        len = skip_padding(s);
    }
    return len;
}

static size_t take_counted(
    struct syslog_framing *framing, struct span bytes, bool is_end, struct buffer *lines)
{
    struct span rest = bytes;

    while (rest.len > 0) {
        bool was_cut = framing->left > 0;
        size_t count, header_len, len = 0;

        rest = span_from(rest, pass_over(framing, rest));
        if (was_cut || rest.len == 0)
            continue;
        switch (read_header(rest, LIMIT_LINE_BYTES, &count, &header_len)) {
        case HEADER_NONE:
            framing->out_of_sync++;
            framing->is_searching = true;
            continue;
        case HEADER_MORE:
            framing->out_of_sync += is_end && !framing->is_searching;
            framing->skipped += is_end ? rest.len : 0;
            return is_end ? bytes.len : bytes.len - rest.len;
        case HEADER_FOUND:
            framing->is_searching = false;
            len = take_frame(framing, rest, count, header_len, is_end, lines);
            break;
        }
        if (len == 0)
            break;
        rest = span_from(rest, len);
    }
    return bytes.len - rest.len;
}

size_t syslog_framing_take(
    struct syslog_framing *framing, struct span bytes, bool is_end, struct buffer *lines)
{
    size_t padding = 0, count, len;

    if (framing->mode == SYSLOG_FRAMING_UNKNOWN) {
        padding = skip_padding(bytes);
        bytes = span_from(bytes, padding);
        switch (read_header(bytes, LIMIT_LINE_BYTES, &count, &len)) {
        case HEADER_MORE:
            if (!is_end)
                return padding;
            framing->mode = SYSLOG_FRAMING_LINES;
            break;
        case HEADER_NONE:
            framing->mode = SYSLOG_FRAMING_LINES;
            break;
        case HEADER_FOUND:
            framing->mode = SYSLOG_FRAMING_COUNTED;
            break;
        }
    }
    return padding + (framing->mode == SYSLOG_FRAMING_COUNTED
                             ? take_counted(framing, bytes, is_end, lines)
                             : take_lines(framing, bytes, is_end, lines));
}

bool syslog_framing_datagram(struct span datagram, struct buffer *lines)
{
    size_t count, len;

    if (read_header(datagram, LIMIT_LINE_BYTES, &count, &len) == HEADER_FOUND &&
        count <= datagram.len - len)
        datagram = (struct span){datagram.at + len, count};
    return put_message(datagram, lines);
}
