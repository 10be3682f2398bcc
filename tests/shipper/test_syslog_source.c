/* SPDX-License-Identifier: MIT
 *
 * The sources of `syslog:` inputs on real sockets, with a clock of the test's own: who
 * sent a line, fair turns, limits, and counts that outlive a reader.
 */
#include "shipper/listener.h"
#include "shipper/sources/syslog_row.h"
#include "shipper/sources/syslog_source.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORTS_FROM = 20000, PORTS_TO = 32000 };

struct world {
    char *dir;
    struct syslog_config syslog;
    char name[64], place[64];
    int listener;
    struct spool *spool;
    struct spool_batch *batch;
    struct source *source;
    counter unsaved;
    struct now now;
    struct buffer lines; /* what was given out, each chunk behind the peer */
    uint64_t counts[SYSLOG_COUNTS];
    struct spool_source saved;
    struct account account;
};

static struct world w;

static void open_source(void)
{
    const struct syslog_options options = {
        .syslog = &w.syslog,
        .descriptor = w.listener,
        .zone = &zone_utc,
        .unsaved = &w.unsaved,
    };
    struct error err;

    w.source = syslog_source_open(&options, w.spool, &err);
    assert_non_null(w.source);
}

/* A listener with the limits that w.syslog has. */
static void listen_on(enum syslog_transport transport)
{
    struct error err;

    w.syslog.transport = transport;
    w.syslog.name = w.name;
    w.syslog.max_message_bytes = 100;
    w.syslog.max_connections = 10;
    w.syslog.idle_ms = w.syslog.idle_ms ? w.syslog.idle_ms : 86400000;
    w.syslog.mode_bits = 0600;
    w.syslog.places[transport] = w.place;
    w.listener = -1;
    snprintf(w.place, sizeof(w.place), "%s", scratch_path(w.dir, "socket"));
    network_address_parse(SPAN("127.0.0.1"), &w.syslog.address);
    for (unsigned port = PORTS_FROM; w.listener < 0 && port < PORTS_TO; port++) {
        w.syslog.port = port;
        snprintf(w.name, sizeof(w.name), "listener %u", port);
        w.listener = listener_open(&w.syslog, &err);
    }
    assert_true(w.listener >= 0);
    open_source();
}

static int connect_to_it(void)
{
    bool is_local = w.syslog.transport >= SYSLOG_UNIX_DGRAM;
    bool is_stream = w.syslog.transport == SYSLOG_TCP || w.syslog.transport == SYSLOG_UNIX_STREAM;
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)w.syslog.port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int end = socket(is_local ? AF_UNIX : AF_INET, is_stream ? SOCK_STREAM : SOCK_DGRAM, 0);

    snprintf(un.sun_path, sizeof(un.sun_path), "%s", w.place);
    assert_int_equal(
        connect(end, is_local ? (void *)&un : (void *)&in, is_local ? sizeof(un) : sizeof(in)), 0);
    return end;
}

static void send_text(int end, const char *text)
{
    assert_int_equal(send(end, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* One turn: true if it gave out a chunk, which is then in w.lines. */
static bool turn(void)
{
    struct source_read read;

    if (w.source->verbs->read(w.source, &w.now, &read) != SOURCE_CHUNK)
        return false;
    if (read.origin.field_count > 0)
        buffer_append(&w.lines, read.origin.fields[0].value);
    buffer_append_byte(&w.lines, '>');
    buffer_append(&w.lines, read.chunk.bytes);
    w.source->verbs->advance(w.source, read.chunk.bytes.len);
    spool_batch_count(w.batch, SYSLOG_KIND, read.key, ACCOUNT_NO_RULE, read.chunk.bytes.len, 1);
    spool_batch_count(w.batch, SYSLOG_KIND, read.key, ACCOUNT_TOO_LONG, read.passed, 0);
    return true;
}

/* What is there, and may take a moment on its way. */
static void read_all(void)
{
    struct pollfd wait = {.fd = w.source->verbs->descriptor(w.source), .events = POLLIN};

    while (poll(&wait, 1, 50) > 0)
        turn();
    while (turn())
        ;
}

static void keep_row(void *arg, const struct spool_ledger_row *row)
{
    (void)arg;
    w.saved = row->source;
    w.account = row->account;
    assert_true(syslog_counts_read(row->cursor, w.counts));
}

static void save(void)
{
    struct error err;

    w.source->verbs->save(w.source, w.batch);
    assert_int_equal(spool_commit(w.spool, w.batch, &err), SPOOL_DONE);
    spool_batch_clear(w.batch);
    w.source->verbs->committed(w.source);
    assert_true(spool_each_source(w.spool, keep_row, NULL, &err));
    check_number("adds up", account_bytes(&w.account), w.saved.position);
}

static void close_it(void)
{
    w.source->verbs->close(w.source);
    w.source = NULL;
}

static int set_up(void **state)
{
    const struct spool_options options = {.max_bytes = 1 << 30};
    struct error err;

    (void)state;
    w = (struct world){.dir = scratch_new_in_memory(), .now = {.monotonic_ms = 1000000}};
    assert_true(spool_prepare(w.dir, &err));
    w.spool = spool_open(w.dir, &options, &err);
    w.batch = spool_batch_new();
    return w.spool ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (w.source)
        close_it();
    close(w.listener);
    spool_batch_free(w.batch);
    spool_close(w.spool);
    buffer_finish(&w.lines);
    scratch_remove(w.dir);
    return 0;
}

static void datagrams_become_lines_of_their_peer(void **state)
{
    int end;

    (void)state;
    listen_on(SYSLOG_UDP);
    end = connect_to_it();
    send_text(end, "<13>one\n");
    send_text(end, "");
    send_text(end, "<13>two\nmore");
    read_all();
    check_span("lines", buffer_span(&w.lines), "127.0.0.1><13>one\n<13>two more\n");
    check_number("taken", counter_get(&w.unsaved), 3);
    save();
    check_number("messages", w.counts[SYSLOG_MESSAGES], 2);
    check_number("unsaved", counter_get(&w.unsaved), 0);
    close(end);
}

static void a_datagram_too_long_is_cut(void **state)
{
    char text[151];
    int end;

    (void)state;
    listen_on(SYSLOG_UNIX_DGRAM);
    end = connect_to_it();
    memset(text, 'x', sizeof(text));
    text[150] = '\0';
    send_text(end, text);
    read_all();
    save();
    check_number("line", w.lines.len, 102);
    check_number("cut", w.counts[SYSLOG_CUT], 1);
    check_number("left over", w.account.bytes[ACCOUNT_TOO_LONG], 50);
    close(end);
}

static void local_datagrams_are_dropped_while_there_is_no_room(void **state)
{
    int end;

    (void)state;
    listen_on(SYSLOG_UNIX_DGRAM);
    end = connect_to_it();
    for (int i = 0; i < 100; i++) {
        send_text(end, "<13>nobody hangs");
        w.source->verbs->look(w.source, &w.now);
    }
    send_text(end, "<13>room again");
    read_all();
    save();
    check_span("lines", buffer_span(&w.lines), "><13>room again\n");
    check_number("dropped", w.counts[SYSLOG_NO_ROOM], 100);
    check_number("dropped", w.account.lines[ACCOUNT_DROPPED], 100);
    close(end);
}

static void a_peer_over_its_rate_is_dropped_until_it_is_not(void **state)
{
    int end;

    (void)state;
    w.syslog.rate = 10;
    listen_on(SYSLOG_UDP);
    end = connect_to_it();
    for (int i = 0; i < 15; i++)
        send_text(end, "<13>a");
    read_all();
    save();
    check_number("through", w.counts[SYSLOG_MESSAGES], 10);
    check_number("dropped", w.counts[SYSLOG_OVER_RATE], 5);
    w.now.monotonic_ms += 300;
    for (int i = 0; i < 5; i++)
        send_text(end, "<13>a");
    read_all();
    save();
    check_number("through", w.counts[SYSLOG_MESSAGES], 13);
    close(end);
}

static void a_connection_over_its_rate_waits_and_loses_nothing(void **state)
{
    int end;

    (void)state;
    w.syslog.rate = 10;
    listen_on(SYSLOG_TCP);
    end = connect_to_it();
    for (int i = 0; i < 30; i++)
        send_text(end, "<13>a\n");
    read_all();
    send_text(end, "<13>b\n");
    read_all();
    check_row("waits", !memmem(w.lines.bytes, w.lines.len, "<13>b", 5));
    check_number("until", (uint64_t)w.source->verbs->deadline(w.source) <= 1003000, true);
    w.now.monotonic_ms += 3000;
    turn();
    read_all();
    check_row("goes on", memmem(w.lines.bytes, w.lines.len, "<13>b", 5) != NULL);
    save();
    check_number("messages", w.counts[SYSLOG_MESSAGES], 31);
    close(end);
}

static void a_busy_connection_does_not_keep_others_waiting(void **state)
{
    static char noise[1 << 20];
    int busy, quiet, turns = 0;

    (void)state;
    listen_on(SYSLOG_TCP);
    busy = connect_to_it();
    memset(noise, 'x', sizeof(noise));
    for (size_t i = 50; i < sizeof(noise); i += 51)
        noise[i] = '\n';
    quiet = connect_to_it();
    while (!memmem(w.lines.bytes ? w.lines.bytes : "", w.lines.len, "quiet", 5) && turns < 40) {
        if (turns++ == 20)
            send_text(quiet, "<13>quiet\n");
        while (send(busy, noise, sizeof(noise), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
            ;
        turn();
    }
    check_row("heard", turns > 20 && turns < 30);
    close(busy);
    close(quiet);
}

static void what_a_connection_leaves_unfinished_is_taken_at_its_end(void **state)
{
    int end;

    (void)state;
    listen_on(SYSLOG_UNIX_STREAM);
    end = connect_to_it();
    send_text(end, "20 <13>half");
    read_all();
    check_number("held", w.source->verbs->held(w.source), 1);
    check_number("given out", w.lines.len, 0);
    close(end);
    read_all();
    save();
    check_span("lines", buffer_span(&w.lines), "><13>half\n");
    check_number("unfinished", w.counts[SYSLOG_UNFINISHED], 1);
    check_number("held", w.source->verbs->held(w.source), 0);
}

static void an_idle_connection_is_closed_and_what_it_had_taken(void **state)
{
    char byte;
    int end;

    (void)state;
    w.syslog.idle_ms = 60000;
    listen_on(SYSLOG_TCP);
    end = connect_to_it();
    send_text(end, "<13>half a line");
    read_all();
    w.now.monotonic_ms += 59000;
    read_all();
    check_number("still open", w.lines.len, 0);
    w.now.monotonic_ms += 60000;
    read_all(); /* ends it */
    read_all();
    check_span("lines", buffer_span(&w.lines), "127.0.0.1><13>half a line\n");
    check_number("closed", (uint64_t)recv(end, &byte, 1, 0), 0);
    save();
    check_number("idle", w.counts[SYSLOG_IDLE], 1);
    close(end);
}

static void endless_nonsense_ends_a_connection(void **state)
{
    static char noise[4096];
    int end, rounds = 0;

    (void)state;
    listen_on(SYSLOG_TCP);
    end = connect_to_it();
    memset(noise, 'x', sizeof(noise));
    send_text(end, "7 <13>one");
    while (send(end, noise, sizeof(noise), MSG_NOSIGNAL | MSG_DONTWAIT) != -1 && rounds++ < 1000)
        turn();
    read_all();
    save();
    check_row("closed", rounds < 1000 && rounds > 200);
    check_number("out of sync", w.counts[SYSLOG_OUT_OF_SYNC], 1);
    check_row("bounded", w.account.bytes[ACCOUNT_DROPPED] < 2 * LIMIT_LINE_BYTES);
    close(end);
}

static void counts_outlive_a_reader_and_what_it_took_along_is_counted(void **state)
{
    int end;

    (void)state;
    listen_on(SYSLOG_UDP);
    end = connect_to_it();
    send_text(end, "<13>one");
    read_all();
    save();
    send_text(end, "<13>two");
    send_text(end, "<13>three");
    read_all();
    close_it(); /* dies with two that are not durable */
    spool_batch_clear(w.batch);

    send_text(end, "<13>four");
    open_source();
    read_all();
    save();
    check_number("messages", w.counts[SYSLOG_MESSAGES], 2);
    check_number("lost", w.counts[SYSLOG_LOST], 2);
    check_number("unsaved", counter_get(&w.unsaved), 0);
    close(end);
}

static void what_the_kernel_drops_is_counted_once(void **state)
{
    int end, small = 1, sent = 2000;
    uint64_t dropped;

    (void)state;
    listen_on(SYSLOG_UDP);
    assert_int_equal(setsockopt(w.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    end = connect_to_it();
    for (int i = 0; i < sent; i++)
        send_text(end, "<13>a");
    read_all();
    save();
    dropped = w.counts[SYSLOG_KERNEL_DROPPED];
    check_row("dropped", dropped > 0);
    check_number("sum", dropped + w.counts[SYSLOG_MESSAGES], (uint64_t)sent);
    close_it();
    open_source();
    save();
    check_number("once", w.counts[SYSLOG_KERNEL_DROPPED], dropped);
    close(end);
}

static void counts_are_saved_though_nothing_more_comes(void **state)
{
    static struct network only;
    int end;

    (void)state;
    assert_true(network_parse(SPAN("192.0.2.0/24"), &only));
    w.syslog.ranges = &only;
    w.syslog.allow.count = 1;
    listen_on(SYSLOG_UDP);
    save();
    end = connect_to_it();
    send_text(end, "<13>from elsewhere");
    read_all();
    check_number("deadline", (uint64_t)w.source->verbs->deadline(w.source), 1001000);
    save();
    check_number("not allowed", w.counts[SYSLOG_NOT_ALLOWED], 1);
    check_number("deadline", (uint64_t)w.source->verbs->deadline(w.source), INT64_MAX);
    close(end);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(datagrams_become_lines_of_their_peer),
        TEST(a_datagram_too_long_is_cut),
        TEST(local_datagrams_are_dropped_while_there_is_no_room),
        TEST(a_peer_over_its_rate_is_dropped_until_it_is_not),
        TEST(a_connection_over_its_rate_waits_and_loses_nothing),
        TEST(a_busy_connection_does_not_keep_others_waiting),
        TEST(what_a_connection_leaves_unfinished_is_taken_at_its_end),
        TEST(an_idle_connection_is_closed_and_what_it_had_taken),
        TEST(endless_nonsense_ends_a_connection),
        TEST(counts_outlive_a_reader_and_what_it_took_along_is_counted),
        TEST(what_the_kernel_drops_is_counted_once),
        TEST(counts_are_saved_though_nothing_more_comes),
    };

    return cmocka_run_group_tests_name("syslog_source", tests, NULL, NULL);
}
