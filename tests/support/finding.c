/* SPDX-License-Identifier: MIT
 *
 * Addresses are compared as addresses, times to the second.
 */
#include "tests/support/finding.h"

#include "parsers/address.h"

#include <math.h>
#include <string.h>

static void copy(char *to, size_t room, struct span from)
{
    size_t len = from.len < room - 1 ? from.len : room - 1;

    if (from.at)
        memcpy(to, from.at, len);
    to[from.at ? len : 0] = '\0';
}

static void take_event(void *arg, const struct event *event)
{
    struct finding *finding = arg;

    finding->logins += span_is(event->activity_type, "LOGIN");
    if (finding->events++ > 0)
        return;
    finding->has_time = event->has_time;
    finding->at_s = event->at_s;
    copy(finding->address, sizeof(finding->address), event->ip_addr);
    copy(finding->user, sizeof(finding->user), event->user_id);
    copy(finding->agent, sizeof(finding->agent), event->user_agent);
}

void finding_make(struct engine *engine, const struct log_case *one, struct finding *finding)
{
    const struct engine_source source = {
        .source_id = one->id, .time = {.reference_s = one->reference_s, .zone = &zone_utc}};
    const struct engine_chunk chunk = {.bytes = one->line, .is_final = true};
    const struct engine_output output = {.event = take_event, .arg = finding};
    struct engine_counts counts = {0};

    *finding = (struct finding){0};
    engine_feed(engine, &source, &chunk, &output, &counts);
    engine_end(engine, &output, &counts);
}

bool finding_has_address(const struct finding *finding, const struct log_case *one)
{
    struct address wanted;

    for (size_t i = 0; i < CASE_ANY_MOST && one->addresses[i].at; i++)
        if (address_parse(one->addresses[i], &wanted) && strcmp(wanted.text, finding->address) == 0)
            return true;
    return false;
}

bool finding_has_user(const struct finding *finding, const struct log_case *one)
{
    for (size_t i = 0; i < CASE_ANY_MOST && one->users[i].at; i++)
        if (span_is(one->users[i], finding->user))
            return true;
    return false;
}

bool finding_has_agent(const struct finding *finding, const struct log_case *one)
{
    return span_is(one->agent, finding->agent);
}

bool finding_has_time(const struct finding *finding, const struct log_case *one)
{
    char text[TIMESTAMP_TEXT_BYTES];

    if (!finding->has_time)
        return false;
    timestamp_write(finding->at_s, text);
    if (!one->has_time)
        return strlen(text) > 4 && span_is(one->day, text + 4);
    return fabs((double)finding->at_s - one->time_s) <= 1;
}
