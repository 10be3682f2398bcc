/* SPDX-License-Identifier: MIT
 *
 * Sums over all sources. One that was forgotten between two looks makes a sum smaller:
 * then nothing came, as far as can be told.
 */
#include "shipper/status_pace.h"

#include "shipper/clock.h"

static double a_second(uint64_t before, uint64_t now, double seconds)
{
    return now > before ? (double)(now - before) / seconds : 0;
}

static struct status_pace look(const struct status *status)
{
    struct status_source sum = status_sum(status, 0, status->count);
    struct status_pace pace = {
        .is_begun = true,
        .at_ms = clock_now().monotonic_ms,
        .bytes = sum.position,
        .delivered = status->spool.delivered,
        .rejected = status->spool.rejected,
        .waiting = status->spool.waiting,
    };

    for (unsigned i = 0; i < ACCOUNT_CLASSES; i++)
        pace.lines += sum.account.lines[i];
    return pace;
}

void status_pace_write(struct status_pace *pace, const struct status *status, struct buffer *out)
{
    struct status_pace now = look(status);
    double seconds = (double)(now.at_ms - pace->at_ms) / 1000;

    if (pace->is_begun && seconds > 0) {
        buffer_printf(out,
            "\nlast %.1f s: %.1f lines/s (%.1f KiB/s) read, %.1f events/s delivered, %.1f/s "
            "rejected; %llu waiting",
            seconds, a_second(pace->lines, now.lines, seconds),
            a_second(pace->bytes, now.bytes, seconds) / 1024,
            a_second(pace->delivered, now.delivered, seconds),
            a_second(pace->rejected, now.rejected, seconds), (unsigned long long)now.waiting);
        if (now.waiting < pace->waiting)
            buffer_printf(out, ", at this pace none in %.0f s",
                (double)now.waiting / a_second(now.waiting, pace->waiting, seconds));
        buffer_append_byte(out, '\n');
    }
    *pace = now;
}
