/* SPDX-License-Identifier: MIT
 *
 * Sources for people: a column for each class that any of them has bytes in, so that a row
 * can be added up by eye. The path comes last: it may be as long as it likes.
 */
#include "shipper/event_table.h"
#include "shipper/status.h"

#include <stdio.h>
#include <stdlib.h>

/* size, the classes, and behind them: */
enum { HELD = ACCOUNT_CLASSES + 1, UNREAD, LAG, RATE, COLUMNS };

enum { CELL_BYTES = STATUS_LAG_BYTES };

struct table {
    size_t width[COLUMNS]; /* 0: not shown */
    struct buffer *out;
};

static void put_head_of(unsigned column, struct buffer *out)
{
    static const char *const behind[COLUMNS] = {
        [HELD] = "held", [UNREAD] = "not yet read", [LAG] = "behind", [RATE] = "lines/s"};

    if (column == 0)
        buffer_append(out, SPAN("size"));
    else if (column >= HELD)
        buffer_append(out, span_of(behind[column]));
    else
        account_class_write(column - 1, out);
}

void status_write_lag(int64_t lag_s, char cell[STATUS_LAG_BYTES])
{
    long long s = lag_s;

    if (s < 0)
        snprintf(cell, STATUS_LAG_BYTES, "?");
    else if (s < 120)
        snprintf(cell, STATUS_LAG_BYTES, "%lld s", s);
    else if (s < 7200)
        snprintf(cell, STATUS_LAG_BYTES, "%lld min", s / 60);
    else if (s < 172800)
        snprintf(cell, STATUS_LAG_BYTES, "%lld h", s / 3600);
    else
        snprintf(cell, STATUS_LAG_BYTES, "%lld d", s / 86400);
}

static void write_cell(const struct status_source *source, unsigned column, char cell[CELL_BYTES])
{
    unsigned long long number = 0;

    if (column == LAG) {
        status_write_lag(source->lag_s, cell);
        return;
    }
    if (column == RATE) {
        snprintf(cell, CELL_BYTES, "%.1f", source->lines_per_s);
        return;
    }
    if (column == 0)
        number = source->size;
    else if (column == HELD)
        number = source->held;
    else
        number = column == UNREAD ? source->unread : source->account.bytes[column - 1];
    snprintf(cell, CELL_BYTES, "%llu", number);
}

/* The head, in which classes without a byte are left out; and how wide the columns are: the total
 * has the widest numbers. */
static void put_head(struct table *table, const struct status_source *total)
{
    struct buffer head = {0};
    char cell[CELL_BYTES];

    for (unsigned i = 0; i < COLUMNS; i++) {
        write_cell(total, i, cell);
        if (i > 0 && i != RATE && strtod(cell, NULL) == 0)
            continue;
        buffer_clear(&head);
        put_head_of(i, &head);
        table->width[i] = strlen(cell) > head.len ? strlen(cell) : head.len;
        buffer_printf(
            table->out, "%*.*s  ", (int)table->width[i], (int)head.len, buffer_span(&head).at);
    }
    buffer_append(table->out, SPAN("bytes of\n"));
    buffer_finish(&head);
}

static void put_row(const struct table *table, const struct status_source *source, struct span name)
{
    char cell[CELL_BYTES];

    for (unsigned i = 0; i < COLUMNS; i++) {
        if (table->width[i] == 0)
            continue;
        write_cell(source, i, cell);
        buffer_printf(table->out, "%*s  ", (int)table->width[i], cell);
    }
    event_table_text(name, table->out);
}

static void put_source(const struct table *table, const struct status_source *source)
{
    put_row(table, source, span_of(source->name));
    if (status_is_gone(source))
        buffer_append(table->out, status_is_file(source) ? SPAN(" (gone)") : SPAN(" (ended)"));
    else if (source->advice)
        buffer_append(table->out, SPAN(" (CANNOT BE READ)"));
    else if (!source->is_followed)
        buffer_append(table->out, SPAN(" (not followed)"));
    else if (!source->is_here)
        buffer_append(table->out, SPAN(" (not at this path now)"));
    if (source->missing != 0)
        buffer_printf(table->out, " (DOES NOT ADD UP: %lld bytes %s)",
            (long long)(source->missing > 0 ? source->missing : -source->missing),
            source->missing > 0 ? "are in no class" : "too many");
    buffer_append_byte(table->out, '\n');
}

void status_write_sources_text(const struct status *status, bool is_all, struct buffer *out)
{
    struct status_source total = status_sum(status, 0, status->count);
    size_t shown = is_all ? status->count : status->count - status->gone;
    struct table table = {.out = out};
    char name[64];

    put_head(&table, &total);
    for (size_t i = 0; i < shown; i++)
        if (!status_is_input(&status->sources[i]))
            put_source(&table, &status->sources[i]);
    if (shown < status->count) {
        struct status_source gone = status_sum(status, shown, status->gone);

        snprintf(name, sizeof(name), "(%zu gone: --all shows them)\n", status->gone);
        put_row(&table, &gone, SPAN(""));
        buffer_append(out, span_of(name));
    }
    if (status->count > 1) {
        put_row(&table, &total, SPAN("(all)"));
        buffer_append_byte(out, '\n');
    }
}
