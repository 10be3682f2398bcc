/* SPDX-License-Identifier: MIT
 *
 * Finds and reads zone files. A name can't lead out of the folder.
 */
#include "shipper/zone_file.h"

#include "parsers/limits.h"
#include "parsers/zone_text.h"
#include "shipper/text_file.h"
#include "shipper/tzif.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ZONE_DIR "/usr/share/zoneinfo"

bool zone_load_path(const char *path, struct zone *zone, struct error *err)
{
    struct text *file = text_file_read(path, LIMIT_ZONE_FILE_BYTES, err);
    const char *fault;

    if (!file)
        return false;
    fault = tzif_decode(file->bytes, zone);
    text_file_free(file);
    if (fault)
        return error_set(err, ERROR_CONFIG, 0, "time zone file %s %s", path, fault);
    return true;
}

static bool is_safe_name(struct span name)
{
    if (name.len == 0 || name.len > 100 || name.at[0] == '/' || memmem(name.at, name.len, "..", 2))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!byte_is_alpha(name.at[i]) && !byte_is_digit(name.at[i]) &&
            !span_find(SPAN("/_+-."), name.at[i]))
            return false;
    return true;
}

bool zone_load(const char *name, struct zone *zone, struct error *err)
{
    struct span text = span_of(name);
    char path[160];

    if (zone_text_fixed(text, zone))
        return true;
    if (is_safe_name(text)) {
        snprintf(path, sizeof(path), ZONE_DIR "/%s", name);
        if (access(path, F_OK) == 0)
            return zone_load_path(path, zone, err);
    }
    error_set(err, ERROR_CONFIG, 0, "unknown time zone \"%s\"", name);
    if (access(ZONE_DIR, F_OK) != 0)
        error_hint(err, "Zone names need the package tzdata; an offset such as +02:00 doesn't.");
    else
        error_hint(err, "Use a name under " ZONE_DIR ", such as Europe/Berlin, or an "
                        "offset such as +02:00.");
    return false;
}

bool zone_load_host(struct zone *zone, struct error *err)
{
    static const char localtime_path[] = "/etc/localtime";
    const char *tz = getenv("TZ");

    if (!tz && access(localtime_path, F_OK) == 0)
        return zone_load_path(localtime_path, zone, err);
    if (!tz || !*tz) {
        *zone = zone_utc;
        return true;
    }
    if (*tz == ':')
        tz++;
    if (tzif_from_rule(span_of(tz), zone) ||
        (*tz == '/' ? zone_load_path(tz, zone, err) : zone_load(tz, zone, err)))
        return true;
    error_hint(err, "That is TZ in the environment; a `zone:` in the configuration comes first.");
    return false;
}
