/* SPDX-License-Identifier: MIT
 *
 * `file:` inputs: logs to follow.
 */
#include "shipper/config_input_kind.h"
#include "shipper/path.h"
#include "shipper/sources/encoding.h"

#define MEMBER(name) offsetof(struct input_config, file.name)

const char *const config_starts[] = {"auto", "beginning", "end", NULL};

static const struct key keys[] = {
    {.name = "file",
        .type = KEY_STRING,
        .offset = MEMBER(pattern),
        .help = "the log to follow; * and ? match several, ** any folders"},
    {.name = "exclude",
        .type = KEY_STRINGS,
        .offset = MEMBER(exclude),
        .help = "of these, not the ones that match: paths, or names like *.gz"},
    {.name = "archive",
        .type = KEY_STRINGS,
        .offset = MEMBER(archive),
        .help = "folders where rotation puts the log, from the log's own folder; beside it is "
                "always looked"},
    {.name = "settle",
        .type = KEY_DURATION,
        .offset = MEMBER(settle_ms),
        .help = "a rotated log that has not grown for so long is complete: an unfinished last "
                "line is taken",
        .default_text = "30s",
        .least = 1000,
        .most = 24 * 3600 * 1000},
    {.name = "encoding",
        .type = KEY_CHOICE,
        .offset = MEMBER(encoding),
        .help = "what files without a byte order mark are written in",
        .default_text = "utf-8",
        .choices = encoding_names},
    {.name = "start",
        .type = KEY_CHOICE,
        .offset = MEMBER(start),
        .help = "where to start in a file seen for the first time; auto: at the end, or with "
                "--once at the beginning",
        .default_text = "auto",
        .choices = config_starts},
    {.name = NULL},
};

static void settle(const struct input_loading *l, struct input_config *input)
{
    struct strings *exclude = &input->file.exclude;

    path_settle(&input->file.pattern, l->folder);
    for (size_t i = 0; i < exclude->count; i++)
        if (strchr(exclude->items[i], '/'))
            path_settle(&exclude->items[i], l->folder);
}

const struct config_input_kind config_input_file = {
    .name = "file",
    .what = "a file input",
    .keys = keys,
    .shape = SHAPE_OF_MAP(keys, config_input_shared_keys),
    .settle = settle,
};
