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
#include "shipper/control.h"
#include "shipper/facts.h"
#include "shipper/listener.h"
#include "shipper/log.h"
#include "shipper/mending.h"
#include "shipper/metrics_server.h"
#include "shipper/notify.h"
#include "shipper/opt_out.h"
#include "shipper/process.h"
#include "shipper/reload.h"
#include "shipper/runner.h"
#include "shipper/sandbox/sandbox.h"
#include "shipper/sandbox/system_calls.h"

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
    .look_every_ms = 2000,
    .stop_within_ms = 10000,
    .hung_after_ms = 60000,
    .reload_every_ms = 200,
    .same_wish_ms = 1000,
};

struct supervisor {
    const struct supervisor_options *options;
    struct child child; /* what both are given */
    struct process reader, sender;
    struct runner *runner; /* of the reader's errands */
    int signals;
    sigset_t mask_before;
    bool is_stopping, is_announced;
    struct mending mending;
    struct reload reload;
    struct in_force before; /* of a reload, until the reader that works with it has ended */
    bool is_reloading;      /* taken, and not everything works with it yet */
    bool is_sender_next;    /* it is to be renewed when the reader was */
    struct notify notify;
    int64_t stopping_since_ms, watched_ms, opt_out_at_ms;
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
    close(s->signals);
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
    leave_signals_to_supervisor(s);
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
static void start(struct supervisor *s, struct process *p, int64_t now_ms)
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

static void end_both_within(struct supervisor *s, int64_t now_ms)
{
    int64_t within_ms = s->options->times.stop_within_ms;

    s->reader.kill_at_ms = now_ms + within_ms / 2;
    s->sender.kill_at_ms = now_ms + within_ms;
}

static void begin_stop(struct supervisor *s, int64_t now_ms)
{
    if (s->is_stopping)
        return;
    s->is_stopping = true;
    notify_stopping(&s->notify);
    s->stopping_since_ms = now_ms;
    end_both_within(s, now_ms);
}

static void end_for_good(struct supervisor *s, int exit_code, int64_t now_ms)
{
    s->exit_code = exit_code;
    begin_stop(s, now_ms);
}

/* --- the spool --------------------------------------------------------------- */

static bool is_any_running(const struct supervisor *s)
{
    return s->reader.pid > 0 || s->sender.pid > 0;
}

static void begin_mending(struct supervisor *s, int64_t now_ms)
{
    if (s->mending.is_on || s->is_stopping || !s->mending.guard)
        return;
    s->mending.is_on = true;
    end_both_within(s, now_ms);
}

/* Whenever no child runs, before one is started. */
static void mend(struct supervisor *s, int64_t now_ms)
{
    int exit_code;

    if (s->is_stopping || is_any_running(s) || !s->mending.guard)
        return;
    switch (mending_try(&s->mending, now_ms, &exit_code)) {
    case MENDING_DONE:
        /* Under --once too: a file without a cursor is to be read again. */
        s->reader.is_over = s->sender.is_over = false;
        break;
    case MENDING_GIVEN_UP:
        end_for_good(s, exit_code, now_ms);
        break;
    case MENDING_LATER:
        break;
    }
}

/* --- the children ------------------------------------------------------------- */

static bool is_about_spool(int status)
{
    return WIFEXITED(status) && (WEXITSTATUS(status) == CHILD_SPOOL_DAMAGED ||
                                    WEXITSTATUS(status) == CHILD_SPOOL_CLOSED);
}

/* Whatever came of it. */
static void answer_reload(struct supervisor *s, const char *words)
{
    if (s->options->control)
        control_answer(s->options->control, span_of(words));
    notify_ready(&s->notify, s->notify.status);
    s->is_reloading = s->is_sender_next = false;
    s->mending.is_missing = false; /* what a look before saw was on its way */
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
        begin_mending(s, now_ms);
    }
    /* What a child could not do any more follows from what was said before. */
    if (s->mending.is_on && WIFEXITED(status))
        return;
    if (s->is_reloading)
        answer_reload(s, "reloaded, but a process died meanwhile: see the log\n");
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
        end_for_good(s, EXIT_CONFIG, now_ms);
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

static void reap(struct supervisor *s, struct process *p, int64_t now_ms)
{
    int status;

    if (process_reap(p, &status))
        note_end(s, p, status, now_ms);
}

static void read_signals(struct supervisor *s, int64_t now_ms)
{
    struct signalfd_siginfo info;

    while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            continue; /* one may stand for several deaths: every turn looks at both */
        if (info.ssi_signo == SIGHUP && s->options->config_path) {
            s->reload.is_wanted = true;
            continue;
        }
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

static void read_channel(struct supervisor *s, struct process *p)
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

static void start_due(struct supervisor *s, int64_t now_ms)
{
    struct process *both[] = {&s->reader, &s->sender};
    bool is_due[2];

    for (int i = 0; i < 2; i++)
        is_due[i] = process_is_due(both[i], now_ms);
    if (is_due[0] || is_due[1])
        mend(s, now_ms);
    for (int i = 0; i < 2; i++)
        if (is_due[i] && !s->mending.is_on && !s->is_stopping)
            start(s, both[i], now_ms);
}

/* --- another configuration -------------------------------------------------------- */

/* Who asked is told all of it, the log the first of it. */
static void refuse_configuration(struct supervisor *s, struct span why)
{
    struct buffer answer = {0};
    struct span first = span_cut(&(struct span){why.at, why.len}, '\n');

    buffer_append(&answer, SPAN("refused\n"));
    buffer_append(&answer, why);
    buffer_append_byte(&answer, '\0');
    log_write(LOG_ERROR, "not reloaded, the configuration before stays in force: %.*s",
        (int)first.len, first.at);
    answer_reload(s, answer.bytes);
    buffer_finish(&answer);
}

static void refuse_errors(struct supervisor *s, struct errors *errors)
{
    struct buffer why = {0};

    errors_render(errors, &why);
    refuse_configuration(s, buffer_span(&why));
    buffer_finish(&why);
}

/* From here on, whoever is started works with the new one. */
static void put_in_force(
    struct supervisor *s, struct config *config, int *listeners, int *dropped, int64_t now_ms)
{
    struct in_force *in_force = s->options->in_force;
    bool is_sender_concerned =
        !config_sends_alike(in_force->config, config) || granted_files_changed(s->child.files);

    s->before = (struct in_force){in_force->config, dropped};
    *in_force = (struct in_force){config, listeners};
    s->child.config = config;
    s->child.listeners = listeners;
    log_set((enum log_format)config->log.format, (enum log_level)config->log.level);
    s->is_reloading = true;
    s->is_sender_next = is_sender_concerned;
    if (!is_sender_concerned)
        granted_files_note(&config->endpoint, s->child.files);
    process_renew(&s->reader, now_ms + s->options->times.stop_within_ms / 2);
}

static void take_configuration(struct supervisor *s, int64_t now_ms)
{
    const struct in_force *in_force = s->options->in_force;
    struct errors errors = {0};
    struct config *config = reload_load(s->options->config_path, in_force->config, &errors);
    struct error err;
    int *listeners = NULL, *dropped;

    if (errors.count == 0)
        listeners = listeners_renew(in_force->config, in_force->listeners, config, &dropped, &err);
    if (errors.count == 0 && !listeners)
        error_hint(errors_add(&errors, (struct place){0}, "%s", err.message), "%s", err.hint);
    if (listeners) {
        put_in_force(s, config, listeners, dropped, now_ms);
    } else {
        refuse_errors(s, &errors);
        config_free(config);
    }
    errors_finish(&errors);
}

static bool is_settled(const struct process *p)
{
    return p->is_ready && !p->is_renewing;
}

/* One after the other, so that one of them always has the spool open: who closes it last
 * takes its log away. */
static void go_on_reloading(struct supervisor *s, int64_t now_ms)
{
    char words[200];

    if (!is_settled(&s->reader))
        return;
    if (s->is_sender_next)
        process_renew(&s->sender, now_ms + s->options->times.stop_within_ms);
    s->is_sender_next = false;
    if (!is_settled(&s->sender))
        return;
    snprintf(words, sizeof(words), "reloaded: %zu input%s in force", s->child.config->input_count,
        s->child.config->input_count == 1 ? " is" : "s are");
    log_write(LOG_INFO, "%s", words);
    snprintf(words + strlen(words), sizeof(words) - strlen(words), "\n");
    answer_reload(s, words);
}

static void reload_turn(struct supervisor *s, int64_t now_ms)
{
    if (s->is_reloading)
        go_on_reloading(s, now_ms);
    if (s->is_stopping || s->is_reloading || s->mending.is_on)
        return;
    if (reload_begin(&s->reload, s->options->config_path, s->options->in_force->config,
            s->options->times.reload_every_ms, now_ms)) {
        if (s->options->control)
            control_gather(s->options->control);
        notify_reloading(&s->notify);
    }
    switch (reload_end(&s->reload, now_ms)) {
    case RELOAD_GOOD:
        take_configuration(s, now_ms);
        break;
    case RELOAD_BAD:
        refuse_configuration(s, buffer_span(&s->reload.words));
        break;
    case RELOAD_NONE:
        break;
    }
}

/* A question on control.sock. */
static void take_question(void *arg, struct span question, struct buffer *answer)
{
    struct supervisor *s = arg;

    if (span_is(question, "reload"))
        s->reload.is_wanted = true;
    else if (span_is(question, "metrics"))
        metrics_write(
            &(struct metrics){s->options->shared, s->reader.is_ready, s->sender.is_ready}, answer);
    else if (span_is(question, "facts"))
        facts_write(s->options->shared, s->reader.pid, s->sender.pid, answer);
    else
        buffer_append(answer, SPAN("no such question\n"));
}

/* --- watching ----------------------------------------------------------------------- */

/* The word that `systemctl status` shows. */
static void tell_status(struct supervisor *s)
{
    struct sender_counters *sender = &s->options->shared->sender;
    size_t inputs = s->child.config ? s->child.config->input_count : 0;
    char words[160];

    if (s->notify.descriptor < 0 || !s->is_announced || s->is_reloading)
        return;
    snprintf(words, sizeof(words), "%zu input%s, %llu delivered, %llu waiting%s", inputs,
        inputs == 1 ? "" : "s", (unsigned long long)counter_get(&sender->delivered),
        (unsigned long long)counter_get(&sender->waiting),
        counter_get(&sender->trouble) != 0 ? ", held up (usage-shipper status says why)" : "");
    notify_status(&s->notify, words);
}

static int64_t watch_deadline_ms(const struct supervisor *s)
{
    return s->watched_ms + s->options->times.look_every_ms;
}

static void watch_loops(struct supervisor *s, int64_t now_ms)
{
    int64_t most_ms = 2 * s->options->times.look_every_ms, since_ms = now_ms - s->watched_ms;
    int64_t hung_after_ms = s->options->times.hung_after_ms;

    if (hung_after_ms == 0 || now_ms < watch_deadline_ms(s))
        return;
    s->watched_ms = now_ms;
    tell_status(s);
    /* It may have been this process that did not run. */
    if (since_ms > most_ms)
        since_ms = most_ms;
    process_watch(
        &s->reader, counter_get(&s->options->shared->reader_pulse), since_ms, hung_after_ms);
    process_watch(
        &s->sender, counter_get(&s->options->shared->sender_pulse), since_ms, hung_after_ms);
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

/* Both processes see the counter with their next turn; the sender is woken for it. */
static void look_at_opt_out(struct supervisor *s, int64_t now_ms)
{
    counter *is_opted_out = &s->options->shared->is_opted_out;
    const char *by;
    bool is_asked;

    if (now_ms < s->opt_out_at_ms)
        return;
    s->opt_out_at_ms = now_ms + s->options->times.look_every_ms;
    is_asked = opt_out_is_asked(s->child.config->opt_out_file, &by);
    if (is_asked == (counter_get(is_opted_out) != 0))
        return;
    counter_set(is_opted_out, is_asked);
    if (is_asked)
        log_write(LOG_WARNING,
            "opted out by %s: logs are passed over, nothing is sent, what waits is deleted", by);
    else
        log_write(LOG_INFO, "nobody opts out any more: what is logged from now on is shipped");
    eventfd_write(s->child.wake, 1);
}

/* Brings what is there to what should be. */
static void steer(struct supervisor *s, int64_t now_ms)
{
    bool is_ending;

    if (s->child.config)
        look_at_opt_out(s, now_ms);
    if (!s->is_reloading && mending_look(&s->mending, is_any_running(s) && !s->is_stopping, now_ms))
        begin_mending(s, now_ms);
    if (s->mending.is_on)
        s->reader.is_over = s->sender.is_over = false;
    start_due(s, now_ms);
    is_ending = s->is_stopping || s->mending.is_on;
    if (s->is_stopping && s->reader.pid == 0)
        s->reader.is_over = true;
    if (s->is_stopping && s->sender.pid == 0)
        s->sender.is_over = true;
    if (is_ending)
        process_tell(&s->reader, CHANNEL_STOP);
    if (s->reader.is_over || (s->mending.is_on && s->reader.pid == 0))
        process_tell(&s->sender, is_ending ? CHANNEL_STOP : CHANNEL_DRAIN);
    say_refused(&s->reader, &s->options->shared->reader_sandbox.refused);
    say_refused(&s->sender, &s->options->shared->sender_sandbox.refused);
    process_kill_if_late(&s->reader, now_ms);
    process_kill_if_late(&s->sender, now_ms);
    watch_loops(s, now_ms);
    if (!s->is_announced && s->reader.is_ready && s->sender.is_ready) {
        notify_ready(&s->notify, "");
        log_write(LOG_INFO, "running: reader is process %d, sender is process %d",
            (int)s->reader.pid, (int)s->sender.pid);
        s->is_announced = true;
    }
}

static int64_t deadline(const struct supervisor *s, const struct process *p)
{
    if (p->pid > 0)
        return p->kill_at_ms;
    if (p->is_over || (s->mending.is_on && is_any_running(s)))
        return INT64_MAX;
    return s->mending.is_on && s->mending.at_ms > p->start_at_ms ? s->mending.at_ms
                                                                 : p->start_at_ms;
}

static void wait_for_news(struct supervisor *s, int64_t now_ms)
{
    struct pollfd fds[5 + CONTROL_DESCRIPTORS] = {
        {.fd = s->signals, .events = POLLIN},
        {.fd = s->reader.channel, .events = POLLIN},
        {.fd = s->sender.channel, .events = POLLIN},
        {.fd = s->reload.output, .events = POLLIN},
        {.fd = -1, .events = POLLIN},
    };
    int64_t due_ms[] = {deadline(s, &s->reader), deadline(s, &s->sender),
        s->options->guard && is_any_running(s) && !s->is_reloading ? s->mending.look_at_ms
                                                                   : INT64_MAX,
        s->is_reloading || s->mending.is_on ? INT64_MAX : reload_deadline_ms(&s->reload),
        s->options->times.hung_after_ms > 0 ? watch_deadline_ms(s) : INT64_MAX,
        s->child.config ? s->opt_out_at_ms : INT64_MAX, notify_turn(&s->notify, now_ms)};
    size_t count = 5, due_count = sizeof(due_ms) / sizeof(*due_ms);
    int64_t next_ms = INT64_MAX;

    if (s->options->metrics) {
        int left_ms = metrics_server_timeout_ms(s->options->metrics);

        fds[4].fd = metrics_server_descriptor(s->options->metrics);
        next_ms = left_ms < 0 ? INT64_MAX : now_ms + left_ms;
    }
    if (s->options->control)
        count += control_descriptors(s->options->control, fds + count);
    for (size_t i = 0; i < due_count; i++)
        if (due_ms[i] < next_ms)
            next_ms = due_ms[i];
    poll(fds, count, next_ms == INT64_MAX ? -1 : next_ms > now_ms ? (int)(next_ms - now_ms) : 0);
}

int supervisor_run(const struct supervisor_options *options)
{
    struct supervisor s = {
        .options = options,
        .child =
            {
                .config = options->in_force->config,
                .state_dir = options->state_dir,
                .api_key = options->api_key,
                .shared = options->shared,
                .stdin_window = options->stdin_window,
                .listeners = options->in_force->listeners,
                .wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
                .is_once = options->is_once,
                .is_final = options->is_final,
            },
        .reader = process_of("reader"),
        .sender = process_of("sender"),
        .runner = runner_new(options->in_force->config, options->journalctl),
        .mending =
            {
                .guard = options->guard,
                .state_dir = options->state_dir,
                .look_every_ms = options->times.look_every_ms,
                .is_once = options->is_once,
            },
        .reload = {.output = -1},
        .signals = -1,
    };
    struct error err;

    sigprocmask(SIG_BLOCK, NULL, &s.mask_before);
    notify_open(&s.notify);
    if (s.child.wake < 0 || !listen_for_signals(&s)) {
        error_system(&err, "cannot set up the supervisor");
        log_failure(LOG_ERROR, &err, "giving up");
        s.exit_code = EXIT_SYSTEM;
    } else {
        while (!s.reader.is_over || !s.sender.is_over) {
            int64_t now_ms = clock_now().monotonic_ms;

            read_signals(&s, now_ms);
            read_channel(&s, &s.reader);
            read_channel(&s, &s.sender);
            if (!runner_turn(s.runner, s.reader.channel))
                process_close_channel(&s.reader);
            reap(&s, &s.reader, now_ms);
            reap(&s, &s.sender, now_ms);
            steer(&s, now_ms);
            if (options->config_path)
                reload_turn(&s, now_ms);
            if (options->metrics)
                metrics_server_turn(options->metrics,
                    &(struct metrics){options->shared, s.reader.is_ready, s.sender.is_ready});
            if (options->control)
                control_turn(options->control, take_question, &s);
            if (!s.reader.is_over || !s.sender.is_over)
                wait_for_news(&s, now_ms);
        }
        mending_put_back(&s.mending);
    }
    runner_free(s.runner);
    reload_finish(&s.reload);
    if (s.before.config) {
        listeners_close(s.before.config, s.before.listeners);
        config_free(s.before.config);
    }
    notify_close(&s.notify);
    if (s.signals >= 0)
        close(s.signals);
    if (s.child.wake >= 0)
        close(s.child.wake);
    sigprocmask(SIG_SETMASK, &s.mask_before, NULL);
    return s.exit_code;
}
