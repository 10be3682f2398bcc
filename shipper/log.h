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
 * level that is still printed. Set once, at the start of a process. */
void log_open(const char *speaker, enum log_level level);

/* "usage-shipper reader: warning: message" */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The error's message and hint, then ", " and what we do instead. */
void log_failure(enum log_level level, const struct error *err, const char *what_we_do);

#endif
