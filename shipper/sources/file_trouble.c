/* SPDX-License-Identifier: MIT
 *
 * A short list, searched in order: trouble is rare, or it is everywhere and then
 * speed is not the problem.
 */
#include "shipper/sources/file_trouble.h"

#include "parsers/memory.h"

#include <stdlib.h>

enum { FIRST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 60000 };

struct trouble *troubles_find(const struct troubles *troubles, const char *path)
{
    for (size_t i = 0; i < troubles->count; i++)
        if (strcmp(troubles->items[i].path, path) == 0)
            return &troubles->items[i];
    return NULL;
}

static struct trouble *add(struct troubles *troubles, const char *path)
{
    troubles->items =
        memory_room(troubles->items, troubles->count, &troubles->room, sizeof(*troubles->items));
    troubles->items[troubles->count] =
        (struct trouble){.path = memory_string(span_of(path)), .pause_ms = FIRST_PAUSE_MS};
    return &troubles->items[troubles->count++];
}

struct trouble *troubles_note(struct troubles *troubles, const char *path, enum log_level level,
    const struct error *err, const struct now *now)
{
    struct trouble *trouble = troubles_find(troubles, path);

    if (!trouble)
        trouble = add(troubles, path);
    if (!trouble->message || strcmp(trouble->message, err->message) != 0) {
        log_failure(level, err, err->code == 0 ? "skipping it" : "trying again until it works");
        free(trouble->message);
        trouble->message = memory_string(span_of(err->message));
    }
    trouble->is_failure = err->code != 0;
    trouble->seen_ms = now->monotonic_ms;
    trouble->retry_at_ms = now->monotonic_ms + trouble->pause_ms;
    trouble->pause_ms *= 2;
    if (trouble->pause_ms > LONGEST_PAUSE_MS)
        trouble->pause_ms = LONGEST_PAUSE_MS;
    return trouble;
}

static void drop(struct troubles *troubles, struct trouble *trouble)
{
    free(trouble->path);
    free(trouble->message);
    *trouble = troubles->items[--troubles->count];
}

void troubles_clear(struct troubles *troubles, const char *path)
{
    struct trouble *trouble = troubles_find(troubles, path);

    if (!trouble)
        return;
    log_write(LOG_INFO, "%s can be read now", path);
    drop(troubles, trouble);
}

void troubles_forget(struct troubles *troubles, int64_t seen_ms)
{
    for (size_t i = troubles->count; i-- > 0;)
        if (troubles->items[i].seen_ms < seen_ms)
            drop(troubles, &troubles->items[i]);
}

bool troubles_say_failures(const struct troubles *troubles)
{
    bool is_any = false;

    for (size_t i = 0; i < troubles->count; i++) {
        if (!troubles->items[i].is_failure)
            continue;
        log_write(LOG_ERROR, "%s could not be read, its lines are missing from this run",
            troubles->items[i].path);
        is_any = true;
    }
    return is_any;
}

void troubles_finish(struct troubles *troubles)
{
    while (troubles->count > 0)
        drop(troubles, &troubles->items[0]);
    free(troubles->items);
    *troubles = (struct troubles){0};
}
