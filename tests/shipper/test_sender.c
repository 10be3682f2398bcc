/* SPDX-License-Identifier: MIT
 *
 * The sender process as the supervisor sees it: sender_run in a child, with a
 * real spool, channel and server.
 */
#include "shipper/channel.h"
#include "shipper/child.h"
#include "shipper/command.h"
#include "shipper/spool/spool.h"
#include "tests/support/http_server.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000 };

#define SUCCESS "{\"response_code\":\"200\",\"response\":\"Data Uploaded\",\"status\":\"success\"}"
#define WRONG_KEY                                                                                  \
    "{\"response_code\":400,\"response\":\"Authentication Failure\",\"status\":\"failure\"}"

struct fixture {
    char *dir;
    struct http_server server;
    struct config config;
    struct child child;
    struct shared *shared;
    struct spool *reader;
    struct spool_batch *batch;
    int channel; /* our end */
    pid_t pid;
    unsigned added;
    struct buffer received;
};

static struct fixture f;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    f = (struct fixture){.dir = scratch_new(), .pid = -1};
    assert_true(spool_prepare(f.dir, &err));
    f.shared =
        mmap(NULL, sizeof(*f.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(f.shared != MAP_FAILED);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    spool_batch_free(f.batch);
    spool_close(f.reader);
    buffer_finish(&f.received);
    munmap(f.shared, sizeof(*f.shared));
    scratch_remove(f.dir);
    return 0;
}

static void begin(const struct http_step *steps, size_t count, const char *environment)
{
    int ends[2];

    http_server_start(&f.server, steps, count);
    f.config.endpoint = (struct endpoint_config){
        .url = f.server.url,
        .api_key_file = (char *)(uintptr_t)scratch_path(f.dir, "key"),
        .max_in_flight = 4,
        .connect_timeout_ms = 5000,
        .stall_timeout_ms = 5000,
        .timeout_ms = 5000,
        .retry_first_ms = 10,
        .retry_most_ms = 100,
        .probe_every_ms = 20,
    };
    assert_true(channel_open(ends, &err));
    f.channel = ends[0];
    f.child = (struct child){.config = &f.config,
        .state_dir = f.dir,
        .api_key = environment,
        .shared = f.shared,
        .channel = ends[1],
        .wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    f.pid = fork();
    assert_true(f.pid >= 0);
    if (f.pid == 0) {
        close(ends[0]);
        _exit(sender_run(&f.child));
    }
    close(ends[1]);
    f.reader = spool_open(f.dir, &(struct spool_options){.max_bytes = 1 << 30}, &err);
    assert_non_null(f.reader);
    f.batch = spool_batch_new();
}

static int end(void)
{
    int status = scratch_wait(f.pid, BOUND_MS);

    close(f.channel);
    close(f.child.wake);
    http_server_stop(&f.server, &f.received);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void wait_ready(void)
{
    struct channel_message message;

    assert_int_equal(poll(&(struct pollfd){f.channel, POLLIN, 0}, 1, BOUND_MS), 1);
    assert_int_equal(channel_receive(f.channel, &message), CHANNEL_GOT);
    assert_int_equal(message.kind, CHANNEL_READY);
}

static void tell(enum channel_kind kind)
{
    assert_true(
        channel_send(f.channel, &(struct channel_message){.kind = kind, .descriptor = -1}, &err));
}

static void add(unsigned count)
{
    spool_batch_clear(f.batch);
    for (; count > 0; count--) {
        char id[EVENT_ID_LEN + 1], body[64];

        snprintf(id, sizeof(id), "%032x", f.added);
        snprintf(body, sizeof(body), "{\"payload\":{\"n\":%u}}", f.added++);
        spool_batch_event(f.batch, id, span_of(body));
    }
    assert_int_equal(spool_commit(f.reader, f.batch, &err), SPOOL_DONE);
    assert_int_equal(write(f.child.wake, &(uint64_t){1}, sizeof(uint64_t)), sizeof(uint64_t));
}

static bool is_all_delivered(void *arg)
{
    (void)arg;
    return counter_get(&f.shared->sender.delivered) == f.added;
}

static void write_key(const char *text)
{
    FILE *file = fopen(scratch_path(f.dir, "key"), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static unsigned count_received(const char *word)
{
    unsigned count = 0;

    for (const char *p = f.received.bytes; (p = strstr(p, word)); p += strlen(word))
        count++;
    return count;
}

static void delivers_what_the_reader_commits_and_stops_when_told(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", SUCCESS), HTTP_KEEP}};

    (void)state;
    begin(steps, 1, "the-key");
    wait_ready();
    for (int i = 0; i < 10; i++) {
        add(20);
        assert_true(scratch_until(is_all_delivered, NULL, BOUND_MS));
    }
    tell(CHANNEL_STOP);
    assert_int_equal(end(), EXIT_FINE);
    assert_int_equal(count_received("POST "), 200);
    assert_int_equal(count_received("X-API-KEY: the-key\r\n"), 200);
    assert_int_equal(counter_get(&f.shared->sender.waiting), 0);
}

static void drains_what_is_there_and_ends(void **state)
{
    struct http_step steps[] = {{http_answer("503 Later", "", ""), HTTP_KEEP}, {"", HTTP_CLOSE},
        {http_answer("200 OK", "", "<html>"), HTTP_KEEP},
        {http_answer("200 OK", "", SUCCESS), HTTP_KEEP}};
    struct spool_stats stats;

    (void)state;
    begin(steps, 4, "the-key");
    add(50);
    tell(CHANNEL_DRAIN);
    assert_int_equal(end(), EXIT_FINE);
    assert_true(spool_stats(f.reader, &stats, &err));
    assert_int_equal(stats.waiting, 0);
    assert_int_equal(stats.rejected, 0);
    assert_int_equal(counter_get(&f.shared->sender.delivered), 50);
}

static void ends_when_the_supervisor_is_gone(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", SUCCESS), HTTP_KEEP}};

    (void)state;
    begin(steps, 1, "the-key");
    wait_ready();
    close(f.channel);
    f.channel = -1;
    assert_int_equal(end(), EXIT_FINE);
}

static void takes_up_a_changed_key_before_a_probe(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", WRONG_KEY), HTTP_KEEP},
        {http_answer("200 OK", "", SUCCESS), HTTP_KEEP}};

    (void)state;
    write_key("old-key\n");
    begin(steps, 2, NULL);
    wait_ready();
    write_key("new-key\n");
    add(1);
    tell(CHANNEL_DRAIN);
    assert_int_equal(end(), EXIT_FINE);
    assert_int_equal(count_received("X-API-KEY: old-key\r\n"), 1);
    assert_int_equal(count_received("X-API-KEY: new-key\r\n"), 1);
}

/* As when it is started again while somebody replaces the key. */
static void without_a_key_it_waits_for_one(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", SUCCESS), HTTP_KEEP}};

    (void)state;
    begin(steps, 1, NULL);
    wait_ready();
    add(20);
    tell(CHANNEL_DRAIN);
    write_key("late-key\n");
    assert_int_equal(end(), EXIT_FINE);
    assert_int_equal(count_received("POST "), 20);
    assert_int_equal(count_received("X-API-KEY: late-key\r\n"), 20);
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        row(delivers_what_the_reader_commits_and_stops_when_told),
        row(drains_what_is_there_and_ends),
        row(ends_when_the_supervisor_is_gone),
        row(takes_up_a_changed_key_before_a_probe),
        row(without_a_key_it_waits_for_one),
    };

    return cmocka_run_group_tests_name("sender", tests, NULL, NULL);
}
