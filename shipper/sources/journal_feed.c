/* SPDX-License-Identifier: MIT
 *
 * The pipe's end and the report on journalctl's come in either order; it is over when
 * both have come.
 */
#include "shipper/sources/journal_feed.h"

#include "shipper/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

void journal_feed_init(struct journal_feed *feed, int channel, size_t input)
{
    *feed = (struct journal_feed){
        .channel = channel,
        .input = (uint32_t)input,
        .number = (uint32_t)input << 16, /* apart from those of other inputs */
        .pipe = -1,
        .entry = journal_export_new(),
    };
}

static void close_pipe(struct journal_feed *feed)
{
    if (feed->pipe >= 0)
        close(feed->pipe);
    feed->pipe = -1;
}

void journal_feed_finish(struct journal_feed *feed)
{
    close_pipe(feed);
    journal_export_free(feed->entry);
    buffer_finish(&feed->bytes);
}

void journal_feed_start(struct journal_feed *feed, enum journal_reading reading, const char *cursor)
{
    struct errand errand = {
        .kind = ERRAND_JOURNAL, .number = ++feed->number, .input = feed->input, .reading = reading};
    struct error err;

    memcpy(errand.cursor, cursor, strnlen(cursor, sizeof(errand.cursor) - 1));
    feed->is_asked = true;
    feed->is_ending = feed->is_ended = feed->was_full = false;
    feed->parsed = 0;
    buffer_clear(&feed->bytes);
    journal_export_restart(feed->entry);
    /* A channel that takes nothing is the end of this process. */
    if (!errand_send(feed->channel, &errand, &err))
        log_failure(LOG_ERROR, &err, "no journal is read");
}

void journal_feed_end(struct journal_feed *feed)
{
    const struct errand end = {.kind = ERRAND_END, .number = feed->number};
    struct error err;

    if (!errand_send(feed->channel, &end, &err))
        log_failure(LOG_DEBUG, &err, "journalctl goes on");
    close_pipe(feed);
    buffer_clear(&feed->bytes);
    feed->parsed = 0;
    feed->is_ending = true;
}

static size_t size_of(int pipe)
{
    int bytes = fcntl(pipe, F_GETPIPE_SZ);

    return bytes > 0 ? (size_t)bytes : LIMIT_CHUNK_BYTES;
}

bool journal_feed_receive(struct journal_feed *feed, struct channel_message *message)
{
    struct errand_report report;

    if (message->kind != CHANNEL_REPORT || !errand_read_report(message, &report) ||
        report.number != feed->number)
        return false;
    feed->is_asked = false;
    if (report.outcome == ERRAND_GIVEN) {
        close_pipe(feed);
        feed->pipe = report.descriptor;
        feed->pipe_bytes = size_of(feed->pipe);
    } else {
        feed->end = report;
        feed->is_ended = true;
    }
    return true;
}

static bool parse(struct journal_feed *feed)
{
    struct span rest = span_from(buffer_span(&feed->bytes), feed->parsed);
    bool is_any = journal_export_read(feed->entry, &rest);

    feed->parsed = feed->bytes.len - rest.len;
    return is_any;
}

/* False when there is nothing now. */
static bool read_pipe(struct journal_feed *feed)
{
    ssize_t got;

    buffer_clear(&feed->bytes);
    feed->parsed = 0;
    if (feed->pipe < 0)
        return false;
    do
        got = read(feed->pipe, buffer_reserve(&feed->bytes, LIMIT_CHUNK_BYTES), LIMIT_CHUNK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        feed->bytes.len = (size_t)got;
    /* Its pages need not be full for it to take no more. */
    feed->was_full |= feed->bytes.len >= feed->pipe_bytes / 2;
    if (got == 0 || (got < 0 && errno != EAGAIN))
        close_pipe(feed);
    return got > 0;
}

bool journal_feed_next(struct journal_feed *feed)
{
    return parse(feed) || (read_pipe(feed) && parse(feed));
}

bool journal_feed_has_more(const struct journal_feed *feed)
{
    return feed->parsed < feed->bytes.len;
}

bool journal_feed_is_over(const struct journal_feed *feed)
{
    return feed->pipe < 0 && feed->is_ended;
}

bool journal_feed_is_good(const struct journal_feed *feed)
{
    return feed->end.outcome == ERRAND_ENDED && WIFEXITED(feed->end.status) &&
           WEXITSTATUS(feed->end.status) == 0;
}

void journal_feed_why(const struct journal_feed *feed, const char *name, struct error *err)
{
    const char *words = feed->end.words;

    error_set(err, ERROR_SYSTEM, 0, "%s: journalctl %s: %.200s", name,
        feed->end.outcome == ERRAND_REFUSED ? "cannot be started"
        : WIFSIGNALED(feed->end.status)     ? "was killed"
                                            : "ended",
        *words ? words : "it does not say why");
    if (strstr(words, "ermission"))
        error_hint(err, "Let the service's user be in the group systemd-journal.");
    else if (strstr(words, "cannot run"))
        error_hint(err, "The journal is read with journalctl: install systemd's.");
}
