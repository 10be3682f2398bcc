/* SPDX-License-Identifier: MIT
 *
 * What the verbs of `usage-shipper spool` share; for cmd_spool*.c only.
 */
#ifndef SHIPPER_CMD_SPOOL_H
#define SHIPPER_CMD_SPOOL_H

#include "shipper/command.h"
#include "shipper/config.h"
#include "shipper/spool_selection.h"
#include "shipper/state.h"

/* A verb under way. */
struct spool_job {
    const char *verb;
    struct spool_selection selection;
    const char *config_path, *state, *copy; /* as given; NULL: not */
    bool is_json, is_all, is_help;

    const char *dir;             /* where the spool is */
    const char *file;            /* its name there, if it is a copy; NULL: spool.db */
    const struct config *config; /* NULL: none was read */
    struct state_holder service;
    struct spool *spool; /* open as the verb wants it */
};

/* Takes the options into an empty job and leaves verb and ids from optind on. */
bool cmd_spool_take_options(int argc, char **argv, struct spool_job *job, struct error *err);

/* Each prints, and returns the exit code. */
int cmd_spool_list(struct spool_job *job);
int cmd_spool_show(struct spool_job *job);
int cmd_spool_export(struct spool_job *job);
int cmd_spool_retry(struct spool_job *job);
int cmd_spool_drop(struct spool_job *job);
int cmd_spool_check(struct spool_job *job);
int cmd_spool_repair(struct spool_job *job);
int cmd_spool_compact(struct spool_job *job);

/* Appends an entry as one JSON object. */
void cmd_spool_write_json(const struct spool_entry *entry, struct buffer *out);

/* Appends a second of UNIX time as "2026-11-23 10:11:12". */
void cmd_spool_write_time(int64_t at_s, struct buffer *out);

/* Why it was refused, printable. */
void cmd_spool_write_reason(const struct spool_entry *entry, struct buffer *out);

#endif
