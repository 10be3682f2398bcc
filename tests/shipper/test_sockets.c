/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/sockets.c through its header, with pipes for connections.
 */
#include "shipper/sender/sockets.h"
#include "tests/support/test.h"

#include <unistd.h>

enum { BOUND_MS = 60000 };

static struct sockets sockets;
static int ends[2]; /* of a pipe: what is written to the second is read from the first */
static char owner;

static int begin(void **state)
{
    struct error err;

    (void)state;
    assert_true(sockets_open(&sockets, &err));
    return pipe(ends);
}

static int end(void **state)
{
    (void)state;
    sockets_close(&sockets);
    close(ends[0]);
    return close(ends[1]);
}

static size_t wait_ms(int timeout_ms)
{
    return sockets_wait(&sockets, NULL, 0, timeout_ms);
}

static void feed(void)
{
    assert_int_equal(write(ends[1], "x", 1), 1);
}

static void check_ready(int s)
{
    assert_int_equal(wait_ms(BOUND_MS), 1);
    assert_int_equal(sockets.ready[0].s, s);
    assert_ptr_equal(sockets.ready[0].owner, &owner);
    assert_true(sockets.ready[0].events & EPOLLIN);
}

static void a_wanted_socket_is_told_until_it_is_read(void **state)
{
    (void)state;
    sockets_want(&sockets, ends[0], EPOLLIN, &owner);
    assert_int_equal(wait_ms(0), 0);
    feed();
    check_ready(ends[0]);
    check_ready(ends[0]);
}

/* The wait must not return at once for ever because of a connection that nobody uses. */
static void what_comes_between_two_requests_ends_one_wait_at_most(void **state)
{
    struct epoll_event event;

    (void)state;
    sockets_add(&sockets, ends[0]);
    sockets_want(&sockets, ends[0], EPOLLIN, &owner);
    sockets_want(&sockets, ends[0], 0, &owner);
    feed();
    assert_int_equal(wait_ms(BOUND_MS), 0);
    assert_int_equal(epoll_wait(sockets.epoll, &event, 1, 0), 0);
    sockets_want(&sockets, ends[0], EPOLLIN, &owner);
    check_ready(ends[0]);
}

/* libcurl opens and closes some by itself, and we hear only that they are not wanted. */
static void a_number_may_come_again_as_another_socket(void **state)
{
    int again[2];

    (void)state;
    sockets_want(&sockets, ends[0], EPOLLIN, &owner);
    sockets_want(&sockets, ends[0], 0, &owner);
    assert_int_equal(pipe(again), 0);
    assert_int_equal(dup2(again[0], ends[0]), ends[0]);
    assert_int_equal(write(again[1], "x", 1), 1);
    assert_int_equal(wait_ms(0), 0);
    sockets_want(&sockets, ends[0], EPOLLIN, &owner);
    check_ready(ends[0]);
    close(again[0]);
    close(again[1]);
}

static void a_closed_connections_number_is_watched_anew(void **state)
{
    int again[2];

    (void)state;
    sockets_add(&sockets, ends[0]);
    sockets_want(&sockets, ends[0], EPOLLIN, &owner);
    sockets_remove(&sockets, ends[0]);
    assert_int_equal(pipe(again), 0);
    assert_int_equal(dup2(again[0], ends[0]), ends[0]);
    assert_int_equal(write(again[1], "x", 1), 1);
    sockets_add(&sockets, ends[0]);
    sockets_want(&sockets, ends[0], EPOLLIN, &owner);
    check_ready(ends[0]);
    close(again[0]);
    close(again[1]);
}

static void a_descriptor_of_the_callers_is_watched_while_it_is_given(void **state)
{
    struct pollfd also[] = {{-1, POLLIN, 0}, {ends[0], POLLIN, 0}};
    struct epoll_event event;

    (void)state;
    assert_int_equal(sockets_wait(&sockets, also, 2, 0), 0);
    assert_int_equal(also[1].revents, 0);
    feed();
    assert_int_equal(sockets_wait(&sockets, also, 2, BOUND_MS), 0);
    assert_int_equal(also[1].revents, POLLIN);
    also[1].fd = -1;
    assert_int_equal(sockets_wait(&sockets, also, 2, BOUND_MS), 0);
    assert_int_equal(also[1].revents, 0);
    assert_int_equal(epoll_wait(sockets.epoll, &event, 1, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wanted_socket_is_told_until_it_is_read, begin, end),
        cmocka_unit_test_setup_teardown(
            what_comes_between_two_requests_ends_one_wait_at_most, begin, end),
        cmocka_unit_test_setup_teardown(a_number_may_come_again_as_another_socket, begin, end),
        cmocka_unit_test_setup_teardown(a_closed_connections_number_is_watched_anew, begin, end),
        cmocka_unit_test_setup_teardown(
            a_descriptor_of_the_callers_is_watched_while_it_is_given, begin, end),
    };

    return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
