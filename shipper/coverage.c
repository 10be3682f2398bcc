/* SPDX-License-Identifier: MIT
 *
 * A rule file by itself, since files of different products don't interfere.
 */
#include "shipper/coverage.h"

#include "shipper/event_table.h"
#include "shipper/rule_zones.h"
#include "shipper/sources/container_path.h"

#include "parsers/memory.h"

#include <stdlib.h>

static void count_taken(void *arg, const struct engine_rules *rules, const struct rule *rule)
{
    struct coverage *coverage = arg;

    coverage->taken[rule - rules->file->rules]++;
}

static void count_incomplete(void *arg, const struct incomplete *incomplete)
{
    struct coverage *coverage = arg;

    coverage->incomplete[incomplete->rule - coverage->file->rules]++;
}

static void pass_event(void *arg, const struct event *event)
{
    (void)arg;
    (void)event;
}

static bool read_log(struct coverage *coverage, const struct log_file *log,
    struct engine_counts *counts, struct error *err)
{
    const struct engine_rules rules = {.file = coverage->file};
    const struct engine_settings settings = {
        .instance = SPAN("coverage"),
        .multiline = coverage->file->multiline,
        .rules = &rules,
        .rules_count = 1,
    };
    const struct engine_output output = {
        .event = pass_event, .incomplete = count_incomplete, .taken = count_taken, .arg = coverage};
    struct engine *engine = engine_new(&settings);
    struct log_place place;
    bool is_read = log_file_feed(engine, log, &output, counts, &place, err);

    engine_free(engine);
    return is_read;
}

bool coverage_read(struct coverage *coverage, const struct rule_file *file,
    const struct strings *logs, const struct log_file *as, struct error *err)
{
    struct engine_counts counts = {0};
    bool is_read = true;

    *coverage = (struct coverage){
        .taken = memory_new(file->count * sizeof(*coverage->taken)),
        .incomplete = memory_new(file->count * sizeof(*coverage->incomplete)),
    };
    for (size_t i = 0; i < logs->count && is_read; i++) {
        const struct format *runtime = container_path_runtime(logs->items[i]);
        struct errors none = {0};
        struct rule_file *within =
            runtime ? rule_zones_parse_within(runtime, file->text, &none) : NULL;
        struct log_file log = *as;

        log.path = logs->items[i];
        coverage->file = within ? within : file;
        is_read = read_log(coverage, &log, &counts, err);
        rule_file_free(within);
        errors_finish(&none);
    }
    coverage->file = file;
    for (int class = 0; class < LINE_CLASSES; class ++)
        coverage->lines += counts.lines[class];
    coverage->no_rule = counts.lines[LINE_NO_RULE];
    return is_read;
}

void coverage_finish(struct coverage *coverage)
{
    free(coverage->taken);
    free(coverage->incomplete);
}

size_t coverage_write(const struct coverage *coverage, struct buffer *out)
{
    const struct rule_file *file = coverage->file;
    size_t never = 0;

    for (size_t i = 0; i < file->count; i++) {
        buffer_printf(out, "%10llu  ", (unsigned long long)coverage->taken[i]);
        event_table_text(file->product, out);
        buffer_append_byte(out, '/');
        event_table_text(file->rules[i].name, out);
        if (coverage->incomplete[i] > 0)
            buffer_printf(out, ", %llu incomplete", (unsigned long long)coverage->incomplete[i]);
        if (coverage->taken[i] == 0) {
            buffer_append(out, SPAN(": never"));
            never++;
        }
        buffer_append_byte(out, '\n');
    }
    buffer_printf(out, "%10llu  of %llu line%s no rule of ", (unsigned long long)coverage->no_rule,
        (unsigned long long)coverage->lines, coverage->lines == 1 ? "" : "s");
    event_table_text(file->product, out);
    buffer_append(out, SPAN(" took\n"));
    return never;
}
