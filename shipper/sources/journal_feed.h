/* SPDX-License-Identifier: MIT
 *
 * Entries from one journalctl at a time, which the supervisor runs (errand.h). Nothing
 * is read from its pipe but when entries are asked for, so that who does not ask holds
 * it up: the journal is the buffer.
 */
#ifndef SHIPPER_SOURCES_JOURNAL_FEED_H
#define SHIPPER_SOURCES_JOURNAL_FEED_H

#include "parsers/journal_export.h"
#include "shipper/errand.h"

struct journal_feed {
    int channel;            /* to the supervisor */
    uint32_t input, number; /* of the errand */
    int pipe;               /* -1: not given yet, or at its end */
    size_t pipe_bytes;      /* that it can hold */
    bool was_full;          /* half of it at least: journalctl may have had to wait */
    bool is_asked;          /* and the supervisor has not answered yet */
    bool is_ending;         /* it was asked to end */
    bool is_ended;          /* it has; `end` says how, but the pipe may have more */
    struct errand_report end;
    struct buffer bytes; /* read from the pipe */
    size_t parsed;
    struct journal_export *entry; /* the one that journal_feed_next found */
};

/* input: its index in the configuration. */
void journal_feed_init(struct journal_feed *feed, int channel, size_t input);
void journal_feed_finish(struct journal_feed *feed);

/* Asks for a journalctl; the one before has ended. cursor: terminated, "" for none. */
void journal_feed_start(
    struct journal_feed *feed, enum journal_reading reading, const char *cursor);

/* Asks for its end, and drops what it has said. */
void journal_feed_end(struct journal_feed *feed);

/* True if the message was about it. */
bool journal_feed_receive(struct journal_feed *feed, struct channel_message *message);

/* True if there is another entry in feed->entry, which lives until the next call. */
bool journal_feed_next(struct journal_feed *feed);

/* Whether what was read last has more: the next entry takes no reading. */
bool journal_feed_has_more(const struct journal_feed *feed);

/* No entry comes any more. */
bool journal_feed_is_over(const struct journal_feed *feed);

/* It is over, and journalctl had reached its end. */
bool journal_feed_is_good(const struct journal_feed *feed);

/* Else: why not, and what to do about it. name: of the journal. */
void journal_feed_why(const struct journal_feed *feed, const char *name, struct error *err);

#endif
