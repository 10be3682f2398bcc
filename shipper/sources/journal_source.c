/* SPDX-License-Identifier: MIT
 *
 * What to ask journalctl for next, and what is missing between the entries that come.
 */
#include "shipper/sources/journal_source.h"

#include "parsers/memory.h"
#include "parsers/rule.h"
#include "shipper/journalctl.h"
#include "shipper/log.h"
#include "shipper/sources/journal_cursor.h"
#include "shipper/sources/journal_feed.h"
#include "shipper/sources/journal_line.h"
#include "shipper/sources/journal_name.h"
#include "shipper/spool/spool_delivered.h"

#include <stdlib.h>

enum {
    RETRY_FIRST_MS = 1000,
    RETRY_MOST_MS = 60000,
    QUIET_MS = 300000, /* followed so long without an entry: is it true? */
};

enum phase {
    PHASE_PAUSED,  /* until start_at_ms */
    PHASE_READING, /* from asking for journalctl until its end */
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
    struct journal_feed feed;
    size_t entries; /* of this journalctl */
    bool is_failed;
    int64_t start_at_ms, pause_ms, heard_ms;

    struct journal_cursor cursor; /* of what was taken for good */
    struct journal_place given;   /* the entry that is out with the reader */
    struct buffer line;
    struct field fields[LIMIT_JOURNAL_FIELDS];
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
    s->entries = 0;
    s->heard_ms = now->monotonic_ms;
    s->phase = PHASE_READING;
    journal_feed_start(&s->feed, s->reading, s->delivered ? "" : s->cursor.place.text);
}

static void begin(struct journal_source *s, enum journal_reading reading)
{
    s->reading = reading;
    s->phase = PHASE_PAUSED;
    s->start_at_ms = 0;
}

/* Said once until an entry has come again. */
static void say_trouble(struct journal_source *s)
{
    struct error err;

    journal_feed_why(&s->feed, s->name, &err);
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

    if (s->delivered || s->cursor.place.len == 0 || s->cursor.is_foreign || s->entries > 0)
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
    if (s->feed.is_ending) {
        begin(s, JOURNAL_DRAIN);
    } else if (!journal_feed_is_good(&s->feed) || s->reading == JOURNAL_FOLLOW) {
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

/* --- entries --------------------------------------------------------------- */

/* Entries that should have come between the last one and this. */
static void note_gap(struct journal_source *s, const struct journal_place *place)
{
    const struct journal_place *before = &s->cursor.place;
    bool is_whole = journalctl_is_whole(s->options.journal);
    bool is_first = s->entries == 1;
    /* Following may leave out the cursor's own boot, and then its entry. */
    bool can_tell = is_first && s->reading == JOURNAL_DRAIN && !s->cursor.is_foreign;
    uint64_t gap;

    if (before->len == 0 || (s->delivered && !is_first) || (!is_whole && !can_tell))
        return;
    if (!span_equal(before->id, place->id)) {
        if (is_first)
            log_write(LOG_WARNING,
                "%s: the last entry that was read is gone, and so is its journal; reading on at "
                "the nearest later one, it is not known what is missing",
                s->name);
        return;
    }
    if (place->number <= before->number + 1)
        return;
    gap = place->number - before->number - 1;
    s->lost += gap;
    log_write(LOG_WARNING, "%s: %s%llu entries are gone that were not read; reading on behind them",
        s->name, is_whole ? "" : "at most ", (unsigned long long)gap);
}

static void give(struct journal_source *s, const struct now *now, struct source_read *read)
{
    const struct journal_export *entry = s->feed.entry;
    int64_t time_s = journal_line_time_s(entry);

    buffer_clear(&s->line);
    journal_line_write(entry, s->options.is_syslog, &s->line);
    *read = (struct source_read){
        .origin = {.source_id = s->given.id,
            .time = {.reference_s = time_s > 0 ? time_s : now->wall_s, .zone = s->options.zone},
            .now_ms = now->monotonic_ms,
            .fields = s->fields,
            .field_count = journal_line_fields(entry, s->fields),
            .log = span_of(s->name)},
        .chunk = {.bytes = buffer_span(&s->line),
            .offset = s->given.number,
            .is_cut = journal_export_is_cut(entry),
            .is_final = true},
        .engine = s->options.engine,
        .key = s->key,
        .has_more = journal_feed_has_more(&s->feed),
        .delivered = s->delivered,
    };
}

/* Of a filter what is vacuumed unread leaves no trace: between two entries there may have
 * been others' only. Drained from the cursor it does: as long as the cursor's own entry is
 * there, nothing behind it is gone; and a drain keeps the files that it began with. A
 * journalctl that follows does not: when it was held up, or has begun without that entry,
 * it is not believed. */
static bool is_to_drain_again(const struct journal_source *s)
{
    bool is_without_cursor = s->entries == 1 && s->cursor.place.len > 0 && !s->cursor.is_foreign;

    return s->reading == JOURNAL_FOLLOW && !journalctl_is_whole(s->options.journal) &&
           (s->feed.was_full || is_without_cursor);
}

/* True if the entry is to be delivered. */
static bool take_entry(struct journal_source *s, const struct now *now)
{
    if (!journal_place_read(journal_export_get(s->feed.entry, SPAN("__CURSOR")), &s->given))
        return false;
    s->heard_ms = now->monotonic_ms;
    s->pause_ms = 0;
    s->is_trouble_said = false;
    s->entries++;
    if (s->reading == JOURNAL_LAST) {
        journal_place_copy(&s->cursor.place, &s->given);
        s->cursor.is_foreign = true;
        return false;
    }
    if (s->entries == 1 && !s->delivered && journal_place_is_same(&s->given, &s->cursor.place))
        return false;
    if (is_to_drain_again(s)) {
        journal_feed_end(&s->feed);
        return false;
    }
    note_gap(s, &s->given);
    return true;
}

static bool next_entry(struct journal_source *s, const struct now *now)
{
    while (journal_feed_next(&s->feed))
        if (take_entry(s, now))
            return true;
    return false;
}

/* --- the verbs ------------------------------------------------------------- */

static int descriptor(const struct source *source)
{
    const struct journal_source *s = of_const(source);

    return s->phase == PHASE_READING ? s->feed.pipe : -1;
}

static int64_t deadline(const struct source *source)
{
    const struct journal_source *s = of_const(source);

    if (s->phase == PHASE_PAUSED)
        return s->start_at_ms;
    if (s->phase == PHASE_READING && journal_feed_is_over(&s->feed))
        return 0;
    if (s->phase == PHASE_READING && s->reading == JOURNAL_FOLLOW && !s->feed.is_ending)
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
        if (next_entry(s, now)) {
            give(s, now, read);
            return SOURCE_CHUNK;
        }
        if (journal_feed_is_over(&s->feed))
            finish_journalctl(s, now);
        else if (s->reading == JOURNAL_FOLLOW && !s->feed.is_ending &&
                 now->monotonic_ms >= s->heard_ms + QUIET_MS)
            journal_feed_end(&s->feed);
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
        journal_place_copy(&s->cursor.place, &s->given);
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

    journal_feed_finish(&s->feed);
    spool_delivered_free(s->delivered);
    buffer_finish(&s->line);
    free(s->name);
    free(s);
}

static bool receive(struct source *source, struct channel_message *message)
{
    return journal_feed_receive(&of(source)->feed, message);
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
    const struct format *first = file->chain[0];

    return first && (strcmp(first->name, "syslog") == 0 || strcmp(first->name, "auto") == 0);
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
    s->key = journal_name_key(options->journal);
    s->name = journal_name_text(options->journal);
    journal_feed_init(&s->feed, options->channel, options->input);
    if (!spool_each_cursor(spool, JOURNAL_KIND, restore, &restoring, err)) {
        close_source(&s->source);
        return NULL;
    }
    begin(s, restoring.is_found || is_from_beginning ? JOURNAL_DRAIN : JOURNAL_LAST);
    return &s->source;
}
