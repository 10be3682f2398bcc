/* SPDX-License-Identifier: MIT
 *
 * One poll loop over a signalfd and two channels. Every turn compares what each
 * process has been told with what it should be told, so that the order of
 * deaths, signals and pauses doesn't matter.
 */
#include "shipper/supervisor.h"

#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/control.h"
#include "shipper/facts.h"
#include "shipper/listener.h"
#include "shipper/log.h"
#include "shipper/metrics_server.h"
#include "shipper/opt_out.h"
#include "shipper/supervisor_children.h"
#include "shipper/supervisor_reload.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
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

static void end_both_within(struct supervisor *s, int64_t now_ms)
{
    int64_t within_ms = s->options->times.stop_within_ms;

    s->reader.kill_at_ms = now_ms + within_ms / 2;
    s->sender.kill_at_ms = now_ms + within_ms;
}

void supervisor_begin_stop(struct supervisor *s, int64_t now_ms)
{
    if (s->is_stopping)
        return;
    s->is_stopping = true;
    notify_stopping(&s->notify);
    s->stopping_since_ms = now_ms;
    end_both_within(s, now_ms);
}

void supervisor_end_for_good(struct supervisor *s, int exit_code, int64_t now_ms)
{
    s->exit_code = exit_code;
    supervisor_begin_stop(s, now_ms);
}

static void read_signals(struct supervisor *s, int64_t now_ms)
{
    int number;

    while ((number = signals_next(&s->signals)) != 0) {
        if (number == SIGCHLD)
            continue; /* one may stand for several deaths: every turn looks at both */
        if (number == SIGHUP && s->options->config_path) {
            s->reload.is_wanted = true;
            continue;
        }
        if (s->is_stopping) {
            if (now_ms - s->stopping_since_ms >= s->options->times.same_wish_ms)
                s->reader.kill_at_ms = s->sender.kill_at_ms = now_ms;
            continue;
        }
        log_write(LOG_INFO, "stopping, asked by SIG%s", sigabbrev_np(number));
        if (s->options->is_once)
            s->exit_code = EXIT_FOUND;
        supervisor_begin_stop(s, now_ms);
    }
}

/* --- the spool --------------------------------------------------------------- */

static bool is_any_running(const struct supervisor *s)
{
    return s->reader.pid > 0 || s->sender.pid > 0;
}

void supervisor_begin_mending(struct supervisor *s, int64_t now_ms)
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
        supervisor_end_for_good(s, exit_code, now_ms);
        break;
    case MENDING_LATER:
        break;
    }
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
            supervisor_children_start(s, both[i], now_ms);
}

static struct metrics metrics_of(const struct supervisor *s)
{
    return (struct metrics){.shared = s->options->shared,
        .is_reader_up = s->reader.is_ready,
        .is_sender_up = s->sender.is_ready,
        .state_dir = s->options->state_dir,
        .spool_max_bytes = (uint64_t)s->options->in_force->config->spool.max_bytes};
}

static void write_metrics(const struct supervisor *s, struct buffer *out)
{
    struct metrics metrics = metrics_of(s);

    metrics_write(&metrics, out);
}

static void serve_metrics(const struct supervisor *s)
{
    struct metrics metrics = metrics_of(s);

    metrics_server_turn(s->options->metrics, &metrics);
}

/* A question on control.sock. */
static void take_question(void *arg, struct span question, struct buffer *answer)
{
    struct supervisor *s = arg;

    if (span_is(question, "reload"))
        s->reload.is_wanted = true;
    else if (span_is(question, "metrics"))
        write_metrics(s, answer);
    else if (span_is(question, "facts"))
        facts_write(s->options->shared, s->reader.pid, s->sender.pid, answer);
    else
        buffer_append(answer, SPAN("no such question\n"));
}

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
        supervisor_begin_mending(s, now_ms);
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
    process_kill_if_late(&s->reader, now_ms);
    process_kill_if_late(&s->sender, now_ms);
    if (supervisor_children_watch(s, now_ms))
        tell_status(s);
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
        {.fd = s->signals.descriptor, .events = POLLIN},
        {.fd = s->reader.channel, .events = POLLIN},
        {.fd = s->sender.channel, .events = POLLIN},
        {.fd = s->reload.output, .events = POLLIN},
        {.fd = -1, .events = POLLIN},
    };
    int64_t due_ms[] = {deadline(s, &s->reader), deadline(s, &s->sender),
        s->options->guard && is_any_running(s) && !s->is_reloading ? s->mending.look_at_ms
                                                                   : INT64_MAX,
        s->is_reloading || s->mending.is_on ? INT64_MAX : reload_deadline_ms(&s->reload),
        supervisor_children_watch_ms(s), s->child.config ? s->opt_out_at_ms : INT64_MAX,
        notify_turn(&s->notify, now_ms)};
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
        .signals = {.descriptor = -1},
    };
    struct error err;

    notify_open(&s.notify);
    if (!signals_open(&s.signals) || s.child.wake < 0) {
        error_system(&err, "cannot set up the supervisor");
        log_failure(LOG_ERROR, &err, "giving up");
        s.exit_code = EXIT_SYSTEM;
    } else {
        while (!s.reader.is_over || !s.sender.is_over) {
            int64_t now_ms = clock_now().monotonic_ms;

            read_signals(&s, now_ms);
            supervisor_children_read(&s, &s.reader);
            supervisor_children_read(&s, &s.sender);
            if (!runner_turn(s.runner, s.reader.channel))
                process_close_channel(&s.reader);
            supervisor_children_reap(&s, &s.reader, now_ms);
            supervisor_children_reap(&s, &s.sender, now_ms);
            steer(&s, now_ms);
            if (options->config_path)
                supervisor_reload_turn(&s, now_ms);
            if (options->metrics)
                serve_metrics(&s);
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
    if (s.child.wake >= 0)
        close(s.child.wake);
    signals_close(&s.signals);
    return s.exit_code;
}
