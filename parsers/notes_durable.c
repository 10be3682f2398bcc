/* SPDX-License-Identifier: MIT
 *
 * Notes handed out to be made durable, and taken back at the next start.
 */
#include "memory.h"
#include "note_row.h"
#include "notes_inside.h"

#include <stdlib.h>

bool notes_save(struct notes *notes, const struct notes_output *output)
{
    bool is_any = notes->dropped_count > 0 || !TAILQ_EMPTY(&notes->changed);

    for (size_t i = 0; i < notes->dropped_count; i++)
        output->drop(output->arg, notes->dropped[i]);
    notes->dropped_count = 0;
    for (struct note *note; (note = TAILQ_FIRST(&notes->changed));) {
        note_row_write(note, &notes->row);
        output->put(output->arg, note->number, buffer_span(&notes->row));
        TAILQ_REMOVE(&notes->changed, note, in_changed);
        note->is_changed = false;
        note->is_saved = true;
    }
    return is_any;
}

static int compare_number(const void *number, const void *item)
{
    const struct note *const *log = item;

    return *(const uint64_t *)number < (*log)->number ? -1
                                                      : *(const uint64_t *)number > (*log)->number;
}

static struct note *log_of_number(const struct notes *notes, uint64_t number)
{
    struct note **found = notes->loaded_count == 0
                              ? NULL
                              : bsearch(&number, notes->loaded, notes->loaded_count,
                                    sizeof(*notes->loaded), compare_number);

    return found ? *found : NULL;
}

bool notes_load(struct notes *notes, uint64_t number, struct span bytes)
{
    struct note_row row;
    struct note *log = NULL, *note;

    if (number >= notes->next_number)
        notes->next_number = number + 1;
    if (!note_row_read(bytes, &row) ||
        (row.start.kind != NOTE_LOG && !(log = log_of_number(notes, row.log))) ||
        notes_find(notes, row.start.kind, log, row.start.key)) {
        notes_forget_row(notes, number);
        return false;
    }
    note = notes_insert(notes, log, &row.start, number, row.touched_s);
    note->count = row.count;
    note->cursor = row.cursor;
    note->position = row.position;
    note->is_saved = true;
    if (note->kind == NOTE_LOG) {
        notes->loaded = memory_room(
            notes->loaded, notes->loaded_count, &notes->loaded_room, sizeof(*notes->loaded));
        notes->loaded[notes->loaded_count++] = note;
    }
    return true;
}

void notes_drop_logs(struct notes *notes, bool (*is_known)(void *arg, uint64_t cursor), void *arg)
{
    for (struct note *log = TAILQ_FIRST(&notes->lasting), *next; log; log = next) {
        if (log->kind == NOTE_LOG && !is_known(arg, log->cursor))
            for (struct note *note; (note = TAILQ_FIRST(&log->of_log));)
                notes_drop(notes, note);
        next = TAILQ_NEXT(log, in_all);
        if (log->kind == NOTE_LOG && !is_known(arg, log->cursor))
            notes_drop(notes, log);
    }
}

void notes_look(struct span bytes, struct notes_stats *stats)
{
    struct note_row row;

    if (!note_row_read(bytes, &row))
        return;
    stats->kept[row.start.kind]++;
    if (row.start.kind == NOTE_LOG)
        stats->ended_early += row.count;
}
