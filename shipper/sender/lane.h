/* SPDX-License-Identifier: MIT
 *
 * A share of the requests, with connections of its own: one multi of libcurl. What
 * libcurl does for a request grows with the others beside it in a multi, and with those
 * that share its connection; so many requests go in several lanes, and over HTTP/2 each
 * lane is a connection.
 */
#ifndef SHIPPER_SENDER_LANE_H
#define SHIPPER_SENDER_LANE_H

#include "shipper/sender/cork.h"
#include "shipper/sender/sockets.h"

#include <curl/curl.h>

/* What common servers take at once on one HTTP/2 connection, and libcurl by default. */
enum { LANE_REQUESTS = 100 };

struct lane {
    CURLM *multi; /* NULL: not open */
    struct sockets *sockets;
    struct cork cork;
    bool is_plain;  /* no TLS, so no HTTP/2 */
    bool is_http2;  /* as the last answer came */
    size_t begun;   /* since the lane moved last */
    int busy;       /* in the multi */
    int running;    /* of those, according to libcurl */
    int64_t due_ms; /* monotonic; INT64_MAX: nothing is */
};

/* The lane must be zeroed and stay where it is. */
void lane_open(struct lane *lane, struct sockets *sockets, bool is_plain);

/* The requests in it must have ended. One that is not open is fine. */
void lane_close(struct lane *lane);

/* To be called once for a handle that will be used in this lane. */
void lane_adopt(struct lane *lane, CURL *easy);

/* Begins the request that the handle is set up for: its bytes go out with lane_move. */
void lane_begin(struct lane *lane, CURL *easy);

/* Gives it up. */
void lane_drop(struct lane *lane, CURL *easy);

/* Moves the bytes of a socket that is ready. */
void lane_move_socket(struct lane *lane, const struct sockets_ready *ready);

/* Does what else is due. */
void lane_move(struct lane *lane, int64_t now_ms);

/* Takes out a request that has ended, and tells how; NULL: there is none. */
CURL *lane_reap(struct lane *lane, CURLcode *code);

static inline bool lane_has_ended_ones(const struct lane *lane)
{
    return lane->busy > lane->running;
}

#endif
