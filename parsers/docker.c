/* SPDX-License-Identifier: MIT
 *
 * Each line is read as JSON; of its fields only those stay that cannot hide the
 * product's own, which may be called `time` and `stream`, too. To tell parts, which is
 * done for each line, the text is looked at in the order in which Docker writes it.
 */
#include "docker.h"

#include "escape.h"
#include "json.h"
#include "lines.h"

enum { PART_BYTES = 16 << 10 /* of a part, at least, as it is written */ };

static bool is_attribute(struct span name)
{
    return name.len > 6 && memcmp(name.at, "attrs.", 6) == 0;
}

/* Of the fields from `first` on the attributes stay, and the stream under its own name. */
static bool settle_fields(struct record *record, size_t first, struct span stream)
{
    size_t kept = first;

    for (size_t i = first; i < record->count; i++)
        if (is_attribute(record->fields[i].name))
            record->fields[kept++] = record->fields[i];
    record->count = kept;
    return !stream.at || record_add(record, SPAN("log.iostream"), stream);
}

/* Reads one line's JSON into the record behind what is there; `log` is absent if it is
 * not Docker's. */
static enum parse_result take_line(
    struct span line, struct record *record, struct span *log, size_t *at)
{
    struct span message = record->message, time = record->time;
    size_t first = record->count;
    struct span stream, written;
    enum parse_result result = json_parse(line, record, at);

    *log = record_get(record, SPAN("log"));
    stream = record_get(record, SPAN("stream"));
    written = record_get(record, SPAN("time"));
    record->message = message;
    record->time = time;
    if (result != PARSE_OK || !log->at) {
        record->count = first;
        return result == PARSE_OK ? PARSE_NO : result;
    }
    record_offer_time(record, written);
    return settle_fields(record, first, stream) ? PARSE_OK : PARSE_BAD;
}

/* Appends what the other lines say to what is in `message`, in the arena. */
static enum parse_result join(
    struct span rest, struct record *record, struct span *message, size_t *at)
{
    char *joined = arena_alloc(record->arena, message->len + rest.len);
    size_t len = message->len, whole;
    struct span line, log;

    *at = 0;
    if (!joined)
        return PARSE_BAD;
    memcpy(joined, message->at, message->len);
    while (lines_next(&rest, &line, &whole)) {
        size_t first = record->count;
        enum parse_result result = take_line(line, record, &log, at);

        record->count = first;
        if (result != PARSE_OK)
            return PARSE_BAD;
        memcpy(joined + len, log.at, log.len);
        len += log.len;
    }
    *message = (struct span){joined, len};
    return PARSE_OK;
}

enum parse_result docker_parse(struct span text, struct record *record, size_t *at)
{
    struct span line, message;
    enum parse_result result;
    size_t whole;

    if (!lines_next(&text, &line, &whole))
        return PARSE_NO;
    result = take_line(line, record, &message, at);
    if (result == PARSE_OK && text.len > 0)
        result = join(text, record, &message, at);
    if (result != PARSE_OK)
        return result;
    if (message.len > 0 && message.at[message.len - 1] == '\n')
        message.len--;
    record->message = message;
    return PARSE_OK;
}

/* Whether an odd number of backslashes stands before the last byte, an n. */
static bool ends_in_newline(struct span escaped)
{
    size_t backslashes = 0;

    if (escaped.len < 2 || escaped.at[escaped.len - 1] != 'n')
        return false;
    while (backslashes + 1 < escaped.len && escaped.at[escaped.len - 2 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

bool docker_read_part(struct span line, struct format_part *part)
{
    static const char start[] = "{\"log\":\"", stderr_key[] = "\"stream\":\"stderr\"";
    const size_t head = sizeof(start) - 1;
    const char *close;
    struct span behind;

    if (line.len < head || memcmp(line.at, start, head) != 0)
        return false;
    close = escape_find_close(line.at + head, span_end(line), '"');
    if (!close)
        return false;
    behind = span_between(close, span_end(line));
    part->stream = memmem(behind.at, behind.len, stderr_key, sizeof(stderr_key) - 1) != NULL;
    part->goes_on = close - line.at - (ptrdiff_t)head >= PART_BYTES &&
                    !ends_in_newline(span_between(line.at + head, close));
    return true;
}

/* A part is a long line. */
const char *docker_find_hidden(struct span bytes)
{
    struct span line;
    size_t whole;

    while (lines_next(&bytes, &line, &whole)) {
        const char *hidden = whole > PART_BYTES ? line.at : escape_find_hidden_json(line);

        if (hidden)
            return hidden;
    }
    return NULL;
}
