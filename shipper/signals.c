/* SPDX-License-Identifier: MIT
 *
 * A signalfd. What comes is blocked from then on, so that none is lost between a look
 * and the next.
 */
#include "shipper/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

void signals_hold_hangups(void)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, NULL);
}

bool signals_open(struct signals *signals)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, &signals->before);
    signal(SIGPIPE, SIG_IGN);
    /* Ignored, as some parents leave it, no child could be waited for. */
    signal(SIGCHLD, SIG_DFL);
    signals->descriptor = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    return signals->descriptor >= 0;
}

int signals_next(const struct signals *signals)
{
    struct signalfd_siginfo info;

    return read(signals->descriptor, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

void signals_leave_to_supervisor(const struct signals *signals)
{
    close(signals->descriptor);
    /* What was pending is gone with SIG_IGN. */
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

void signals_close(const struct signals *signals)
{
    if (signals->descriptor >= 0)
        close(signals->descriptor);
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
}
