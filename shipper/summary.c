/* SPDX-License-Identifier: MIT
 *
 * Every class is named, zero or not, so that the numbers can be seen to add up
 * and a script finds each in its place.
 */
#include "shipper/summary.h"

#include "shipper/account.h"

static unsigned long long shown(counter *c)
{
    return counter_get(c);
}

void summary_write_lines(const uint64_t lines[LINE_CLASSES], uint64_t held, struct buffer *out)
{
    uint64_t read = 0;

    for (size_t i = 0; i < LINE_CLASSES; i++)
        read += lines[i];
    buffer_printf(out, "lines: %llu read", (unsigned long long)read);
    for (unsigned i = 0; i < LINE_CLASSES; i++) {
        buffer_printf(out, ", %llu ", (unsigned long long)lines[i]);
        account_class_write(i, out);
    }
    buffer_printf(out, ", %llu held back\n", (unsigned long long)held);
}

static unsigned long long since(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

void summary_write(struct shared *shared, const struct spool_stats *before,
    const struct spool_stats *after, struct buffer *out)
{
    struct reader_counters *reader = &shared->reader;
    struct sender_counters *sender = &shared->sender;
    uint64_t lines[LINE_CLASSES];

    for (size_t i = 0; i < LINE_CLASSES; i++)
        lines[i] = counter_get(&reader->lines[i]);
    summary_write_lines(lines, counter_get(&reader->held_lines), out);
    buffer_printf(out, "events: %llu found, %llu delivered, %llu rejected",
        shown(&reader->events) + shown(&reader->known), shown(&sender->delivered),
        shown(&sender->rejected));
    if (counter_get(&sender->expired) > 0)
        buffer_printf(out, " (%llu of them expired)", shown(&sender->expired));
    buffer_printf(out, ", %llu waiting, %llu dropped, %llu damaged",
        (unsigned long long)after->waiting, since(before->dropped, after->dropped),
        since(before->corrupt + before->lost, after->corrupt + after->lost));
    if (counter_get(&reader->known) > 0)
        buffer_printf(out, ", %llu sent before", shown(&reader->known));
    buffer_append_byte(out, '\n');
    if (counter_get(&reader->notes) > 0 || counter_get(&reader->notes_ended_early) > 0)
        buffer_printf(out, "kept between lines: %llu notes, %llu ended early\n",
            shown(&reader->notes), shown(&reader->notes_ended_early));
}
