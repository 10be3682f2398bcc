/* SPDX-License-Identifier: MIT
 *
 * What is kept of one listener over restarts: how many bytes of lines came through it,
 * and how often each limit was hit. Sockets have nothing to resume, but events, bytes
 * and counts go in one transaction here, too.
 */
#ifndef SHIPPER_SOURCES_SYSLOG_ROW_H
#define SHIPPER_SOURCES_SYSLOG_ROW_H

#include "shipper/clock.h"
#include "shipper/config.h"
#include "shipper/shared.h"
#include "shipper/spool/spool.h"

#define SYSLOG_KIND "syslog" /* of the cursors in the spool */

enum syslog_count {
    SYSLOG_MESSAGES,         /* delivered as lines */
    SYSLOG_CUT,              /* of them, those longer than max_message */
    SYSLOG_UNFINISHED,       /* of them, those whose connection ended before their octet count */
    SYSLOG_OUT_OF_SYNC,      /* no message began where the octet count said */
    SYSLOG_NOT_ALLOWED,      /* datagrams and connections of peers that `allow` leaves out */
    SYSLOG_OVER_RATE,        /* datagrams dropped, and waits of connections */
    SYSLOG_OVER_CONNECTIONS, /* connections closed at once */
    SYSLOG_IDLE,             /* connections closed because nothing came */
    SYSLOG_NO_ROOM,          /* datagrams of local sockets dropped while the spool was full */
    SYSLOG_KERNEL_DROPPED,   /* datagrams that the kernel dropped, its buffer being full */
    SYSLOG_LOST,             /* messages that a reader had taken when it died */
    SYSLOG_COUNTS
};

/* "messages", "dropped_by_kernel": in the spool, and in JSON. */
extern const char *const syslog_count_names[SYSLOG_COUNTS];

/* Reads a cursor of SYSLOG_KIND; false if it is none. */
bool syslog_counts_read(struct span cursor, uint64_t counts[SYSLOG_COUNTS]);

struct syslog_row {
    const struct syslog_config *syslog; /* borrowed */
    int descriptor;                     /* of the listener; not owned */
    counter *unsaved; /* shared with the next reader: messages taken, but not durable; or NULL */
    uint64_t key, position, counts[SYSLOG_COUNTS];
    uint64_t dropped_bytes, dropped_lines; /* since the last save, of ACCOUNT_DROPPED */
    uint64_t cookie, kernel_dropped;       /* of the socket that is known, and how many it said */
    uint64_t said[SYSLOG_COUNTS];
    int64_t say_at_ms[SYSLOG_COUNTS];
    int64_t read_ms; /* the latest turn; set by the owner */
    bool is_moved;
};

/* A row of which nothing is known but what the spool has. */
bool syslog_row_open(struct syslog_row *row, const struct syslog_config *syslog, int descriptor,
    counter *unsaved, struct spool *spool, struct error *err);

/* That many messages were taken from the socket: they are lost if the reader dies. */
void syslog_row_take(struct syslog_row *row, uint64_t messages);

/* When the source is to be read although nothing came, so that counts are saved. */
int64_t syslog_row_deadline(const struct syslog_row *row);

/* That many bytes of lines were taken. */
void syslog_row_advance(struct syslog_row *row, uint64_t bytes);

/* Datagrams, or parts of streams, that are not matched. */
void syslog_row_drop(struct syslog_row *row, enum syslog_count why, uint64_t bytes);
void syslog_row_skip(struct syslog_row *row, uint64_t bytes);

void syslog_row_count(struct syslog_row *row, enum syslog_count what, uint64_t n);

/* Adds it to the batch if it changed, and says which limits were hit, each at most once
 * a minute. */
bool syslog_row_save(struct syslog_row *row, struct spool_batch *batch);

/* The batch with the last save is durable; `left` messages that were taken before are not
 * in it. */
void syslog_row_committed(struct syslog_row *row, uint64_t left);

#endif
