/* SPDX-License-Identifier: MIT
 *
 * Where one syslog message ends and the next begins, in a stream (RFC 6587) and in
 * a datagram (RFC 5426). Messages come out as lines, one each.
 *
 *     83 <38>1 2026-11-23T10:11:12Z web1 sshd 912 - - …     octet counting
 *     <38>Nov 23 10:11:12 web1 sshd[912]: …\n               non-transparent framing
 *
 * The first bytes of a stream decide for all of it: a count, a space and <PRI> mean
 * counting, anything else lines. Lines end at LF, CRLF or NUL.
 *
 * A newline inside a counted message or a datagram becomes a space, so that it stays
 * one line, and nothing that somebody had logged can pass for a message of its own.
 * Newlines and NULs behind a counted message belong to it or are skipped: several
 * senders write one that they did not count.
 *
 * A count may lie. It is believed up to LIMIT_LINE_BYTES: one that is too big takes
 * that many bytes of the following messages with it, one that is too small cuts its
 * message. Where no frame begins behind it, bytes are skipped up to the next count
 * with <PRI>, and counted. A larger number is no count.
 */
#ifndef PARSERS_SYSLOG_FRAMING_H
#define PARSERS_SYSLOG_FRAMING_H

#include "buffer.h"

/* The longest that may stand before a counted message and with it tells a frame:
 * "1048576 <191>". */
enum { SYSLOG_FRAMING_HEADER_BYTES = 13 };

enum syslog_framing_mode {
    SYSLOG_FRAMING_UNKNOWN,
    SYSLOG_FRAMING_COUNTED,
    SYSLOG_FRAMING_LINES,
};

/* {.max_message_bytes = …} is a stream of which nothing was read; at most
 * LIMIT_LINE_BYTES. */
struct syslog_framing {
    size_t max_message_bytes; /* what is longer is cut */
    enum syslog_framing_mode mode;

    /* Totals; the owner may set them back to zero. */
    uint64_t messages;    /* lines that came out, empty ones not counted while counting octets */
    uint64_t cut;         /* of them, those that had been longer */
    uint64_t cut_bytes;   /* what was left of those */
    uint64_t unfinished;  /* of them, those that the stream ended in before their count */
    uint64_t out_of_sync; /* how often no frame began where one should */
    uint64_t skipped;     /* bytes skipped because of that */

    /* Inside: */
    size_t left;       /* bytes of a cut message still to come (counted) */
    bool is_cutting;   /* up to the next end of line (lines) */
    bool is_searching; /* for the next frame (counted) */
};

/* Takes whole messages off the front of `bytes` and appends each as a line, with its
 * newline, to *lines. Returns how many bytes it is done with; the rest, an unfinished
 * message of at most max_message_bytes and SYSLOG_FRAMING_HEADER_BYTES, is to be given
 * again with more behind it. What comes out does not depend on where the stream was
 * split.
 *
 * is_end: nothing will follow, so that an unfinished message is taken as it is and
 * nothing is left. */
size_t syslog_framing_take(
    struct syslog_framing *framing, struct span bytes, bool is_end, struct buffer *lines);

/* Appends a datagram as one line, without the count that `logger --octet-count` puts
 * before it; false if it was empty and nothing was appended. */
bool syslog_framing_datagram(struct span datagram, struct buffer *lines);

#endif
