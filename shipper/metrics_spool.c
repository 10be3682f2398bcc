/* SPDX-License-Identifier: MIT
 *
 * Opened and closed for each scrape, so that nobody forks with it open. What was read is
 * kept until all of it is there: the rows of a metric stand together, and no row twice.
 */
#include "shipper/metrics_spool.h"

#include "parsers/escape.h"
#include "parsers/memory.h"
#include "shipper/metrics.h"
#include "shipper/rule_figures.h"
#include "shipper/spool/spool.h"

#include <stdlib.h>

struct source_row {
    char *labels; /* kind="file",source="/var/log/app.log" */
    uint64_t position, size;
    int64_t behind_s;
    struct account account;
};

struct rule_row {
    struct buffer row; /* behind the spans of figure */
    struct rule_figure figure;
};

struct ledger {
    struct spool_stats spool;
    struct source_row *sources;
    size_t source_count, source_room;
    struct rule_row *rules;
    size_t rule_count, rule_room;
};

/* --- labels ------------------------------------------------------------------------ */

/* The text format wants UTF-8, and these three escaped. */
static void put_label(const char *before, struct span value, struct buffer *out)
{
    uint32_t code_point;

    buffer_printf(out, "%s=\"", before);
    while (value.len > 0) {
        size_t len = escape_take_utf8(value.at, span_end(value), &code_point);

        if (len == 0)
            buffer_append(out, SPAN("\xEF\xBF\xBD"));
        else if (*value.at == '\n')
            buffer_append(out, SPAN("\\n"));
        else if (*value.at == '"' || *value.at == '\\')
            buffer_printf(out, "\\%c", *value.at);
        else
            buffer_append(out, (struct span){value.at, len});
        value = span_from(value, len > 0 ? len : 1);
    }
    buffer_append_byte(out, '"');
}

/* --- reading ----------------------------------------------------------------------- */

static void take_source(void *arg, const struct spool_ledger_row *row)
{
    struct ledger *ledger = arg;
    struct buffer labels = {0};

    if (!row->source.is_open)
        return;
    put_label("kind", row->kind, &labels);
    put_label(",source", row->source.name, &labels);
    ledger->sources = memory_room(
        ledger->sources, ledger->source_count, &ledger->source_room, sizeof(*ledger->sources));
    ledger->sources[ledger->source_count++] =
        (struct source_row){.labels = memory_string(buffer_span(&labels)),
            .position = row->source.position,
            .size = row->source.size,
            .behind_s = row->behind_s,
            .account = row->account};
    buffer_finish(&labels);
}

static void take_rule(void *arg, uint64_t key, struct span row)
{
    struct ledger *ledger = arg;
    struct rule_row rule = {0};

    (void)key;
    buffer_append(&rule.row, row);
    if (!rule_figure_read(buffer_span(&rule.row), &rule.figure)) {
        buffer_finish(&rule.row);
        return;
    }
    ledger->rules =
        memory_room(ledger->rules, ledger->rule_count, &ledger->rule_room, sizeof(*ledger->rules));
    ledger->rules[ledger->rule_count++] = rule;
}

static int compare(const void *a, const void *b)
{
    const struct source_row *one = a, *other = b;

    return strcmp(one->labels, other->labels);
}

/* A file that was renamed may be read on under the name that its successor has. */
static void join_namesakes(struct ledger *ledger)
{
    size_t kept = 0;

    if (ledger->source_count == 0)
        return;
    qsort(ledger->sources, ledger->source_count, sizeof(*ledger->sources), compare);
    for (size_t i = 1; i < ledger->source_count; i++) {
        struct source_row *to = &ledger->sources[kept], *from = &ledger->sources[i];

        if (strcmp(to->labels, from->labels) != 0) {
            ledger->sources[++kept] = *from;
            continue;
        }
        to->position += from->position;
        to->size += from->size;
        if (to->behind_s == 0 || (from->behind_s > 0 && from->behind_s < to->behind_s))
            to->behind_s = from->behind_s;
        account_add(&to->account, &from->account);
        free(from->labels);
    }
    ledger->source_count = kept + 1;
}

static bool read_ledger(const char *state_dir, struct ledger *ledger)
{
    struct error err;
    struct spool *spool =
        spool_open(state_dir, &(struct spool_options){.is_only_looking = true}, &err);
    bool is_read = spool && spool_stats(spool, &ledger->spool, &err) &&
                   spool_each_source(spool, take_source, ledger, &err) &&
                   spool_each_cursor(spool, RULE_FIGURES_KIND, take_rule, ledger, &err);

    spool_close(spool);
    join_namesakes(ledger);
    return is_read;
}

static void finish(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->source_count; i++)
        free(ledger->sources[i].labels);
    for (size_t i = 0; i < ledger->rule_count; i++)
        buffer_finish(&ledger->rules[i].row);
    free(ledger->sources);
    free(ledger->rules);
}

/* --- writing ----------------------------------------------------------------------- */

static void put_number(
    const char *name, const char *type, const char *help, uint64_t number, struct buffer *out)
{
    metrics_write_head(name, type, help, out);
    buffer_printf(out, "%s %llu\n", name, (unsigned long long)number);
}

enum source_value { POSITION, SIZE, BEHIND, SOURCE_VALUES };

static uint64_t source_value(
    const struct source_row *source, enum source_value value, int64_t now_s)
{
    switch (value) {
    case POSITION:
        return source->position;
    case SIZE:
        return source->size;
    default:
        return source->behind_s > 0 && now_s > source->behind_s
                   ? (uint64_t)(now_s - source->behind_s)
                   : 0;
    }
}

static void put_sources(
    const struct ledger *ledger, size_t count, int64_t now_s, struct buffer *out)
{
    static const char *const names[SOURCE_VALUES][2] = {
        [POSITION] = {"usage_shipper_source_position_bytes", "How far a source was read for good."},
        [SIZE] = {"usage_shipper_source_size_bytes",
            "How large a source was when the reader saw it last."},
        [BEHIND] = {"usage_shipper_source_behind_seconds",
            "For how long it has not been read to its end."}};

    for (enum source_value value = 0; value < SOURCE_VALUES; value++) {
        metrics_write_head(names[value][0], "gauge", names[value][1], out);
        for (size_t i = 0; i < count; i++)
            buffer_printf(out, "%s{%s} %llu\n", names[value][0], ledger->sources[i].labels,
                (unsigned long long)source_value(&ledger->sources[i], value, now_s));
    }
}

/* Classes without a byte are left out. */
static void put_accounts(const struct ledger *ledger, size_t count, bool is_lines, const char *name,
    const char *help, struct buffer *out)
{
    metrics_write_head(name, "counter", help, out);
    for (size_t i = 0; i < count; i++) {
        const struct source_row *source = &ledger->sources[i];

        for (unsigned k = 0; k < ACCOUNT_CLASSES; k++) {
            uint64_t number = is_lines ? source->account.lines[k] : source->account.bytes[k];

            if (source->account.bytes[k] + source->account.lines[k] > 0)
                buffer_printf(out, "%s{%s,class=\"%s\"} %llu\n", name, source->labels,
                    account_class_name(k), (unsigned long long)number);
        }
    }
}

static void put_rules(const struct ledger *ledger, struct buffer *out)
{
    static const struct {
        const char *name, *type, *help;
        size_t offset;
    } values[] = {
        {"usage_shipper_rule_events_total", "counter", "Events that a rule made.",
            offsetof(struct rule_figure, events)},
        {"usage_shipper_rule_candidates_total", "counter", "Records on which a rule was run.",
            offsetof(struct rule_figure, candidates)},
        {"usage_shipper_rule_matched_total", "counter", "Records that a rule took.",
            offsetof(struct rule_figure, matched)},
        {"usage_shipper_rule_incomplete_total", "counter",
            "Records that a rule took, but could not fill.",
            offsetof(struct rule_figure, incomplete)},
        {"usage_shipper_rule_near_misses_total", "counter",
            "Records that came near a rule, and none took.",
            offsetof(struct rule_figure, near_misses)},
        {"usage_shipper_rule_errors_total", "counter",
            "Records on which a rule ran into its limits.", offsetof(struct rule_figure, errors)},
        {"usage_shipper_rule_latest_event_timestamp_seconds", "gauge",
            "When a rule made its latest event, in UNIX seconds; 0: never.",
            offsetof(struct rule_figure, last_s)},
    };

    for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++) {
        metrics_write_head(values[v].name, values[v].type, values[v].help, out);
        for (size_t i = 0; i < ledger->rule_count; i++) {
            const struct rule_figure *figure = &ledger->rules[i].figure;
            uint64_t number;

            memcpy(&number, (const char *)figure + values[v].offset, sizeof(number));
            buffer_printf(out, "%s{", values[v].name);
            put_label("product", figure->product, out);
            put_label(",rule", figure->rule, out);
            buffer_printf(out, "} %llu\n", (unsigned long long)number);
        }
    }
}

void metrics_spool_write(
    const char *state_dir, uint64_t max_bytes, int64_t now_s, struct buffer *out)
{
    struct ledger ledger = {0};
    bool is_read = read_ledger(state_dir, &ledger);
    size_t shown =
        ledger.source_count < METRICS_SOURCES_MOST ? ledger.source_count : METRICS_SOURCES_MOST;

    put_number("usage_shipper_spool_readable", "gauge",
        "1 if the spool could be read for what follows.", is_read, out);
    if (is_read) {
        put_number(
            "usage_shipper_spool_bytes", "gauge", "Of the spool in use.", ledger.spool.bytes, out);
        if (max_bytes > 0)
            put_number(
                "usage_shipper_spool_max_bytes", "gauge", "spool.max_bytes.", max_bytes, out);
        put_number("usage_shipper_spool_rejected_events", "gauge",
            "Events set aside that are kept.", ledger.spool.rejected, out);
        put_number("usage_shipper_spool_dropped_total", "counter",
            "Events dropped to make room, or by hand.", ledger.spool.dropped, out);
        put_number("usage_shipper_spool_lost_total", "counter", "Events lost with a damaged spool.",
            ledger.spool.lost, out);
        put_number("usage_shipper_sources", "gauge", "Sources that are followed.",
            ledger.source_count, out);
        put_sources(&ledger, shown, now_s, out);
        put_accounts(&ledger, shown, false, "usage_shipper_source_bytes_total",
            "Bytes of a source, by what became of them.", out);
        put_accounts(&ledger, shown, true, "usage_shipper_source_lines_total",
            "Lines of a source, by what became of them.", out);
        put_rules(&ledger, out);
    }
    finish(&ledger);
}
