/* SPDX-License-Identifier: MIT
 *
 * Never waits: what systemd has no room for is not told.
 */
#include "shipper/notify.h"

#include "shipper/clock.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* False if there is none, or one that is no socket's name. */
static bool take_address(struct notify *notify)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path ? strlen(path) : 0;

    if (len < 2 || len >= sizeof(notify->address.sun_path) || (path[0] != '/' && path[0] != '@'))
        return false;
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, path, len);
    if (path[0] == '@') /* a name in the abstract namespace */
        notify->address.sun_path[0] = '\0';
    notify->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

/* Half of the time after which systemd would act. */
static int64_t take_interval(void)
{
    const char *wanted = getenv("WATCHDOG_USEC"), *who = getenv("WATCHDOG_PID");
    long long us = wanted ? strtoll(wanted, NULL, 10) : 0;

    if (us <= 0 || (who && strtoll(who, NULL, 10) != getpid()))
        return 0;
    return us / 2000 > 0 ? us / 2000 : 1;
}

void notify_open(struct notify *notify)
{
    *notify = (struct notify){.descriptor = -1};
    if (take_address(notify))
        notify->descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    notify->every_ms = notify->descriptor >= 0 ? take_interval() : 0;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *notify)
{
    if (notify->descriptor >= 0)
        close(notify->descriptor);
    notify->descriptor = -1;
}

static void tell(const struct notify *notify, const char *text)
{
    if (notify->descriptor >= 0)
        (void)sendto(notify->descriptor, text, strlen(text), MSG_NOSIGNAL,
            (const struct sockaddr *)&notify->address, notify->address_len);
}

void notify_ready(struct notify *notify, const char *status)
{
    char text[300];

    snprintf(notify->status, sizeof(notify->status), "%s", status);
    snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", notify->status);
    tell(notify, text);
}

void notify_reloading(struct notify *notify)
{
    char text[80];

    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
        (long long)clock_now().monotonic_ms * 1000);
    tell(notify, text);
}

void notify_stopping(struct notify *notify)
{
    tell(notify, "STOPPING=1\nSTATUS=finishing what is under way");
}

void notify_status(struct notify *notify, const char *status)
{
    char text[300];

    if (strcmp(status, notify->status) == 0)
        return;
    snprintf(notify->status, sizeof(notify->status), "%s", status);
    snprintf(text, sizeof(text), "STATUS=%s", notify->status);
    tell(notify, text);
}

int64_t notify_turn(struct notify *notify, int64_t now_ms)
{
    if (notify->every_ms == 0)
        return INT64_MAX;
    if (now_ms >= notify->next_ms) {
        tell(notify, "WATCHDOG=1");
        notify->next_ms = now_ms + notify->every_ms;
    }
    return notify->next_ms;
}
