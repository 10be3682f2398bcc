/* SPDX-License-Identifier: MIT
 *
 * The identifier is the writing program's own word: it must not be able to pass for
 * another host or process.
 */
#include "shipper/sources/journal_line.h"

#include "parsers/timestamp.h"

enum { MICROSECONDS = 1000000, WORD_BYTES = 128 };

static struct span first_of(const struct journal_export *entry, struct span one, struct span other)
{
    struct span value = journal_export_get(entry, one);

    return value.len > 0 ? value : journal_export_get(entry, other);
}

/* `otherwise`, if there is none: what daemons write that do not know. */
static void write_word(struct span word, struct span otherwise, struct buffer *out)
{
    if (word.len == 0)
        word = otherwise;
    for (size_t i = 0; i < word.len && i < WORD_BYTES; i++) {
        unsigned char c = (unsigned char)word.at[i];

        buffer_append_byte(out, c <= ' ' || c == 0x7f || strchr("[]:", c) ? '_' : (char)c);
    }
}

static void write_header(const struct journal_export *entry, struct buffer *out)
{
    char time[TIMESTAMP_TEXT_BYTES];
    struct span pid = first_of(entry, SPAN("SYSLOG_PID"), SPAN("_PID"));

    timestamp_write(journal_line_time_s(entry), time);
    buffer_append(out, span_of(time));
    buffer_append_byte(out, ' ');
    write_word(journal_export_get(entry, SPAN("_HOSTNAME")), SPAN("localhost"), out);
    buffer_append_byte(out, ' ');
    write_word(first_of(entry, SPAN("SYSLOG_IDENTIFIER"), SPAN("_COMM")), SPAN("unknown"), out);
    if (pid.len > 0) {
        buffer_append_byte(out, '[');
        write_word(pid, pid, out);
        buffer_append_byte(out, ']');
    }
    buffer_append(out, SPAN(": "));
}

void journal_line_write(const struct journal_export *entry, bool has_header, struct buffer *out)
{
    struct span message = journal_export_get(entry, SPAN("MESSAGE"));
    size_t start;

    if (has_header)
        write_header(entry, out);
    while (message.len > 0 && (message.at[message.len - 1] == '\n'))
        message.len--;
    start = out->len;
    buffer_append(out, message);
    if (out->len > LIMIT_LINE_BYTES)
        out->len = LIMIT_LINE_BYTES;
    for (size_t i = start; i < out->len; i++)
        if (out->bytes[i] == '\n')
            out->bytes[i] = ' ';
    buffer_append_byte(out, '\n');
}

size_t journal_line_fields(
    const struct journal_export *entry, struct field fields[LIMIT_JOURNAL_FIELDS])
{
    size_t all, count = 0;
    const struct field *field = journal_export_fields(entry, &all);

    for (; all > 0; all--, field++)
        if (!span_has_prefix(field->name, SPAN("__")) && !span_equal(field->name, SPAN("MESSAGE")))
            fields[count++] = *field;
    return count;
}

int64_t journal_line_time_s(const struct journal_export *entry)
{
    uint64_t microseconds = 0;

    span_to_u64(journal_export_get(entry, SPAN("__REALTIME_TIMESTAMP")), &microseconds);
    return (int64_t)(microseconds / MICROSECONDS);
}
