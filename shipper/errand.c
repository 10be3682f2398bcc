/* SPDX-License-Identifier: MIT
 *
 * Both ends are the same program, forked, so a struct travels as it is in memory.
 * What comes is still checked: the reader parses what strangers write, and must not
 * be able to make the supervisor do more than these errands.
 */
#include "shipper/errand.h"

#include <unistd.h>

static bool is_terminated(const char *text, size_t room)
{
    return memchr(text, '\0', room) != NULL;
}

bool errand_send(int channel, const struct errand *errand, struct error *err)
{
    struct channel_message message = {
        .kind = CHANNEL_ERRAND, .descriptor = -1, .len = sizeof(*errand)};

    memcpy(message.payload, errand, sizeof(*errand));
    return channel_send(channel, &message, err);
}

bool errand_send_report(int channel, const struct errand_report *report, struct error *err)
{
    struct channel_message message = {
        .kind = CHANNEL_REPORT, .descriptor = report->descriptor, .len = sizeof(*report)};

    memcpy(message.payload, report, sizeof(*report));
    return channel_send(channel, &message, err);
}

bool errand_read(const struct channel_message *message, struct errand *errand)
{
    struct errand got;

    if (message->descriptor >= 0)
        close(message->descriptor);
    if (message->descriptor >= 0 || message->len != sizeof(got))
        return false;
    memcpy(&got, message->payload, sizeof(got));
    if ((unsigned)got.kind >= ERRAND_KINDS || (unsigned)got.reading >= JOURNAL_READINGS ||
        !is_terminated(got.cursor, sizeof(got.cursor)))
        return false;
    *errand = got;
    return true;
}

bool errand_read_report(const struct channel_message *message, struct errand_report *report)
{
    struct errand_report got;
    bool is_good = message->len == sizeof(got);

    if (is_good) {
        memcpy(&got, message->payload, sizeof(got));
        got.descriptor = message->descriptor;
        is_good = (unsigned)got.outcome < ERRAND_OUTCOMES &&
                  (got.outcome == ERRAND_GIVEN) == (got.descriptor >= 0) &&
                  is_terminated(got.words, sizeof(got.words));
    }
    if (is_good)
        *report = got;
    else if (message->descriptor >= 0)
        close(message->descriptor);
    return is_good;
}
