/* SPDX-License-Identifier: MIT
 *
 * The engine takes whole records from the front of what it is given. To have it take
 * one, it is given one line more each time, until it does: nothing that it leaves has
 * had an effect.
 */
#include "shipper/reader_feed.h"

#include "shipper/log.h"

static size_t feed(struct fatal_records *fatal, const struct source_read *read,
    const struct engine_chunk *chunk, bool is_record, const struct engine_output *output,
    struct engine_counts *counts)
{
    size_t taken;

    fatal_record_enter(fatal, &read->origin, chunk, is_record);
    taken = engine_feed(read->engine, &read->origin, chunk, output, counts);
    fatal_record_leave(fatal);
    return taken;
}

static size_t line_len(struct span bytes)
{
    const char *end = memchr(bytes.at, '\n', bytes.len);

    return end ? (size_t)(end - bytes.at) + 1 : bytes.len;
}

/* The first record of what is left of a chunk; 0: it is not complete. */
static size_t feed_record(struct fatal_records *fatal, const struct source_read *read,
    const struct engine_chunk *left, const struct engine_output *output,
    struct engine_counts *counts)
{
    struct engine_chunk some = {.offset = left->offset, .bytes = {left->bytes.at, 0}};
    size_t taken = 0;

    while (taken == 0) {
        some.bytes.len += line_len(span_from(left->bytes, some.bytes.len));
        if (some.bytes.len == left->bytes.len)
            return feed(fatal, read, left, true, output, counts);
        taken = feed(fatal, read, &some, true, output, counts);
    }
    return taken;
}

/* Its first line only: what is behind it shows whether it is harmless. */
static size_t skip_record(struct fatal_place *place, const struct source_read *read,
    const struct engine_chunk *left, struct engine_counts *counts)
{
    size_t len = line_len(left->bytes);

    if (!place->is_said)
        log_write(LOG_ERROR, "the record at byte %llu of %s killed the reader twice, skipping it",
            (unsigned long long)left->offset, read->name ? read->name : "its source");
    place->is_said = true;
    counts->lines[LINE_RULE_ERROR]++;
    counts->bytes[LINE_RULE_ERROR] += len;
    return len;
}

static size_t feed_carefully(struct fatal_records *fatal, const struct source_read *read,
    const struct engine_output *output, struct engine_counts *counts)
{
    struct engine_chunk left = read->chunk;
    size_t taken = 1;

    while (left.bytes.len > 0 && taken > 0) {
        struct fatal_place *place = fatal_record_at(fatal, &read->origin, left.offset);

        taken = place ? skip_record(place, read, &left, counts)
                      : feed_record(fatal, read, &left, output, counts);
        left.bytes = span_from(left.bytes, taken);
        left.offset += taken;
    }
    return read->chunk.bytes.len - left.bytes.len;
}

size_t reader_feed(struct fatal_records *fatal, const struct source_read *read,
    const struct engine_output *output, struct engine_counts *counts)
{
    if (!fatal_record_is_near(fatal, &read->origin, &read->chunk))
        return feed(fatal, read, &read->chunk, false, output, counts);
    return feed_carefully(fatal, read, output, counts);
}
