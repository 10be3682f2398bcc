/* SPDX-License-Identifier: MIT
 *
 * What usage-shipper is doing, told from its state directory alone: works beside
 * a running service, which does not notice, and on a stopped one. First data,
 * then text or JSON from it.
 */
#ifndef SHIPPER_STATUS_H
#define SHIPPER_STATUS_H

#include "parsers/notes.h"
#include "shipper/answers.h"
#include "shipper/config.h"
#include "shipper/facts.h"
#include "shipper/holdup.h"
#include "shipper/sources/syslog_row.h"
#include "shipper/spool/spool.h"
#include "shipper/state.h"
#include "shipper/status_rules.h"

/* size = bytes of the account + held + unread, unless the account is wrong. */
struct status_source {
    char *kind; /* of its cursor: "file", … */
    char *name;
    bool is_followed; /* as far as can be told: open now, or when the service was stopped */
    bool is_here;     /* a file: at that path; any other: it has not ended */
    uint64_t size;    /* now, if it is here; else as last seen */
    uint64_t position;
    uint64_t held, unread;
    int64_t missing; /* bytes read that are in no class (negative: in two); 0 is right */
    int64_t seen_s;
    int64_t lag_s;      /* for how long it has not been read to its end; -1: not known */
    double lines_per_s; /* lately */
    struct account account;
    char *advice; /* what the service's user needs to read it; NULL: it may, or it is no file */
    bool is_syslog;
    uint64_t syslog[SYSLOG_COUNTS]; /* is_syslog: messages, and how often each limit was hit */
};

bool status_is_file(const struct status_source *source);

/* It stands for what an input of files could not even open: it has no bytes. */
bool status_is_input(const struct status_source *source);

/* No file with its content is at its path, and nobody has it open; or it has ended. */
static inline bool status_is_gone(const struct status_source *source)
{
    return !source->is_followed && !source->is_here;
}

/* One of the two processes at work. */
struct status_process {
    bool is_running;
    struct holdup_seen seen; /* what it noted last, running or not */
};

struct status {
    const char *dir;
    int64_t now_s;   /* UNIX seconds, when this was read */
    int64_t known_s; /* until when it tells what happened: now, or the end of the service */
    struct state_holder service;
    struct status_process sender, reader;
    struct facts facts;     /* of its processes */
    struct answers answers; /* of the endpoint, to answers_s */
    int64_t answers_s;
    struct spool_stats spool;
    struct status_rules rules;
    struct notes_stats notes;      /* what rules keep between lines */
    uint64_t expired;              /* of the rejected events: too old, never sent */
    uint64_t spool_max_bytes;      /* 0: not known */
    bool is_dropping;              /* when the spool is full */
    struct status_source *sources; /* by name; those that are gone last */
    size_t count, room;
    size_t gone; /* of them */
};

/* Reads the state directory. With a configuration, files that its inputs name and
 * of which nothing was read are sources too. *status is to be finished in any
 * case; dir and config are borrowed. */
bool status_read(
    const char *dir, const struct config *config, struct status *status, struct error *err);
void status_finish(struct status *status);

/* The sum of some sources, without name; its lag is the longest. */
struct status_source status_sum(const struct status *status, size_t first, size_t count);

/* How many sources have bytes in no class, or in two. */
size_t status_faults(const struct status *status);

/* Lines of text for people. is_all: those that are gone one by one, not as a sum. */
void status_write_text(const struct status *status, bool is_all, struct buffer *out);

/* Parts of them: who runs, and what becomes of events; the sources (status_table.c). */
void status_write_service_text(const struct status *status, struct buffer *out);
void status_write_events_text(const struct status *status, struct buffer *out);
void status_write_sources_text(const struct status *status, bool is_all, struct buffer *out);

/* "90 s", "3 h"; "?" for -1. */
enum { STATUS_LAG_BYTES = 32 };
void status_write_lag(int64_t lag_s, char text[STATUS_LAG_BYTES]);

/* The part of them about what sender and reader wait for: status_holdup.c. */
void status_write_holdups_text(const struct status *status, struct buffer *out);
void status_write_holdups_json(const struct status *status, struct buffer *out);

/* What somebody should see to: status_alerts.c. */
void status_write_alerts_text(const struct status *status, struct buffer *out);
void status_write_alerts_json(const struct status *status, struct buffer *out);

/* One JSON object, a source a line. */
void status_write_json(const struct status *status, bool is_all, struct buffer *out);

#endif
