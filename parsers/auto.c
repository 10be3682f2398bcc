/* SPDX-License-Identifier: MIT
 *
 * Each format is tried only on what begins like it, so that a decoder that takes nearly
 * anything does not get it: syslog would read "<time> INFO auth: x" as of a host INFO.
 */
#include "auto.h"

#include "access.h"
#include "cri.h"
#include "docker.h"
#include "json.h"
#include "logfmt.h"
#include "plain.h"
#include "severity.h"
#include "syslog.h"

static struct span skip_blanks(struct span text)
{
    while (text.len > 0 && byte_is_blank(*text.at))
        text = span_from(text, 1);
    return text;
}

/* A quote within a value would have a backslash before it. */
static bool is_docker(struct span text)
{
    static const char stream[] = "\"stream\":\"";

    return span_has_prefix(text, SPAN("{\"log\":\"")) &&
           memmem(text.at, text.len, stream, sizeof(stream) - 1) != NULL;
}

/* An object with a key, or an empty one. */
static bool is_json(struct span text)
{
    text = skip_blanks(text);
    if (text.len == 0 || *text.at != '{')
        return false;
    text = skip_blanks(span_from(text, 1));
    return text.len > 0 && (*text.at == '"' || *text.at == '}');
}

static bool has_priority(struct span text)
{
    return text.len > 1 && text.at[0] == '<' && byte_is_digit(text.at[1]);
}

/* As RFC 3164 writes it, or RFC 3339. */
static bool has_syslog_time(struct span text)
{
    enum { DATE_BYTES = 10 };

    return text.len > DATE_BYTES &&
           (byte_is_alpha(text.at[0]) || (byte_is_digit(text.at[0]) && text.at[DATE_BYTES] == 'T'));
}

/* What the decoder added is taken back if the line is none. */
static enum parse_result try_syslog(struct span text, struct record *record, size_t *at)
{
    struct span message = record->message, time = record->time, host, program;
    size_t count = record->count;
    enum parse_result result;

    if (!has_priority(text) && !has_syslog_time(text))
        return PARSE_NO;
    result = syslog_parse(text, record, at);
    if (result == PARSE_NO || has_priority(text))
        return result;
    host = record_get(record, SPAN("host"));
    program = record_get(record, SPAN("program"));
    if (result == PARSE_OK && host.at && program.at && !severity_is_name(host) &&
        !severity_is_name(program))
        return PARSE_OK;
    record->message = message;
    record->time = time;
    record->count = count;
    return PARSE_NO;
}

/* Text may begin with one: "user=alice logged in". */
static bool has_pairs(struct span text)
{
    const char *equals = span_find(text, '=');

    return equals && logfmt_is_likely(text) &&
           span_find(span_between(equals + 1, span_end(text)), '=') != NULL;
}

static void note(struct record *record, const char *name)
{
    if (record->detected_count < RECORD_DETECTED_MOST)
        record->detected[record->detected_count++] = name;
}

static enum parse_result read_outer(struct span text, struct record *record, size_t *at)
{
    enum parse_result result = PARSE_NO;
    const char *name = "docker";

    if (is_docker(text))
        result = docker_parse(text, record, at);
    if (result == PARSE_NO) {
        name = "cri";
        result = cri_parse(text, record, at);
    }
    if (result == PARSE_NO) {
        name = "syslog";
        result = try_syslog(text, record, at);
    }
    if (result != PARSE_NO)
        note(record, name);
    return result;
}

static enum parse_result read_inner(struct span text, struct record *record, size_t *at)
{
    enum parse_result result = PARSE_NO;
    const char *name = "json";

    if (is_json(text))
        result = json_parse(text, record, at);
    if (result == PARSE_NO) {
        name = "access";
        result = access_parse(text, record, at);
    }
    if (result == PARSE_NO && has_pairs(text)) {
        name = "logfmt";
        result = logfmt_parse(text, record, at);
    }
    if (result == PARSE_NO)
        return PARSE_NO;
    note(record, name);
    return result;
}

enum parse_result auto_parse(struct span text, struct record *record, size_t *at)
{
    enum parse_result result;

    record->detected_count = 0;
    result = read_outer(text, record, at);
    if (result == PARSE_BAD)
        return PARSE_BAD;
    if (result == PARSE_OK)
        text = record->message;
    result = read_inner(text, record, at);
    if (result != PARSE_NO)
        return result;
    if (record->detected_count == 0)
        note(record, "plain");
    return plain_parse(text, record, at);
}

bool auto_read_part(struct span line, struct format_part *part)
{
    return is_docker(line) ? docker_read_part(line, part) : cri_read_part(line, part);
}
