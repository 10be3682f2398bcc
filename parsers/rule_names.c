/* SPDX-License-Identifier: MIT
 *
 * A table of the formats with fields of a fixed name, and a search. It finds
 * names that can never have a value, not values that a line may lack.
 */
#include "rule_names.h"

#include "columns.h"
#include "memory.h"

#include <stdlib.h>

/* Formats that are not here are open. */
static const struct {
    const char *format;
    bool has_dotted; /* any name with a dot in it: syslog's structured data */
    const char *fields[8];
} closed[] = {
    {"plain", false, {NULL}},
    {"cri", false, {"log.iostream"}},
    {"docker", true, {"log.iostream"}},
    {"syslog", true, {"facility", "severity", "host", "program", "pid", "msgid", "repeated"}},
};

/* Beside those, the journal's own, which begin with an underscore and a capital. */
static const char *const source_fields[] = {"peer.ip", "k8s.namespace.name", "k8s.pod.name",
    "k8s.pod.uid", "k8s.container.name", "container.id", "PRIORITY", "SYSLOG_IDENTIFIER",
    "SYSLOG_FACILITY", "SYSLOG_PID", "MESSAGE_ID", "UNIT", "CODE_FILE", "CODE_FUNC"};

bool rule_names_is_of_source(struct span name)
{
    if (name.len > 1 && name.at[0] == '_' && name.at[1] >= 'A' && name.at[1] <= 'Z')
        return true;
    for (size_t i = 0; i < sizeof(source_fields) / sizeof(*source_fields); i++)
        if (span_is(name, source_fields[i]))
            return true;
    return false;
}

struct known {
    const char **names;
    size_t count, room;
};

/* A name may be captured in several alternatives. */
static void add_known(struct known *known, const char *name)
{
    for (size_t i = 0; i < known->count; i++)
        if (span_is(span_of(name), known->names[i]))
            return;
    known->names = memory_room(known->names, known->count, &known->room, sizeof(*known->names));
    known->names[known->count++] = name;
}

static bool is_numbered_column(struct span name)
{
    uint64_t number;

    return span_has_prefix(name, SPAN("column")) && span_to_u64(span_from(name, 6), &number);
}

/* Those that a rule file gives to columns; others have numbers. */
static bool add_columns(struct known *known, const struct columns *columns, struct span name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->names[i].len > 0)
            add_known(known, columns->names[i].at);
    return !is_numbered_column(name);
}

/* False when the format lets the name stand whatever it is. */
static bool add_fields(struct known *known, const struct format *format, struct span name)
{
    if (format->columns)
        return add_columns(known, format->columns, name);
    for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++) {
        if (!span_is(span_of(format->name), closed[i].format))
            continue;
        for (const char *const *field = closed[i].fields; *field; field++)
            add_known(known, *field);
        return !(closed[i].has_dotted && span_find(name, '.'));
    }
    return false;
}

static bool is_message(struct span name)
{
    return span_is(name, "message") || span_is(name, "msg") || span_is(name, "line");
}

static void add_unknown(const struct known *known, struct span name, struct place place,
    bool may_capture, struct errors *errors)
{
    int len = name.len < 100 ? (int)name.len : 100;
    struct error *err = errors_add(
        errors, place, "unknown %s \"%.*s\"", may_capture ? "name" : "field", len, name.at);
    const char *nearest = error_nearest(name, known->names, known->count);
    struct buffer list = {0};

    for (size_t i = 0; i < known->count; i++)
        buffer_printf(&list, "%s%s", i > 0 ? ", " : "", known->names[i]);
    if (nearest)
        error_hint(err, "Did you mean \"%s\"?", nearest);
    else if (!may_capture && is_message(name))
        error_hint(err, "For the message itself write the pattern alone, without a field.");
    else if (known->count > 0)
        error_hint(err, "It can be one of %.*s.", (int)list.len, list.bytes);
    else if (may_capture)
        error_hint(err, "Capture it in `match`, like %%{NOTSPACE:%.*s}.", len, name.at);
    else
        error_hint(err, "This format has no fields.");
    buffer_finish(&list);
}

bool rule_names_is_captured(const struct rule_names *names, struct span name)
{
    for (size_t i = 0; i < names->match_count; i++)
        for (size_t j = 0; j < pattern_capture_count(names->matches[i].pattern); j++)
            if (span_equal(name, pattern_capture_name(names->matches[i].pattern, j)))
                return true;
    return false;
}

void rule_names_check(
    const struct rule_names *names, struct span name, struct place place, struct errors *errors)
{
    struct known known = {0};
    bool is_closed = !names->is_open, is_known = rule_names_is_of_source(name);

    if (name.len == 0) {
        errors_add(errors, place, "a field without a name");
        return;
    }
    for (size_t i = 0; i < names->recalled_count; i++)
        add_known(&known, names->recalled[i]);
    for (size_t i = 0; i < names->match_count; i++)
        for (size_t j = 0; j < pattern_capture_count(names->matches[i].pattern); j++)
            add_known(&known, pattern_capture_name(names->matches[i].pattern, j).at);
    for (size_t i = 0; i < names->recalled_count; i++)
        add_known(&known, names->recalled[i]);
    for (const struct format *const *format = names->chain; is_closed && *format; format++)
        is_closed = add_fields(&known, *format, name);
    for (size_t i = 0; i < known.count; i++)
        is_known = is_known || span_is(name, known.names[i]);
    if (is_closed && !is_known)
        add_unknown(&known, name, place, !names->is_field, errors);
    free(known.names);
}
