/* SPDX-License-Identifier: MIT
 *
 * Status for people, all of it.
 */
#include "parsers/timestamp.h"
#include "shipper/event_table.h"
#include "shipper/status.h"
#include "shipper/summary.h"

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

void status_write_service_text(const struct status *status, struct buffer *out)
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

void status_write_events_text(const struct status *status, struct buffer *out)
{
    struct status_source total = status_sum(status, 0, status->count);

    put_spool(status, out);
    answers_write_text(&status->answers, status->answers_s, out);
    status_write_holdups_text(status, out);
    summary_write_lines(total.account.lines, count_held(status), out);
}

void status_write_text(const struct status *status, bool is_all, struct buffer *out)
{
    size_t faults = status_faults(status);

    status_write_service_text(status, out);
    status_write_alerts_text(status, out);
    facts_write_text(&status->facts, out);
    status_write_events_text(status, out);
    put_notes(&status->notes, out);
    if (status->count == 0) {
        buffer_append(out, SPAN("nothing has been read yet\n"));
        return;
    }
    buffer_append_byte(out, '\n');
    status_write_sources_text(status, is_all, out);
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
