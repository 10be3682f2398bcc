/* SPDX-License-Identifier: MIT
 *
 * What is done to a child, one small step a function: no step waits.
 */
#include "shipper/process.h"

#include "shipper/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct process process_of(const char *name)
{
    return (struct process){.name = name, .channel = -1, .kill_at_ms = INT64_MAX};
}

void process_close_channel(struct process *p)
{
    if (p->channel >= 0)
        close(p->channel);
    p->channel = -1;
}

bool process_start(struct process *p, void (*child)(void *arg, struct process *p, int channel),
    void *arg, int64_t now_ms, struct error *err)
{
    int ends[2];

    p->told = CHANNEL_READY;
    p->started_ms = now_ms;
    p->kill_at_ms = INT64_MAX;
    if (!channel_open(ends, err))
        return false;
    p->channel = ends[0];
    p->pid = fork();
    if (p->pid == 0) {
        child(arg, p, ends[1]);
        abort();
    }
    close(ends[1]);
    if (p->pid > 0)
        return true;
    error_system(err, "cannot start the %s", p->name);
    p->pid = 0;
    process_close_channel(p);
    return false;
}

void process_pause(struct process *p, int64_t first_ms, int64_t most_ms, int64_t now_ms)
{
    p->pause_ms = p->pause_ms == 0 ? first_ms : p->pause_ms * 2;
    if (p->pause_ms > most_ms)
        p->pause_ms = most_ms;
    p->start_at_ms = now_ms + p->pause_ms;
}

bool process_is_due(const struct process *p, int64_t now_ms)
{
    return p->pid == 0 && !p->is_over && now_ms >= p->start_at_ms;
}

void process_tell(struct process *p, enum channel_kind kind)
{
    struct channel_message message = {.kind = kind, .descriptor = -1};
    struct error err;

    if (p->pid == 0 || p->channel < 0 || p->told == kind)
        return;
    p->told = kind;
    /* A child that cannot be told is ending, or hangs until it is killed. */
    if (!channel_send(p->channel, &message, &err))
        process_close_channel(p);
}

void process_kill_if_late(struct process *p, int64_t now_ms)
{
    if (p->pid == 0 || now_ms < p->kill_at_ms)
        return;
    log_write(LOG_WARNING, "the %s has not stopped in time, killing it", p->name);
    kill(p->pid, SIGKILL);
    p->kill_at_ms = INT64_MAX;
}

bool process_watch(struct process *p, uint64_t pulse, int64_t since_ms, int64_t hung_after_ms)
{
    bool is_at_work = p->pid > 0 && pulse % 2 == 1;

    p->pulse_ms = is_at_work && pulse == p->pulse ? p->pulse_ms + since_ms : 0;
    p->pulse = pulse;
    if (p->pulse_ms < hung_after_ms)
        return false;
    log_write(LOG_ERROR, "the %s hangs: its loop has not turned for %lld s, killing it", p->name,
        (long long)p->pulse_ms / 1000);
    kill(p->pid, SIGKILL);
    p->pulse_ms = 0;
    return true;
}

void process_renew(struct process *p, int64_t kill_at_ms)
{
    if (p->pid == 0)
        return;
    p->is_renewing = true;
    p->kill_at_ms = kill_at_ms;
    process_tell(p, CHANNEL_STOP);
}

bool process_reap(struct process *p, int *status)
{
    if (p->pid == 0 || waitpid(p->pid, status, WNOHANG) != p->pid)
        return false;
    p->pid = 0;
    p->is_ready = false;
    process_close_channel(p);
    return true;
}

void process_describe_end(int status, char *text, size_t room)
{
    if (WIFSIGNALED(status))
        snprintf(text, room, "was killed by signal %d (%s)", WTERMSIG(status),
            sigdescr_np(WTERMSIG(status)));
    else
        snprintf(text, room, "exited with code %d", WEXITSTATUS(status));
}
