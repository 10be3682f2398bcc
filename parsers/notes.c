/* SPDX-License-Identifier: MIT
 *
 * A table to find notes by key, and lists to find them by age, by log and by change.
 * Logs and what is kept of a rule in one are few, and never end early: only after
 * LASTING_S without a line.
 */
#include "notes_inside.h"

#include "memory.h"

#include <stdlib.h>

enum {
    DAY_S = 86400,
    LASTING_S = 90 * DAY_S,
};

struct notes *notes_new(size_t most, size_t most_bytes, size_t most_logs)
{
    struct notes *notes = memory_new(sizeof(*notes));

    notes->most = most;
    notes->most_bytes = most_bytes;
    notes->most_logs = most_logs;
    note_table_init(&notes->table);
    TAILQ_INIT(&notes->passing);
    TAILQ_INIT(&notes->lasting);
    TAILQ_INIT(&notes->changed);
    notes->next_number = 1;
    notes->deadline_s = INT64_MAX;
    return notes;
}

static void free_all(struct note_list *list)
{
    for (struct note *note; (note = TAILQ_FIRST(list));) {
        TAILQ_REMOVE(list, note, in_all);
        free(note);
    }
}

void notes_free(struct notes *notes)
{
    if (!notes)
        return;
    free_all(&notes->passing);
    free_all(&notes->lasting);
    note_table_finish(&notes->table);
    free(notes->dropped);
    free(notes->loaded);
    buffer_finish(&notes->row);
    free(notes);
}

void notes_set_hash_key(struct notes *notes, const uint64_t key[2])
{
    memcpy(notes->table.hash_key, key, sizeof(notes->table.hash_key));
}

struct note *notes_find(
    struct notes *notes, enum note_kind kind, const struct note *log, struct span key)
{
    return note_table_find(&notes->table, kind, log, key);
}

static bool is_lasting(const struct note *note)
{
    return note->kind == NOTE_LOG || note->kind == NOTE_PARTS;
}

static size_t cost_of(struct span key, struct span value)
{
    return sizeof(struct note) + key.len + value.len;
}

/* --- coming and going -------------------------------------------------------- */

static struct note_list *list_of(struct notes *notes, const struct note *note)
{
    return is_lasting(note) ? &notes->lasting : &notes->passing;
}

void notes_change(struct notes *notes, struct note *note)
{
    if (note->is_changed)
        return;
    note->is_changed = true;
    TAILQ_INSERT_TAIL(&notes->changed, note, in_changed);
}

static int64_t silent_until(const struct note *note)
{
    return note->touched_s > INT64_MAX - note->silence_s ? INT64_MAX
                                                         : note->touched_s + note->silence_s;
}

static void note_silence(struct notes *notes, const struct note *note)
{
    if (silent_until(note) < notes->deadline_s)
        notes->deadline_s = silent_until(note);
}

/* Key and value lie behind the note. */
struct note *notes_insert(struct notes *notes, struct note *log, const struct note_start *start,
    uint64_t number, int64_t touched_s)
{
    struct note *note = memory_new(cost_of(start->key, start->value));
    char *bytes = (char *)(note + 1);

    memcpy(bytes, start->key.at, start->key.len);
    if (start->value.len > 0)
        memcpy(bytes + start->key.len, start->value.at, start->value.len);
    note->kind = start->kind;
    note->key = (struct span){bytes, start->key.len};
    note->value = (struct span){bytes + start->key.len, start->value.len};
    note->time_s = start->time_s;
    note->ends_s = start->ends_s;
    note->silence_s = start->silence_s;
    note->touched_s = touched_s;
    note->log = log;
    note->number = number;
    note->earliest_s = INT64_MAX;
    TAILQ_INIT(&note->of_log);

    note_table_add(&notes->table, note);
    TAILQ_INSERT_TAIL(list_of(notes, note), note, in_all);
    if (!is_lasting(note)) {
        notes->passing_count++;
        notes->bytes += cost_of(note->key, note->value);
    }
    notes->log_count += note->kind == NOTE_LOG;
    if (log) {
        TAILQ_INSERT_TAIL(&log->of_log, note, in_log);
        if (note->ends_s < log->earliest_s)
            log->earliest_s = note->ends_s;
    }
    note_silence(notes, note);
    return note;
}

void notes_forget_row(struct notes *notes, uint64_t number)
{
    notes->dropped = memory_room(
        notes->dropped, notes->dropped_count, &notes->dropped_room, sizeof(*notes->dropped));
    notes->dropped[notes->dropped_count++] = number;
}

void notes_drop(struct notes *notes, struct note *note)
{
    note_table_remove(&notes->table, note);
    TAILQ_REMOVE(list_of(notes, note), note, in_all);
    if (!is_lasting(note)) {
        notes->passing_count--;
        notes->bytes -= cost_of(note->key, note->value);
    }
    notes->log_count -= note->kind == NOTE_LOG;
    if (note->log)
        TAILQ_REMOVE(&note->log->of_log, note, in_log);
    if (note->is_changed)
        TAILQ_REMOVE(&notes->changed, note, in_changed);
    if (note->is_saved)
        notes_forget_row(notes, note->number);
    free(note);
}

static void end(struct notes *notes, struct note *note, const struct note_ending *ending)
{
    ending->ended(ending->arg, note);
    notes_drop(notes, note);
}

static void make_room(struct notes *notes, size_t bytes, const struct note_ending *ending)
{
    struct note *oldest;

    while ((notes->passing_count >= notes->most || notes->bytes + bytes > notes->most_bytes) &&
           (oldest = TAILQ_FIRST(&notes->passing))) {
        oldest->log->count++;
        notes_change(notes, oldest->log);
        notes->ended_early++;
        end(notes, oldest, ending);
    }
}

/* --- logs and their time ----------------------------------------------------- */

static void end_oldest_log(struct notes *notes, const struct note_ending *ending)
{
    struct note *log = TAILQ_FIRST(&notes->lasting);

    while (log->kind != NOTE_LOG)
        log = TAILQ_NEXT(log, in_all);
    /* What is kept of its rules is needed until the last window has ended. */
    for (struct note *note = TAILQ_FIRST(&log->of_log), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_log);
        if (note->kind != NOTE_PARTS) {
            notes->ended_early++;
            end(notes, note, ending);
        }
    }
    for (struct note *parts; (parts = TAILQ_FIRST(&log->of_log));)
        notes_drop(notes, parts);
    notes_drop(notes, log);
}

struct note *notes_log(
    struct notes *notes, struct span name, int64_t now_s, const struct note_ending *ending)
{
    struct note *log = notes_find(notes, NOTE_LOG, NULL, name);
    const struct note_start start = {
        .kind = NOTE_LOG,
        .key = name,
        .time_s = INT64_MIN,
        .ends_s = INT64_MAX,
        .silence_s = LASTING_S,
    };

    if (!log) {
        if (notes->log_count >= notes->most_logs)
            end_oldest_log(notes, ending);
        log = notes_insert(notes, NULL, &start, notes->next_number++, now_s);
    }
    notes_touch(notes, log, now_s);
    return log;
}

void notes_pass(
    struct notes *notes, struct note *log, int64_t time_s, const struct note_ending *ending)
{
    if (time_s <= log->time_s)
        return;
    log->time_s = time_s;
    notes_change(notes, log);
    if (time_s < log->earliest_s)
        return;
    log->earliest_s = INT64_MAX;
    for (struct note *note = TAILQ_FIRST(&log->of_log), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_log);
        if (note->ends_s <= time_s)
            end(notes, note, ending);
        else if (note->ends_s < log->earliest_s)
            log->earliest_s = note->ends_s;
    }
}

/* --- notes ------------------------------------------------------------------- */

struct note *notes_add(struct notes *notes, struct note *log, const struct note_start *start,
    int64_t now_s, const struct note_ending *ending)
{
    struct note_start lasting = *start;
    struct note *note;

    if (start->kind == NOTE_PARTS) {
        lasting.ends_s = INT64_MAX;
        lasting.silence_s = LASTING_S;
    } else {
        make_room(notes, cost_of(start->key, start->value), ending);
    }
    note = notes_insert(notes, log, &lasting, notes->next_number++, now_s);
    notes_touch(notes, note, now_s);
    return note;
}

static void touch_one(struct notes *notes, struct note *note, int64_t now_s)
{
    note->touched_s = now_s;
    TAILQ_REMOVE(list_of(notes, note), note, in_all);
    TAILQ_INSERT_TAIL(list_of(notes, note), note, in_all);
    notes_change(notes, note);
}

void notes_touch(struct notes *notes, struct note *note, int64_t now_s)
{
    touch_one(notes, note, now_s);
    if (note->log && note->log->touched_s != now_s)
        touch_one(notes, note->log, now_s);
}

/* --- quiet moments ----------------------------------------------------------- */

/* A clock that was set back must not make a silence longer. */
static void rest_list(
    struct notes *notes, struct note_list *list, int64_t now_s, const struct note_ending *ending)
{
    for (struct note *note = TAILQ_FIRST(list), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_all);
        if (note->touched_s > now_s)
            note->touched_s = now_s;
        if (silent_until(note) > now_s)
            note_silence(notes, note);
        else if (TAILQ_EMPTY(&note->of_log))
            end(notes, note, ending);
        else if (now_s + 1 < notes->deadline_s)
            notes->deadline_s = now_s + 1; /* the last of its notes ends now */
    }
}

void notes_rest(struct notes *notes, int64_t now_s, const struct note_ending *ending)
{
    if (now_s < notes->deadline_s)
        return;
    notes->deadline_s = INT64_MAX;
    rest_list(notes, &notes->passing, now_s, ending);
    rest_list(notes, &notes->lasting, now_s, ending);
}

int64_t notes_deadline(const struct notes *notes)
{
    return notes->deadline_s;
}

void notes_end(struct notes *notes, enum note_kind kind, const struct note_ending *ending)
{
    for (struct note *note = TAILQ_FIRST(&notes->passing), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_all);
        if (note->kind == kind)
            end(notes, note, ending);
    }
}

size_t notes_count(const struct notes *notes)
{
    return notes->passing_count;
}

uint64_t notes_ended_early(const struct notes *notes)
{
    return notes->ended_early;
}
