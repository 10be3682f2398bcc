/* SPDX-License-Identifier: MIT
 *
 * shipper/signals.c: what comes before and after it listens is heard.
 */
#include "shipper/signals.h"
#include "tests/support/test.h"

#include <unistd.h>

static void what_came_is_heard_once(void **state)
{
    struct signals signals;

    (void)state;
    assert_true(signals_open(&signals));
    assert_int_equal(signals_next(&signals), 0);
    kill(getpid(), SIGTERM);
    assert_int_equal(signals_next(&signals), SIGTERM);
    assert_int_equal(signals_next(&signals), 0);
    signals_close(&signals);
}

static void a_hangup_before_is_kept(void **state)
{
    struct signals signals;
    sigset_t pending;

    (void)state;
    signals_hold_hangups();
    kill(getpid(), SIGHUP);
    sigpending(&pending);
    assert_true(sigismember(&pending, SIGHUP));
    assert_true(signals_open(&signals));
    assert_int_equal(signals_next(&signals), SIGHUP);
    signals_close(&signals);
}

static void the_mask_is_put_back(void **state)
{
    struct signals signals;
    sigset_t before, after;

    (void)state;
    sigprocmask(SIG_BLOCK, NULL, &before);
    assert_true(signals_open(&signals));
    signals_close(&signals);
    sigprocmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
    assert_int_equal(sigismember(&after, SIGCHLD), sigismember(&before, SIGCHLD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mask_is_put_back),
        cmocka_unit_test(what_came_is_heard_once),
        cmocka_unit_test(a_hangup_before_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
