/* SPDX-License-Identifier: MIT
 *
 * One struct a file, in place, without a sync: it tells people what is, and nobody
 * acts on it. The checksum finds one that is being written, or of another version.
 */
#include "shipper/holdup.h"

#include "shipper/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { LOOKS = 5 };

struct note {
    uint32_t sum; /* of all that follows */
    uint32_t size;
    int64_t pid, noted_s;
    struct holdup holdup;
};

const char *holdup_name(enum holdup_why why)
{
    static const char *const names[HOLDUP_KINDS] = {
        [HOLDUP_NOTHING] = "nothing",
        [HOLDUP_RETRYING] = "retrying",
        [HOLDUP_UNCLEAR] = "unclear",
        [HOLDUP_DESTINATION] = "destination",
        [HOLDUP_KEY] = "key",
        [HOLDUP_SETTINGS] = "settings",
        [HOLDUP_SPOOL] = "spool",
        [HOLDUP_RATE_LIMIT] = "rate_limit",
        [HOLDUP_RAMP] = "ramp",
        [HOLDUP_SPOOL_FULL] = "spool_full",
        [HOLDUP_OPTED_OUT] = "opted_out",
    };

    return names[why];
}

static uint32_t sum_of(const struct note *note)
{
    return (uint32_t)crc32(0, (const unsigned char *)note + sizeof(note->sum),
        (unsigned)(sizeof(*note) - sizeof(note->sum)));
}

static int open_file(const char *dir, const char *who, int flags)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s.holdup", dir, who);
    return open(path, flags | O_CLOEXEC, 0600);
}

void holdup_open(struct holdup_file *file, const char *dir, const char *who)
{
    struct error err;

    *file = (struct holdup_file){.descriptor = open_file(dir, who, O_WRONLY | O_CREAT)};
    if (file->descriptor >= 0)
        return;
    error_system(&err, "cannot open %s/%s.holdup", dir, who);
    log_failure(LOG_WARNING, &err, "`status` will not tell what holds it up");
}

void holdup_close(struct holdup_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
}

void holdup_note(struct holdup_file *file, const struct holdup *holdup, int64_t wall_s)
{
    struct note note;
    struct error err;
    ssize_t written;

    if (file->descriptor < 0)
        return;
    memset(&note, 0, sizeof(note)); /* what lies between the members is summed up, too */
    note.size = sizeof(note);
    note.pid = getpid();
    note.noted_s = wall_s;
    memcpy(&note.holdup, holdup, sizeof(*holdup));
    note.sum = sum_of(&note);
    written = pwrite(file->descriptor, &note, sizeof(note), 0);
    if (written == sizeof(note)) {
        file->is_failing = false;
        return;
    }
    errno = written < 0 ? errno : ENOSPC;
    error_system(&err, "cannot note what holds it up");
    if (!file->is_failing)
        log_failure(LOG_WARNING, &err, "`status` tells what was noted before");
    file->is_failing = true;
}

static bool is_sound(const struct note *note)
{
    return note->size == sizeof(*note) && note->sum == sum_of(note) &&
           note->holdup.why < HOLDUP_KINDS &&
           memchr(note->holdup.text, '\0', sizeof(note->holdup.text));
}

void holdup_look(const char *dir, const char *who, struct holdup_seen *seen)
{
    int file = open_file(dir, who, O_RDONLY);
    struct note note;

    memset(seen, 0, sizeof(*seen));
    for (int look = 0; file >= 0 && look < LOOKS && !seen->is_there; look++)
        seen->is_there = pread(file, &note, sizeof(note), 0) == sizeof(note) && is_sound(&note);
    if (file >= 0)
        close(file);
    if (!seen->is_there)
        return;
    seen->pid = (pid_t)note.pid;
    seen->noted_s = note.noted_s;
    seen->holdup = note.holdup;
}
