/* SPDX-License-Identifier: MIT
 *
 * Opens what usage-shipper would open on this host, as the user that asks, and reads
 * nothing of it.
 */
#include "shipper/doctor.h"

#include "parsers/memory.h"
#include "shipper/listener.h"
#include "shipper/read_access.h"
#include "shipper/sources/glob.h"
#include "shipper/spool/spool.h"
#include "shipper/state.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_user(uid_t uid, char *name, size_t room)
{
    const struct passwd *user = getpwuid(uid);

    if (user)
        snprintf(name, room, "%s", user->pw_name);
    else
        snprintf(name, room, "%u", (unsigned)uid);
}

/* --- the state directory ------------------------------------------------------------ */

static void check_user(struct doctor *doctor, const struct stat *state)
{
    char mine[64], theirs[64];

    put_user(geteuid(), mine, sizeof(mine));
    if (!state || state->st_uid == geteuid()) {
        doctor_note(doctor, FINDING_OK, "user", "looked at as %s", mine);
        return;
    }
    put_user(state->st_uid, theirs, sizeof(theirs));
    doctor_hint(doctor_note(doctor, FINDING_WARN, "user",
                    "looked at as %s, but the state directory is of %s", mine, theirs),
        "Permissions are those of %s here: run this as %s.", mine, theirs);
}

static void check_spool(struct doctor *doctor, const char *dir)
{
    const struct spool_options looking = {.is_only_looking = true};
    struct spool_stats stats;
    struct error err;
    struct spool *spool = spool_open(dir, &looking, &err);
    bool is_read = spool && spool_stats(spool, &stats, &err);

    spool_close(spool);
    if (!is_read)
        doctor_hint(doctor_note(doctor, FINDING_FAIL, "spool", "%s", err.message), "%s", err.hint);
    else if (stats.rejected + stats.corrupt > 0)
        doctor_hint(doctor_note(doctor, FINDING_WARN, "spool",
                        "%llu events waiting, %llu rejected, %llu damaged",
                        (unsigned long long)stats.waiting, (unsigned long long)stats.rejected,
                        (unsigned long long)stats.corrupt),
            "`usage-shipper spool` shows which, and why.");
    else
        doctor_note(doctor, FINDING_OK, "spool", "%llu events waiting, none refused",
            (unsigned long long)stats.waiting);
}

static void check_state(struct doctor *doctor)
{
    const char *dir = doctor->config->state_dir;
    struct state_holder holder = {.is_there = false};
    struct stat state;
    struct error err;
    char spool[4096];

    if (stat(dir, &state) < 0) {
        int code = errno;

        check_user(doctor, NULL);
        doctor_hint(doctor_note(doctor, code == ENOENT ? FINDING_WARN : FINDING_FAIL, "state",
                        "%s: %s", dir, strerrordesc_np(code)),
            "`run` makes it if it may write into its folder.");
        return;
    }
    check_user(doctor, &state);
    if (access(dir, W_OK | X_OK) < 0)
        doctor_hint(
            doctor_note(doctor, FINDING_FAIL, "state", "%s: %s", dir, strerrordesc_np(errno)),
            "The user that usage-shipper runs as must own it.");
    else if (state_look(dir, &holder, &err) && holder.is_there)
        doctor_note(doctor, FINDING_OK, "state", "%s, in use by process %d", dir, (int)holder.pid);
    else
        doctor_note(doctor, FINDING_OK, "state", "%s, usage-shipper is not running", dir);
    snprintf(spool, sizeof(spool), "%s/spool.db", dir);
    if (access(spool, F_OK) == 0)
        check_spool(doctor, dir);
}

/* --- logs ---------------------------------------------------------------------------- */

struct logs {
    const struct file_config *file;
    uid_t reader; /* the owner of the state directory, who is the one to read them */
    size_t found, readable;
    char unreadable[300]; /* the first of them */
    int code;
};

/* 0 or the errno of opening it as that user. */
static int try_as(uid_t reader, const char *path)
{
    struct read_access access;
    int code;

    read_access_begin(&access, reader);
    code = read_access_try(path);
    read_access_end(&access);
    return code;
}

static void try_log(void *arg, const char *path)
{
    struct logs *logs = arg;
    struct stat status;
    int code;

    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return;
    if (glob_matches_any(&logs->file->exclude, path))
        return;
    code = try_as(logs->reader, path);
    if (code == ENOENT)
        return; /* a literal path is told without looking */
    logs->found++;
    if (code == 0) {
        logs->readable++;
    } else if (logs->code == 0) {
        logs->code = code;
        snprintf(logs->unreadable, sizeof(logs->unreadable), "%s", path);
    }
}

static void advise(struct finding *finding, const char *path, int code, uid_t reader)
{
    struct buffer advice = {0};

    if (code == EACCES)
        read_access_advise(path, reader, &advice);
    doctor_hint(finding, "%.*s", (int)advice.len, advice.len > 0 ? advice.bytes : "");
    buffer_finish(&advice);
}

/* What stands before the first wildcard, up to its last slash. To be freed. */
static char *literal_folder(const char *pattern)
{
    size_t len = strcspn(pattern, "*?[");

    while (len > 1 && pattern[len - 1] != '/')
        len--;
    return memory_string((struct span){pattern, len > 1 ? len - 1 : 1});
}

/* Is there none, or is the folder closed that they are looked for in? */
static void note_none(struct doctor *doctor, const char *pattern, uid_t reader)
{
    char *folder = literal_folder(pattern);
    int code = try_as(reader, folder);

    if (code == EACCES)
        advise(doctor_note(
                   doctor, FINDING_FAIL, "logs", "%s: %s cannot be looked into", pattern, folder),
            folder, code, reader);
    else
        doctor_hint(doctor_note(doctor, FINDING_WARN, "logs", "%s: there is none", pattern),
            "It is followed as soon as there is one. Is the path right?");
    free(folder);
}

static void check_file(struct doctor *doctor, const struct file_config *file)
{
    struct logs logs = {.file = file, .reader = state_owner(doctor->config->state_dir)};

    glob_each(file->pattern, try_log, &logs);
    if (logs.found == 0)
        note_none(doctor, file->pattern, logs.reader);
    else if (logs.readable < logs.found)
        advise(doctor_note(doctor, FINDING_FAIL, "logs", "%s: %zu of %zu cannot be read: %s: %s",
                   file->pattern, logs.found - logs.readable, logs.found, logs.unreadable,
                   strerrordesc_np(logs.code)),
            logs.unreadable, logs.code, logs.reader);
    else
        doctor_note(
            doctor, FINDING_OK, "logs", "%s: %zu, which can be read", file->pattern, logs.found);
}

static void check_listener(struct doctor *doctor, const struct syslog_config *syslog)
{
    struct error why = {0};
    int descriptor = listener_open(syslog, &why);

    if (descriptor >= 0) {
        listener_close(syslog, descriptor);
        doctor_note(doctor, FINDING_OK, "syslog", "%s: can be listened on", syslog->name);
    } else if (why.code == EADDRINUSE) {
        doctor_hint(doctor_note(doctor, FINDING_WARN, "syslog", "%s", why.message),
            "Right if that is the running service. %s", why.hint);
    } else {
        doctor_hint(doctor_note(doctor, FINDING_FAIL, "syslog", "%s", why.message), "%s", why.hint);
    }
}

void doctor_check_host(struct doctor *doctor)
{
    check_state(doctor);
    for (size_t i = 0; i < doctor->config->input_count; i++) {
        const struct input_config *input = &doctor->config->inputs[i];

        switch (input->kind) {
        case INPUT_FILE:
            check_file(doctor, &input->file);
            break;
        case INPUT_SYSLOG:
            check_listener(doctor, &input->syslog);
            break;
        case INPUT_JOURNAL:
            doctor_check_journal(doctor, &input->journal);
            break;
        case INPUT_STDIN:
        case INPUT_KINDS:
            break;
        }
    }
}
