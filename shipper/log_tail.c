/* SPDX-License-Identifier: MIT
 *
 * A file is read from LOG_TAIL_BYTES before its end and cut at newlines; what is not
 * UTF-8 or ASCII is not transcoded. Follows nothing.
 */
#include "shipper/log_tail.h"

#include "shipper/journalctl.h"
#include "shipper/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- files ----------------------------------------------------------------- */

/* Keeps the last lines of bytes that begin with a whole line (or, is_middle, in one). */
static void keep_lines(struct buffer *text, bool is_middle, size_t lines)
{
    const char *end, *at;

    while (text->len > 0 && text->bytes[text->len - 1] != '\n')
        text->len--;
    if (text->len == 0)
        return;
    end = text->bytes + text->len;
    at = end;
    while (at > text->bytes && lines > 0) {
        at--;
        while (at > text->bytes && at[-1] != '\n')
            at--;
        lines--;
    }
    if (at == text->bytes && is_middle)
        at = (const char *)memchr(at, '\n', text->len) + 1;
    text->len = (size_t)(end - at);
    memmove(text->bytes, at, text->len);
}

static bool is_compressed(int fd)
{
    unsigned char magic[2];

    return pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

static bool read_end(int fd, struct buffer *text, off_t from)
{
    ssize_t got;

    do {
        char *to = buffer_reserve(text, 1 << 16);

        got = pread(fd, to, 1 << 16, from + (off_t)text->len);
        if (got > 0)
            text->len += (size_t)got;
    } while ((got > 0 && text->len < LOG_TAIL_BYTES) || (got < 0 && errno == EINTR));
    return got >= 0;
}

bool log_tail_file(
    const char *path, size_t lines, struct buffer *text, off_t *size, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    off_t from = 0;
    struct stat st;
    bool is_good;

    if (fd < 0)
        return error_system(err, "can't open \"%s\"", path);
    buffer_clear(text);
    is_good = fstat(fd, &st) == 0;
    if (is_good && S_ISREG(st.st_mode) && !is_compressed(fd)) {
        from = st.st_size > LOG_TAIL_BYTES ? st.st_size - LOG_TAIL_BYTES : 0;
        is_good = read_end(fd, text, from);
    }
    if (!is_good)
        error_system(err, "can't read \"%s\"", path);
    close(fd);
    keep_lines(text, from > 0, lines);
    *size = is_good ? st.st_size : 0;
    return is_good;
}

/* --- journal --------------------------------------------------------------- */

/* False if it says nothing for too long. What is over the limit is not read. */
static bool read_output(int fd, struct buffer *text)
{
    struct pollfd end = {fd, POLLIN, 0};
    ssize_t got = 1;

    while (got != 0 && text->len < LOG_TAIL_BYTES) {
        if (poll(&end, 1, LOG_TAIL_WAIT_MS) == 0)
            return false;
        got = read(fd, buffer_reserve(text, 1 << 16), 1 << 16);
        if (got > 0)
            text->len += (size_t)got;
        else if (got < 0 && errno != EINTR && errno != EAGAIN)
            return true;
    }
    return true;
}

bool log_tail_journal(const char *journalctl, struct span unit, bool is_syslog, size_t lines,
    struct buffer *text, struct error *err)
{
    char **arguments = journalctl_tail_arguments(unit, is_syslog, lines);
    struct program program;
    bool is_good;

    buffer_clear(text);
    is_good = program_start(journalctl, arguments, journalctl_environment, &program, err);
    if (is_good) {
        is_good = read_output(program.output, text) ||
                  error_set(err, ERROR_SYSTEM, 0, "journalctl says nothing within %d s",
                      LOG_TAIL_WAIT_MS / 1000);
        kill(program.pid, SIGKILL);
        waitpid(program.pid, NULL, 0);
        close(program.output);
        close(program.errors);
        keep_lines(text, false, lines);
    }
    journalctl_free(arguments);
    return is_good;
}
