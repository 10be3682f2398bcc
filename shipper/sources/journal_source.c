/* SPDX-License-Identifier: MIT
 *
 * A state machine around one journalctl at a time. Nothing is read from its pipe but in
 * `read`, so that a full spool holds journalctl up, and the journal is the buffer.
 */
#include "shipper/sources/journal_source.h"

#include "parsers/journal_export.h"
#include "parsers/memory.h"
#include "parsers/rule.h"
#include "shipper/errand.h"
#include "shipper/journalctl.h"
#include "shipper/log.h"
#include "shipper/sources/file_row.h"
#include "shipper/sources/journal_cursor.h"
#include "shipper/sources/journal_line.h"
#include "shipper/spool/spool_delivered.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RETRY_FIRST_MS = 1000,
    RETRY_MOST_MS = 60000,
    QUIET_MS = 300000, /* followed so long without an entry: is it true? */
    FIELDS = LIMIT_JOURNAL_FIELDS,
};

enum phase {
    PHASE_PAUSED,  /* until start_at_ms */
    PHASE_ASKED,   /* the supervisor has not answered yet */
    PHASE_READING, /* until the end of the pipe and the report on journalctl's end */
    PHASE_OVER,    /* --once */
};

struct journal_source {
    struct source source;
    struct journal_options options;
    struct spool *spool;
    uint64_t key;
    char *name;

    enum phase phase;
    enum journal_reading reading;
    uint32_t number; /* of the errand */
    int pipe;        /* -1: at its end */
    bool is_ended, is_planned, is_failed;
    struct errand_report end;
    int64_t start_at_ms, pause_ms, heard_ms;

    struct buffer bytes; /* read from the pipe */
    size_t parsed;
    struct journal_export *entry;
    size_t entries; /* of this journalctl */

    struct journal_cursor cursor;   /* of what was taken for good */
    char last[ERRAND_CURSOR_BYTES]; /* of the entry that is out with the reader */
    struct buffer line;
    struct field fields[FIELDS];
    uint64_t lost;  /* entries, not in the account yet */
    bool has_begun; /* where it starts has just been found, even if it was empty */
    bool is_moved, is_trouble_said;
    struct spool_delivered *delivered; /* while what may have been read is read again */
};

static struct journal_source *of(struct source *source)
{
    return (struct journal_source *)source;
}

static const struct journal_source *of_const(const struct source *source)
{
    return (const struct journal_source *)source;
}

/* --- starting and ending journalctl ---------------------------------------- */

static void ask(struct journal_source *s, const struct now *now)
{
    struct errand errand = {.kind = ERRAND_JOURNAL,
        .number = ++s->number,
        .input = (uint32_t)s->options.input,
        .reading = s->reading};
    struct error err;

    if (!s->delivered)
        memcpy(errand.cursor, s->cursor.text, sizeof(errand.cursor));
    s->is_ended = s->is_planned = false;
    s->entries = 0;
    s->parsed = 0;
    s->heard_ms = now->monotonic_ms;
    buffer_clear(&s->bytes);
    journal_export_restart(s->entry);
    s->phase = PHASE_ASKED;
    /* A channel that takes nothing is the end of this process. */
    if (!errand_send(s->options.channel, &errand, &err))
        log_failure(LOG_ERROR, &err, "no journal is read");
}

static void begin(struct journal_source *s, enum journal_reading reading)
{
    s->reading = reading;
    s->phase = PHASE_PAUSED;
    s->start_at_ms = 0;
}

static void end_journalctl(struct journal_source *s)
{
    const struct errand end = {.kind = ERRAND_END, .number = s->number};
    struct error err;

    if (!errand_send(s->options.channel, &end, &err))
        log_failure(LOG_DEBUG, &err, "journalctl goes on");
    s->is_planned = true;
}

/* Said once until an entry has come again. */
static void say_trouble(struct journal_source *s)
{
    struct error err;
    const char *words = s->end.words;

    error_set(&err, ERROR_SYSTEM, 0, "%s: journalctl %s: %.200s", s->name,
        s->end.outcome == ERRAND_REFUSED ? "cannot be started"
        : WIFSIGNALED(s->end.status)     ? "was killed"
                                         : "ended",
        *words ? words : "it does not say why");
    if (strstr(words, "ermission"))
        error_hint(&err, "Let the service's user be in the group systemd-journal.");
    else if (strstr(words, "cannot run"))
        error_hint(&err, "The journal is read with journalctl: install systemd's.");
    if (!s->is_trouble_said)
        log_failure(LOG_WARNING, &err,
            s->options.is_once ? "the journal is not read to its end" : "trying again");
    s->is_trouble_said = true;
}

static void pause_journal(struct journal_source *s, const struct now *now)
{
    s->pause_ms = s->pause_ms == 0 ? RETRY_FIRST_MS : s->pause_ms * 2;
    if (s->pause_ms > RETRY_MOST_MS)
        s->pause_ms = RETRY_MOST_MS;
    s->start_at_ms = now->monotonic_ms + s->pause_ms;
}

static void fail(struct journal_source *s, const struct now *now)
{
    say_trouble(s);
    if (s->options.is_once) {
        s->is_failed = true;
        s->phase = PHASE_OVER;
        return;
    }
    /* What cannot be drained (a damaged file) may be passed over by following. */
    if (s->reading != JOURNAL_LAST)
        begin(s, s->entries == 0 && s->reading == JOURNAL_DRAIN ? JOURNAL_FOLLOW : JOURNAL_DRAIN);
    s->phase = PHASE_PAUSED;
    pause_journal(s, now);
}

/* Not even the entry of the cursor came: there is nothing at or after it, for it is
 * gone, or from a clock that was ahead. All is read again; what was delivered is known. */
static bool begin_anew(struct journal_source *s)
{
    struct error err;

    if (s->delivered || !*s->cursor.text || s->cursor.is_foreign || s->entries > 0)
        return false;
    s->delivered = spool_delivered_load(s->spool, &err);
    if (!s->delivered) {
        log_failure(LOG_WARNING, &err, "the journal is followed from now on");
        return false;
    }
    log_write(LOG_WARNING,
        "%s: the last entry that was read is gone, and nothing is after it; reading what there is "
        "from its beginning, without what was delivered",
        s->name);
    begin(s, JOURNAL_DRAIN);
    return true;
}

static void finish_journalctl(struct journal_source *s, const struct now *now)
{
    bool is_good = s->end.outcome == ERRAND_ENDED && WIFEXITED(s->end.status) &&
                   WEXITSTATUS(s->end.status) == 0;

    if (s->is_planned) {
        begin(s, JOURNAL_DRAIN);
    } else if (!is_good || s->reading == JOURNAL_FOLLOW) {
        fail(s, now);
    } else if (s->reading == JOURNAL_LAST) {
        s->has_begun = true;
        begin(s, JOURNAL_DRAIN);
    } else if (!begin_anew(s)) {
        spool_delivered_free(s->delivered);
        s->delivered = NULL;
        begin(s, JOURNAL_FOLLOW);
        if (s->options.is_once)
            s->phase = PHASE_OVER;
    }
}

static bool receive(struct source *source, struct channel_message *message)
{
    struct journal_source *s = of(source);
    struct errand_report report;

    if (message->kind != CHANNEL_REPORT || !errand_read_report(message, &report) ||
        report.number != s->number) {
        return false;
    }
    if (report.outcome == ERRAND_GIVEN) {
        s->pipe = report.descriptor;
        s->phase = PHASE_READING;
        return true;
    }
    s->end = report;
    s->is_ended = true;
    s->phase = PHASE_READING;
    return true;
}

/* --- entries --------------------------------------------------------------- */

/* Entries that should have come between the last one and this. */
static void note_gap(struct journal_source *s, struct span cursor)
{
    struct span before = span_of(s->cursor.text);
    bool is_whole = journalctl_is_whole(s->options.journal);
    bool is_first = s->entries == 1;
    /* Following may leave out the cursor's own boot, and then its entry. */
    bool can_tell = is_first && s->reading == JOURNAL_DRAIN && !s->cursor.is_foreign;
    uint64_t was = journal_cursor_number(before), is = journal_cursor_number(cursor);

    if (!*s->cursor.text || s->delivered || (!is_whole && !can_tell))
        return;
    if (!span_equal(journal_cursor_part(before, 's'), journal_cursor_part(cursor, 's'))) {
        if (is_first)
            log_write(LOG_WARNING,
                "%s: the last entry that was read is gone, and so is its journal; reading on at "
                "the nearest later one, it is not known what is missing",
                s->name);
        return;
    }
    if (is <= was + 1)
        return;
    s->lost += is - was - 1;
    log_write(LOG_WARNING, "%s: %s%llu entries are gone that were not read; reading on behind them",
        s->name, is_whole ? "" : "at most ", (unsigned long long)(is - was - 1));
}

static void give(struct journal_source *s, const struct now *now, struct source_read *read)
{
    struct span cursor = span_of(s->last);
    size_t count, given = 0;
    const struct field *fields = journal_export_fields(s->entry, &count);
    int64_t time_s = journal_line_time_s(s->entry);

    buffer_clear(&s->line);
    journal_line_write(s->entry, s->options.is_syslog, &s->line);
    for (size_t i = 0; i < count; i++)
        if (!span_has_prefix(fields[i].name, SPAN("__")) && !span_is(fields[i].name, "MESSAGE"))
            s->fields[given++] = fields[i];
    *read = (struct source_read){
        .origin = {.source_id = journal_cursor_part(cursor, 's'),
            .time = {time_s > 0 ? time_s : now->wall_s, s->options.zone},
            .now_ms = now->monotonic_ms,
            .fields = s->fields,
            .field_count = given},
        .chunk = {.bytes = buffer_span(&s->line),
            .offset = journal_cursor_number(cursor),
            .is_cut = journal_export_is_cut(s->entry),
            .is_final = true},
        .engine = s->options.engine,
        .key = s->key,
        .delivered = s->delivered,
    };
}

/* True if the entry is to be delivered. */
static bool take_entry(struct journal_source *s, const struct now *now)
{
    struct span cursor = journal_export_get(s->entry, "__CURSOR");

    if (!journalctl_is_cursor(cursor))
        return false;
    s->heard_ms = now->monotonic_ms;
    s->pause_ms = 0;
    s->is_trouble_said = false;
    s->entries++;
    if (s->reading != JOURNAL_LAST) {
        if (s->entries == 1 && !s->delivered &&
            journal_cursor_is_same(cursor, span_of(s->cursor.text)))
            return false;
        note_gap(s, cursor);
    }
    snprintf(s->last, sizeof(s->last), "%.*s", (int)cursor.len, cursor.at);
    if (s->reading != JOURNAL_LAST)
        return true;
    memcpy(s->cursor.text, s->last, sizeof(s->last));
    s->cursor.is_foreign = true;
    return false;
}

/* What was read already. */
static bool next_entry(struct journal_source *s, const struct now *now)
{
    struct span rest = span_from(buffer_span(&s->bytes), s->parsed);

    while (journal_export_read(s->entry, &rest)) {
        s->parsed = s->bytes.len - rest.len;
        if (take_entry(s, now))
            return true;
    }
    s->parsed = s->bytes.len;
    return false;
}

/* False when there is nothing now. */
static bool read_pipe(struct journal_source *s)
{
    ssize_t got;

    buffer_clear(&s->bytes);
    s->parsed = 0;
    if (s->pipe < 0)
        return false;
    do
        got = read(s->pipe, buffer_reserve(&s->bytes, LIMIT_CHUNK_BYTES), LIMIT_CHUNK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        s->bytes.len = (size_t)got;
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        close(s->pipe);
        s->pipe = -1;
    }
    return got > 0;
}

/* --- the verbs ------------------------------------------------------------- */

static int descriptor(const struct source *source)
{
    const struct journal_source *s = of_const(source);

    return s->phase == PHASE_READING ? s->pipe : -1;
}

static int64_t deadline(const struct source *source)
{
    const struct journal_source *s = of_const(source);

    if (s->phase == PHASE_PAUSED)
        return s->start_at_ms;
    if (s->phase == PHASE_READING && s->pipe < 0 && s->is_ended)
        return 0;
    if (s->phase == PHASE_READING && s->reading == JOURNAL_FOLLOW && !s->is_planned)
        return s->heard_ms + QUIET_MS;
    return INT64_MAX;
}

static enum source_result read_chunk(
    struct source *source, const struct now *now, struct source_read *read)
{
    struct journal_source *s = of(source);

    if (s->phase == PHASE_PAUSED && now->monotonic_ms >= s->start_at_ms)
        ask(s, now);
    if (s->phase == PHASE_READING) {
        if (next_entry(s, now) || (read_pipe(s) && next_entry(s, now))) {
            give(s, now, read);
            return SOURCE_CHUNK;
        }
        if (s->pipe < 0 && s->is_ended)
            finish_journalctl(s, now);
        else if (s->reading == JOURNAL_FOLLOW && !s->is_planned &&
                 now->monotonic_ms >= s->heard_ms + QUIET_MS)
            end_journalctl(s);
    }
    if (s->has_begun) { /* an empty chunk: that position is to be kept */
        *read = (struct source_read){
            .chunk = {.bytes = SPAN("")}, .engine = s->options.engine, .key = s->key};
        s->has_begun = false;
        return SOURCE_CHUNK;
    }
    if (s->phase == PHASE_OVER)
        return s->is_failed ? SOURCE_BROKEN : SOURCE_END;
    return SOURCE_IDLE;
}

static void advance(struct source *source, uint64_t taken)
{
    struct journal_source *s = of(source);

    if (taken > 0) { /* else it is only the start */
        memcpy(s->cursor.text, s->last, sizeof(s->last));
        s->cursor.is_foreign = false;
        s->cursor.position += taken;
    }
    s->is_moved = true;
}

static bool save(struct source *source, struct spool_batch *batch)
{
    struct journal_source *s = of(source);
    struct buffer value = {0};

    if (!s->is_moved && s->lost == 0)
        return false;
    journal_cursor_encode(&s->cursor, &value);
    spool_batch_cursor(batch, JOURNAL_KIND, s->key, buffer_span(&value));
    spool_batch_source(batch, JOURNAL_KIND, s->key,
        &(struct spool_source){
            .name = span_of(s->name),
            .position = s->cursor.position,
            .size = s->cursor.position,
            .is_open = true,
            .seen_s = clock_now().wall_s,
        });
    if (s->lost > 0)
        spool_batch_count(batch, JOURNAL_KIND, s->key, ACCOUNT_POSSIBLY_LOST, 0, s->lost);
    s->lost = 0;
    s->is_moved = false;
    buffer_finish(&value);
    return true;
}

static uint64_t held(const struct source *source)
{
    (void)source;
    return 0;
}

static void close_source(struct source *source)
{
    struct journal_source *s = of(source);

    if (s->pipe >= 0)
        close(s->pipe);
    spool_delivered_free(s->delivered);
    journal_export_free(s->entry);
    buffer_finish(&s->bytes);
    buffer_finish(&s->line);
    free(s->name);
    free(s);
}

static const struct source_verbs verbs = {
    .kind = JOURNAL_KIND,
    .descriptor = descriptor,
    .deadline = deadline,
    .read = read_chunk,
    .advance = advance,
    .save = save,
    .held = held,
    .receive = receive,
    .close = close_source,
};

/* --- opening --------------------------------------------------------------- */

bool journal_source_is_syslog(const struct rule_file *file)
{
    return file->chain[0] && strcmp(file->chain[0]->name, "syslog") == 0;
}

/* What journalctl is asked for names the journal: its cursor is found by that. */
static void name_journal(struct journal_source *s)
{
    char **arguments = journalctl_arguments(s->options.journal, JOURNAL_DRAIN, "");
    struct buffer text = {0}, whole = {0};
    struct file_hash hash;

    for (char **argument = arguments; *argument; argument++) {
        bool is_common = strcmp(*argument, "--output=export") == 0 ||
                         strcmp(*argument, "--no-pager") == 0 || strcmp(*argument, "--") == 0 ||
                         argument == arguments;

        buffer_append(&whole, span_of(*argument));
        buffer_append_byte(&whole, '\0');
        if (!is_common)
            buffer_printf(&text, " %s", *argument);
    }
    hash = file_hash_of(buffer_span(&whole));
    memcpy(&s->key, hash.bytes, sizeof(s->key));
    s->key >>= 1; /* the spool's numbers have a sign */
    buffer_append_byte(&text, '\0');
    buffer_clear(&whole);
    buffer_printf(&whole, "journal%s", text.bytes);
    s->name = memory_string(buffer_span(&whole));
    buffer_finish(&text);
    buffer_finish(&whole);
    journalctl_free(arguments);
}

struct restoring {
    struct journal_source *source;
    bool is_found;
};

static void restore(void *arg, uint64_t key, struct span value)
{
    struct restoring *r = arg;

    if (key == r->source->key && journal_cursor_decode(value, &r->source->cursor))
        r->is_found = true;
}

struct source *journal_source_open(
    const struct journal_options *options, struct spool *spool, struct error *err)
{
    struct journal_source *s = memory_new(sizeof(*s));
    struct restoring restoring = {.source = s};
    bool is_from_beginning = options->journal->start == START_BEGINNING ||
                             (options->journal->start == START_DEFAULT && options->is_once);

    s->source.verbs = &verbs;
    s->options = *options;
    s->spool = spool;
    s->pipe = -1;
    s->number = (uint32_t)options->input << 16; /* apart from those of other inputs */
    s->entry = journal_export_new();
    name_journal(s);
    if (!spool_each_cursor(spool, JOURNAL_KIND, restore, &restoring, err)) {
        close_source(&s->source);
        return NULL;
    }
    begin(s, restoring.is_found || is_from_beginning ? JOURNAL_DRAIN : JOURNAL_LAST);
    return &s->source;
}
