/* SPDX-License-Identifier: MIT
 *
 * RFC 5424 is read by its grammar. RFC 3164 describes habits rather than a
 * grammar: each part of
 *
 *     [ "<" PRI ">" ] [ sequence ": " ] [ timestamp [ ":" ] ] [ host ] [ program [ "[" pid "]" ]
 * ":" ] MSG
 *
 * is taken when it is there. What is a timestamp is timestamp.h's question.
 */
#include "syslog.h"

#include "structured_data.h"
#include "timestamp.h"

enum { PRI_DIGITS = 3, HIGHEST_PRI = 191, PROGRAM_BYTES = 128 };

static const char *const facilities[] = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr",
    "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1",
    "local2", "local3", "local4", "local5", "local6", "local7"};
static const char *const severities[] = {
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

struct header {
    struct span facility, severity, time, host, program, pid, msgid;
};

static void skip_blanks(struct span *rest)
{
    while (rest->len > 0 && byte_is_blank(rest->at[0]))
        *rest = span_from(*rest, 1);
}

/* Up to the next blank. */
static struct span peek_word(struct span rest)
{
    size_t len = 0;

    while (len < rest.len && !byte_is_blank(rest.at[len]))
        len++;
    return (struct span){rest.at, len};
}

/* "<" 1 to 3 digits ">". */
static bool take_pri(struct span *rest, struct header *header)
{
    const char *close;
    uint64_t pri;

    if (rest->len < 3 || rest->at[0] != '<')
        return false;
    close = span_find(*rest, '>');
    if (!close || close - rest->at > PRI_DIGITS + 1 ||
        !span_to_u64(span_between(rest->at + 1, close), &pri) || pri > HIGHEST_PRI)
        return false;
    header->facility = span_of(facilities[pri / 8]);
    header->severity = span_of(severities[pri % 8]);
    *rest = span_between(close + 1, span_end(*rest));
    return true;
}

/* A keyword of the list, or its number. */
static struct span find_keyword(struct span word, const char *const *keywords, size_t count)
{
    uint64_t number;

    if (span_to_u64(word, &number) && number < count)
        return span_of(keywords[number]);
    for (size_t i = 0; i < count; i++)
        if (span_is(word, keywords[i]))
            return span_of(keywords[i]);
    return (struct span){NULL, 0};
}

/* `auth.info`, `<auth.info>`, `<4.6>`; BSD's syslogd, busybox and rsyslog
 * templates put it beside the host. */
static bool read_priority_word(struct span word, struct header *header)
{
    struct span facility, severity;

    if (!span_find(word, '.'))
        return false;
    if (word.len > 2 && word.at[0] == '<' && word.at[word.len - 1] == '>')
        word = (struct span){word.at + 1, word.len - 2};
    facility = span_cut(&word, '.');
    facility = find_keyword(facility, facilities, sizeof(facilities) / sizeof(*facilities));
    severity = find_keyword(word, severities, sizeof(severities) / sizeof(*severities));
    if (!facility.at || !severity.at)
        return false;
    header->facility = facility;
    header->severity = severity;
    return true;
}

static void take_priority_word(struct span *rest, struct header *header)
{
    struct span word = peek_word(*rest);

    if (word.len == 0 || !read_priority_word(word, header))
        return;
    *rest = span_from(*rest, word.len);
    skip_blanks(rest);
}

/* A timestamp followed by a blank, a colon (Cisco) or the end; Cisco marks one of
 * an unset clock with `*` or `.`, and may number the line before it. */
static bool take_time(struct span *rest, struct header *header)
{
    static const struct time_context any = {.reference_s = 0, .zone = &zone_utc};
    struct span text = *rest;
    struct timestamp timestamp;
    size_t used;

    if (text.len > 0 && (text.at[0] == '*' || text.at[0] == '.'))
        text = span_from(text, 1);
    if (timestamp_parse(text, &any, &timestamp, &used) != PARSE_OK ||
        (used < text.len && !byte_is_blank(text.at[used]) && text.at[used] != ':'))
        return false;
    header->time = (struct span){text.at, used};
    *rest = span_from(text, used);
    if (rest->len > 0 && rest->at[0] == ':')
        *rest = span_from(*rest, 1);
    skip_blanks(rest);
    return true;
}

static void take_sequence(struct span *rest)
{
    struct span word = peek_word(*rest);
    uint64_t number;

    if (word.len < 2 || word.at[word.len - 1] != ':' ||
        !span_to_u64((struct span){word.at, word.len - 1}, &number))
        return;
    *rest = span_from(*rest, word.len);
    skip_blanks(rest);
}

/* `program:`, `program[pid]:`, `program[pid] `. The colon of a bare program is
 * followed by a blank: `2001:db8::1` and `CEF:0|` are none. */
static bool take_program(struct span *rest, struct header *header)
{
    struct span word = peek_word(*rest), pid = {NULL, 0};
    size_t len = 0, used;

    while (len < word.len && word.at[len] != '[' && !(word.at[len] == ':' && len + 1 == word.len))
        len++;
    if (len == 0 || len == word.len || len > PROGRAM_BYTES)
        return false;
    used = len;
    if (word.at[len] == '[') {
        const char *close = span_find(span_from(word, len), ']');

        if (!close || close == word.at + len + 1)
            return false;
        pid = span_between(word.at + len + 1, close);
        used = (size_t)(close + 1 - word.at);
        if (used < word.len && word.at[used] != ':')
            return false;
    }
    header->program = (struct span){word.at, len};
    header->pid = pid;
    *rest = span_from(*rest, used);
    if (rest->len > 0 && rest->at[0] == ':')
        *rest = span_from(*rest, 1);
    skip_blanks(rest);
    return true;
}

static bool is_host_start(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '_' || c == ':';
}

/* Some write the host twice (UniFi), or a lone colon behind it (Cisco). */
static bool take_host(struct span *rest, struct header *header)
{
    struct span word = peek_word(*rest);

    if (word.len == 0 || !is_host_start(word.at[0]))
        return false;
    header->host = word;
    *rest = span_from(*rest, word.len);
    skip_blanks(rest);
    word = peek_word(*rest);
    if (span_equal(word, header->host) || span_is(word, ":")) {
        *rest = span_from(*rest, word.len);
        skip_blanks(rest);
    }
    return true;
}

/* `asa1: %ASA-6-605005: `: Cisco's colon behind the host makes it look like a
 * program, but the program is what starts with `%`. */
static void move_program_to_host(struct span *rest, struct header *header)
{
    struct span host = header->program;

    if (!header->pid.at && rest->len > 0 && rest->at[0] == '%' && take_program(rest, header))
        header->host = host;
}

/* `[ID 800047 auth.info] `, Solaris. */
static void take_solaris_id(struct span *rest, struct header *header)
{
    struct span inside, id;
    const char *close;

    if (!span_has_prefix(*rest, SPAN("[ID ")) || !(close = span_find(*rest, ']')))
        return;
    inside = span_between(rest->at + 4, close);
    id = span_cut(&inside, ' ');
    if (!inside.at || !read_priority_word(inside, header))
        return;
    header->msgid = id;
    *rest = span_between(close + 1, span_end(*rest));
    skip_blanks(rest);
}

static bool add(struct record *record, struct span name, struct span value)
{
    return !value.at || span_is(value, "-") || record_add(record, name, value);
}

static bool add_header(struct record *record, const struct header *header)
{
    if (header->time.at)
        record_offer_time(record, header->time);
    return add(record, SPAN("facility"), header->facility) &&
           add(record, SPAN("severity"), header->severity) &&
           add(record, SPAN("host"), header->host) &&
           add(record, SPAN("program"), header->program) && add(record, SPAN("pid"), header->pid) &&
           add(record, SPAN("msgid"), header->msgid);
}

/* `message repeated N times: [ text]` becomes text. */
static bool set_message(struct record *record, struct span message)
{
    static const struct span start = {"message repeated ", 17}, middle = {"times: [", 8};
    struct span rest, times;

    record->message = message;
    if (!span_has_prefix(message, start) || message.at[message.len - 1] != ']')
        return true;
    rest = span_from(message, start.len);
    rest.len--;
    times = span_cut(&rest, ' ');
    if (!rest.at || !span_has_prefix(rest, middle))
        return true;
    rest = span_from(rest, middle.len);
    skip_blanks(&rest);
    record->message = rest;
    return record_add(record, SPAN("repeated"), times);
}

/* RFC 3164 and what goes by its name; *header holds PRI if there was one. */
static enum parse_result parse_loose(
    struct span *text, struct header *header, struct record *record)
{
    struct span rest = *text;
    bool has_pri = header->facility.at != NULL, has_time;

    skip_blanks(&rest);
    take_sequence(&rest);
    has_time = take_time(&rest, header);
    if (has_time) {
        take_priority_word(&rest, header);
        if (take_program(&rest, header)) {
            move_program_to_host(&rest, header);
        } else if (take_host(&rest, header)) {
            take_priority_word(&rest, header);
            take_program(&rest, header);
        }
        take_solaris_id(&rest, header);
    } else {
        take_program(&rest, header);
    }
    if (!has_pri && (!has_time || (!header->host.at && !header->program.at)))
        return PARSE_NO;
    *text = rest;
    return add_header(record, header) && set_message(record, rest) ? PARSE_OK : PARSE_BAD;
}

/* What follows <PRI>VERSION TIMESTAMP of RFC 5424. On failure *rest stands on
 * what is wrong. */
static enum parse_result parse_strict(
    struct span *rest, struct header *header, struct record *record)
{
    struct span *const words[] = {&header->host, &header->program, &header->pid, &header->msgid};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words) && rest->len > 0; i++) {
        *words[i] = peek_word(*rest);
        *rest = span_from(*rest, words[i]->len);
        if (rest->len > 0)
            *rest = span_from(*rest, 1);
    }
    if (!add_header(record, header) || !structured_data_take(rest, record))
        return PARSE_BAD;
    skip_blanks(rest);
    if (span_has_prefix(*rest, SPAN("\xEF\xBB\xBF")))
        *rest = span_from(*rest, 3);
    return set_message(record, *rest) ? PARSE_OK : PARSE_BAD;
}

/* VERSION SP (TIMESTAMP | NILVALUE) SP: no RFC 3164 message starts like that. */
static bool take_version(struct span *rest, struct header *header)
{
    struct span after = *rest, version = peek_word(after);
    uint64_t number;

    if (version.len > 2 || !span_to_u64(version, &number) || number == 0)
        return false;
    after = span_from(after, version.len);
    skip_blanks(&after);
    if (span_has_prefix(after, SPAN("- ")))
        after = span_from(after, 2);
    else if (!take_time(&after, header))
        return false;
    *rest = after;
    return true;
}

enum parse_result syslog_parse(struct span text, struct record *record, size_t *at)
{
    struct header header = {.facility = {NULL, 0}};
    struct span rest = text;
    enum parse_result result;

    if (take_pri(&rest, &header) && take_version(&rest, &header))
        result = parse_strict(&rest, &header, record);
    else
        result = parse_loose(&rest, &header, record);
    if (result == PARSE_BAD)
        *at = (size_t)(rest.at - text.at);
    return result;
}
