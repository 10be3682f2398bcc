/* SPDX-License-Identifier: MIT
 *
 * One poll loop over a signalfd and two channels. Every turn compares what each
 * process has been told with what it should be told, so that the order of
 * deaths, signals and pauses doesn't matter.
 */
#include "shipper/supervisor.h"

#include "shipper/channel.h"
#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

const struct supervisor_times supervisor_times = {
    .restart_first_ms = 100,
    .restart_most_ms = 10000,
    .healthy_ms = 60000,
    .stop_within_ms = 10000,
    .same_wish_ms = 1000,
};

struct process {
    const char *name;
    int (*run)(const struct child *child);
    pid_t pid;              /* 0: not running */
    int channel;            /* our end; -1: none */
    enum channel_kind told; /* the last message; CHANNEL_READY: nothing yet */
    bool is_over;           /* ended for good */
    bool is_ready;
    int64_t started_ms;
    int64_t start_at_ms, pause_ms; /* while not running */
    int64_t kill_at_ms;            /* INT64_MAX until it is to stop */
};

struct supervisor {
    const struct supervisor_options *options;
    struct child child; /* what both are given */
    struct process reader, sender;
    int signals;
    sigset_t mask_before;
    bool is_stopping, is_announced;
    int64_t stopping_since_ms;
    int exit_code;
};

static bool listen_for_signals(struct supervisor *s)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* Ignored, as some parents leave it, no child could be waited for. */
    signal(SIGCHLD, SIG_DFL);
    s->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    return s->signals >= 0;
}

/* A child obeys its channel only: a Ctrl-C reaches all three processes, and the
 * order of their end is ours. What was pending is gone with SIG_IGN. */
static void leave_signals_to_supervisor(const struct supervisor *s)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigprocmask(SIG_SETMASK, &s->mask_before, NULL);
}

static void close_channel(struct process *p)
{
    if (p->channel >= 0)
        close(p->channel);
    p->channel = -1;
}

/* In the child. The supervisor's ends are closed, or the other child would not
 * see the supervisor go. Its own name tells `ps` and `top` which is which. */
static _Noreturn void run_child(struct supervisor *s, const struct process *p, int channel)
{
    struct child child = s->child;
    char name[16];

    snprintf(name, sizeof(name), "shipper-%s", p->name);
    prctl(PR_SET_NAME, name);
    child.channel = channel;
    close_channel(&s->reader);
    close_channel(&s->sender);
    close(s->signals);
    leave_signals_to_supervisor(s);
    log_open(p->name, LOG_INFO);
    if (p == &s->reader && s->options->api_key) {
        explicit_bzero(s->options->api_key, strlen(s->options->api_key));
        child.api_key = NULL;
    }
    _exit(p->run(&child));
}

static bool fork_child(struct supervisor *s, struct process *p, struct error *err)
{
    int ends[2];

    if (!channel_open(ends, err))
        return false;
    p->channel = ends[0];
    p->pid = fork();
    if (p->pid == 0)
        run_child(s, p, ends[1]);
    close(ends[1]);
    if (p->pid > 0)
        return true;
    error_system(err, "cannot start the %s", p->name);
    p->pid = 0;
    close_channel(p);
    return false;
}

/* Sets when to start it (again), and returns the pause. */
static int64_t pause_process(const struct supervisor *s, struct process *p, int64_t now_ms)
{
    const struct supervisor_times *times = &s->options->times;

    p->pause_ms = p->pause_ms == 0 ? times->restart_first_ms : p->pause_ms * 2;
    if (p->pause_ms > times->restart_most_ms)
        p->pause_ms = times->restart_most_ms;
    p->start_at_ms = now_ms + p->pause_ms;
    return p->pause_ms;
}

static void start(struct supervisor *s, struct process *p, int64_t now_ms)
{
    struct error err;

    p->told = CHANNEL_READY;
    p->started_ms = now_ms;
    if (!fork_child(s, p, &err)) {
        pause_process(s, p, now_ms);
        log_failure(LOG_ERROR, &err, "trying again");
    }
}

static void tell(struct process *p, enum channel_kind kind)
{
    struct channel_message message = {.kind = kind, .descriptor = -1};
    struct error err;

    if (p->pid == 0 || p->channel < 0 || p->told == kind)
        return;
    p->told = kind;
    /* A child that cannot be told is ending, or hangs until it is killed. */
    if (!channel_send(p->channel, &message, &err))
        close_channel(p);
}

static void begin_stop(struct supervisor *s, int64_t now_ms)
{
    int64_t within_ms = s->options->times.stop_within_ms;

    if (s->is_stopping)
        return;
    s->is_stopping = true;
    s->stopping_since_ms = now_ms;
    s->reader.kill_at_ms = now_ms + within_ms / 2;
    s->sender.kill_at_ms = now_ms + within_ms;
}

static void describe_end(int status, char *text, size_t room)
{
    if (WIFSIGNALED(status))
        snprintf(text, room, "was killed by signal %d (%s)", WTERMSIG(status),
            sigdescr_np(WTERMSIG(status)));
    else
        snprintf(text, room, "exited with code %d", WEXITSTATUS(status));
}

static void note_end(struct supervisor *s, struct process *p, int status, int64_t now_ms)
{
    bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FINE;
    bool is_asked = p->told != CHANNEL_READY || (s->options->is_once && p == &s->reader);
    char how[80];

    p->pid = 0;
    p->is_ready = false;
    close_channel(p);
    describe_end(status, how, sizeof(how));
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CONFIG) {
        log_write(LOG_ERROR, "the %s can't work with this configuration, stopping", p->name);
        s->exit_code = EXIT_CONFIG;
        p->is_over = true;
        begin_stop(s, now_ms);
    } else if (is_good && is_asked) {
        p->is_over = true;
    } else if (s->is_stopping) {
        log_write(LOG_WARNING, "the %s %s while stopping", p->name, how);
        p->is_over = true;
    } else {
        if (now_ms - p->started_ms >= s->options->times.healthy_ms)
            p->pause_ms = 0;
        log_write(LOG_ERROR, "the %s %s, starting it again in %lld ms", p->name, how,
            (long long)pause_process(s, p, now_ms));
    }
}

static void reap(struct supervisor *s, struct process *p, int64_t now_ms)
{
    int status;

    if (p->pid > 0 && waitpid(p->pid, &status, WNOHANG) == p->pid)
        note_end(s, p, status, now_ms);
}

static void read_signals(struct supervisor *s, int64_t now_ms)
{
    struct signalfd_siginfo info;

    while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            continue; /* one may stand for several deaths: every turn looks at both */
        if (s->is_stopping) {
            if (now_ms - s->stopping_since_ms >= s->options->times.same_wish_ms)
                s->reader.kill_at_ms = s->sender.kill_at_ms = now_ms;
            continue;
        }
        log_write(LOG_INFO, "stopping, asked by SIG%s", sigabbrev_np((int)info.ssi_signo));
        if (s->options->is_once)
            s->exit_code = EXIT_FOUND;
        begin_stop(s, now_ms);
    }
}

static void read_channel(struct process *p)
{
    struct channel_message message;
    enum channel_result result = CHANNEL_EMPTY;

    while (p->channel >= 0 && (result = channel_receive(p->channel, &message)) == CHANNEL_GOT) {
        if (message.kind == CHANNEL_READY)
            p->is_ready = true;
        if (message.descriptor >= 0)
            close(message.descriptor);
    }
    if (result == CHANNEL_CLOSED)
        close_channel(p); /* it is ending; its death comes as a signal */
}

static void kill_if_late(struct process *p, int64_t now_ms)
{
    if (p->pid == 0 || now_ms < p->kill_at_ms)
        return;
    log_write(LOG_WARNING, "the %s has not stopped in time, killing it", p->name);
    kill(p->pid, SIGKILL);
    p->kill_at_ms = INT64_MAX;
}

/* Brings what is there to what should be. */
static void steer(struct supervisor *s, int64_t now_ms)
{
    struct process *both[] = {&s->reader, &s->sender};

    for (int i = 0; i < 2; i++) {
        struct process *p = both[i];

        if (p->pid == 0 && s->is_stopping)
            p->is_over = true;
        if (p->pid == 0 && !p->is_over && now_ms >= p->start_at_ms)
            start(s, p, now_ms);
    }
    if (s->is_stopping)
        tell(&s->reader, CHANNEL_STOP);
    if (s->reader.is_over)
        tell(&s->sender, s->is_stopping ? CHANNEL_STOP : CHANNEL_DRAIN);
    kill_if_late(&s->reader, now_ms);
    kill_if_late(&s->sender, now_ms);
    if (!s->is_announced && s->reader.is_ready && s->sender.is_ready) {
        log_write(LOG_INFO, "running: reader is process %d, sender is process %d",
            (int)s->reader.pid, (int)s->sender.pid);
        s->is_announced = true;
    }
}

static int64_t deadline(const struct process *p)
{
    if (p->pid > 0)
        return p->kill_at_ms;
    return p->is_over ? INT64_MAX : p->start_at_ms;
}

static void wait_for_news(struct supervisor *s, int64_t now_ms)
{
    struct pollfd fds[] = {
        {.fd = s->signals, .events = POLLIN},
        {.fd = s->reader.channel, .events = POLLIN},
        {.fd = s->sender.channel, .events = POLLIN},
    };
    int64_t reader_ms = deadline(&s->reader), sender_ms = deadline(&s->sender);
    int64_t next_ms = reader_ms < sender_ms ? reader_ms : sender_ms;
    int64_t wait_ms = next_ms == INT64_MAX ? -1 : next_ms > now_ms ? next_ms - now_ms : 0;

    poll(fds, 3, (int)wait_ms);
}

int supervisor_run(const struct supervisor_options *options)
{
    struct supervisor s = {
        .options = options,
        .child =
            {
                .config = options->config,
                .state_dir = options->state_dir,
                .api_key = options->api_key,
                .shared = options->shared,
                .wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
                .is_once = options->is_once,
                .is_final = options->is_final,
            },
        .reader = {.name = "reader", .run = options->reader, .channel = -1},
        .sender = {.name = "sender", .run = options->sender, .channel = -1},
        .signals = -1,
    };
    struct error err;

    sigprocmask(SIG_BLOCK, NULL, &s.mask_before);
    s.reader.kill_at_ms = s.sender.kill_at_ms = INT64_MAX;
    if (s.child.wake < 0 || !listen_for_signals(&s)) {
        error_system(&err, "cannot set up the supervisor");
        log_failure(LOG_ERROR, &err, "giving up");
        s.exit_code = EXIT_SYSTEM;
    } else {
        while (!s.reader.is_over || !s.sender.is_over) {
            int64_t now_ms = clock_now().monotonic_ms;

            read_signals(&s, now_ms);
            read_channel(&s.reader);
            read_channel(&s.sender);
            reap(&s, &s.reader, now_ms);
            reap(&s, &s.sender, now_ms);
            steer(&s, now_ms);
            if (!s.reader.is_over || !s.sender.is_over)
                wait_for_news(&s, now_ms);
        }
    }
    if (s.signals >= 0)
        close(s.signals);
    if (s.child.wake >= 0)
        close(s.child.wake);
    sigprocmask(SIG_SETMASK, &s.mask_before, NULL);
    return s.exit_code;
}
