/* SPDX-License-Identifier: MIT
 *
 * A list of the programs that run. Each one's last words are read as they come, so
 * that what is kept is the end of them.
 */
#include "shipper/runner.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/journalctl.h"
#include "shipper/program.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
    pid_t pid;
    int errors; /* what it says: the reading end of its standard error */
    uint32_t number;
    bool is_abandoned; /* nobody waits for its end */
    struct buffer words;
};

struct runner {
    const struct config *config;
    const char *journalctl;
    struct run *runs;
    size_t count, room;
};

struct runner *runner_new(const struct config *config, const char *journalctl)
{
    struct runner *runner = memory_new(sizeof(*runner));

    runner->config = config;
    runner->journalctl = journalctl;
    return runner;
}

void runner_set_config(struct runner *runner, const struct config *config)
{
    runner->config = config;
}

void runner_free(struct runner *runner)
{
    if (!runner)
        return;
    runner_abandon(runner);
    runner_leave(runner);
    free(runner->runs);
    free(runner);
}

void runner_abandon(struct runner *runner)
{
    for (size_t i = 0; i < runner->count; i++) {
        runner->runs[i].is_abandoned = true;
        kill(runner->runs[i].pid, SIGKILL);
    }
}

void runner_leave(struct runner *runner)
{
    for (size_t i = 0; i < runner->count; i++) {
        close(runner->runs[i].errors);
        buffer_finish(&runner->runs[i].words);
    }
    runner->count = 0;
}

static struct run *find_run(struct runner *runner, uint32_t number)
{
    for (size_t i = 0; i < runner->count; i++)
        if (!runner->runs[i].is_abandoned && runner->runs[i].number == number)
            return &runner->runs[i];
    return NULL;
}

/* --- doing ----------------------------------------------------------------- */

static bool open_journal(
    struct runner *runner, const struct errand *errand, int *descriptor, struct error *err)
{
    const struct input_config *input;
    struct program program;
    char **arguments;
    bool is_started;

    if (errand->input >= runner->config->input_count)
        return error_set(err, ERROR_SYSTEM, 0, "there is no input %u", errand->input);
    input = &runner->config->inputs[errand->input];
    if (input->kind != INPUT_JOURNAL)
        return error_set(err, ERROR_SYSTEM, 0, "input %u is no journal", errand->input);
    if (*errand->cursor && !journalctl_is_cursor(span_of(errand->cursor)))
        return error_set(err, ERROR_SYSTEM, 0, "that is no cursor of a journal");
    if (runner->count >= LIMIT_ERRANDS || find_run(runner, errand->number))
        return error_set(err, ERROR_SYSTEM, 0, "too many programs are running");
    arguments = journalctl_arguments(&input->journal, errand->reading, errand->cursor);
    is_started =
        program_start(runner->journalctl, arguments, journalctl_environment, &program, err);
    journalctl_free(arguments);
    if (!is_started)
        return false;
    runner->runs = memory_room(runner->runs, runner->count, &runner->room, sizeof(*runner->runs));
    runner->runs[runner->count++] =
        (struct run){.pid = program.pid, .errors = program.errors, .number = errand->number};
    *descriptor = program.output;
    return true;
}

bool runner_take(struct runner *runner, const struct channel_message *message, int channel)
{
    struct errand errand;
    struct errand_report report = {.outcome = ERRAND_GIVEN, .descriptor = -1};
    struct error err;
    bool is_sent;

    if (!errand_read(message, &errand))
        return false;
    if (errand.kind == ERRAND_END) {
        struct run *run = find_run(runner, errand.number);

        if (run)
            kill(run->pid, SIGKILL);
        return true;
    }
    report.number = errand.number;
    if (!open_journal(runner, &errand, &report.descriptor, &err)) {
        report.outcome = ERRAND_REFUSED;
        snprintf(report.words, sizeof(report.words), "%s", err.message);
    }
    is_sent = errand_send_report(channel, &report, &err);
    if (report.descriptor >= 0)
        close(report.descriptor);
    return is_sent;
}

/* --- hearing how it went --------------------------------------------------- */

/* Keeps the last ERRAND_WORDS_BYTES - 1 of what it said. */
static void hear(struct run *run)
{
    char words[ERRAND_WORDS_BYTES];
    ssize_t got;

    while ((got = read(run->errors, words, sizeof(words))) > 0 || (got < 0 && errno == EINTR)) {
        size_t most = ERRAND_WORDS_BYTES - 1;

        if (got < 0)
            continue;
        buffer_append(&run->words, (struct span){words, (size_t)got});
        if (run->words.len > most) {
            memmove(run->words.bytes, run->words.bytes + run->words.len - most, most);
            run->words.len = most;
        }
    }
}

static bool report_end(const struct run *run, int status, int channel)
{
    struct errand_report report = {
        .outcome = ERRAND_ENDED, .number = run->number, .status = status, .descriptor = -1};
    struct span words = buffer_span(&run->words);
    struct error err;

    while (words.len > 0 && words.at[words.len - 1] == '\n')
        words.len--;
    for (size_t i = 0; i < words.len; i++) /* it must end at the first NUL */
        report.words[i] = words.at[i] ? words.at[i] : ' ';
    return errand_send_report(channel, &report, &err);
}

bool runner_turn(struct runner *runner, int channel)
{
    bool is_told = true;

    for (size_t i = 0; i < runner->count;) {
        struct run *run = &runner->runs[i];
        int status;
        bool is_over = waitpid(run->pid, &status, WNOHANG) == run->pid;

        hear(run);
        if (!is_over) {
            i++;
            continue;
        }
        if (!run->is_abandoned && channel >= 0)
            is_told = report_end(run, status, channel) && is_told;
        close(run->errors);
        buffer_finish(&run->words);
        *run = runner->runs[--runner->count];
    }
    return is_told;
}
