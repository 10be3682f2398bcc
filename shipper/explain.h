/* SPDX-License-Identifier: MIT
 *
 * What becomes of records and why: the data behind `usage-shipper explain`. Records go
 * through the engine that ships; what it does not tell (fields, how near a rule came) is
 * found by looking again. Printing is in explain_text.c and explain_json.c.
 */
#ifndef SHIPPER_EXPLAIN_H
#define SHIPPER_EXPLAIN_H

#include "parsers/near_miss.h"
#include "shipper/log_file.h"

enum { EXPLAIN_FORMATS_MOST = 8, EXPLAIN_GUESS_BYTES = 200 };

/* What a format made of what the one before it left. */
struct explained_format {
    const char *name;
    enum parse_result result;
    struct span text;                           /* that it was given */
    const char *detected[RECORD_DETECTED_MOST]; /* auto: as what it read it */
    size_t detected_count;
    size_t at; /* where in it, for PARSE_BAD */
};

/* Whether it would have been of this format, had it gone on. */
static inline bool explain_ends_early(const struct explained_format *format)
{
    return format->result == PARSE_BAD && format->at >= format->text.len;
}

/* A record as the rules of one file see it. */
struct explained_file {
    const struct engine_rules *rules;
    struct explained_format formats[EXPLAIN_FORMATS_MOST];
    size_t format_count;
    bool is_decoded; /* by all of them; else its rules are not run */
    struct record record;
    bool has_nearest; /* false: not decoded, or each of its rules takes it */
    struct near_miss nearest;
};

/* A rule that took the record, and what it made of it. */
struct explained_taker {
    const struct engine_rules *rules;
    const struct rule *rule;
    struct span event;                  /* the request's body; absent: none */
    const char *missing, *reason;       /* why it is incomplete; NULL: it is not */
    char value[INCOMPLETE_VALUE_BYTES]; /* that was not usable; empty: there was none */
    const char *excluded; /* the field for which its event is left out; NULL: it is not */
    char guess[EXPLAIN_GUESS_BYTES]; /* what was guessed of its time (time_guess.h); "": nothing */
};

/* Valid during the call that it is passed to. */
struct explained {
    const char *path;
    uint64_t line_number; /* of its first line, from 1 */
    bool is_unfinished;
    struct engine_record record;
    const struct explained_taker *takers; /* in order */
    size_t taker_count;
};

struct explain;

/* What the settings point to must outlive it. */
struct explain *explain_new(const struct engine_settings *settings);
void explain_free(struct explain *explain); /* accepts NULL */

typedef void explain_each(void *arg, const struct explained *explained);

/* Tells of every record of a log, or of a text (log_file.h). Adds to *counts. */
bool explain_log(struct explain *explain, const struct log_file *log, explain_each *each, void *arg,
    struct engine_counts *counts, struct error *err);
void explain_line(struct explain *explain, const struct log_file *log, struct span text,
    explain_each *each, void *arg, struct engine_counts *counts);

/* Looks again at the record that was just told of: an entry a rule file, valid until the
 * next call. explain_read leaves out what the rules make of it. */
const struct explained_file *explain_read(
    struct explain *explain, const struct explained *explained);
const struct explained_file *explain_look(
    struct explain *explain, const struct explained *explained);
size_t explain_file_count(const struct explain *explain);
bool explain_is_auto(const struct explain *explain, size_t file); /* its format is `auto` */

/* The file whose nearest rule is nearest of all, or NULL. */
const struct explained_file *explain_nearest(const struct explained_file *files, size_t count);

#endif
