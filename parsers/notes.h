/* SPDX-License-Identifier: MIT
 *
 * What rules keep between lines: open counts, marks of what was sent once, values
 * that are remembered. Each is a *note*: found by its kind, its log and a key, ended
 * by time, and bounded in number. Notes that changed are handed out to be made
 * durable with the cursor that read the lines behind them.
 *
 * A *log* is what keys are kept apart by: where lines come from as people name it (a
 * file under its live name, a listener), however often it is rotated. Its time is the
 * latest one of its lines, and never goes back.
 *
 * A note ends when the time of its log has passed its end, or when nobody touched it
 * for its silence by our own clock while there was nothing to read; the longest
 * untouched one ends early where there are too many.
 */
#ifndef PARSERS_NOTES_H
#define PARSERS_NOTES_H

#include "buffer.h"

#include <sys/queue.h>

enum note_kind {
    NOTE_LOG,    /* a log itself; key: its name */
    NOTE_PARTS,  /* what was closed of a rule's windows (keeping.c) */
    NOTE_COUNT,  /* an open window of one key */
    NOTE_ONCE,   /* that it was sent in this window */
    NOTE_PAIR,   /* that its first line was seen */
    NOTE_VALUES, /* what is remembered */
    NOTE_KINDS
};

/* Changed by its users only where it says so, and then touched. */
struct note {
    enum note_kind kind;
    struct span key, value;
    uint64_t count;    /* the user's. NOTE_LOG: notes that ended early */
    int64_t time_s;    /* the user's. NOTE_LOG: the log's time */
    int64_t ends_s;    /* event time */
    int64_t silence_s; /* of our clock, since touched_s */
    int64_t touched_s;
    uint64_t cursor;   /* the user's. NOTE_LOG: by which its lines were read last */
    uint64_t position; /* the user's. NOTE_LOG: lines before it had their effect */

    struct note *log;   /* NULL: it is one */
    uint64_t number;    /* of its row */
    bool is_changed;    /* not handed out yet */
    bool is_saved;      /* was handed out: there is a row */
    int64_t earliest_s; /* NOTE_LOG: none of its notes ends before */
    struct note *next;  /* in its slot of the table */
    TAILQ_ENTRY(note) in_all, in_log, in_changed;
    TAILQ_HEAD(note_list, note) of_log; /* NOTE_LOG */
};

struct notes;

/* At most so many notes that may end early, of so many bytes together (values and keys,
 * and what each costs), and of so many logs. */
struct notes *notes_new(size_t most, size_t most_bytes, size_t most_logs);
void notes_free(struct notes *notes); /* accepts NULL */

/* Before the first note: of the table that they are found in, so that who writes the lines
 * cannot know which keys fall together. */
void notes_set_hash_key(struct notes *notes, const uint64_t key[2]);

/* Called before the note goes; it must not add, touch or drop one. */
struct note_ending {
    void (*ended)(void *arg, const struct note *note);
    void *arg;
};

/* The log of that name, made if it is new; that may end the longest untouched one, with
 * all that is kept of it. now_s: our clock, in this and all others. */
struct note *notes_log(
    struct notes *notes, struct span name, int64_t now_s, const struct note_ending *ending);

/* The log has reached that time: what it ends, ends. */
void notes_pass(
    struct notes *notes, struct note *log, int64_t time_s, const struct note_ending *ending);

/* NULL if there is none. */
struct note *notes_find(
    struct notes *notes, enum note_kind kind, const struct note *log, struct span key);

/* What a new note starts with. */
struct note_start {
    enum note_kind kind;    /* not NOTE_LOG */
    struct span key, value; /* copied */
    int64_t time_s, ends_s, silence_s;
};

/* There must be none of that key. May end others. */
struct note *notes_add(struct notes *notes, struct note *log, const struct note_start *start,
    int64_t now_s, const struct note_ending *ending);

/* It was changed, or seen again: lasts longer, and is handed out. */
void notes_touch(struct notes *notes, struct note *note, int64_t now_s);

/* It was changed, and is handed out; lasts no longer for it. */
void notes_change(struct notes *notes, struct note *note);

/* Goes without an ending. */
void notes_drop(struct notes *notes, struct note *note);

/* --- in quiet moments -------------------------------------------------------- */

/* Ends what was not touched for its silence. */
void notes_rest(struct notes *notes, int64_t now_s, const struct note_ending *ending);

/* When there may be something for notes_rest: seconds of our clock, INT64_MAX for
 * never. */
int64_t notes_deadline(const struct notes *notes);

/* Ends every note of a kind. */
void notes_end(struct notes *notes, enum note_kind kind, const struct note_ending *ending);

/* --- durable ----------------------------------------------------------------- */

struct notes_output {
    void (*put)(void *arg, uint64_t number, struct span row);
    void (*drop)(void *arg, uint64_t number);
    void *arg;
};

/* Hands out what changed since the last time; true if there was something. */
bool notes_save(struct notes *notes, const struct notes_output *output);

/* Takes a row that notes_save handed out, in the order of their numbers. False if this
 * version cannot read it, or its log is not there: it is then handed out as dropped. */
bool notes_load(struct notes *notes, uint64_t number, struct span row);

/* Where cursors may be missing: drops each log, with all that is kept of it, whose cursor
 * is not known. Its lines will be read again. */
void notes_drop_logs(struct notes *notes, bool (*is_known)(void *arg, uint64_t cursor), void *arg);

/* --- for people -------------------------------------------------------------- */

struct notes_stats {
    uint64_t kept[NOTE_KINDS], ended_early;
};

/* Adds what a row says, without loading it. */
void notes_look(struct span row, struct notes_stats *stats);

size_t notes_count(const struct notes *notes);         /* those that may end early */
uint64_t notes_ended_early(const struct notes *notes); /* since notes_new */

#endif
