/* SPDX-License-Identifier: MIT
 *
 * shipper/channel.c through its header: messages and descriptors between two
 * ends, and ends that go away.
 */
#include "shipper/channel.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error err;
static struct channel_message got;

static int set_up(void **state)
{
    static int ends[2];

    *state = ends;
    return channel_open(ends, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    int *ends = *state;

    close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    return 0;
}

static void send_text(int end, enum channel_kind kind, const char *text, int descriptor)
{
    struct channel_message message = {.kind = kind, .descriptor = descriptor, .len = strlen(text)};

    memcpy(message.payload, text, message.len);
    assert_true(channel_send(end, &message, &err));
}

static void messages_arrive_whole_and_in_order(void **state)
{
    int *ends = *state;

    send_text(ends[0], CHANNEL_READY, "", -1);
    send_text(ends[0], CHANNEL_DRAIN, "with a payload", -1);
    assert_int_equal(channel_receive(ends[1], &got), CHANNEL_GOT);
    check_number("first", got.kind, CHANNEL_READY);
    check_number("first", got.len, 0);
    check_number("first", (uint64_t)got.descriptor, (uint64_t)-1);
    assert_int_equal(channel_receive(ends[1], &got), CHANNEL_GOT);
    check_number("second", got.kind, CHANNEL_DRAIN);
    check_span("second", span_between(got.payload, got.payload + got.len), "with a payload");
    assert_int_equal(channel_receive(ends[1], &got), CHANNEL_EMPTY);
}

static void the_longest_payload_passes(void **state)
{
    struct channel_message message = {.kind = CHANNEL_STOP, .descriptor = -1};
    int *ends = *state;

    message.len = CHANNEL_PAYLOAD_BYTES;
    memset(message.payload, 'x', message.len);
    assert_true(channel_send(ends[1], &message, &err));
    assert_int_equal(channel_receive(ends[0], &got), CHANNEL_GOT);
    check_number("length", got.len, CHANNEL_PAYLOAD_BYTES);
    assert_memory_equal(got.payload, message.payload, message.len);
}

static void a_descriptor_reaches_another_process(void **state)
{
    int *ends = *state;
    int pipe_ends[2];
    char byte = 0;
    pid_t pid;

    assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        close(pipe_ends[1]); /* so that what it writes to came through the channel */
        while (channel_receive(ends[1], &got) != CHANNEL_GOT)
            usleep(1000);
        _exit(write(got.descriptor, "!", 1) == 1 ? 0 : 1);
    }
    send_text(ends[0], CHANNEL_READY, "here", pipe_ends[1]);
    close(pipe_ends[1]);
    assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
    assert_int_equal(byte, '!');
    assert_int_equal(scratch_wait(pid, 10000), 0);
    close(pipe_ends[0]);
}

static void a_received_descriptor_is_not_left_to_programs_we_start(void **state)
{
    int *ends = *state;

    send_text(ends[0], CHANNEL_READY, "", STDERR_FILENO);
    assert_int_equal(channel_receive(ends[1], &got), CHANNEL_GOT);
    check_row("another number", got.descriptor > STDERR_FILENO);
    assert_int_equal(fcntl(got.descriptor, F_GETFD), FD_CLOEXEC);
    close(got.descriptor);
}

static void the_other_end_gone_is_the_end(void **state)
{
    struct channel_message message = {.kind = CHANNEL_STOP, .descriptor = -1};
    int *ends = *state;

    send_text(ends[1], CHANNEL_READY, "last words", -1);
    close(ends[1]);
    ends[1] = -1;
    assert_int_equal(channel_receive(ends[0], &got), CHANNEL_GOT);
    check_span("still read", span_between(got.payload, got.payload + got.len), "last words");
    assert_int_equal(channel_receive(ends[0], &got), CHANNEL_CLOSED);
    assert_int_equal(channel_receive(ends[0], &got), CHANNEL_CLOSED);
    assert_true(channel_send(ends[0], &message, &err));
}

static void what_is_no_message_ends_the_channel(void **state)
{
    static const char unknown[4] = {99, 0, 0, 0};
    static const char too_long[CHANNEL_PAYLOAD_BYTES + 5];
    int *ends = *state;

    assert_int_equal(send(ends[0], "abc", 3, 0), 3);
    assert_int_equal(channel_receive(ends[1], &got), CHANNEL_CLOSED);
    assert_int_equal(send(ends[0], unknown, 4, 0), 4);
    assert_int_equal(channel_receive(ends[1], &got), CHANNEL_CLOSED);
    assert_int_equal(send(ends[0], too_long, sizeof(too_long), 0), sizeof(too_long));
    assert_int_equal(channel_receive(ends[1], &got), CHANNEL_CLOSED);
}

static void a_channel_that_nobody_reads_fails_rather_than_waits(void **state)
{
    struct channel_message message = {.kind = CHANNEL_READY, .descriptor = -1, .len = 4096};
    int *ends = *state;
    int sent = 0;

    while (channel_send(ends[0], &message, &err))
        assert_true(++sent < 100000);
    check_row("took some", sent > 1);
    check_number("kind", err.kind, ERROR_SYSTEM);
}

#define WITH_CHANNEL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CHANNEL(messages_arrive_whole_and_in_order),
        WITH_CHANNEL(the_longest_payload_passes),
        WITH_CHANNEL(a_descriptor_reaches_another_process),
        WITH_CHANNEL(a_received_descriptor_is_not_left_to_programs_we_start),
        WITH_CHANNEL(the_other_end_gone_is_the_end),
        WITH_CHANNEL(what_is_no_message_ends_the_channel),
        WITH_CHANNEL(a_channel_that_nobody_reads_fails_rather_than_waits),
    };

    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
