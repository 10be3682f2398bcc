/* SPDX-License-Identifier: MIT
 *
 * A local stream socket, a few connections at a time. Whoever says nothing or does not
 * read loses its place to the next one that comes.
 */
#include "shipper/control.h"

#include "parsers/memory.h"
#include "shipper/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLERS = CONTROL_DESCRIPTORS - 1, QUESTION_BYTES = 64 };

enum caller_state { CALLER_ASKING, CALLER_WAITING, CALLER_GATHERED, CALLER_ANSWERED };

struct caller {
    int connection; /* -1: none */
    enum caller_state state;
    char question[QUESTION_BYTES];
    size_t len;
    struct buffer answer;
    size_t written; /* of it */
};

struct control {
    int listener;
    struct sockaddr_un address;
    struct caller callers[CALLERS];
    size_t next; /* whose place a new one takes when none is free */
};

/* False if the path is too long for a socket. */
static bool make_address(const char *dir, struct sockaddr_un *address, struct error *err)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((size_t)snprintf(address->sun_path, sizeof(address->sun_path), "%s/control.sock", dir) <
        sizeof(address->sun_path))
        return true;
    return error_set(err, ERROR_SYSTEM, ENAMETOOLONG,
        "%s/control.sock: a socket's path has at most 107 bytes", dir);
}

/* --- the service ------------------------------------------------------------- */

struct control *control_open(const char *dir, struct error *err)
{
    struct control *control = memory_new(sizeof(*control));
    mode_t before;
    bool is_bound;

    for (size_t i = 0; i < CALLERS; i++)
        control->callers[i].connection = -1;
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (!make_address(dir, &control->address, err)) {
        control_release(control);
        return NULL;
    }
    unlink(control->address.sun_path);
    before = umask(0177);
    is_bound = control->listener >= 0 &&
               bind(control->listener, (const struct sockaddr *)&control->address,
                   sizeof(control->address)) == 0;
    umask(before);
    if (is_bound && listen(control->listener, CALLERS) == 0)
        return control;
    error_system(err, "cannot listen on %s", control->address.sun_path);
    control_release(control);
    return NULL;
}

static void hang_up(struct caller *caller)
{
    close(caller->connection);
    buffer_finish(&caller->answer);
    *caller = (struct caller){.connection = -1};
}

void control_release(struct control *control)
{
    if (!control)
        return;
    for (size_t i = 0; i < CALLERS; i++)
        if (control->callers[i].connection >= 0)
            hang_up(&control->callers[i]);
    if (control->listener >= 0)
        close(control->listener);
    free(control);
}

void control_close(struct control *control)
{
    if (control)
        unlink(control->address.sun_path);
    control_release(control);
}

size_t control_descriptors(const struct control *control, struct pollfd *fds)
{
    size_t count = 0;

    fds[count++] = (struct pollfd){.fd = control->listener, .events = POLLIN};
    for (size_t i = 0; i < CALLERS; i++) {
        const struct caller *caller = &control->callers[i];

        if (caller->connection >= 0 && caller->state == CALLER_ASKING)
            fds[count++] = (struct pollfd){.fd = caller->connection, .events = POLLIN};
        else if (caller->connection >= 0 && caller->state == CALLER_ANSWERED)
            fds[count++] = (struct pollfd){.fd = caller->connection, .events = POLLOUT};
    }
    return count;
}

static struct caller *find_place(struct control *control)
{
    struct caller *caller;

    for (size_t i = 0; i < CALLERS; i++)
        if (control->callers[i].connection < 0)
            return &control->callers[i];
    caller = &control->callers[control->next++ % CALLERS];
    hang_up(caller);
    return caller;
}

static void accept_all(struct control *control)
{
    int connection;

    while ((connection = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        find_place(control)->connection = connection;
}

/* True once the question is whole; a caller that is gone, or says too much, is hung up. */
static bool hear(struct caller *caller)
{
    ssize_t got = read(
        caller->connection, caller->question + caller->len, sizeof(caller->question) - caller->len);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        hang_up(caller);
        return false;
    }
    caller->len += (size_t)got;
    if (memchr(caller->question, '\n', caller->len))
        return true;
    if (caller->len == sizeof(caller->question))
        hang_up(caller);
    return false;
}

static void speak(struct caller *caller)
{
    struct span rest = span_from(buffer_span(&caller->answer), caller->written);
    ssize_t sent = send(caller->connection, rest.at, rest.len, MSG_NOSIGNAL);

    if (sent > 0)
        caller->written += (size_t)sent;
    if (caller->written == caller->answer.len || (sent < 0 && errno != EAGAIN && errno != EINTR))
        hang_up(caller);
}

void control_turn(struct control *control,
    void (*ask)(void *arg, struct span question, struct buffer *answer), void *arg)
{
    accept_all(control);
    for (size_t i = 0; i < CALLERS; i++) {
        struct caller *caller = &control->callers[i];

        if (caller->connection >= 0 && caller->state == CALLER_ASKING && hear(caller)) {
            struct span question = {caller->question, caller->len};

            ask(arg, span_cut(&question, '\n'), &caller->answer);
            caller->state = caller->answer.len > 0 ? CALLER_ANSWERED : CALLER_WAITING;
        }
        if (caller->connection >= 0 && caller->state == CALLER_ANSWERED)
            speak(caller);
    }
}

void control_gather(struct control *control)
{
    for (size_t i = 0; i < CALLERS; i++)
        if (control->callers[i].connection >= 0 && control->callers[i].state == CALLER_WAITING)
            control->callers[i].state = CALLER_GATHERED;
}

void control_answer(struct control *control, struct span answer)
{
    for (size_t i = 0; i < CALLERS; i++) {
        struct caller *caller = &control->callers[i];

        if (caller->connection < 0 || caller->state != CALLER_GATHERED)
            continue;
        buffer_append(&caller->answer, answer);
        caller->state = CALLER_ANSWERED;
        speak(caller);
    }
}

/* --- those who ask ------------------------------------------------------------- */

static bool fail_to_reach(const char *dir, struct error *err)
{
    if (errno == ENOENT || errno == ECONNREFUSED) {
        error_set(err, ERROR_SYSTEM, errno, "no service runs in %s", dir);
        error_hint(err, "`usage-shipper status` shows more; --state names another directory.");
    } else {
        error_system(err, "cannot ask the service in %s", dir);
        if (errno == EACCES || err->code == EACCES)
            error_hint(err, "Run it as the user that usage-shipper runs as, or as root.");
    }
    return false;
}

/* Up to its end. */
static bool read_answer(int connection, int wait_ms, struct buffer *answer, struct error *err)
{
    int64_t until_ms = clock_now().monotonic_ms + wait_ms;
    struct pollfd waiting = {.fd = connection, .events = POLLIN};

    for (;;) {
        int64_t left_ms = until_ms - clock_now().monotonic_ms;
        ssize_t got;

        if (left_ms <= 0 || poll(&waiting, 1, (int)left_ms) == 0)
            return error_set(err, ERROR_SYSTEM, ETIMEDOUT,
                "the service has not answered within %d s", wait_ms / 1000);
        got = read(connection, buffer_reserve(answer, 4096), 4096);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (got == 0 && answer->len == 0))
            return error_set(err, ERROR_SYSTEM, ECONNRESET, "the service ended without an answer");
        if (got == 0)
            return true;
        answer->len += (size_t)got;
    }
}

bool control_ask(
    const char *dir, const char *question, int wait_ms, struct buffer *answer, struct error *err)
{
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;
    bool is_answered = false;

    if (connection < 0)
        return error_system(err, "cannot make a socket");
    if (!make_address(dir, &address, err))
        is_answered = false;
    else if (connect(connection, (const struct sockaddr *)&address, sizeof(address)) < 0)
        is_answered = fail_to_reach(dir, err);
    else if (dprintf(connection, "%s\n", question) < 0)
        is_answered = error_system(err, "cannot ask the service in %s", dir);
    else
        is_answered = read_answer(connection, wait_ms, answer, err);
    close(connection);
    return is_answered;
}
