/* SPDX-License-Identifier: MIT
 *
 * Status for people: a column for each class that any source has bytes in, so that
 * a row can be added up by eye. The path comes last: it may be as long as it likes.
 */
#include "parsers/timestamp.h"
#include "shipper/event_table.h"
#include "shipper/status.h"
#include "shipper/summary.h"

#include <stdio.h>
#include <stdlib.h>

/* size, the classes, and behind them: */
enum { HELD = ACCOUNT_CLASSES + 1, UNREAD, LAG, RATE, COLUMNS };

enum { CELL_BYTES = 32 };

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

/* The longest of two seconds, hours, days. */
static void write_lag(int64_t lag_s, char cell[CELL_BYTES])
{
    long long s = lag_s;

    if (s < 120)
        snprintf(cell, CELL_BYTES, "%lld s", s);
    else if (s < 7200)
        snprintf(cell, CELL_BYTES, "%lld min", s / 60);
    else if (s < 172800)
        snprintf(cell, CELL_BYTES, "%lld h", s / 3600);
    else
        snprintf(cell, CELL_BYTES, "%lld d", s / 86400);
}

static void write_cell(const struct status_source *source, unsigned column, char cell[CELL_BYTES])
{
    unsigned long long number = 0;

    if (column == LAG && source->lag_s < 0) {
        snprintf(cell, CELL_BYTES, "?");
        return;
    }
    if (column == LAG) {
        write_lag(source->lag_s, cell);
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

static void put_sources(const struct status *status, bool is_all, struct buffer *out)
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

/* Nothing where no rule keeps anything. */
static void put_notes(const struct notes_stats *notes, struct buffer *out)
{
    static const struct {
        enum note_kind kind;
        const char *name;
    } shown[] = {{NOTE_COUNT, "open counts"}, {NOTE_ONCE, "sent once"}, {NOTE_PAIR, "pairs"},
        {NOTE_VALUES, "remembered"}};

    if (notes->kept[NOTE_LOG] == 0)
        return;
    buffer_append(out, SPAN("kept between lines:"));
    for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
        buffer_printf(
            out, " %llu %s,", (unsigned long long)notes->kept[shown[i].kind], shown[i].name);
    buffer_printf(out, " %llu ended early\n", (unsigned long long)notes->ended_early);
}

/* Entries of a journal that were gone before they were read have no bytes in the table, nor
 * have files that nobody could open. */
static void put_lost(const struct status *status, struct buffer *out)
{
    bool is_first = true;

    for (size_t i = 0; i < status->count; i++) {
        const struct status_source *source = &status->sources[i];
        uint64_t lost = source->account.lines[ACCOUNT_POSSIBLY_LOST];

        if (lost == 0)
            continue;
        buffer_append(out, is_first ? SPAN("\n") : SPAN(""));
        is_first = false;
        event_table_text(span_of(source->name), out);
        if (status_is_input(source))
            buffer_printf(out,
                ": %llu lines at least possibly lost, in files that were gone before they could "
                "be opened\n",
                (unsigned long long)lost);
        else
            buffer_printf(out, ": %llu lines possibly lost\n", (unsigned long long)lost);
    }
}

/* Of each listener how many messages came, and the limits that were hit. */
static void put_listeners(const struct status *status, struct buffer *out)
{
    bool is_first = true;

    for (size_t i = 0; i < status->count; i++) {
        const struct status_source *source = &status->sources[i];

        if (!source->is_syslog)
            continue;
        buffer_append(out, is_first ? SPAN("\n") : SPAN(""));
        is_first = false;
        event_table_text(span_of(source->name), out);
        for (unsigned k = 0; k < SYSLOG_COUNTS; k++) {
            if (k > 0 && source->syslog[k] == 0)
                continue;
            buffer_printf(
                out, "%s%llu ", k == 0 ? ": " : ", ", (unsigned long long)source->syslog[k]);
            for (const char *c = syslog_count_names[k]; *c; c++)
                buffer_append_byte(out, *c == '_' ? ' ' : *c);
        }
        buffer_append_byte(out, '\n');
    }
}

static void put_service(const struct status *status, struct buffer *out)
{
    char since[TIMESTAMP_TEXT_BYTES];

    if (!status->service.is_there) {
        buffer_printf(out, "not running (%s)\n", status->dir);
        return;
    }
    timestamp_write(status->service.since_s, since);
    if (status->service.pid > 0)
        buffer_printf(out, "running: process %d since %s (%s)\n", (int)status->service.pid, since,
            status->dir);
    else
        buffer_printf(out, "running since %s (%s)\n", since, status->dir);
}

static void put_spool(const struct status *status, struct buffer *out)
{
    const struct spool_stats *spool = &status->spool;

    buffer_printf(out, "spool: %llu events waiting, %llu rejected",
        (unsigned long long)spool->waiting, (unsigned long long)spool->rejected);
    if (status->expired > 0)
        buffer_printf(out, " (%llu of them expired)", (unsigned long long)status->expired);
    buffer_printf(out, ", %llu delivered, ", (unsigned long long)spool->delivered);
    buffer_printf(out, "%llu dropped, %llu damaged, %llu lost; %.1f MiB",
        (unsigned long long)spool->dropped, (unsigned long long)spool->corrupt,
        (unsigned long long)spool->lost, (double)spool->bytes / (1 << 20));
    if (status->spool_max_bytes > 0)
        buffer_printf(out, " of at most %.1f MiB", (double)status->spool_max_bytes / (1 << 20));
    if (spool->rejected + spool->corrupt > 0)
        buffer_append(out, SPAN("; see `usage-shipper spool`"));
    buffer_append_byte(out, '\n');
}

static uint64_t count_held(const struct status *status)
{
    uint64_t held = 0;

    for (size_t i = 0; i < status->count; i++)
        held += status->sources[i].held > 0;
    return held;
}

void status_write_text(const struct status *status, bool is_all, struct buffer *out)
{
    struct status_source total = status_sum(status, 0, status->count);
    size_t faults = status_faults(status);

    put_service(status, out);
    status_write_alerts_text(status, out);
    facts_write_text(&status->facts, out);
    put_spool(status, out);
    answers_write_text(&status->answers, status->answers_s, out);
    status_write_holdups_text(status, out);
    summary_write_lines(total.account.lines, count_held(status), out);
    put_notes(&status->notes, out);
    if (status->count == 0) {
        buffer_append(out, SPAN("nothing has been read yet\n"));
        return;
    }
    buffer_append_byte(out, '\n');
    put_sources(status, is_all, out);
    status_rules_text(&status->rules, is_all, out);
    put_lost(status, out);
    put_listeners(status, out);
    if (faults > 0)
        buffer_printf(out,
            "\nThe bytes of %zu %s do not add up. That is a fault of usage-shipper: please report "
            "it with this output.\n",
            faults, faults == 1 ? "source" : "sources");
    else
        buffer_append(out, SPAN("\nevery byte is accounted for\n"));
}
