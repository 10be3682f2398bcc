/* SPDX-License-Identifier: MIT
 *
 * The input's cursor: its pattern and the late paths, each ended by NUL.
 */
#include "shipper/sources/file_input.h"

#include "parsers/memory.h"
#include "shipper/log.h"
#include "shipper/sources/file_row.h"
#include "shipper/sources/glob.h"

#include <stdlib.h>

enum { MISSED_SAID_MS = 60000 };

/* Keys are signed in the database. Patterns of equal keys are told apart by the
 * value. */
static uint64_t key_of(const struct followed_input *input)
{
    struct file_hash hash = file_hash_of(span_of(input->settings.pattern));
    uint64_t key = 0;

    for (size_t i = 0; i < sizeof(key); i++)
        key = key << 8 | hash.bytes[i];
    return key >> 1;
}

static void add_path(struct strings *paths, struct span path)
{
    paths->items = memory_resize(paths->items, (paths->count + 1) * sizeof(*paths->items));
    paths->items[paths->count++] = memory_string(path);
}

void followed_input_finish(struct followed_input *input)
{
    for (size_t i = 0; i < input->late.count; i++)
        free(input->late.items[i]);
    free(input->late.items);
}

bool followed_input_is_excluded(const struct followed_input *input, const char *path)
{
    return glob_matches_any(input->settings.exclude, path);
}

void followed_input_restore(struct followed_input *input, uint64_t key, struct span value)
{
    if (key != key_of(input) || !span_is(span_cut(&value, '\0'), input->settings.pattern))
        return;
    input->is_seen = true;
    while (value.at && value.len > 0)
        add_path(&input->late, span_cut(&value, '\0'));
}

bool followed_input_save(struct followed_input *input, struct spool_batch *batch)
{
    struct buffer value = {0};

    if (!input->is_moved)
        return false;
    buffer_append(&value, span_of(input->settings.pattern));
    buffer_append_byte(&value, '\0');
    for (size_t i = 0; i < input->late.count; i++) {
        buffer_append(&value, span_of(input->late.items[i]));
        buffer_append_byte(&value, '\0');
    }
    spool_batch_cursor(batch, FILE_INPUT_KIND, key_of(input), buffer_span(&value));
    if (input->missed > 0) {
        spool_batch_source(batch, FILE_INPUT_KIND, key_of(input),
            &(struct spool_source){.name = span_of(input->settings.pattern),
                .is_open = true,
                .seen_s = clock_now().wall_s});
        spool_batch_count(
            batch, FILE_INPUT_KIND, key_of(input), ACCOUNT_POSSIBLY_LOST, 0, input->missed);
    }
    input->missed = 0;
    buffer_finish(&value);
    input->is_moved = false;
    return true;
}

/* The place of a path among the late ones, or their count. */
static size_t find_late(const struct followed_input *input, const char *path)
{
    size_t i = 0;

    while (i < input->late.count && strcmp(input->late.items[i], path) != 0)
        i++;
    return i;
}

bool followed_input_is_from_end(const struct followed_input *input, const char *path)
{
    return input->settings.start == START_END &&
           (!input->is_seen || find_late(input, path) < input->late.count);
}

void followed_input_add_late(struct followed_input *input, const char *path)
{
    if (!followed_input_is_from_end(input, path) || find_late(input, path) < input->late.count)
        return;
    add_path(&input->late, span_of(path));
    input->is_moved = true;
}

void followed_input_miss(struct followed_input *input, const char *path, const struct now *now)
{
    input->missed++;
    input->missed_unsaid++;
    input->is_moved = true;
    if (input->missed_said_ms != 0 && now->monotonic_ms - input->missed_said_ms < MISSED_SAID_MS)
        return;
    log_write(LOG_WARNING,
        "%s: %llu %s made, written to and gone before it could be opened, the last as %s; "
        "what was in it is lost",
        input->settings.pattern, (unsigned long long)input->missed_unsaid,
        input->missed_unsaid == 1 ? "file was" : "files were", path);
    input->missed_said_ms = now->monotonic_ms;
    input->missed_unsaid = 0;
}

void followed_input_drop_late(struct followed_input *input, const char *path)
{
    size_t i = find_late(input, path);

    if (i == input->late.count)
        return;
    free(input->late.items[i]);
    input->late.items[i] = input->late.items[--input->late.count];
    input->is_moved = true;
}
