/* SPDX-License-Identifier: MIT
 *
 * The cursor is inclusive (--cursor): --after-cursor skips an entry too many on
 * some systemd when a filter does not pick the entry of the cursor. A directory may
 * hold the journals of other hosts and boots: --merge takes all of them, which also
 * keeps --follow from stopping at the current boot.
 */
#include "shipper/journalctl.h"

#include "parsers/memory.h"

#include <stdlib.h>

const char *const journalctl_environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC",
    "SYSTEMD_COLORS=0", "SYSTEMD_LOG_TARGET=console", NULL};

struct command_line {
    char **items;
    size_t count, room;
};

static void add(struct command_line *line, const char *option, const char *value)
{
    struct buffer text = {0};

    buffer_printf(&text, "%s%s", option, value);
    buffer_append_byte(&text, '\0');
    line->items = memory_room(line->items, line->count, &line->room, sizeof(*line->items));
    line->items[line->count++] = text.bytes;
}

static void add_all(struct command_line *line, const char *option, const struct strings *values)
{
    for (size_t i = 0; i < values->count; i++)
        add(line, option, values->items[i]);
}

bool journalctl_is_whole(const struct journal_config *config)
{
    return config->unit.count == 0 && config->identifier.count == 0 && config->match.count == 0;
}

char **journalctl_arguments(
    const struct journal_config *config, enum journal_reading reading, const char *cursor)
{
    struct command_line line = {0};

    add(&line, "journalctl", "");
    add(&line, "--output=export", "");
    add(&line, "--no-pager", "");
    if (config->namespace_name)
        add(&line, "--namespace=", config->namespace_name);
    if (config->directory) {
        add(&line, "--directory=", config->directory);
        add(&line, "--merge", "");
    }
    if (reading == JOURNAL_FOLLOW)
        add(&line, "--follow", "");
    if (reading == JOURNAL_FOLLOW && !*cursor)
        add(&line, "--no-tail", ""); /* from the oldest, not the last ten */
    if (reading == JOURNAL_LAST)
        add(&line, "--lines=1", "");
    if (*cursor)
        add(&line, "--cursor=", cursor);
    if (reading != JOURNAL_LAST) {
        add_all(&line, "--unit=", &config->unit);
        add_all(&line, "--identifier=", &config->identifier);
        add(&line, "--", "");
        add_all(&line, "", &config->match);
    }
    line.items = memory_room(line.items, line.count, &line.room, sizeof(*line.items));
    line.items[line.count] = NULL;
    return line.items;
}

char **journalctl_tail_arguments(struct span unit, bool has_header, size_t lines)
{
    struct command_line line = {0};
    struct buffer text = {0};

    add(&line, "journalctl", "");
    add(&line, "--no-pager", "");
    add(&line, "--quiet", "");
    add(&line, "--output=", has_header ? "short-iso" : "cat");
    buffer_printf(&text, "%zu", lines);
    buffer_append_byte(&text, '\0');
    add(&line, "--lines=", text.bytes);
    buffer_clear(&text);
    buffer_append(&text, unit);
    buffer_append_byte(&text, '\0');
    add(&line, "--unit=", text.bytes);
    buffer_finish(&text);
    line.items = memory_room(line.items, line.count, &line.room, sizeof(*line.items));
    line.items[line.count] = NULL;
    return line.items;
}

void journalctl_free(char **arguments)
{
    for (char **item = arguments; arguments && *item; item++)
        free(*item);
    free(arguments);
}

static bool is_hex(char c)
{
    return byte_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* letter=hex;letter=hex */
bool journalctl_is_cursor(struct span text)
{
    const char *at = text.at, *end = span_end(text);

    if (text.len == 0 || text.len >= ERRAND_CURSOR_BYTES)
        return false;
    for (;;) {
        if (end - at < 3 || !byte_is_alpha(at[0]) || at[1] != '=' || !is_hex(at[2]))
            return false;
        for (at += 3; at < end && is_hex(*at);)
            at++;
        if (at == end)
            return true;
        if (*at++ != ';')
            return false;
    }
}
