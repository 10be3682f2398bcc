/* SPDX-License-Identifier: MIT
 *
 * What became of each rule's matches, kept in the spool with the cursors: for
 * `status`, which tells from them when a rule has gone quiet.
 */
#ifndef SHIPPER_RULE_FIGURES_H
#define SHIPPER_RULE_FIGURES_H

#include "shipper/spool/spool.h"

/* Under which kind of cursor a rule's row is kept. */
#define RULE_FIGURES_KIND "rule"

struct rule_figure {
    struct span product, rule;
    uint64_t events, incomplete; /* since the state directory was made */
    uint64_t days;               /* UTC days on which it made events */
    int64_t first_s, last_s;     /* UNIX seconds: when it made its first and latest event */
    int64_t last_at_s;           /* the time of that event */
    uint64_t candidates, matched, near_misses, errors; /* engine.h, engine_tally; lines of a record
                                                          that has several count as one */
    int64_t shift_s;  /* by how much times of events are off our clock, if that is a multiple of
                         a quarter of an hour that does not change; 0: it is not */
    uint64_t shifted; /* events in a row so far off */
    int64_t shifted_from_s; /* when the first of them was made */
    uint64_t near_before;   /* of the near misses: before its latest event */
    struct span reason;     /* of the latest incomplete match: "ip_addr: no usable address" */
};

struct rule_figures;

struct rule_figures *rule_figures_new(void);
void rule_figures_free(struct rule_figures *figures); /* accepts NULL */

/* Takes what an earlier life kept. False if the spool cannot be read. */
bool rule_figures_load(struct rule_figures *figures, struct spool *spool, struct error *err);

void rule_figures_event(struct rule_figures *figures, const struct event *event, int64_t wall_s);
void rule_figures_incomplete(struct rule_figures *figures, const struct incomplete *incomplete);

void rule_figures_tally(struct rule_figures *figures, struct span product, struct span rule,
    const struct engine_tally *tally);

/* What changed since the last call goes into the batch; true if there was something. */
bool rule_figures_save(struct rule_figures *figures, struct spool_batch *batch);

/* A kept row, for who looks only; its spans point into the row. False: it is none. */
bool rule_figure_read(struct span row, struct rule_figure *figure);

/* It made events on several days, but for longer than ever lately none, at least two days. */
bool rule_figure_is_quiet(const struct rule_figure *figure, int64_t now_s);

/* Its events are of another time than they are made at, by the same zones' worth again and
 * again: as if the log were written in another zone (positive: they are ahead). */
bool rule_figure_is_shifted(const struct rule_figure *figure);

/* It made events on several days and none for a day at least, and lines come near it at more
 * than twice the rate of before: the product logs differently. */
bool rule_figure_is_outdated(const struct rule_figure *figure, int64_t now_s);

#endif
