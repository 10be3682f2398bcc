/* SPDX-License-Identifier: MIT
 *
 * Options that a connection inherits from its listener (keep-alive) are set here, too.
 */
#include "shipper/listener.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, KEEP_ALIVE_S = 60, KEEP_ALIVE_PROBES = 4, LOWEST_FREE_PORT = 1024 };

static bool is_stream(const struct syslog_config *syslog)
{
    return syslog->transport == SYSLOG_TCP || syslog->transport == SYSLOG_UNIX_STREAM;
}

static bool is_local(const struct syslog_config *syslog)
{
    return syslog->transport == SYSLOG_UNIX_DGRAM || syslog->transport == SYSLOG_UNIX_STREAM;
}

static void set(int descriptor, int level, int option, int value)
{
    (void)setsockopt(descriptor, level, option, &value, sizeof(value));
}

/* As much room for bursts as the kernel gives. It reports twice what it grants, for
 * its own needs. */
static void make_room(const struct syslog_config *syslog, int descriptor)
{
    int got = 0;
    socklen_t len = sizeof(got);

    set(descriptor, SOL_SOCKET, SO_RCVBUF, (int)LIMIT_SOCKET_BYTES);
    set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, (int)LIMIT_SOCKET_BYTES);
    if (syslog->transport == SYSLOG_UDP &&
        getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &got, &len) == 0 &&
        (unsigned)got / 2 < LIMIT_SOCKET_BYTES)
        log_write(LOG_INFO,
            "%s: the kernel gives %.1f MiB of room for bursts, not %u; net.core.rmem_max bounds it",
            syslog->name, got / 2.0 / (1 << 20), LIMIT_SOCKET_BYTES >> 20);
}

static socklen_t make_address(const struct syslog_config *syslog, struct sockaddr_storage *to)
{
    *to = (struct sockaddr_storage){0};
    if (is_local(syslog)) {
        struct sockaddr_un *un = (struct sockaddr_un *)to;

        un->sun_family = AF_UNIX;
        memcpy(un->sun_path, syslog->places[syslog->transport],
            strlen(syslog->places[syslog->transport]));
        return sizeof(*un);
    }
    if (syslog->is_ipv6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)syslog->port);
        memcpy(&in6->sin6_addr, syslog->address.bytes, sizeof(in6->sin6_addr));
        return sizeof(*in6);
    }
    ((struct sockaddr_in *)to)->sin_family = AF_INET;
    ((struct sockaddr_in *)to)->sin_port = htons((uint16_t)syslog->port);
    memcpy(&((struct sockaddr_in *)to)->sin_addr, syslog->address.bytes + 12, 4);
    return sizeof(struct sockaddr_in);
}

/* Whether it is the file of a socket that no process has open any more. */
static bool is_stale(
    const struct syslog_config *syslog, const struct sockaddr_storage *address, socklen_t len)
{
    int type = is_stream(syslog) ? SOCK_STREAM : SOCK_DGRAM;
    int probe = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stat st;
    bool is_refused;

    if (probe < 0)
        return false;
    is_refused = connect(probe, (const struct sockaddr *)address, len) < 0 && errno == ECONNREFUSED;
    close(probe);
    return is_refused && lstat(syslog->places[syslog->transport], &st) == 0 && S_ISSOCK(st.st_mode);
}

static bool bind_local(const struct syslog_config *syslog, int descriptor,
    const struct sockaddr_storage *address, socklen_t len)
{
    mode_t before = umask(0777 & ~syslog->mode_bits);
    int result = bind(descriptor, (const struct sockaddr *)address, len);

    if (result < 0 && errno == EADDRINUSE) {
        if (is_stale(syslog, address, len)) {
            unlink(syslog->places[syslog->transport]);
            result = bind(descriptor, (const struct sockaddr *)address, len);
        } else {
            errno = EADDRINUSE;
        }
    }
    umask(before);
    return result == 0;
}

static void hint(const struct syslog_config *syslog, struct error *err)
{
    if (err->code == EACCES && !is_local(syslog) && syslog->port < LOWEST_FREE_PORT)
        error_hint(err,
            "Ports below 1024 need a privilege: use one above, or give the service "
            "CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE).");
    else if (err->code == EADDRINUSE && is_local(syslog))
        error_hint(err, "Another process listens there, perhaps the running service, or it is no "
                        "socket: it is left alone.");
    else if (err->code == EADDRINUSE)
        error_hint(err,
            "Another process listens there, perhaps the running service: `ss -lntup` shows which.");
    else if (err->code == EADDRNOTAVAIL)
        error_hint(
            err, "This host does not have that address now: `ip address` shows those it has.");
}

int listener_open(const struct syslog_config *syslog, struct error *err)
{
    int family = is_local(syslog) ? AF_UNIX : syslog->is_ipv6 ? AF_INET6 : AF_INET;
    int type = is_stream(syslog) ? SOCK_STREAM : SOCK_DGRAM;
    struct sockaddr_storage address;
    socklen_t len;
    int descriptor;
    bool is_bound;

    if (is_local(syslog) && strlen(syslog->places[syslog->transport]) >=
                                sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        error_set(err, ERROR_SYSTEM, ENAMETOOLONG,
            "cannot listen on %s: a socket's path has at "
            "most 107 bytes",
            syslog->name);
        return -1;
    }
    descriptor = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        error_system(err, "cannot listen on %s", syslog->name);
        return -1;
    }
    if (family == AF_INET6)
        set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (syslog->transport == SYSLOG_TCP) {
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
        set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE_S);
        set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_ALIVE_S / KEEP_ALIVE_PROBES);
        set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, KEEP_ALIVE_PROBES);
    }
    len = make_address(syslog, &address);
    is_bound = is_local(syslog) ? bind_local(syslog, descriptor, &address, len)
                                : bind(descriptor, (const struct sockaddr *)&address, len) == 0;
    if (!is_bound || (is_stream(syslog) && listen(descriptor, BACKLOG) < 0)) {
        error_system(err, "cannot listen on %s", syslog->name);
        hint(syslog, err);
        close(descriptor);
        return -1;
    }
    return descriptor;
}

void listener_close(const struct syslog_config *syslog, int descriptor)
{
    close(descriptor);
    if (is_local(syslog))
        unlink(syslog->places[syslog->transport]);
}

static int *new_listeners(const struct config *config)
{
    int *listeners = memory_new(config->input_count * sizeof(*listeners));

    for (size_t i = 0; i < config->input_count; i++)
        listeners[i] = -1;
    return listeners;
}

/* All that are not open yet. */
static bool open_missing(const struct config *config, int *listeners, struct error *err)
{
    for (size_t i = 0; i < config->input_count; i++) {
        const struct syslog_config *syslog = &config->inputs[i].syslog;

        if (config->inputs[i].kind != INPUT_SYSLOG || listeners[i] >= 0)
            continue;
        listeners[i] = listener_open(syslog, err);
        if (listeners[i] < 0)
            return false;
        if (!is_stream(syslog))
            make_room(syslog, listeners[i]);
    }
    return true;
}

int *listeners_open(const struct config *config, struct error *err)
{
    int *listeners = new_listeners(config);

    if (open_missing(config, listeners, err))
        return listeners;
    listeners_close(config, listeners);
    return NULL;
}

/* The number of the input that has the same socket open; input_count: none. */
static size_t find_same(
    const struct config *config, const int *listeners, const struct syslog_config *syslog)
{
    size_t i = 0;

    while (i < config->input_count &&
           (listeners[i] < 0 || strcmp(config->inputs[i].syslog.name, syslog->name) != 0 ||
               config->inputs[i].syslog.mode_bits != syslog->mode_bits))
        i++;
    return i;
}

int *listeners_renew(const struct config *before, int *listeners, const struct config *config,
    int **dropped, struct error *err)
{
    int *renewed = new_listeners(config);
    size_t *same = memory_new(config->input_count * sizeof(*same));
    bool is_open;

    for (size_t i = 0; i < config->input_count; i++) {
        same[i] = before->input_count;
        if (config->inputs[i].kind == INPUT_SYSLOG)
            same[i] = find_same(before, listeners, &config->inputs[i].syslog);
        if (same[i] < before->input_count)
            renewed[i] = listeners[same[i]];
    }
    is_open = open_missing(config, renewed, err);
    /* Each is closed by one of the two. */
    for (size_t i = 0; i < config->input_count; i++) {
        if (same[i] == before->input_count)
            continue;
        *(is_open ? &listeners[same[i]] : &renewed[i]) = -1;
    }
    free(same);
    if (is_open) {
        *dropped = listeners;
        return renewed;
    }
    listeners_close(config, renewed);
    return NULL;
}

void listeners_close(const struct config *config, int *listeners)
{
    for (size_t i = 0; listeners && i < config->input_count; i++)
        if (listeners[i] >= 0)
            listener_close(&config->inputs[i].syslog, listeners[i]);
    free(listeners);
}

void listeners_release(const struct config *config, const int *listeners)
{
    for (size_t i = 0; listeners && i < config->input_count; i++)
        if (listeners[i] >= 0)
            close(listeners[i]);
}

void listeners_check(struct config *config)
{
    for (size_t i = 0; i < config->input_count; i++) {
        const struct syslog_config *syslog = &config->inputs[i].syslog;
        struct error why = {0};
        int descriptor;

        if (config->inputs[i].kind != INPUT_SYSLOG || !syslog->name)
            continue;
        descriptor = listener_open(syslog, &why);
        if (descriptor >= 0)
            listener_close(syslog, descriptor);
        else
            error_hint(errors_add(&config->warnings, syslog->map->place,
                           "warning: as this user, now: %s", why.message),
                "%s", why.hint);
    }
}
