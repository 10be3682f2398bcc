/* SPDX-License-Identifier: MIT
 *
 * The journal source (source.h): the entries of one `journal:` input, from journalctl
 * (errand.h), which the supervisor runs.
 *
 * First what is there is read to its end, from the cursor, which is inclusive: the
 * entry that we have already is dropped. Then entries are followed; when none has come
 * for some minutes, or journalctl ends, it begins again with what is there.
 *
 * An entry is one chunk: its message on one line (newlines in it are blanks), for rules
 * of format `syslog` behind a header as rsyslog writes it, so that one rule file serves
 * journal and file. Its fields are fields of the record, its time is the reference time.
 * Its source id is the journal's sequence-number id, its position the sequence number.
 *
 * What is missing is counted as possibly lost, and said: exactly by sequence number
 * where the input takes the whole journal, else as an upper bound when the entry of the
 * cursor is gone.
 */
#ifndef SHIPPER_SOURCES_JOURNAL_SOURCE_H
#define SHIPPER_SOURCES_JOURNAL_SOURCE_H

#include "shipper/config.h"
#include "shipper/sources/source.h"

#define JOURNAL_KIND "journal" /* of the cursors in the spool */

struct journal_options {
    const struct journal_config *journal; /* borrowed, as is all else */
    size_t input;                         /* index in the configuration */
    int channel;                          /* to the supervisor */
    struct engine *engine;
    const struct zone *zone;
    bool is_syslog; /* the rules want a syslog header before the message */
    bool is_once;
};

struct source *journal_source_open(
    const struct journal_options *options, struct spool *spool, struct error *err);

/* Whether rules want that header; all rule files of an input must agree. */
bool journal_source_is_syslog(const struct rule_file *file);

#endif
