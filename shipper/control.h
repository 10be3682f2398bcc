/* SPDX-License-Identifier: MIT
 *
 * control.sock in the state directory: how other commands ask a running service. One
 * question a connection, a word and a newline; the answer is text up to the end of the
 * connection. Only the service's user and root reach it (0600, in a 0700 directory).
 */
#ifndef SHIPPER_CONTROL_H
#define SHIPPER_CONTROL_H

#include "parsers/buffer.h"
#include "parsers/error.h"

#include <poll.h>

/* --- the service ------------------------------------------------------------- */

enum { CONTROL_DESCRIPTORS = 9 }; /* the listener, and who is connected */

struct control;

/* Listens; an old socket in its place is replaced: the instance lock says that nobody
 * uses it. NULL on failure. */
struct control *control_open(const char *dir, struct error *err);
void control_close(struct control *control); /* with the socket's file; accepts NULL */

/* In a forked child: the descriptors only. */
void control_release(struct control *control);

/* Fills what is to be polled and returns how many, at most CONTROL_DESCRIPTORS. */
size_t control_descriptors(const struct control *control, struct pollfd *fds);

/* Accepts, reads questions and writes answers; never waits. Each question goes to `ask`
 * with an empty answer; an answer that is left empty comes later. */
void control_turn(struct control *control,
    void (*ask)(void *arg, struct span question, struct buffer *answer), void *arg);

/* Takes together who waits for an answer now; those who come later are not among them. */
void control_gather(struct control *control);

/* Answers those who were gathered. */
void control_answer(struct control *control, struct span answer);

/* --- those who ask ------------------------------------------------------------- */

/* Asks the service of that state directory. False with *err: nobody runs there, it may
 * not be asked by this user, or there was no answer in time. */
bool control_ask(
    const char *dir, const char *question, int wait_ms, struct buffer *answer, struct error *err);

#endif
