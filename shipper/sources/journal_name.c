/* SPDX-License-Identifier: MIT
 *
 * Both are made from journalctl's arguments, so that no key of the configuration that
 * matters is forgotten.
 */
#include "shipper/sources/journal_name.h"

#include "parsers/memory.h"
#include "shipper/journalctl.h"
#include "shipper/sources/file_row.h"

uint64_t journal_name_key(const struct journal_config *config)
{
    char **arguments = journalctl_arguments(config, JOURNAL_DRAIN, "");
    struct buffer all = {0};
    struct file_hash hash;
    uint64_t key;

    for (char **argument = arguments; *argument; argument++) {
        buffer_append(&all, span_of(*argument));
        buffer_append_byte(&all, '\0');
    }
    hash = file_hash_of(buffer_span(&all));
    memcpy(&key, hash.bytes, sizeof(key));
    buffer_finish(&all);
    journalctl_free(arguments);
    return key >> 1; /* the spool's numbers have a sign */
}

/* The same in each. */
static bool is_common(const char *argument)
{
    return strcmp(argument, "--output=export") == 0 || strcmp(argument, "--no-pager") == 0 ||
           strcmp(argument, "--") == 0;
}

char *journal_name_text(const struct journal_config *config)
{
    char **arguments = journalctl_arguments(config, JOURNAL_DRAIN, "");
    struct buffer text = {0};
    char *name;

    buffer_append(&text, SPAN("journal"));
    for (char **argument = arguments + 1; *argument; argument++)
        if (!is_common(*argument))
            buffer_printf(&text, " %s", *argument);
    name = memory_string(buffer_span(&text));
    buffer_finish(&text);
    journalctl_free(arguments);
    return name;
}
