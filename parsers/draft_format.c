/* SPDX-License-Identifier: MIT
 *
 * Formats are tried on the first lines, the pickiest first. Around another one stand only
 * those that carry what something else wrote.
 */
#include "draft_format.h"

#include "logfmt.h"

enum { LINES_LOOKED_AT = 1000, OF_HUNDRED = 50 };

static const char *const outer[] = {"cri", "docker", "syslog", NULL};
static const char *const inner[] = {"json", "access", "logfmt", NULL};

/* syslog would take any text behind a time, and take `INFO:` for a program. */
static bool has_sender(const struct record *record)
{
    return record_get(record, SPAN("program")).at &&
           (record_get(record, SPAN("host")).at || record_get(record, SPAN("pid")).at);
}

static bool is_of_chain(const struct format *const *chain, struct span line, struct record *record)
{
    enum parse_result result = PARSE_OK;
    size_t at;

    record_reset(record, line);
    for (; *chain && result == PARSE_OK; chain++) {
        if (span_is(span_of((*chain)->name), "logfmt") && !logfmt_is_likely(record->message))
            return false;
        result = format_run(*chain, record->message, record, &at);
        if (span_is(span_of((*chain)->name), "syslog") && !has_sender(record))
            return false;
    }
    return result == PARSE_OK;
}

static bool are_of_chain(const struct span *lines, size_t count, const struct format *const *chain)
{
    struct record record;
    size_t of_chain = 0;

    if (count > LINES_LOOKED_AT)
        count = LINES_LOOKED_AT;
    record_init(&record);
    for (size_t i = 0; i < count; i++)
        of_chain += is_of_chain(chain, lines[i], &record);
    record_finish(&record);
    return of_chain * 100 >= count * OF_HUNDRED;
}

/* The first of the names that fits behind what the chain has. */
static bool extend(const struct span *lines, size_t count, const char *const *names,
    const struct format **chain, size_t at)
{
    for (; *names; names++) {
        chain[at] = format_find(span_of(*names));
        chain[at + 1] = NULL;
        if (are_of_chain(lines, count, chain))
            return true;
    }
    chain[at] = NULL;
    return false;
}

void draft_detect(
    const struct span *lines, size_t count, const struct format *chain[DRAFT_CHAIN_MOST])
{
    size_t at = extend(lines, count, outer, chain, 0) ? 1 : 0;

    if (!extend(lines, count, inner, chain, at) && at == 0)
        extend(lines, 0, (const char *const[]){"plain", NULL}, chain, 0);
}

bool draft_has_names(const struct format *const *chain)
{
    for (; *chain; chain++)
        if (span_is(span_of((*chain)->name), "json") || span_is(span_of((*chain)->name), "logfmt"))
            return true;
    return false;
}

void draft_format_write(struct span line, struct buffer *out)
{
    const struct format *chain[DRAFT_CHAIN_MOST];

    draft_detect(&line, 1, chain);
    for (size_t i = 0; chain[i]; i++)
        buffer_printf(out, "%s%s", i > 0 ? ", " : "", chain[i]->name);
}
