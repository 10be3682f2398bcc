/* SPDX-License-Identifier: MIT
 *
 * Errands: what the reader may not do itself and asks the supervisor for, over its
 * channel. The reader names an input of the configuration and how to read it; the
 * supervisor does the rest from its own copy of the configuration (runner.h).
 *
 *     reader                        supervisor
 *     errand 7: journal of input 2
 *                                   report 7: given, with a descriptor
 *     … reads it to its end …
 *                                   report 7: ended, with exit status and last words
 *
 * Each errand gets a report: given or refused. A given journal ends with one more,
 * when its process is gone; the reader can ask for that with ERRAND_END. A given
 * listener has no process: there is nothing more to say of it.
 */
#ifndef SHIPPER_ERRAND_H
#define SHIPPER_ERRAND_H

#include "shipper/channel.h"

enum errand_kind {
    ERRAND_JOURNAL, /* start journalctl for this input: a pipe with export format */
    ERRAND_END,     /* kill what was started under this number; unknown numbers are ignored */
    ERRAND_KINDS
};

/* Which entries of a journal. From the cursor means: this very entry first, if it is
 * still there, else the nearest later one; without a cursor, from the oldest. */
enum journal_reading {
    JOURNAL_DRAIN,  /* those that the input picks, from the cursor to the end */
    JOURNAL_FOLLOW, /* the same, and what comes; of the current boot only (systemd 250 to 257) */
    JOURNAL_LAST,   /* the last one, whatever the input picks */
    JOURNAL_READINGS
};

enum { ERRAND_CURSOR_BYTES = 256, ERRAND_WORDS_BYTES = 1024 };

struct errand {
    enum errand_kind kind;
    uint32_t number;              /* chosen by the reader; one that is still running is refused */
    uint32_t input;               /* index in the configuration */
    enum journal_reading reading; /* ERRAND_JOURNAL */
    char cursor[ERRAND_CURSOR_BYTES]; /* ERRAND_JOURNAL; terminated, "" for none */
};

enum errand_outcome {
    ERRAND_GIVEN,   /* descriptor is set */
    ERRAND_REFUSED, /* words say why */
    ERRAND_ENDED,   /* status as waitpid has it; words: the end of what it said on stderr */
    ERRAND_OUTCOMES
};

struct errand_report {
    enum errand_outcome outcome;
    uint32_t number;
    int status;
    int descriptor; /* -1: none; a received one is the receiver's, O_CLOEXEC, non-blocking */
    char words[ERRAND_WORDS_BYTES]; /* terminated, without a newline at its end */
};

bool errand_send(int channel, const struct errand *errand, struct error *err);
bool errand_send_report(int channel, const struct errand_report *report, struct error *err);

/* What a CHANNEL_ERRAND or CHANNEL_REPORT holds. False for what this program would
 * not have sent; a descriptor is then closed. */
bool errand_read(const struct channel_message *message, struct errand *errand);
bool errand_read_report(const struct channel_message *message, struct errand_report *report);

#endif
