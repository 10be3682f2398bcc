/* SPDX-License-Identifier: MIT
 *
 * Sentences are wrapped, rows of tables are cut: of a long path its end is shown.
 */
#include "shipper/status_screen.h"

#include "parsers/escape.h"
#include "parsers/memory.h"
#include "parsers/timestamp.h"
#include "shipper/event_table.h"

#include <stdlib.h>

enum { TABLE_ROWS_LEAST = 3, INDENT = 2 };

/* --- lines ------------------------------------------------------------------------- */

/* How many bytes of it fill so many columns, a character each. */
static size_t bytes_of_columns(struct span text, size_t columns)
{
    size_t at = 0;
    uint32_t code_point;

    while (at < text.len && columns-- > 0) {
        size_t len = escape_take_utf8(text.at + at, span_end(text), &code_point);

        at += len > 0 ? len : 1;
    }
    return at;
}

/* At a blank, if there is one in the line's second half. */
static size_t find_break(struct span text, size_t columns)
{
    size_t most = bytes_of_columns(text, columns), at = most;

    if (most == text.len)
        return most;
    while (at > most / 2 && text.at[at] != ' ')
        at--;
    return at > most / 2 ? at : most;
}

/* Wraps lines that are not empty, at most so many; returns how many there are. The last says that
 * there would be more. */
static size_t put_wrapped(struct span text, size_t columns, size_t most, struct buffer *out)
{
    size_t count = 0;

    while (text.len > 0) {
        struct span line = span_cut(&text, '\n');
        bool is_first = true;

        while (line.len > 0) {
            size_t len = find_break(line, columns - (is_first ? 0 : INDENT));
            bool is_last = len == line.len && text.len == 0;

            if (count + 1 == most && !is_last) {
                buffer_append(out, SPAN("  … `usage-shipper status` shows all of it\n"));
                return count + 1;
            }
            buffer_printf(out, "%*s%.*s\n", is_first ? 0 : INDENT, "", (int)len, line.at);
            count++;
            is_first = false;
            line = span_from(line, len);
            while (line.len > 0 && *line.at == ' ')
                line = span_from(line, 1);
        }
    }
    return count;
}

/* The end of a name that is too long. */
static void put_name(struct span name, size_t columns, struct buffer *out)
{
    struct buffer safe = {0};
    struct span text;
    bool is_cut = false;

    event_table_text(name, &safe);
    text = buffer_span(&safe);
    while (bytes_of_columns(text, columns - is_cut) < text.len) {
        text = span_from(text, bytes_of_columns(text, 1));
        is_cut = true;
    }
    if (is_cut)
        buffer_append(out, SPAN("…"));
    buffer_append(out, text);
    buffer_append_byte(out, '\n');
    buffer_finish(&safe);
}

/* --- sources ----------------------------------------------------------------------- */

static int compare_sources(const void *a, const void *b)
{
    const struct status_source *one = *(const struct status_source *const *)a;
    const struct status_source *other = *(const struct status_source *const *)b;

    if (!one->advice != !other->advice)
        return one->advice ? -1 : 1;
    if (one->lag_s != other->lag_s)
        return one->lag_s > other->lag_s ? -1 : 1;
    if (one->lines_per_s < other->lines_per_s || one->lines_per_s > other->lines_per_s)
        return one->lines_per_s > other->lines_per_s ? -1 : 1;
    if (one->seen_s != other->seen_s)
        return one->seen_s > other->seen_s ? -1 : 1;
    return strcmp(one->name, other->name);
}

static void put_source(const struct status_source *source, size_t columns, struct buffer *out)
{
    enum { NUMBERS_COLUMNS = 33 };
    char lag[STATUS_LAG_BYTES];

    status_write_lag(source->lag_s, lag);
    buffer_printf(out, "%12llu  %7s  %8.1f  ", (unsigned long long)source->unread,
        source->advice ? "NO" : lag, source->lines_per_s);
    put_name(span_of(source->name), columns - NUMBERS_COLUMNS, out);
}

static void put_sources(
    const struct status *status, size_t rows, size_t columns, struct buffer *out)
{
    const struct status_source **order = memory_new((status->count + 1) * sizeof(*order));
    size_t count = status->count - status->gone;

    for (size_t i = 0; i < count; i++)
        order[i] = &status->sources[i];
    qsort(order, count, sizeof(*order), compare_sources);
    buffer_printf(
        out, "not yet read   behind   lines/s  %zu %s\n", count, count == 1 ? "source" : "sources");
    for (size_t i = 0; i < count && i < rows; i++)
        put_source(order[i], columns, out);
    free(order);
}

/* --- rules ------------------------------------------------------------------------- */

static int compare_rules(const void *a, const void *b)
{
    const struct rule_figure *one = &(*(const struct status_rule *const *)a)->figure;
    const struct rule_figure *other = &(*(const struct status_rule *const *)b)->figure;

    if (one->last_s != other->last_s)
        return one->last_s > other->last_s ? -1 : 1;
    if (one->events != other->events)
        return one->events > other->events ? -1 : 1;
    return span_compare(one->rule, other->rule);
}

static void put_rule(const struct rule_figure *figure, size_t columns, struct buffer *out)
{
    enum { NUMBERS_COLUMNS = 43 };
    char last[TIMESTAMP_TEXT_BYTES] = "never";
    struct buffer name = {0};

    if (figure->events > 0)
        timestamp_write(figure->last_s, last);
    buffer_printf(out, "%9llu  %8llu  %-20s  ", (unsigned long long)figure->events,
        (unsigned long long)figure->near_misses, last);
    buffer_append(&name, figure->product);
    buffer_append_byte(&name, '/');
    buffer_append(&name, figure->rule);
    put_name(buffer_span(&name), columns - NUMBERS_COLUMNS, out);
    buffer_finish(&name);
}

static size_t count_running(const struct status_rules *rules)
{
    size_t count = 0;

    for (size_t i = 0; i < rules->count; i++)
        count += !rules->is_configured || rules->items[i].is_running;
    return count;
}

static void put_rules(
    const struct status_rules *rules, size_t rows, size_t columns, struct buffer *out)
{
    const struct status_rule **order = memory_new((rules->count + 1) * sizeof(*order));
    size_t count = 0;

    for (size_t i = 0; i < rules->count; i++)
        if (!rules->is_configured || rules->items[i].is_running)
            order[count++] = &rules->items[i];
    qsort(order, count, sizeof(*order), compare_rules);
    buffer_printf(out, "   events      near  latest event made     %zu %s\n", count,
        count == 1 ? "rule" : "rules");
    for (size_t i = 0; i < count && i < rows; i++)
        put_rule(&order[i]->figure, columns, out);
    free(order);
}

/* --- all of it --------------------------------------------------------------------- */

/* Half of the rows each, unless one of the two needs fewer. */
static void put_tables(const struct status *status, size_t rows, size_t columns, struct buffer *out)
{
    size_t sources = status->count - status->gone, rules = count_running(&status->rules);
    size_t half = rows / 2, rest;

    if (sources > half)
        sources = rules < half ? rows - rules : half;
    rest = rows - (sources < rows ? sources : rows);
    put_sources(status, sources, columns, out);
    put_rules(&status->rules, rules < rest ? rules : rest, columns, out);
}

void status_screen_write(const struct status_screen *screen, const struct status *status,
    struct status_pace *pace, struct buffer *out)
{
    enum { HEADS = 2, SPARE = 1 };
    size_t rows = screen->rows - SPARE - HEADS - 2 * TABLE_ROWS_LEAST, used;
    struct buffer text = {0};

    status_write_service_text(status, &text);
    used = put_wrapped(buffer_span(&text), screen->columns, rows, out);
    buffer_clear(&text);
    status_write_alerts_text(status, &text);
    used += put_wrapped(buffer_span(&text), screen->columns, 1 + screen->rows / 4, out);
    buffer_clear(&text);
    status_write_events_text(status, &text);
    status_pace_write(pace, status, &text);
    used += put_wrapped(buffer_span(&text), screen->columns, rows - used, out);
    buffer_finish(&text);
    put_tables(status, screen->rows - SPARE - HEADS - used, screen->columns, out);
}
