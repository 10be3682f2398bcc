/* SPDX-License-Identifier: MIT
 *
 * The reader's notes (parsers/notes.h): what rules keep between lines, loaded from the
 * spool at the start and saved with each batch, so that it moves with the cursors or
 * not at all. In the spool a note is a cursor of NOTES_KIND.
 */
#ifndef SHIPPER_READER_NOTES_H
#define SHIPPER_READER_NOTES_H

#include "parsers/keeping.h"
#include "shipper/clock.h"
#include "shipper/shared.h"
#include "shipper/spool/spool.h"

#define NOTES_KIND "note"

struct reader_notes {
    struct notes *notes;
    struct reader_counters *counters;
    uint64_t ended_early; /* counted so far */
    int64_t rest_at_ms;   /* no silence before: sources take a moment to begin */
};

/* False if the spool cannot be read. is_rescued: cursors may be missing; what was kept of
 * a log goes with the cursor by which it was read. */
bool reader_notes_open(struct reader_notes *n, struct spool *spool,
    struct reader_counters *counters, bool is_rescued, const struct now *now, struct error *err);
void reader_notes_close(struct reader_notes *n);

/* One number for a cursor of the spool (engine_source.cursor). */
uint64_t reader_notes_cursor(const char *kind, uint64_t key);

/* What changed goes into the batch; true if there was something. */
bool reader_notes_save(struct reader_notes *n, struct spool_batch *batch);

/* There is nothing to read: windows that nothing came for end. Their events go to
 * output. */
void reader_notes_rest(
    struct reader_notes *n, const struct now *now, const struct engine_output *output);

/* When to call that: monotonic ms, INT64_MAX for never. */
int64_t reader_notes_deadline(const struct reader_notes *n, const struct now *now);

/* Everything was read to its end: open counts end. */
void reader_notes_end(struct reader_notes *n, const struct engine_output *output);

#endif
