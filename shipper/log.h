/* SPDX-License-Identifier: MIT
 *
 * Our own log: one line a message on standard error, never what a followed log
 * contains. Each failure is said once, and ends with what we do about it.
 */
#ifndef SHIPPER_LOG_H
#define SHIPPER_LOG_H

#include "parsers/error.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Who is speaking ("reader", "sender"; "" at first) and the least important
 * level that is still printed. */
void log_open(const char *speaker, enum log_level level);

enum log_format {
    LOG_TEXT,   /* "usage-shipper reader: warning: message"; for journald, which adds the time,
                   with the priority in front */
    LOG_LOGFMT, /* time=… level=warning process=reader message="…" */
    LOG_JSON,   /* {"time":…,"level":"warning","process":"reader","message":…} */
};

/* As the configuration has it; holds for what is forked later, too. */
void log_set(enum log_format format, enum log_level level);

/* In a child: it speaks, with the settings that there are. */
void log_become(const char *speaker);

/* At most LIMIT_LOG_BURST messages at once and LIMIT_LOG_RATE a second after that; how
 * many were left out is said. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The error's message and hint, then ", " and what we do instead. */
void log_failure(enum log_level level, const struct error *err, const char *what_we_do);

#endif
