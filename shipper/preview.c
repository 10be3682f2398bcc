/* SPDX-License-Identifier: MIT
 *
 * Reads a file once through the engine. Everything is as `run` would send it
 * but the ids: they depend on an instance that a configuration names, and on a
 * generation that only a spool can give.
 */
#include "shipper/preview.h"

#include "shipper/chunk_reader.h"
#include "shipper/clock.h"
#include "shipper/sources/container_path.h"
#include "shipper/sources/file_row.h"

#include "parsers/lines.h"

#include <sys/stat.h>

/* What the engine's callbacks need while a file is read. */
struct showing {
    void (*event)(void *arg, const struct event *event, bool is_unfinished);
    void *arg;
    const char *path;
    bool is_unfinished;
    struct preview_result *result;
};

static void pass_event(void *arg, const struct event *event)
{
    struct showing *showing = arg;

    showing->result->undated += !event->has_time;
    showing->event(showing->arg, event, showing->is_unfinished);
}

static void count_reason(void *arg, const struct incomplete *incomplete)
{
    struct showing *showing = arg;
    struct preview_result *result = showing->result;
    struct preview_reason *reason = result->reasons;

    while (
        reason < result->reasons + result->reason_count &&
        !(span_equal(reason->rule, incomplete->rule_name) &&
            span_equal(reason->product, incomplete->product) && reason->field == incomplete->field))
        reason++;
    if (reason == result->reasons + PREVIEW_REASONS_MOST)
        return;
    if (reason == result->reasons + result->reason_count) {
        result->reason_count++;
        *reason = (struct preview_reason){
            .product = incomplete->product,
            .rule = incomplete->rule_name,
            .field = incomplete->field,
            .reason = incomplete->reason,
            .first_path = showing->path,
            .first_offset = incomplete->offset,
        };
    }
    reason->lines++;
}

/* Times without a year belong near the file's last change; a pipe is read now, and
 * is finished when it ends. */
static int64_t reference_of(int fd, bool *is_regular)
{
    struct stat st;

    *is_regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    return *is_regular ? st.st_mtime : clock_now().wall_s;
}

static struct span source_id_of(struct span bytes, struct file_hash *id)
{
    struct span first;
    size_t whole;

    lines_next(&bytes, &first, &whole);
    *id = file_hash_of(first);
    return (struct span){(const char *)id->bytes, sizeof(id->bytes)};
}

bool preview_file(struct engine *engine, const struct preview_input *input,
    void (*event)(void *arg, const struct event *event, bool is_unfinished), void *arg,
    struct preview_result *result, struct error *err)
{
    struct showing showing = {.event = event, .arg = arg, .path = input->path, .result = result};
    const struct engine_output output = {
        .event = pass_event, .incomplete = count_reason, .arg = &showing};
    bool is_regular;
    struct field fields[CONTAINER_FIELDS_MOST];
    struct engine_source source = {
        .time = {.reference_s = reference_of(input->fd, &is_regular), .zone = input->zone},
        .fields = fields,
        .field_count = container_path_read(input->path, fields),
    };
    struct file_hash id;
    struct chunk_reader reader;
    struct engine_chunk chunk;
    enum chunk_result got;

    chunk_reader_init(&reader, input->fd, input->encoding);
    while ((got = chunk_reader_next(&reader, &chunk, err)) != CHUNK_END && got != CHUNK_ERROR) {
        source.now_ms = clock_now().monotonic_ms;
        if (!source.source_id.at)
            source.source_id = source_id_of(chunk.bytes, &id);
        showing.is_unfinished = got == CHUNK_UNFINISHED && is_regular && !reader.decoding.is_gzip;
        chunk_reader_take(&reader, engine_feed(engine, &source, &chunk, &output, &result->counts));
    }
    chunk_reader_finish(&reader);
    return got == CHUNK_END;
}
