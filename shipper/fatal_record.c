/* SPDX-License-Identifier: MIT
 *
 * Reader and supervisor never write at the same time: one of them is dead, or waits
 * for the other's death. What the reader wrote before it died is there for the
 * supervisor, since the page is shared and it is waited for.
 */
#include "shipper/fatal_record.h"

#include <signal.h>
#include <string.h>

static void set_source(struct fatal_place *place, const struct engine_source *source)
{
    size_t len = source->source_id.len < sizeof(place->source_id) ? source->source_id.len
                                                                  : sizeof(place->source_id);

    memset(place->source_id, 0, sizeof(place->source_id));
    if (len > 0)
        memcpy(place->source_id, source->source_id.at, len);
    place->generation = source->generation;
}

static bool is_same_source(const struct fatal_place *a, const struct fatal_place *b)
{
    return a->generation == b->generation &&
           memcmp(a->source_id, b->source_id, sizeof(a->source_id)) == 0;
}

static unsigned places_kept(const struct fatal_records *records)
{
    return records->count < FATAL_PLACES ? records->count : FATAL_PLACES;
}

void fatal_record_enter(struct fatal_records *records, const struct engine_source *source,
    const struct engine_chunk *chunk, bool is_record)
{
    set_source(&records->at, source);
    records->at.first = chunk->offset;
    records->at.last = chunk->offset + chunk->bytes.len;
    records->at.is_record = is_record;
    records->at.is_said = false;
    atomic_store(&records->is_at, true);
}

void fatal_record_leave(struct fatal_records *records)
{
    atomic_store(&records->is_at, false);
}

bool fatal_record_is_near(const struct fatal_records *records, const struct engine_source *source,
    const struct engine_chunk *chunk)
{
    struct fatal_place here;

    if (records->count == 0)
        return false;
    set_source(&here, source);
    for (unsigned i = 0; i < places_kept(records); i++)
        if (records->places[i].first < chunk->offset + chunk->bytes.len &&
            records->places[i].last > chunk->offset && is_same_source(&here, &records->places[i]))
            return true;
    return false;
}

struct fatal_place *fatal_record_at(
    struct fatal_records *records, const struct engine_source *source, uint64_t offset)
{
    struct fatal_place here;

    set_source(&here, source);
    for (unsigned i = 0; i < places_kept(records); i++)
        if (records->places[i].is_record && records->places[i].first == offset &&
            is_same_source(&here, &records->places[i]))
            return &records->places[i];
    return NULL;
}

bool fatal_record_note_death(struct fatal_records *records, int signal)
{
    if (!atomic_load(&records->is_at))
        return false;
    fatal_record_leave(records);
    if (signal == SIGKILL)
        return false;
    records->places[records->count++ % FATAL_PLACES] = records->at;
    return records->at.is_record;
}
