/* SPDX-License-Identifier: MIT
 *
 * The trial is a fork of the supervisor that ends by itself, within a bound. What it
 * loaded goes with it: the supervisor then loads once more for itself, and takes what
 * it gets only if that is sound, too.
 */
#include "shipper/reload.h"

#include "parsers/samples.h"
#include "shipper/command.h"
#include "shipper/config_privacy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIAL_MOST_MS = 120000 };

/* --- loading ------------------------------------------------------------------- */

/* A rule file that several inputs name is tried once. */
static void try_samples(const struct config *config, struct errors *errors)
{
    for (size_t i = 0; i < rule_library_count(config->library); i++) {
        size_t failed;

        samples_run(rule_library_file(config->library, i), &failed, errors);
    }
}

static void check_change(
    const struct config *config, const struct config *before, struct errors *errors)
{
    if (strcmp(config->state_dir, before->state_dir) != 0)
        error_hint(errors_add(errors, (struct place){0},
                       "state_dir is %s now, and this service works in %s", config->state_dir,
                       before->state_dir),
            "Another state directory needs a restart.");
    if (config->metrics_port != before->metrics_port)
        error_hint(
            errors_add(errors, (struct place){0}, "metrics_port is another than this service's"),
            "Another port needs a restart.");
    if (config_reads_stdin(config) != config_reads_stdin(before))
        error_hint(errors_add(errors, (struct place){0},
                       "the service %s standard input, and the configuration %s",
                       config_reads_stdin(before) ? "reads" : "does not read",
                       config_reads_stdin(config) ? "has it as an input" : "no longer does"),
            "That needs a restart.");
}

struct config *reload_load(const char *path, const struct config *before, struct errors *errors)
{
    struct config *config = config_load(path, errors);
    struct error why;

    if (errors->count == 0)
        check_change(config, before, errors);
    if (errors->count == 0)
        try_samples(config, errors);
    if (errors->count == 0 && !config_privacy_is_ready(config, &why))
        error_hint(errors_add(errors, (struct place){0}, "%s", why.message), "%s", why.hint);
    return config;
}

/* --- the trial ------------------------------------------------------------------ */

static _Noreturn void run_trial(
    const char *path, const struct config *before, int output, pid_t parent)
{
    struct errors errors = {0};
    FILE *words;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_SYSTEM);
    words = fdopen(output, "w");
    if (!words)
        _exit(EXIT_SYSTEM);
    reload_load(path, before, &errors);
    command_print_errors(&errors, words);
    fflush(words);
    _exit(errors.count == 0 ? EXIT_FINE : EXIT_CONFIG);
}

/* It could not even begin: as an end that is told at once. */
static void begin_badly(struct reload *reload, const int ends[2])
{
    buffer_printf(&reload->words, "cannot start a process to try it: %s\n", strerrordesc_np(errno));
    if (ends[0] >= 0) {
        close(ends[0]);
        close(ends[1]);
    }
    reload->pid = -1;
}

bool reload_begin(struct reload *reload, const char *path, const struct config *before,
    int64_t every_ms, int64_t now_ms)
{
    int ends[2] = {-1, -1};
    pid_t parent = getpid();

    if (!reload->is_wanted || reload->pid != 0 || now_ms < reload->not_before_ms)
        return false;
    reload->is_wanted = false;
    reload->not_before_ms = now_ms + every_ms;
    reload->kill_at_ms = now_ms + TRIAL_MOST_MS;
    buffer_clear(&reload->words);
    if (pipe2(ends, O_CLOEXEC) < 0 || (reload->pid = fork()) < 0) {
        begin_badly(reload, ends);
        return true;
    }
    if (reload->pid == 0)
        run_trial(path, before, ends[1], parent);
    close(ends[1]);
    reload->output = ends[0];
    fcntl(reload->output, F_SETFL, O_NONBLOCK);
    return true;
}

static void hear(struct reload *reload)
{
    ssize_t got;

    if (reload->output < 0)
        return;
    while ((got = read(reload->output, buffer_reserve(&reload->words, 4096), 4096)) > 0)
        reload->words.len += (size_t)got;
    if (got == 0 || errno != EAGAIN) {
        close(reload->output);
        reload->output = -1;
    }
}

enum reload_result reload_end(struct reload *reload, int64_t now_ms)
{
    int status = 0;
    bool is_late = now_ms >= reload->kill_at_ms;

    if (reload->pid == 0)
        return RELOAD_NONE;
    if (reload->pid > 0) {
        hear(reload);
        if (is_late)
            kill(reload->pid, SIGKILL);
        if (waitpid(reload->pid, &status, is_late ? 0 : WNOHANG) != reload->pid)
            return RELOAD_NONE;
        hear(reload);
        if (reload->output >= 0)
            close(reload->output);
        reload->output = -1;
    }
    if (is_late)
        buffer_printf(&reload->words, "it took more than %d s to load\n", TRIAL_MOST_MS / 1000);
    else if (WIFSIGNALED(status))
        buffer_printf(&reload->words, "trying it ended with signal %d (%s)\n", WTERMSIG(status),
            sigdescr_np(WTERMSIG(status)));
    status = reload->pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SYSTEM;
    reload->pid = 0;
    return status == EXIT_FINE ? RELOAD_GOOD : RELOAD_BAD;
}

void reload_finish(struct reload *reload)
{
    if (reload->pid > 0) {
        kill(reload->pid, SIGKILL);
        waitpid(reload->pid, NULL, 0);
    }
    if (reload->output >= 0)
        close(reload->output);
    buffer_finish(&reload->words);
}

int64_t reload_deadline_ms(const struct reload *reload)
{
    if (reload->pid < 0)
        return 0;
    if (reload->pid > 0)
        return reload->kill_at_ms;
    return reload->is_wanted ? reload->not_before_ms : INT64_MAX;
}
