/* SPDX-License-Identifier: MIT
 *
 * Formats into one buffer and writes it in one go, so that lines of the three
 * processes do not mix.
 */
#include "shipper/log.h"

#include "parsers/event.h"
#include "parsers/limits.h"
#include "parsers/timestamp.h"
#include "shipper/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 2048 };

static const char *log_speaker = "";
static enum log_level log_least = LOG_INFO;
static enum log_format log_format = LOG_TEXT;

/* Messages that may be written now, in thousandths; what was left out since. */
static struct {
    int64_t allowed, at_ms;
    unsigned left_out;
} budget = {.allowed = (int64_t)LIMIT_LOG_BURST * 1000};

void log_open(const char *speaker, enum log_level level)
{
    log_speaker = speaker;
    log_least = level;
}

void log_set(enum log_format format, enum log_level level)
{
    log_format = format;
    log_least = level;
}

void log_become(const char *speaker)
{
    log_speaker = speaker;
}

/* --- a line ---------------------------------------------------------------------- */

/* Whether journald is at the other end: $JOURNAL_STREAM names what standard error was. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    char mine[64];

    if (!stream || fstat(STDERR_FILENO, &status) < 0)
        return false;
    snprintf(mine, sizeof(mine), "%llu:%llu", (unsigned long long)status.st_dev,
        (unsigned long long)status.st_ino);
    return strcmp(stream, mine) == 0;
}

static void put_text(struct buffer *out, enum log_level level, const char *message)
{
    static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
    static const char *const priorities[] = {"<3>", "<4>", "<6>", "<7>"};

    if (is_journal())
        buffer_append(out, span_of(priorities[level]));
    buffer_printf(out, "usage-shipper%s%s: %s%s", *log_speaker ? " " : "", log_speaker,
        names[level], message);
}

/* Fields of the other two: names and values are written alike but for the marks between. */
static void put_fields(struct buffer *out, enum log_level level, const char *message)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    bool is_json = log_format == LOG_JSON;
    char time[TIMESTAMP_TEXT_BYTES];

    timestamp_write(clock_now().wall_s, time);
    buffer_printf(out,
        is_json ? "{\"time\":\"%s\",\"level\":\"%s\",\"process\":\"%s\",\"message\":"
                : "time=%s level=%s process=%s message=",
        time, names[level], *log_speaker ? log_speaker : "supervisor");
    event_write_string(span_of(message), out);
    buffer_append(out, is_json ? SPAN("}") : SPAN(""));
}

static void write_line(enum log_level level, char *message)
{
    struct buffer line = {0};

    for (char *c = message; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '.';
    if (log_format == LOG_TEXT)
        put_text(&line, level, message);
    else
        put_fields(&line, level, message);
    buffer_append_byte(&line, '\n');
    /* Nobody is left to tell when standard error is gone. */
    (void)!write(STDERR_FILENO, line.bytes, line.len);
    buffer_finish(&line);
}

/* --- how many ---------------------------------------------------------------------- */

static bool may_write(void)
{
    const int64_t most = (int64_t)LIMIT_LOG_BURST * 1000;
    int64_t now_ms = clock_now().monotonic_ms;
    char message[80];

    budget.allowed += (now_ms - budget.at_ms) * LIMIT_LOG_RATE;
    budget.at_ms = now_ms;
    if (budget.allowed > most)
        budget.allowed = most;
    if (budget.allowed < 1000) {
        budget.left_out++;
        return false;
    }
    budget.allowed -= 1000;
    if (budget.left_out > 0) {
        snprintf(message, sizeof(message), "%u messages were left out, there were too many at once",
            budget.left_out);
        budget.left_out = 0;
        write_line(LOG_WARNING, message);
    }
    return true;
}

void log_write(enum log_level level, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list arguments;

    if (level > log_least || !may_write())
        return;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof(message), format, arguments) < 0)
        message[0] = '\0';
    va_end(arguments);
    write_line(level, message);
}

void log_failure(enum log_level level, const struct error *err, const char *what_we_do)
{
    log_write(level, "%s, %s%s%s", err->message, what_we_do, err->hint[0] ? ". " : "", err->hint);
}
