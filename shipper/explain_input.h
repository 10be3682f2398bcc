/* SPDX-License-Identifier: MIT
 *
 * Where lines that are explained would come from: an input of a configuration, or what
 * options say of one. From there on everything is as `run` has it: encoding, fields of
 * the source, records of several lines, rules.
 */
#ifndef SHIPPER_EXPLAIN_INPUT_H
#define SHIPPER_EXPLAIN_INPUT_H

#include "shipper/config.h"
#include "shipper/explain.h"
#include "shipper/given_rules.h"

enum { EXPLAIN_FIELDS_MOST = 16 };

/* {0}, then the options, then explain_input_load. */
struct explain_input {
    const char *config_path; /* NULL: the given rules count */
    const char *from;        /* --from, or NULL */
    struct given_rules given;
    struct field fields[EXPLAIN_FIELDS_MOST]; /* --field */
    size_t field_count;

    /* Filled by explain_input_load: */
    struct config *config;
    struct errors errors;
    const struct engine_settings *settings;
    enum input_kind kind;
    struct log_file log; /* its path is what --from says, or "" */
};

/* A NAME=VALUE; false if it is none, or one too many. */
bool explain_input_add_field(struct explain_input *input, const char *text);

/* paths: the logs, of which the first may tell the input. -1, or with everything said on
 * standard error the exit code. explain_input_finish is needed in any case. */
int explain_input_load(struct explain_input *input, char *const *paths, size_t count);
void explain_input_finish(struct explain_input *input);

/* A log, "-" for standard input; of a journal what `journalctl -o export` writes. */
bool explain_input_log(struct explain_input *input, struct explain *explain, const char *path,
    explain_each *each, void *arg, struct engine_counts *counts, struct error *err);

/* One record as a text; of a journal its message, or with the header before it. */
void explain_input_line(struct explain_input *input, struct explain *explain, const char *line,
    explain_each *each, void *arg, struct engine_counts *counts);

#endif
