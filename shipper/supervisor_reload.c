/* SPDX-License-Identifier: MIT
 *
 * Reader and sender one after the other, so that one of them always has the spool open: who
 * closes it last takes its log away. A process has one configuration from its start to its
 * end.
 */
#include "shipper/supervisor_reload.h"

#include "shipper/control.h"
#include "shipper/listener.h"
#include "shipper/log.h"

#include <stdio.h>
#include <string.h>

/* Whatever came of it. */
void supervisor_reload_answer(struct supervisor *s, const char *words)
{
    if (s->options->control)
        control_answer(s->options->control, span_of(words));
    notify_ready(&s->notify, s->notify.status);
    s->is_reloading = s->is_sender_next = false;
    s->mending.is_missing = false; /* what a look before saw was on its way */
}

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
    supervisor_reload_answer(s, answer.bytes);
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
    supervisor_reload_answer(s, words);
}

void supervisor_reload_turn(struct supervisor *s, int64_t now_ms)
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
