/* SPDX-License-Identifier: MIT
 *
 * The cursor is text: `name=number` pairs, unknown ones passed over. What the kernel
 * dropped is a number of the socket's life: beside it stands the socket's cookie, so
 * that a reader that comes after another counts each once.
 */
#include "shipper/sources/syslog_row.h"

#include "shipper/log.h"
#include "shipper/sources/path_hash.h"

#include <linux/sock_diag.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SAY_EVERY_MS = 60000, SAVE_MS = 1000 };

const char *const syslog_count_names[SYSLOG_COUNTS] = {
    "messages",
    "cut",
    "unfinished",
    "out_of_sync",
    "not_allowed",
    "over_rate",
    "over_connections",
    "idle_closed",
    "dropped_spool_full",
    "dropped_by_kernel",
    "lost_in_crash",
};

/* What is said when the number has grown; NULL: nothing. */
static const char *const sayings[SYSLOG_COUNTS] = {
    [SYSLOG_CUT] = "messages longer than max_message, cut",
    [SYSLOG_UNFINISHED] = "messages shorter than their octet count when the connection ended, "
                          "taken as they are",
    [SYSLOG_OUT_OF_SYNC] = "no message where an octet count said so, passing over what stands "
                           "there up to the next",
    [SYSLOG_NOT_ALLOWED] = "datagrams or connections from addresses that `allow` leaves out, "
                           "dropped",
    [SYSLOG_OVER_RATE] = "peers over `rate`, dropping their datagrams, letting their connections "
                         "wait",
    [SYSLOG_OVER_CONNECTIONS] = "connections over max_connections, closed",
    [SYSLOG_NO_ROOM] = "datagrams while the spool was full, dropped",
    [SYSLOG_KERNEL_DROPPED] = "datagrams that came faster than they were read, dropped by the "
                              "kernel",
    [SYSLOG_LOST] = "messages that had been received but not saved when the reader died, lost",
};

static bool read_number(struct span cursor, const char *name, uint64_t *value)
{
    while (cursor.at) {
        struct span number = span_cut(&cursor, ' '), label = span_cut(&number, '=');

        if (span_is(label, name))
            return number.at && span_to_u64(number, value);
    }
    return false;
}

bool syslog_counts_read(struct span cursor, uint64_t counts[SYSLOG_COUNTS])
{
    uint64_t position;

    if (!read_number(cursor, "position", &position))
        return false;
    for (unsigned i = 0; i < SYSLOG_COUNTS; i++) {
        counts[i] = 0;
        read_number(cursor, syslog_count_names[i], &counts[i]);
    }
    return true;
}

static void restore(void *arg, uint64_t key, struct span value)
{
    struct syslog_row *row = arg;

    if (key != row->key || !syslog_counts_read(value, row->counts))
        return;
    read_number(value, "position", &row->position);
    read_number(value, "socket", &row->cookie);
    read_number(value, "socket_dropped", &row->kernel_dropped);
    memcpy(row->said, row->counts, sizeof(row->said));
}

static uint64_t cookie_of(int descriptor)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof(cookie);

    (void)getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

bool syslog_row_open(struct syslog_row *row, const struct syslog_config *syslog, int descriptor,
    counter *unsaved, struct spool *spool, struct error *err)
{
    uint64_t cookie = cookie_of(descriptor);

    *row = (struct syslog_row){
        .syslog = syslog,
        .descriptor = descriptor,
        .unsaved = unsaved,
        .key = path_hash(syslog->name) >> 1, /* keys are signed in the spool */
        .is_moved = true,
    };
    if (!spool_each_cursor(spool, SYSLOG_KIND, restore, row, err))
        return false;
    if (row->cookie != cookie)
        row->kernel_dropped = 0;
    row->cookie = cookie;
    if (unsaved)
        row->counts[SYSLOG_LOST] += counter_get(unsaved);
    return true;
}

void syslog_row_count(struct syslog_row *row, enum syslog_count what, uint64_t n)
{
    row->counts[what] += n;
    row->is_moved |= n > 0;
}

void syslog_row_take(struct syslog_row *row, uint64_t messages)
{
    if (row->unsaved)
        counter_add(row->unsaved, messages);
}

int64_t syslog_row_deadline(const struct syslog_row *row)
{
    return row->is_moved ? row->read_ms + SAVE_MS : INT64_MAX;
}

void syslog_row_advance(struct syslog_row *row, uint64_t bytes)
{
    row->position += bytes;
    row->is_moved = true;
}

void syslog_row_skip(struct syslog_row *row, uint64_t bytes)
{
    row->position += bytes;
    row->dropped_bytes += bytes;
    row->is_moved |= bytes > 0;
}

void syslog_row_drop(struct syslog_row *row, enum syslog_count why, uint64_t bytes)
{
    syslog_row_skip(row, bytes);
    row->dropped_lines++;
    syslog_row_count(row, why, 1);
}

/* The kernel counts in 32 bits, which may run over. */
static void ask_kernel(struct syslog_row *row)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t len = sizeof(info);
    uint32_t more;

    if (row->syslog->transport != SYSLOG_UDP ||
        getsockopt(row->descriptor, SOL_SOCKET, SO_MEMINFO, info, &len) < 0)
        return;
    more = info[SK_MEMINFO_DROPS] - (uint32_t)row->kernel_dropped;
    row->kernel_dropped = info[SK_MEMINFO_DROPS];
    syslog_row_count(row, SYSLOG_KERNEL_DROPPED, more);
}

static void say(struct syslog_row *row)
{
    int64_t now_ms = clock_now().monotonic_ms;

    for (unsigned i = 0; i < SYSLOG_COUNTS; i++) {
        if (!sayings[i] || row->counts[i] == row->said[i] || now_ms < row->say_at_ms[i])
            continue;
        log_write(LOG_WARNING, "%s: %s: %llu", row->syslog->name, sayings[i],
            (unsigned long long)(row->counts[i] - row->said[i]));
        row->said[i] = row->counts[i];
        row->say_at_ms[i] = now_ms + SAY_EVERY_MS;
    }
}

bool syslog_row_save(struct syslog_row *row, struct spool_batch *batch)
{
    const struct spool_source source = {
        .name = span_of(row->syslog->name),
        .position = row->position,
        .size = row->position,
        .is_open = true,
        .seen_s = clock_now().wall_s,
    };
    struct buffer cursor = {0};

    ask_kernel(row);
    say(row);
    if (!row->is_moved)
        return false;
    buffer_printf(&cursor, "position=%llu socket=%llu socket_dropped=%llu",
        (unsigned long long)row->position, (unsigned long long)row->cookie,
        (unsigned long long)row->kernel_dropped);
    for (unsigned i = 0; i < SYSLOG_COUNTS; i++)
        buffer_printf(
            &cursor, " %s=%llu", syslog_count_names[i], (unsigned long long)row->counts[i]);
    spool_batch_cursor(batch, SYSLOG_KIND, row->key, buffer_span(&cursor));
    spool_batch_source(batch, SYSLOG_KIND, row->key, &source);
    if (row->dropped_bytes > 0 || row->dropped_lines > 0)
        spool_batch_count(
            batch, SYSLOG_KIND, row->key, ACCOUNT_DROPPED, row->dropped_bytes, row->dropped_lines);
    row->dropped_bytes = row->dropped_lines = 0;
    row->is_moved = false;
    buffer_finish(&cursor);
    return true;
}

void syslog_row_committed(struct syslog_row *row, uint64_t left)
{
    if (row->unsaved)
        counter_set(row->unsaved, left);
}
