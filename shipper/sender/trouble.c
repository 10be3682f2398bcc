/* SPDX-License-Identifier: MIT
 *
 * The sentences. Each says what came back, then what is done about it, then,
 * where only a person can help, what to look at.
 */
#include "shipper/sender/trouble.h"

#include "parsers/limits.h"

enum { REJECTED_EVERY_MS = 60000 };

static void put_duration(int64_t ms, struct buffer *out)
{
    if (ms < 1000)
        buffer_printf(out, "%lld ms", (long long)ms);
    else if (ms < 10000)
        buffer_printf(out, "%.1f s", (double)ms / 1000);
    else if (ms < 120000)
        buffer_printf(out, "%lld s", (long long)(ms / 1000));
    else
        buffer_printf(out, "%lld min", (long long)(ms / 60000));
}

/* What came back. */
static void put_cause(const struct gate *gate, const char *reason, struct buffer *out)
{
    switch (gate->trouble) {
    case GATE_FINE:
        break;
    case GATE_RETRYING:
        buffer_printf(out, "%s", reason);
        break;
    case GATE_UNCLEAR:
        buffer_printf(out, "event refused, but not by the API: %s", reason);
        break;
    case GATE_KEY:
        buffer_printf(out, "%s: %s",
            gate->refused < LIMIT_REFUSED_DIFFERENT
                ? "API key refused"
                : "different events refused, but not by the API (is it the key, or a firewall?)",
            reason);
        break;
    case GATE_DESTINATION:
        buffer_printf(out, "endpoint refuses every event: %s", reason);
        break;
    case GATE_SETTINGS:
        buffer_printf(
            out, "%u events rejected in a row, the last one: %s", LIMIT_REJECTED_IN_ROW, reason);
        break;
    }
}

/* What ends it, where only a person can. */
static void put_remedy(const struct trouble *trouble, const struct gate *gate, struct buffer *out)
{
    if (gate->trouble == GATE_KEY)
        buffer_printf(out, " %s", trouble->key_remedy);
    else if (gate->trouble == GATE_DESTINATION)
        buffer_append(out, SPAN("; is endpoint.url right?"));
    else if (gate->trouble == GATE_SETTINGS)
        buffer_append(out, SPAN("; do product_id and activity types match the vendor's settings?"));
}

bool trouble_describe(struct trouble *trouble, const struct gate *gate, const char *reason,
    int64_t wait_ms, int64_t now_ms, enum log_level *level, struct buffer *out)
{
    bool is_old_news = gate->trouble == GATE_RETRYING && gate->is_old_news;
    enum gate_trouble now_is = is_old_news ? GATE_FINE : gate->trouble;

    if (now_is == trouble->said)
        return false;
    if (trouble->said == GATE_FINE)
        trouble->since_ms = now_ms;
    trouble->said = now_is;
    *level = now_is == GATE_FINE                                 ? LOG_INFO
             : now_is == GATE_RETRYING || now_is == GATE_UNCLEAR ? LOG_WARNING
                                                                 : LOG_ERROR;
    if (now_is == GATE_FINE) {
        buffer_append(out, SPAN("endpoint takes events again after "));
        put_duration(now_ms - trouble->since_ms, out);
        return true;
    }
    put_cause(gate, reason, out);
    if (now_is == GATE_RETRYING) {
        buffer_append(out, SPAN(", retrying in "));
        put_duration(wait_ms, out);
        buffer_append(out, SPAN(", then ever more slowly, keeping all events"));
    } else if (now_is == GATE_UNCLEAR) {
        buffer_append(out, SPAN(", keeping all events, trying another one in "));
        put_duration(wait_ms, out);
    } else {
        buffer_append(out, SPAN(", keeping all events, probing every "));
        put_duration(trouble->probe_every_ms, out);
        put_remedy(trouble, gate, out);
    }
    return true;
}

void trouble_explain(
    const struct trouble *trouble, const struct gate *gate, const char *reason, struct buffer *out)
{
    if (gate->trouble == GATE_KEY && trouble->is_key_missing) {
        buffer_printf(out, "%s", reason);
        return;
    }
    put_cause(gate, reason, out);
    if (gate->trouble == GATE_KEY)
        buffer_append_byte(out, ',');
    put_remedy(trouble, gate, out);
}

bool trouble_describe_rejected(
    struct trouble *trouble, const char *id, const char *reason, int64_t now_ms, struct buffer *out)
{
    if (trouble->rejected_at_ms != 0 && now_ms - trouble->rejected_at_ms < REJECTED_EVERY_MS) {
        trouble->rejected_since++;
        return false;
    }
    buffer_printf(out, "event %s rejected: %s, set aside", id, reason);
    if (trouble->rejected_since > 0)
        buffer_printf(out, ", as were %llu others", (unsigned long long)trouble->rejected_since);
    buffer_append(out, SPAN("; see `usage-shipper spool`"));
    trouble->rejected_at_ms = now_ms;
    trouble->rejected_since = 0;
    return true;
}
