/* SPDX-License-Identifier: MIT
 *
 * One function a kind of input opens what the configuration has of it; behind them
 * all sources are alike.
 */
#include "shipper/reader_sources.h"

#include "parsers/memory.h"
#include "shipper/log.h"
#include "shipper/sources/file_source.h"
#include "shipper/sources/journal_source.h"
#include "shipper/sources/stdin_source.h"
#include "shipper/sources/syslog_source.h"

#include <stdlib.h>
#include <unistd.h>

/* What the functions that open share. */
struct opening {
    struct reader_sources *sources;
    const struct child *child;
    struct spool *spool;
    bool is_rescued;
    struct now now;
};

static void add(struct reader_sources *sources, struct source *source)
{
    sources->items =
        memory_room(sources->items, sources->count, &sources->room, sizeof(*sources->items));
    sources->items[sources->count++] = (struct open_source){.source = source};
}

/* The names of its rule files, for people. */
static void put_rules(const struct input_config *input, struct buffer *out)
{
    buffer_clear(out);
    for (size_t i = 0; i < input->rules.count; i++)
        buffer_printf(out, "%s%s", i > 0 ? ", " : "", input->rules.items[i]);
}

/* --- files ----------------------------------------------------------------- */

static void say_files(const struct source *source, size_t index, const struct input_config *input)
{
    size_t found = file_source_found(source, index);
    struct buffer rules = {0};

    put_rules(input, &rules);
    if (found == 0)
        log_write(LOG_INFO, "following %s, but no file there can be read yet", input->file.pattern);
    else
        log_write(LOG_INFO, "following %s (%zu %s) with rules %.*s", input->file.pattern, found,
            found == 1 ? "file" : "files", (int)rules.len, rules.bytes);
    buffer_finish(&rules);
}

/* One source for all: a file belongs to one input only, and its cursor to it alone. */
static bool open_files(const struct opening *o, struct error *err)
{
    const struct config *config = o->child->config;
    struct file_input *inputs = memory_new(config->input_count * sizeof(*inputs));
    struct file_source_options options = {
        .inputs = inputs,
        .is_once = o->child->is_once,
        .is_final = o->child->is_final,
        .is_rescued = o->is_rescued,
    };
    struct source *source = NULL;

    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->inputs[i];

        if (input->kind == INPUT_FILE)
            inputs[options.count++] = (struct file_input){
                .pattern = input->file.pattern,
                .exclude = &input->file.exclude,
                .archive = &input->file.archive,
                .settle_ms = input->file.settle_ms,
                .start = (enum start)input->file.start,
                .engine = o->sources->engines[i],
                .zone = &input->zone_table,
                .encoding = (enum encoding)input->file.encoding,
            };
    }
    if (options.count > 0)
        source = file_source_open(&options, o->spool, &o->now, err);
    free(inputs);
    if (!source)
        return options.count == 0;
    add(o->sources, source);
    for (size_t i = 0, index = 0; i < config->input_count; i++)
        if (config->inputs[i].kind == INPUT_FILE)
            say_files(source, index++, &config->inputs[i]);
    return true;
}

/* --- journals -------------------------------------------------------------- */

static bool open_journal(const struct opening *o, size_t i, struct error *err)
{
    const struct input_config *input = &o->child->config->inputs[i];
    const struct journal_options options = {
        .journal = &input->journal,
        .input = i,
        .channel = o->child->channel,
        .engine = o->sources->engines[i],
        .zone = &input->zone_table,
        .is_syslog = journal_source_is_syslog(input->settings.rules[0].file),
        .is_once = o->child->is_once,
    };
    struct source *source = journal_source_open(&options, o->spool, err);
    struct buffer rules = {0};

    if (!source)
        return false;
    add(o->sources, source);
    put_rules(input, &rules);
    log_write(LOG_INFO, "following the journal with rules %.*s", (int)rules.len, rules.bytes);
    buffer_finish(&rules);
    return true;
}

static bool open_journals(const struct opening *o, struct error *err)
{
    for (size_t i = 0; i < o->child->config->input_count; i++)
        if (o->child->config->inputs[i].kind == INPUT_JOURNAL && !open_journal(o, i, err))
            return false;
    return true;
}

/* --- standard input -------------------------------------------------------- */

static bool open_stdin(const struct opening *o, struct error *err)
{
    const struct config *config = o->child->config;
    struct buffer rules = {0};

    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->inputs[i];
        const struct stdin_options options = {
            .fd = STDIN_FILENO,
            .window = o->child->stdin_window,
            .engine = o->sources->engines[i],
            .zone = &input->zone_table,
            .encoding = (enum encoding)input->standard_input.encoding,
            .is_once = o->child->is_once,
            .is_final = o->child->is_final,
        };
        struct source *source;

        if (input->kind != INPUT_STDIN)
            continue;
        source = stdin_source_open(&options, o->spool, &o->now, err);
        if (!source)
            return false;
        add(o->sources, source);
        put_rules(input, &rules);
        log_write(LOG_INFO, "reading standard input with rules %.*s", (int)rules.len, rules.bytes);
    }
    buffer_finish(&rules);
    return true;
}

/* --- syslog ---------------------------------------------------------------- */

static bool open_listener(const struct opening *o, size_t i, size_t number, struct error *err)
{
    const struct input_config *input = &o->child->config->inputs[i];
    const struct syslog_options options = {
        .syslog = &input->syslog,
        .descriptor = o->child->listeners[i],
        .engine = o->sources->engines[i],
        .zone = &input->zone_table,
        .unsaved = number < LIMIT_LISTENERS ? &o->child->shared->reader.unsaved[number] : NULL,
    };
    struct source *source = syslog_source_open(&options, o->spool, err);
    struct buffer rules = {0};

    if (!source)
        return false;
    add(o->sources, source);
    put_rules(input, &rules);
    log_write(LOG_INFO, "listening on %s with rules %.*s", input->syslog.name, (int)rules.len,
        rules.bytes);
    buffer_finish(&rules);
    return true;
}

/* With --once there are none: a socket has no end. */
static bool open_listeners(const struct opening *o, struct error *err)
{
    const struct config *config = o->child->config;

    for (size_t i = 0, number = 0; i < config->input_count; i++) {
        if (config->inputs[i].kind != INPUT_SYSLOG)
            continue;
        if (!o->child->listeners)
            log_write(LOG_INFO, "not listening on %s: a socket has no end",
                config->inputs[i].syslog.name);
        else if (!open_listener(o, i, number++, err))
            return false;
    }
    return true;
}

/* --- all kinds ------------------------------------------------------------- */

/* Each adds the sources of its kind's inputs, if there are any. */
static bool (*const openers[INPUT_KINDS])(const struct opening *o, struct error *err) = {
    [INPUT_FILE] = open_files,
    [INPUT_JOURNAL] = open_journals,
    [INPUT_STDIN] = open_stdin,
    [INPUT_SYSLOG] = open_listeners,
};

bool reader_sources_open(struct reader_sources *sources, const struct child *child,
    struct spool *spool, bool is_rescued, struct error *err)
{
    const struct config *config = child->config;
    const struct opening o = {sources, child, spool, is_rescued, clock_now()};

    sources->engines = memory_new(config->input_count * sizeof(*sources->engines));
    sources->engine_count = config->input_count;
    for (size_t i = 0; i < config->input_count; i++)
        sources->engines[i] = engine_new(&config->inputs[i].settings);
    for (unsigned kind = 0; kind < INPUT_KINDS; kind++)
        if (!openers[kind](&o, err))
            return false;
    sources->fds = memory_new((sources->count + 1) * sizeof(*sources->fds));
    return true;
}

void reader_sources_close(struct reader_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        sources->items[i].source->verbs->close(sources->items[i].source);
    for (size_t i = 0; i < sources->engine_count; i++)
        engine_free(sources->engines[i]);
    free(sources->items);
    free(sources->engines);
    free(sources->fds);
}

bool reader_sources_are_ended(const struct reader_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!sources->items[i].is_ended)
            return false;
    return true;
}

bool reader_sources_save(const struct reader_sources *sources, struct spool_batch *batch)
{
    bool is_any = false;

    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = sources->items[i].source;

        is_any = source->verbs->save(source, batch) || is_any;
    }
    return is_any;
}

void reader_sources_committed(const struct reader_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = sources->items[i].source;

        if (source->verbs->committed)
            source->verbs->committed(source);
    }
}

uint64_t reader_sources_held(const struct reader_sources *sources)
{
    uint64_t held = 0;

    for (size_t i = 0; i < sources->count; i++)
        held += sources->items[i].source->verbs->held(sources->items[i].source);
    return held;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t reader_sources_look(const struct reader_sources *sources, const struct now *now)
{
    int64_t again_ms = INT64_MAX;

    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = sources->items[i].source;

        if (source->verbs->look)
            again_ms = earlier(again_ms, source->verbs->look(source, now));
    }
    return again_ms;
}

int64_t reader_sources_deadline(const struct reader_sources *sources)
{
    int64_t deadline_ms = INT64_MAX;

    for (size_t i = 0; i < sources->count; i++) {
        const struct open_source *item = &sources->items[i];

        if (!item->is_ended)
            deadline_ms = earlier(deadline_ms, item->source->verbs->deadline(item->source));
    }
    return deadline_ms;
}

void reader_sources_wait(
    const struct reader_sources *sources, int descriptor, bool has_room, int timeout_ms)
{
    struct pollfd *fds = sources->fds;

    for (size_t i = 0; i < sources->count; i++) {
        const struct open_source *item = &sources->items[i];
        bool is_waited_for = !item->is_ended && (has_room || item->source->verbs->look);

        fds[i] = (struct pollfd){
            .fd = is_waited_for ? item->source->verbs->descriptor(item->source) : -1,
            .events = POLLIN,
        };
    }
    fds[sources->count] = (struct pollfd){.fd = descriptor, .events = POLLIN};
    poll(fds, sources->count + 1, timeout_ms);
}

void reader_sources_receive(const struct reader_sources *sources, struct channel_message *message)
{
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = sources->items[i].source;

        if (source->verbs->receive && source->verbs->receive(source, message))
            return;
    }
    if (message->descriptor >= 0)
        close(message->descriptor);
}
