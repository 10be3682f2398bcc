/* SPDX-License-Identifier: MIT
 *
 * Each log has an engine of its own for a moment, as if it were an input with this one
 * rule file: what it would yield does not depend on the others.
 */
#include "shipper/found_logs.h"

#include "parsers/memory.h"
#include "parsers/rule.h"
#include "shipper/log_file.h"
#include "shipper/log_tail.h"
#include "shipper/rule_zones.h"
#include "shipper/sources/container_path.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/journal_source.h"

#include <stdlib.h>
#include <sys/stat.h>

struct look {
    const struct rule_file *file;
    size_t place; /* in its `logs` */
    const struct found_options *options;
    struct found_logs *found;
    struct buffer text; /* the last lines of the log that is looked at */
};

/* --- what rules make of it ------------------------------------------------- */

struct tally {
    const struct look *look;
    uint64_t *events;
};

static void count_event(void *arg, const struct event *event)
{
    struct tally *tally = arg;
    const struct rule_file *file = tally->look->file;
    const struct rule *rule = rule_file_find(file, event->rule);

    if (rule)
        tally->events[rule - file->rules]++;
    if (tally->look->options->event)
        tally->look->options->event(tally->look->options->arg, event);
}

static void run_rules(const struct look *look, struct found_log *log)
{
    const struct found_options *options = look->options;
    const struct format *runtime = log->is_journal ? NULL : container_path_runtime(log->name);
    struct errors none = {0};
    struct rule_file *within =
        runtime ? rule_zones_parse_within(runtime, look->file->text, &none) : NULL;
    const struct rule_file *file = within ? within : look->file;
    const struct engine_rules rules = {.file = file, .product_id = file->product};
    struct engine_settings settings = options->settings
                                          ? *options->settings
                                          : (struct engine_settings){.instance = SPAN("found")};
    const struct log_file source = {.path = log->name, .zone = options->zone};
    struct tally tally = {look, log->events};
    const struct engine_output output = {.event = count_event, .arg = &tally};
    struct engine *engine;

    settings.multiline = file->multiline;
    settings.rules = &rules;
    settings.rules_count = 1;
    engine = engine_new(&settings);
    log_file_feed_text(engine, &source, buffer_span(&look->text), &output, &log->counts);
    engine_end(engine, &output, &log->counts);
    engine_free(engine);
    rule_file_free(within);
    errors_finish(&none);
}

/* --- looking --------------------------------------------------------------- */

static struct found_log *add(struct look *look, bool is_journal, struct span name)
{
    struct found_logs *found = look->found;
    struct found_log *log;

    found->items = memory_room(found->items, found->count, &found->room, sizeof(*found->items));
    log = &found->items[found->count++];
    *log = (struct found_log){
        .place = look->place, .is_journal = is_journal, .name = memory_string(name)};
    log->events = memory_new((look->file->count + 1) * sizeof(*log->events));
    return log;
}

static bool is_same_file(const char *a, const struct stat *b)
{
    struct stat st;

    return stat(a, &st) == 0 && st.st_dev == b->st_dev && st.st_ino == b->st_ino;
}

/* Whether it is one to look at: there, a file, and not found before. */
static bool is_new_file(const struct look *look, const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    for (size_t i = 0; i < look->found->count; i++)
        if (!look->found->items[i].is_journal && is_same_file(look->found->items[i].name, &st))
            return false;
    return true;
}

static void look_at_file(void *arg, const char *path)
{
    struct look *look = arg;
    struct found_log *log;

    if (!is_new_file(look, path))
        return;
    if (look->found->count == FOUND_LOGS_MOST) {
        look->found->is_cut = true;
        return;
    }
    log = add(look, false, span_of(path));
    log->is_readable =
        log_tail_file(path, look->options->lines, &look->text, &log->bytes, &log->why);
    if (log->is_readable)
        run_rules(look, log);
}

static void look_at_unit(struct look *look, struct span unit)
{
    struct found_log *log;
    struct error why;
    bool is_readable;

    if (!look->options->journalctl || look->found->count == FOUND_LOGS_MOST)
        return;
    is_readable = log_tail_journal(look->options->journalctl, unit,
        journal_source_is_syslog(look->file), look->options->lines, &look->text, &why);
    if (is_readable && look->text.len == 0)
        return;
    log = add(look, true, unit);
    log->is_readable = is_readable;
    if (is_readable)
        run_rules(look, log);
    else
        log->why = why;
}

void found_logs_look(
    const struct rule_file *file, const struct found_options *options, struct found_logs *found)
{
    struct look look = {.file = file, .options = options, .found = found};

    *found = (struct found_logs){0};
    for (size_t i = 0; i < file->log_count; i++) {
        struct span text = file->logs[i].text;
        char *pattern = memory_string(text);

        look.place = i;
        if (file->logs[i].is_journal)
            look_at_unit(&look, text);
        else
            glob_each(pattern, look_at_file, &look);
        free(pattern);
    }
    buffer_finish(&look.text);
}

void found_logs_finish(struct found_logs *found)
{
    for (size_t i = 0; i < found->count; i++) {
        free(found->items[i].name);
        free(found->items[i].events);
    }
    free(found->items);
    *found = (struct found_logs){0};
}
