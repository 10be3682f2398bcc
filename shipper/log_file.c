/* SPDX-License-Identifier: MIT
 *
 * Chunks of a descriptor through an engine, with the source that a followed file would
 * have.
 */
#include "shipper/log_file.h"

#include "shipper/chunk_reader.h"
#include "shipper/clock.h"
#include "shipper/sources/binary.h"
#include "shipper/sources/file_row.h"

#include "parsers/lines.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

size_t log_file_fields(const struct log_file *log, struct field fields[LOG_FILE_FIELDS_MOST])
{
    size_t count = 0;

    for (; count < log->field_count && count < LIMIT_JOURNAL_FIELDS; count++)
        fields[count] = log->fields[count];
    return count + container_path_read(log->as_path ? log->as_path : log->path, fields + count);
}

bool log_file_is_log(struct span beginning, struct error *err)
{
    const char *kind = binary_kind((struct span){
        beginning.at, beginning.len < BINARY_LOOK_BYTES ? beginning.len : BINARY_LOOK_BYTES});

    if (!kind)
        return true;
    error_set(err, ERROR_CONFIG, 0, "this is %s, not a log", kind);
    if (strncmp(kind, "UTF-16", 6) == 0)
        error_hint(err, "Say which: --encoding utf-16le (as on Windows) or utf-16be; for an input "
                        "of a configuration `encoding`.");
    return false;
}

uint64_t log_place_line(const struct log_place *place, uint64_t offset)
{
    const struct span before = {place->chunk.bytes.at, (size_t)(offset - place->chunk.offset)};

    return place->lines_before + lines_count(before) + 1;
}

static bool feed(struct engine *engine, int fd, const struct log_file *log,
    const struct engine_output *output, struct engine_counts *counts, struct log_place *place,
    struct error *err)
{
    struct field fields[LOG_FILE_FIELDS_MOST];
    bool is_regular;
    struct engine_source source = {
        .time = {.reference_s = reference_of(fd, &is_regular), .zone = log->zone},
        .fields = fields,
        .field_count = log_file_fields(log, fields),
        .log = span_of(log->path),
    };
    struct file_hash id;
    struct now now;
    struct chunk_reader reader;
    enum chunk_result got;
    size_t taken;

    *place = (struct log_place){0};
    chunk_reader_init(&reader, fd, log->encoding);
    while (
        (got = chunk_reader_next(&reader, &place->chunk, err)) != CHUNK_END && got != CHUNK_ERROR) {
        now = clock_now();
        source.now_ms = now.monotonic_ms;
        source.wall_s = now.wall_s;
        if (!source.source_id.at) {
            source.source_id = source_id_of(place->chunk.bytes, &id);
            if (!log_file_is_log(buffer_span(&reader.held), err)) {
                got = CHUNK_ERROR;
                break;
            }
        }
        place->is_unfinished = got == CHUNK_UNFINISHED && is_regular && !reader.decoding.is_gzip;
        taken = engine_feed(engine, &source, &place->chunk, output, counts);
        place->lines_before += lines_count((struct span){place->chunk.bytes.at, taken});
        chunk_reader_take(&reader, taken);
    }
    chunk_reader_finish(&reader);
    return got == CHUNK_END;
}

bool log_file_feed(struct engine *engine, const struct log_file *log,
    const struct engine_output *output, struct engine_counts *counts, struct log_place *place,
    struct error *err)
{
    bool is_stdin = strcmp(log->path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(log->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct error why;
    bool done;

    if (fd < 0)
        return error_system(err, "can't open \"%s\"", log->path);
    done = feed(engine, fd, log, output, counts, place, &why);
    if (!is_stdin)
        close(fd);
    if (done)
        return true;
    error_set(err, why.kind, why.code, "\"%s\": %s", log->path, why.message);
    error_hint(err, "%s", why.hint);
    return false;
}

void log_file_feed_text(struct engine *engine, const struct log_file *log, struct span text,
    const struct engine_output *output, struct engine_counts *counts)
{
    struct field fields[LOG_FILE_FIELDS_MOST];
    struct file_hash id;
    const struct engine_source source = {
        .source_id = source_id_of(text, &id),
        .time = {.reference_s = log->reference_s ? log->reference_s : clock_now().wall_s,
            .zone = log->zone},
        .now_ms = clock_now().monotonic_ms,
        .fields = fields,
        .field_count = log_file_fields(log, fields),
    };
    const struct engine_chunk chunk = {.bytes = text, .is_final = true};

    engine_feed(engine, &source, &chunk, output, counts);
}
