/* SPDX-License-Identifier: MIT
 *
 * The supervisor's half of errands (errand.h): does what the reader asks for, from
 * the configuration, and tells it how that ended.
 *
 * What is started lives no longer than the reader that asked for it, nor than the
 * supervisor.
 */
#ifndef SHIPPER_RUNNER_H
#define SHIPPER_RUNNER_H

#include "shipper/channel.h"
#include "shipper/config.h"

struct runner;

/* config is borrowed. journalctl: the program's path. */
struct runner *runner_new(const struct config *config, const char *journalctl);

/* For the errands of the next reader. */
void runner_set_config(struct runner *runner, const struct config *config);

/* Also kills what runs; accepts NULL. */
void runner_free(struct runner *runner);

/* Does the errand in a CHANNEL_ERRAND and reports to the channel that it came by.
 * False if that channel is of no more use: what came was no errand, or the report
 * could not be sent. */
bool runner_take(struct runner *runner, const struct channel_message *message, int channel);

/* Once a turn of the loop, which SIGCHLD wakes: hears what the programs say and
 * reports those that have ended. False as above; channel -1: nobody to tell. */
bool runner_turn(struct runner *runner, int channel);

/* The reader is gone: kills what it had started, without a report. */
void runner_abandon(struct runner *runner);

/* In a forked child: closes what the parent's runner has open, and leaves its
 * processes alone. */
void runner_leave(struct runner *runner);

#endif
