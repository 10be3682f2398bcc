/* SPDX-License-Identifier: MIT
 *
 * A child is forked, not executed: it closes what is not its own, enters its sandbox and runs
 * its loop. What its end means is read from its exit code and from what it has been told.
 */
#include "shipper/supervisor_children.h"

#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/control.h"
#include "shipper/listener.h"
#include "shipper/log.h"
#include "shipper/metrics_server.h"
#include "shipper/sandbox/sandbox.h"
#include "shipper/sandbox/system_calls.h"
#include "shipper/supervisor_reload.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void enter_sandbox(struct child *child, bool is_reader)
{
    if (is_reader) {
        sandbox_reader(child->state_dir, child->channel, &child->shared->reader_sandbox);
        return;
    }
    sandbox_sender(child->state_dir, child->files, &child->shared->sender_sandbox);
}

/* In the child. The supervisor's ends are closed, or the other child would not
 * see the supervisor go. Its own name tells `ps` and `top` which is which. */
static void run_child(void *arg, struct process *p, int channel)
{
    struct supervisor *s = arg;
    struct child child = s->child;
    char name[16];

    snprintf(name, sizeof(name), "shipper-%s", p->name);
    prctl(PR_SET_NAME, name);
    child.channel = channel;
    process_close_channel(&s->reader);
    process_close_channel(&s->sender);
    runner_leave(s->runner);
    notify_close(&s->notify);
    control_release(s->options->control);
    if (s->options->metrics)
        metrics_server_release(s->options->metrics);
    if (s->options->guard)
        spool_guard_release(s->options->guard);
    if (p == &s->sender) {
        if (s->before.config)
            listeners_release(s->before.config, s->before.listeners);
        listeners_release(child.config, child.listeners);
        child.listeners = NULL;
    }
    signals_leave_to_supervisor(&s->signals);
    log_become(p->name);
    if (p == &s->reader && s->options->api_key) {
        explicit_bzero(s->options->api_key, strlen(s->options->api_key));
        child.api_key = NULL;
    }
    if (s->options->is_sandboxed)
        enter_sandbox(&child, p == &s->reader);
    _exit(p == &s->reader ? s->options->reader(&child) : s->options->sender(&child));
}

/* What the reader before this one worked with. */
static void drop_before(struct supervisor *s)
{
    runner_set_config(s->runner, s->child.config);
    if (!s->before.config)
        return;
    listeners_close(s->before.config, s->before.listeners);
    config_free(s->before.config);
    s->before = (struct in_force){0};
}

/* Sets when to start it (again). */
static void pause_process(const struct supervisor *s, struct process *p, int64_t now_ms)
{
    const struct supervisor_times *times = &s->options->times;

    process_pause(p, times->restart_first_ms, times->restart_most_ms, now_ms);
}

/* With the configuration in force. */
void supervisor_children_start(struct supervisor *s, struct process *p, int64_t now_ms)
{
    struct error err;

    if (p == &s->reader)
        drop_before(s);
    else if (s->child.config)
        granted_files_note(&s->child.config->endpoint, s->child.files);
    if (!process_start(p, run_child, s, now_ms, &err)) {
        pause_process(s, p, now_ms);
        log_failure(LOG_ERROR, &err, "trying again");
    }
}

static bool is_about_spool(int status)
{
    return WIFEXITED(status) && (WEXITSTATUS(status) == CHILD_SPOOL_DAMAGED ||
                                    WEXITSTATUS(status) == CHILD_SPOOL_CLOSED);
}

static void note_death(struct supervisor *s, struct process *p, int status, int64_t now_ms)
{
    char how[80];

    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_RENEW) {
        p->start_at_ms = now_ms;
        return;
    }
    if (now_ms - p->started_ms >= s->options->times.healthy_ms)
        p->pause_ms = 0;
    pause_process(s, p, now_ms);
    if (is_about_spool(status)) {
        s->mending.is_damaged = s->mending.is_damaged || WEXITSTATUS(status) == CHILD_SPOOL_DAMAGED;
        supervisor_begin_mending(s, now_ms);
    }
    /* What a child could not do any more follows from what was said before. */
    if (s->mending.is_on && WIFEXITED(status))
        return;
    if (s->is_reloading)
        supervisor_reload_answer(s, "reloaded, but a process died meanwhile: see the log\n");
    process_describe_end(status, how, sizeof(how));
    log_write(
        LOG_ERROR, "the %s %s, starting it again in %lld ms", p->name, how, (long long)p->pause_ms);
    if (p == &s->reader && WIFSIGNALED(status) &&
        fatal_record_note_death(&s->options->shared->fatal, WTERMSIG(status)))
        log_write(LOG_ERROR, "it died at a single record, which is skipped from now on");
}

static void note_end(struct supervisor *s, struct process *p, int status, int64_t now_ms)
{
    bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FINE;
    bool is_asked = p->told != CHANNEL_READY || p == &s->reader;
    bool is_renewed = p->is_renewing && !s->is_stopping;
    char how[80];

    p->is_renewing = false;
    if (p == &s->reader)
        runner_abandon(s->runner);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CONFIG) {
        log_write(LOG_ERROR, "the %s can't work with this configuration, stopping", p->name);
        p->is_over = true;
        supervisor_end_for_good(s, EXIT_CONFIG, now_ms);
    } else if (is_good && is_renewed) {
        p->start_at_ms = now_ms;
    } else if (is_good && is_asked) {
        p->is_over = true;
    } else if (s->is_stopping) {
        process_describe_end(status, how, sizeof(how));
        log_write(LOG_WARNING, "the %s %s while stopping", p->name, how);
        p->is_over = true;
    } else {
        note_death(s, p, status, now_ms);
    }
}

void supervisor_children_reap(struct supervisor *s, struct process *p, int64_t now_ms)
{
    int status;

    if (process_reap(p, &status))
        note_end(s, p, status, now_ms);
}

void supervisor_children_read(struct supervisor *s, struct process *p)
{
    struct channel_message message;
    enum channel_result result = CHANNEL_EMPTY;

    while (p->channel >= 0 && (result = channel_receive(p->channel, &message)) == CHANNEL_GOT) {
        if (message.kind == CHANNEL_ERRAND && p == &s->reader) {
            if (!runner_take(s->runner, &message, p->channel))
                break;
            continue;
        }
        if (message.kind == CHANNEL_READY) {
            p->is_ready = true;
            if (s->options->guard)
                spool_guard_hold(s->options->guard);
        }
        if (message.descriptor >= 0)
            close(message.descriptor);
    }
    /* It is ending, and its death comes as a signal; or it talks nonsense, and ends now. */
    if (result != CHANNEL_EMPTY)
        process_close_channel(p);
}

int64_t supervisor_children_watch_ms(const struct supervisor *s)
{
    const struct supervisor_times *times = &s->options->times;

    return times->hung_after_ms > 0 ? s->watched_ms + times->look_every_ms : INT64_MAX;
}

/* Once a process, with what it was: the number is in `status`. */
static void say_refused(struct process *p, struct refused_calls *refused)
{
    char name[64];

    if (p->is_refusal_said || counter_get(&refused->count) == 0)
        return;
    p->is_refusal_said = true;
    system_call_name(counter_get(&refused->last), name, sizeof(name));
    log_write(LOG_WARNING,
        "the %s tried %s, which its sandbox does not have, and was refused; `usage-shipper status` "
        "counts these",
        p->name, name);
}

bool supervisor_children_watch(struct supervisor *s, int64_t now_ms)
{
    struct shared *shared = s->options->shared;
    int64_t most_ms = 2 * s->options->times.look_every_ms, since_ms = now_ms - s->watched_ms;
    int64_t hung_after_ms = s->options->times.hung_after_ms;

    say_refused(&s->reader, &shared->reader_sandbox.refused);
    say_refused(&s->sender, &shared->sender_sandbox.refused);
    if (now_ms < supervisor_children_watch_ms(s))
        return false;
    s->watched_ms = now_ms;
    /* It may have been this process that did not run. */
    if (since_ms > most_ms)
        since_ms = most_ms;
    process_watch(&s->reader, counter_get(&shared->reader_pulse), since_ms, hung_after_ms);
    process_watch(&s->sender, counter_get(&shared->sender_pulse), since_ms, hung_after_ms);
    return true;
}
