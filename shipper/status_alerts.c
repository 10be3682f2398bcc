/* SPDX-License-Identifier: MIT
 *
 * What somebody should see to, each as one sentence with its remedy. What holds sending
 * or reading up is no alert: it has lines of its own (status_holdup.c).
 */
#include "parsers/event.h"
#include "shipper/event_table.h"
#include "shipper/status.h"

enum { DAY_S = 86400, NEARLY_FULL_PERCENT = 80 };

struct alerts {
    struct buffer *out;
    bool is_json;
    size_t count;
    struct buffer text; /* of the one under way */
};

static struct buffer *begin(struct alerts *alerts)
{
    buffer_clear(&alerts->text);
    return &alerts->text;
}

static void end(struct alerts *alerts, const char *kind)
{
    struct span text = buffer_span(&alerts->text);

    alerts->count++;
    if (!alerts->is_json) {
        buffer_append(alerts->out, SPAN("ALERT: "));
        event_table_text(text, alerts->out);
        buffer_append_byte(alerts->out, '\n');
        return;
    }
    buffer_printf(
        alerts->out, "%s{\"kind\":\"%s\",\"text\":", alerts->count > 1 ? ",\n" : "\n", kind);
    event_write_string(text, alerts->out);
    buffer_append_byte(alerts->out, '}');
}

static void about_spool(const struct status *status, struct alerts *alerts)
{
    uint64_t most = status->spool_max_bytes;
    bool is_full =
        status->reader.seen.is_there && status->reader.seen.holdup.why == HOLDUP_SPOOL_FULL;

    if (most == 0 || (!is_full && status->spool.bytes < most / 100 * NEARLY_FULL_PERCENT))
        return;
    buffer_printf(begin(alerts), "the spool is %s: %llu %% of spool.max_bytes are in use. %s",
        is_full ? "full" : "nearly full", (unsigned long long)(status->spool.bytes / (most / 100)),
        status->is_dropping ? "When it is full, its oldest events are dropped"
                            : "When it is full, reading stops, and the logs are the buffer");
    end(alerts, "spool");
}

static void about_clock(const struct status *status, struct alerts *alerts)
{
    long long ahead_s = status->answers.clock_ahead_s;

    if (!answers_clock_is_off(&status->answers, status->known_s))
        return;
    buffer_printf(begin(alerts),
        "this host's clock is %lld s %s the endpoint's. Set it, or let it follow a time server: "
        "times of lines without a year or a zone depend on it, and certificates",
        ahead_s < 0 ? -ahead_s : ahead_s, ahead_s < 0 ? "behind" : "ahead of");
    end(alerts, "clock");
}

static void about_sources(const struct status *status, struct alerts *alerts)
{
    for (size_t i = 0; i < status->count; i++) {
        const struct status_source *source = &status->sources[i];

        if (!source->advice)
            continue;
        buffer_printf(begin(alerts), "%s cannot be read. %s", source->name, source->advice);
        end(alerts, "unreadable");
    }
}

/* --- rules ----------------------------------------------------------------------- */

static void put_name(const struct rule_figure *figure, struct buffer *out)
{
    buffer_append(out, figure->product);
    buffer_append_byte(out, '/');
    buffer_append(out, figure->rule);
}

static void about_times(const struct rule_figure *figure, struct alerts *alerts)
{
    long long shift_s = figure->shift_s;
    struct buffer *text = begin(alerts);

    put_name(figure, text);
    buffer_printf(text,
        ": the times in its log are %lld minutes %s this host's clock, again and again. If they "
        "are "
        "written in another zone, set `zone:` of the input",
        (shift_s < 0 ? -shift_s : shift_s) / 60, shift_s < 0 ? "behind" : "ahead of");
    end(alerts, "zone");
}

static void about_silence(const struct rule_figure *figure, int64_t now_s, struct alerts *alerts)
{
    bool is_outdated = rule_figure_is_outdated(figure, now_s);
    long long days = (now_s - figure->last_s) / DAY_S;
    struct buffer *text = begin(alerts);

    put_name(figure, text);
    buffer_printf(text, " made events on %llu days, and none for %lld %s",
        (unsigned long long)figure->days, days, days == 1 ? "day" : "days");
    if (is_outdated)
        buffer_printf(text,
            ", while %llu lines came near it, more than before: the product seems to log "
            "differently since an upgrade",
            (unsigned long long)(figure->near_misses - figure->near_before));
    else
        buffer_append(text, SPAN(", and no more lines than before come near it: is the product "
                                 "still used, and this still its log?"));
    buffer_printf(text, ". `usage-shipper explain LOG --rules %.*s` tells what lines lack",
        (int)figure->product.len, figure->product.at);
    end(alerts, is_outdated ? "outdated" : "quiet");
}

static void about_rules(const struct status *status, struct alerts *alerts)
{
    const struct status_rules *rules = &status->rules;

    for (size_t i = 0; i < rules->count; i++) {
        const struct rule_figure *figure = &rules->items[i].figure;

        if (rules->is_configured && !rules->items[i].is_running)
            continue;
        if (rule_figure_is_shifted(figure))
            about_times(figure, alerts);
        if (rule_figure_is_quiet(figure, status->known_s) ||
            rule_figure_is_outdated(figure, status->known_s))
            about_silence(figure, status->known_s, alerts);
    }
}

static void put_alerts(const struct status *status, bool is_json, struct buffer *out)
{
    struct alerts alerts = {.out = out, .is_json = is_json};

    about_spool(status, &alerts);
    about_clock(status, &alerts);
    about_sources(status, &alerts);
    about_rules(status, &alerts);
    buffer_finish(&alerts.text);
}

void status_write_alerts_text(const struct status *status, struct buffer *out)
{
    put_alerts(status, false, out);
}

void status_write_alerts_json(const struct status *status, struct buffer *out)
{
    buffer_append(out, SPAN("\"alerts\":["));
    put_alerts(status, true, out);
    buffer_append(out, SPAN("],\n"));
}
