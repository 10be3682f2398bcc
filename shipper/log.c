/* SPDX-License-Identifier: MIT
 *
 * Formats into one buffer and writes it in one go, so that lines of the three
 * processes do not mix.
 */
#include "shipper/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_BYTES = 2048 };

static const char *log_speaker = "";
static enum log_level log_least = LOG_INFO;

void log_open(const char *speaker, enum log_level level)
{
    log_speaker = speaker;
    log_least = level;
}

void log_write(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
    char line[LINE_BYTES];
    size_t len;
    int n;
    va_list arguments;

    if (level > log_least)
        return;
    len = (size_t)snprintf(line, sizeof(line), "usage-shipper%s%s: %s", *log_speaker ? " " : "",
        log_speaker, names[level]);
    va_start(arguments, format);
    n = vsnprintf(line + len, sizeof(line) - len, format, arguments);
    va_end(arguments);
    len += n < 0 ? 0 : (size_t)n;
    if (len > sizeof(line) - 2)
        len = sizeof(line) - 2;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '.';
    line[len] = '\n';
    /* Nobody is left to tell when standard error is gone. */
    (void)!write(STDERR_FILENO, line, len + 1);
}

void log_failure(enum log_level level, const struct error *err, const char *what_we_do)
{
    log_write(level, "%s, %s%s%s", err->message, what_we_do, err->hint[0] ? ". " : "", err->hint);
}
