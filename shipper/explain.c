/* SPDX-License-Identifier: MIT
 *
 * The engine's callbacks come in order: a rule takes the record, makes an event of it or
 * not, the next rule, and at last the record's end.
 */
#include "shipper/explain.h"

#include "parsers/buffer.h"
#include "parsers/memory.h"
#include "parsers/time_guess.h"

#include <stdio.h>
#include <stdlib.h>

struct explain {
    const struct engine_settings *settings;
    struct engine *engine;
    struct near_finder *finder;
    struct explained_file *files;

    /* While a log is read: */
    const struct log_file *log;
    explain_each *each;
    void *arg;
    uint64_t lines;
    struct log_place place;

    /* Of the record under way: */
    struct explained_taker *takers;
    size_t taker_count, taker_room;
    struct buffer events; /* their bodies, one behind the other */
};

struct explain *explain_new(const struct engine_settings *settings)
{
    struct explain *explain = memory_new(sizeof(*explain));

    explain->settings = settings;
    explain->engine = engine_new(settings);
    explain->finder = near_finder_new(settings->rules, settings->rules_count);
    explain->files = memory_new(settings->rules_count * sizeof(*explain->files));
    for (size_t i = 0; i < settings->rules_count; i++) {
        explain->files[i].rules = &settings->rules[i];
        record_init(&explain->files[i].record);
    }
    return explain;
}

void explain_free(struct explain *explain)
{
    if (!explain)
        return;
    for (size_t i = 0; i < explain->settings->rules_count; i++)
        record_finish(&explain->files[i].record);
    free(explain->files);
    near_finder_free(explain->finder);
    engine_free(explain->engine);
    free(explain->takers);
    buffer_finish(&explain->events);
    free(explain);
}

/* --- the engine's callbacks ------------------------------------------------- */

static void note_taken(void *arg, const struct engine_rules *rules, const struct rule *rule)
{
    struct explain *explain = arg;

    explain->takers = memory_room(
        explain->takers, explain->taker_count, &explain->taker_room, sizeof(*explain->takers));
    explain->takers[explain->taker_count++] =
        (struct explained_taker){.rules = rules, .rule = rule};
}

/* The bodies move while they are gathered: for now only their lengths are kept. */
static void note_event(void *arg, const struct event *event)
{
    struct explain *explain = arg;
    size_t before = explain->events.len;

    event_write(event, &explain->events);
    if (explain->taker_count > 0)
        explain->takers[explain->taker_count - 1].event =
            (struct span){"", explain->events.len - before};
    else
        explain->events.len = before;
}

static void note_incomplete(void *arg, const struct incomplete *incomplete)
{
    struct explain *explain = arg;
    struct explained_taker *taker;

    if (explain->taker_count == 0)
        return;
    taker = &explain->takers[explain->taker_count - 1];
    taker->missing = incomplete->field;
    taker->reason = incomplete->reason;
    memcpy(taker->value, incomplete->value, sizeof(taker->value));
}

static void note_excluded(void *arg, const char *field)
{
    struct explain *explain = arg;

    if (explain->taker_count > 0)
        explain->takers[explain->taker_count - 1].excluded = field;
}

static void note_guess(
    void *arg, const struct rule *rule, struct span text, const struct timestamp *time)
{
    struct explain *explain = arg;
    struct buffer guess = {0};

    (void)rule;
    if (explain->taker_count == 0)
        return;
    time_guess_write(text, time, &guess);
    snprintf(explain->takers[explain->taker_count - 1].guess, EXPLAIN_GUESS_BYTES, "%.*s",
        (int)guess.len, guess.bytes);
    buffer_finish(&guess);
}

static void tell_record(void *arg, const struct engine_record *record)
{
    struct explain *explain = arg;
    const char *body = buffer_span(&explain->events).at;
    struct explained explained = {
        .path = explain->log->path,
        .line_number = explain->lines + 1,
        .is_unfinished = explain->place.is_unfinished,
        .record = *record,
        .takers = explain->takers,
        .taker_count = explain->taker_count,
    };

    for (size_t i = 0; i < explain->taker_count; i++)
        if (explain->takers[i].event.at) {
            explain->takers[i].event.at = body;
            body += explain->takers[i].event.len;
        }
    explain->lines += record->lines;
    explain->each(explain->arg, &explained);
    explain->taker_count = 0;
    buffer_clear(&explain->events);
}

static struct engine_output begin(
    struct explain *explain, const struct log_file *log, explain_each *each, void *arg)
{
    explain->log = log;
    explain->each = each;
    explain->arg = arg;
    explain->lines = 0;
    explain->place = (struct log_place){0};
    return (struct engine_output){
        .event = note_event,
        .excluded = note_excluded,
        .incomplete = note_incomplete,
        .taken = note_taken,
        .guessed = note_guess,
        .record = tell_record,
        .arg = explain,
    };
}

bool explain_log(struct explain *explain, const struct log_file *log, explain_each *each, void *arg,
    struct engine_counts *counts, struct error *err)
{
    const struct engine_output output = begin(explain, log, each, arg);

    return log_file_feed(explain->engine, log, &output, counts, &explain->place, err);
}

void explain_line(struct explain *explain, const struct log_file *log, struct span text,
    explain_each *each, void *arg, struct engine_counts *counts)
{
    const struct engine_output output = begin(explain, log, each, arg);

    log_file_feed_text(explain->engine, log, text, &output, counts);
}

/* --- a second look ------------------------------------------------------------ */

static void decode(
    struct explained_file *file, const struct explained *explained, const struct log_file *log)
{
    struct field fields[LOG_FILE_FIELDS_MOST];
    size_t count = log_file_fields(log, fields);

    record_reset(&file->record, explained->record.text);
    for (size_t i = 0; i < count; i++)
        record_add(&file->record, fields[i].name, fields[i].value);
    file->format_count = 0;
    file->is_decoded = true;
    for (const struct format **chain = file->rules->file->chain;
         *chain && file->is_decoded && file->format_count < EXPLAIN_FORMATS_MOST; chain++) {
        struct explained_format *format = &file->formats[file->format_count++];

        *format = (struct explained_format){.name = (*chain)->name, .text = file->record.message};
        format->result = format_run(*chain, file->record.message, &file->record, &format->at);
        format->detected_count = file->record.detected_count;
        memcpy(format->detected, file->record.detected, sizeof(format->detected));
        file->record.detected_count = 0;
        file->is_decoded = format->result == PARSE_OK;
    }
}

const struct explained_file *explain_read(
    struct explain *explain, const struct explained *explained)
{
    for (size_t i = 0; i < explain->settings->rules_count; i++)
        decode(&explain->files[i], explained, explain->log);
    return explain->files;
}

const struct explained_file *explain_look(
    struct explain *explain, const struct explained *explained)
{
    explain_read(explain, explained);
    for (size_t i = 0; i < explain->settings->rules_count; i++) {
        struct explained_file *file = &explain->files[i];

        file->has_nearest =
            file->is_decoded && near_finder_run(explain->finder, i, &file->record, &file->nearest);
    }
    return explain->files;
}

bool explain_is_auto(const struct explain *explain, size_t file)
{
    for (const struct format **chain = explain->settings->rules[file].file->chain; *chain; chain++)
        if (strcmp((*chain)->name, "auto") == 0)
            return true;
    return false;
}

size_t explain_file_count(const struct explain *explain)
{
    return explain->settings->rules_count;
}

const struct explained_file *explain_nearest(const struct explained_file *files, size_t count)
{
    const struct explained_file *best = NULL;

    for (size_t i = 0; i < count; i++)
        if (files[i].has_nearest && (!best || files[i].nearest.nearness > best->nearest.nearness))
            best = &files[i];
    return best;
}
