/* SPDX-License-Identifier: MIT
 *
 * The sockets of `syslog:` inputs. The supervisor opens them before it forks and keeps
 * them, so that what the kernel holds for a socket (datagrams, connections not accepted
 * yet) outlives a reader; the reader inherits them and never calls socket().
 *
 * A listener is a number of the configuration's inputs; -1 stands at inputs that have
 * none.
 */
#ifndef SHIPPER_LISTENER_H
#define SHIPPER_LISTENER_H

#include "shipper/config.h"

/* A bound socket, non-blocking, listening where it is a stream; -1 on failure. The file
 * of a local socket that nobody listens on any more is replaced; anything else that
 * stands at its path is left alone. */
int listener_open(const struct syslog_config *syslog, struct error *err);

/* With the file of a local socket. */
void listener_close(const struct syslog_config *syslog, int descriptor);

/* One an input; NULL on failure. To be closed, by who opened them, or only given back,
 * by a process that inherited them. */
int *listeners_open(const struct config *config, struct error *err);
void listeners_close(const struct config *config, int *listeners); /* accepts NULL */

/* Those of another configuration: sockets that both have stay open, with what the kernel
 * holds for them, others are opened. NULL on failure, and then `listeners` is as it was;
 * else *dropped has what only `before` had, to be closed with that. */
int *listeners_renew(const struct config *before, int *listeners, const struct config *config,
    int **dropped, struct error *err);
void listeners_release(const struct config *config, const int *listeners);

/* Adds a warning for each that could not be opened now. Opens them for a moment. */
void listeners_check(struct config *config);

#endif
