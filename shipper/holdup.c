/* SPDX-License-Identifier: MIT
 *
 * A bulletin with a struct in it.
 */
#include "shipper/holdup.h"

#include <stdio.h>
#include <string.h>

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

enum { NAME_BYTES = 32 };

static void write_name(const char *who, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "%s.holdup", who);
}

void holdup_open(struct bulletin *file, const char *dir, const char *who)
{
    char name[NAME_BYTES];

    write_name(who, name);
    bulletin_open(file, dir, name, "what holds it up");
}

void holdup_note(struct bulletin *file, const struct holdup *holdup, int64_t wall_s)
{
    bulletin_write(file, holdup, sizeof(*holdup), wall_s);
}

void holdup_look(const char *dir, const char *who, struct holdup_seen *seen)
{
    char name[NAME_BYTES];
    struct bulletin_seen note;
    struct holdup holdup;

    memset(seen, 0, sizeof(*seen));
    write_name(who, name);
    if (!bulletin_read(dir, name, &holdup, sizeof(holdup), &note) || holdup.why >= HOLDUP_KINDS ||
        !memchr(holdup.text, '\0', sizeof(holdup.text)))
        return;
    *seen = (struct holdup_seen){true, note.pid, note.noted_s, holdup};
}
