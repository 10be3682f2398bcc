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

static void put_slow_probes(const struct trouble *trouble, struct buffer *out)
{
    buffer_append(out, SPAN(", keeping all events, probing every "));
    put_duration(trouble->probe_every_ms, out);
}

static const char *key_words(const struct gate *gate)
{
    return gate->refused < LIMIT_REFUSED_DIFFERENT
               ? "API key refused"
               : "different events refused, but not by the API (is it the key, or a firewall?)";
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
    *level = LOG_ERROR;

    switch (now_is) {
    case GATE_FINE:
        *level = LOG_INFO;
        buffer_append(out, SPAN("endpoint takes events again after "));
        put_duration(now_ms - trouble->since_ms, out);
        break;
    case GATE_RETRYING:
        *level = LOG_WARNING;
        buffer_printf(out, "%s, retrying in ", reason);
        put_duration(wait_ms, out);
        break;
    case GATE_UNCLEAR:
        *level = LOG_WARNING;
        buffer_printf(out, "event refused, but not by the API: %s", reason);
        buffer_append(out, SPAN(", keeping all events, trying another one in "));
        put_duration(wait_ms, out);
        break;
    case GATE_KEY:
        buffer_printf(out, "%s: %s", key_words(gate), reason);
        put_slow_probes(trouble, out);
        buffer_printf(out, " %s", trouble->key_remedy);
        break;
    case GATE_DESTINATION:
        buffer_printf(out, "endpoint refuses every event: %s", reason);
        put_slow_probes(trouble, out);
        buffer_append(out, SPAN("; is endpoint.url right?"));
        break;
    case GATE_SETTINGS:
        buffer_printf(
            out, "%u events rejected in a row, the last one: %s", LIMIT_REJECTED_IN_ROW, reason);
        put_slow_probes(trouble, out);
        buffer_append(out, SPAN("; do product_id and activity types match the vendor's settings?"));
        break;
    }
    return true;
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
