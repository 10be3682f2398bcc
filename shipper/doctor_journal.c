/* SPDX-License-Identifier: MIT
 *
 * Asks journalctl for the last entry of the journal, whatever an input picks of it, and
 * keeps nothing of the answer but whether there was one.
 */
#include "shipper/doctor.h"
#include "shipper/journalctl.h"
#include "shipper/program.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 5000 };

struct asked {
    bool has_entry, is_over;
    char words[200]; /* the end of the first piece of what it said */
};

static void take_words(struct asked *asked, struct span text)
{
    while (text.len > 0 && text.at[text.len - 1] == '\n')
        text.len--;
    for (size_t i = 0; i < text.len && i + 1 < sizeof(asked->words); i++)
        asked->words[i] = text.at[i] == '\n' ? ' ' : text.at[i];
}

/* Reads until there is an entry, or both ends are closed, or time is up. */
static void listen(const struct program *program, struct asked *asked)
{
    struct pollfd ends[] = {{program->output, POLLIN, 0}, {program->errors, POLLIN, 0}};
    char bytes[4096];

    while (!asked->has_entry && (ends[0].fd >= 0 || ends[1].fd >= 0)) {
        if (poll(ends, 2, WAIT_MS) <= 0)
            return;
        for (size_t i = 0; i < 2; i++) {
            ssize_t len = ends[i].revents ? read(ends[i].fd, bytes, sizeof(bytes)) : 1;

            if (ends[i].revents && len > 0 && i == 0)
                asked->has_entry = true;
            else if (ends[i].revents && len > 0 && !asked->words[0])
                take_words(asked, (struct span){bytes, (size_t)len});
            else if (len <= 0)
                ends[i].fd = -1;
        }
    }
    asked->is_over = true;
}

static void note(struct doctor *doctor, const struct asked *asked)
{
    if (asked->has_entry)
        doctor_note(doctor, FINDING_OK, "journal", "can be read");
    else if (!asked->is_over)
        doctor_note(
            doctor, FINDING_WARN, "journal", "journalctl says nothing within %d s", WAIT_MS / 1000);
    else if (!asked->words[0])
        doctor_note(
            doctor, FINDING_WARN, "journal", "has no entry, or none that this user may read");
    else
        doctor_hint(
            doctor_note(doctor, FINDING_FAIL, "journal", "cannot be read: %s", asked->words),
            "The user that usage-shipper runs as must be in the group systemd-journal.");
}

void doctor_check_journal(struct doctor *doctor, const struct journal_config *journal)
{
    char **arguments = journalctl_arguments(journal, JOURNAL_LAST, "");
    struct asked asked = {.words = ""};
    struct program program;
    struct error err;

    if (program_start(JOURNALCTL, arguments, journalctl_environment, &program, &err)) {
        listen(&program, &asked);
        kill(program.pid, SIGKILL);
        waitpid(program.pid, NULL, 0);
        close(program.output);
        close(program.errors);
        note(doctor, &asked);
    } else {
        doctor_hint(
            doctor_note(doctor, FINDING_FAIL, "journal", "%s", err.message), "%s", err.hint);
    }
    journalctl_free(arguments);
}
