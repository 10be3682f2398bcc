/* SPDX-License-Identifier: MIT
 *
 * Without a sync: it tells people what is. The checksum finds one that is being written,
 * or of another version.
 */
#include "shipper/bulletin.h"

#include "shipper/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { LOOKS = 5 };

/* Before the struct. */
struct head {
    uint32_t sum; /* of all that follows */
    uint32_t bytes;
    int64_t pid, noted_s;
};

static uint32_t sum_of(const struct head *head, const void *body)
{
    const unsigned char *from = (const unsigned char *)head + sizeof(head->sum);
    uLong sum = crc32(0, from, (uInt)(sizeof(*head) - sizeof(head->sum)));

    return (uint32_t)crc32(sum, body, head->bytes);
}

static int open_file(const char *dir, const char *name, int flags)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return open(path, flags | O_CLOEXEC, 0600);
}

void bulletin_open(struct bulletin *bulletin, const char *dir, const char *name, const char *what)
{
    struct error err;

    *bulletin = (struct bulletin){open_file(dir, name, O_WRONLY | O_CREAT), what, false};
    if (bulletin->descriptor >= 0)
        return;
    error_system(&err, "cannot open %s/%s", dir, name);
    log_failure(LOG_WARNING, &err, "`status` will not tell what it would hold");
}

void bulletin_close(struct bulletin *bulletin)
{
    if (bulletin->descriptor >= 0)
        close(bulletin->descriptor);
}

void bulletin_write(struct bulletin *bulletin, const void *from, size_t bytes, int64_t wall_s)
{
    unsigned char note[sizeof(struct head) + BULLETIN_MOST_BYTES];
    struct head head = {.bytes = (uint32_t)bytes, .pid = getpid(), .noted_s = wall_s};
    struct error err;
    ssize_t written;

    assert(bytes <= BULLETIN_MOST_BYTES);
    if (bulletin->descriptor < 0)
        return;
    head.sum = sum_of(&head, from);
    memcpy(note, &head, sizeof(head));
    memcpy(note + sizeof(head), from, bytes);
    written = pwrite(bulletin->descriptor, note, sizeof(head) + bytes, 0);
    if (written == (ssize_t)(sizeof(head) + bytes)) {
        bulletin->is_failing = false;
        return;
    }
    errno = written < 0 ? errno : ENOSPC;
    error_system(&err, "cannot note %s", bulletin->what);
    if (!bulletin->is_failing)
        log_failure(LOG_WARNING, &err, "`status` tells what was noted before");
    bulletin->is_failing = true;
}

bool bulletin_read(
    const char *dir, const char *name, void *to, size_t bytes, struct bulletin_seen *seen)
{
    int file = open_file(dir, name, O_RDONLY);
    unsigned char note[sizeof(struct head) + BULLETIN_MOST_BYTES];
    ssize_t wanted = (ssize_t)(sizeof(struct head) + bytes);
    struct head head;
    bool is_sound = false;

    assert(bytes <= BULLETIN_MOST_BYTES);
    for (int look = 0; file >= 0 && look < LOOKS && !is_sound; look++) {
        if (pread(file, note, sizeof(note), 0) != wanted)
            continue;
        memcpy(&head, note, sizeof(head));
        is_sound = head.bytes == bytes && head.sum == sum_of(&head, note + sizeof(head));
    }
    if (file >= 0)
        close(file);
    if (!is_sound)
        return false;
    memcpy(to, note + sizeof(head), bytes);
    *seen = (struct bulletin_seen){(pid_t)head.pid, head.noted_s};
    return true;
}
