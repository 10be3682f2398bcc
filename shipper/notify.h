/* SPDX-License-Identifier: MIT
 *
 * systemd's service protocol (sd_notify(3), "Notes"): datagrams to the socket that
 * $NOTIFY_SOCKET names. Without one, nothing is sent.
 */
#ifndef SHIPPER_NOTIFY_H
#define SHIPPER_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    int descriptor; /* -1: nobody listens */
    struct sockaddr_un address;
    socklen_t address_len;
    int64_t every_ms; /* between signs of life; 0: none are wanted */
    int64_t next_ms;  /* monotonic */
    char status[200]; /* the last that was told */
};

/* Takes what systemd has put into the environment out of it. */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* Everything works; a word on what it does. */
void notify_ready(struct notify *notify, const char *status);
void notify_reloading(struct notify *notify);
void notify_stopping(struct notify *notify);

/* The word alone, if it is another one. */
void notify_status(struct notify *notify, const char *status);

/* Once a turn of the loop: a sign of life when it is time. Returns when that is next:
 * INT64_MAX for never. */
int64_t notify_turn(struct notify *notify, int64_t now_ms);

#endif
