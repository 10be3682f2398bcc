/* SPDX-License-Identifier: MIT
 *
 * Finding the input, and giving the engine what its source would.
 */
#include "shipper/explain_input.h"

#include "shipper/chunk_reader.h"
#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/journal_line.h"
#include "shipper/sources/journal_source.h"

#include "parsers/memory.h"
#include "parsers/syslog.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const kind_names[INPUT_KINDS] = {
    [INPUT_FILE] = "file",
    [INPUT_JOURNAL] = "journal",
    [INPUT_STDIN] = "stdin",
    [INPUT_SYSLOG] = "syslog",
};

bool explain_input_add_field(struct explain_input *input, const char *text)
{
    struct span rest = span_of(text), name = span_cut(&rest, '=');

    if (!rest.at || name.len == 0 || input->field_count == EXPLAIN_FIELDS_MOST)
        return false;
    input->fields[input->field_count++] = (struct field){name, rest};
    return true;
}

/* --- which input -------------------------------------------------------------- */

struct looking {
    char *real;
    bool is_found;
};

static void compare_path(void *arg, const char *path)
{
    struct looking *looking = arg;
    char *real = realpath(path, NULL);

    looking->is_found |= real && strcmp(real, looking->real) == 0;
    free(real);
}

static bool is_of_input(const struct input_config *input, const char *path)
{
    struct looking looking = {.real = NULL};

    if (input->kind != INPUT_FILE)
        return false;
    if (glob_matches(input->file.pattern, path))
        return true;
    looking.real = realpath(path, NULL);
    if (looking.real)
        glob_each(input->file.pattern, compare_path, &looking);
    free(looking.real);
    return looking.is_found;
}

/* "journal" or "journal:ssh.service": *rest is what stands behind the colon, or NULL. */
static bool read_kind(const char *from, enum input_kind *kind, const char **rest)
{
    for (unsigned i = INPUT_JOURNAL; i < INPUT_KINDS; i++) {
        size_t len = strlen(kind_names[i]);

        if (strncmp(from, kind_names[i], len) != 0 || (from[len] != '\0' && from[len] != ':'))
            continue;
        *kind = (enum input_kind)i;
        *rest = from[len] == ':' ? from + len + 1 : NULL;
        return true;
    }
    return false;
}

static bool has_unit(const struct journal_config *journal, const char *unit)
{
    size_t bare = strcspn(unit, ".");

    if (journal->unit.count == 0)
        return true;
    for (size_t i = 0; i < journal->unit.count; i++)
        if (glob_is_name(journal->unit.items[i], unit) ||
            (strlen(journal->unit.items[i]) == bare &&
                strncmp(journal->unit.items[i], unit, bare) == 0))
            return true;
    return false;
}

static bool is_meant(const struct input_config *input, const char *from)
{
    enum input_kind kind;
    const char *rest;

    if (!read_kind(from, &kind, &rest))
        return is_of_input(input, from);
    return input->kind == kind &&
           (kind != INPUT_JOURNAL || !rest || has_unit(&input->journal, rest));
}

static void hint_inputs(const struct config *config, struct error *err)
{
    struct buffer list = {0};

    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->inputs[i];

        buffer_printf(&list, "%s%zu (%s%s%s)", i > 0 ? ", " : "", i + 1, kind_names[input->kind],
            input->kind == INPUT_FILE ? " " : "",
            input->kind == INPUT_FILE ? input->file.pattern : "");
    }
    error_hint(err, "Say with --from which of its inputs is meant: %.*s.", (int)list.len,
        buffer_span(&list).at);
    buffer_finish(&list);
}

/* NULL with *err filled. */
static const struct input_config *find_input(
    const struct explain_input *e, char *const *paths, size_t count, struct error *err)
{
    const struct config *config = e->config;
    const struct input_config *found = NULL;
    const char *from = e->from ? e->from : count > 0 ? paths[0] : NULL;
    size_t matching = 0;
    uint64_t number;

    if (e->from && span_to_u64(span_of(e->from), &number) && number >= 1 &&
        number <= config->input_count)
        return &config->inputs[number - 1];
    for (size_t i = 0; from && i < config->input_count; i++)
        if (is_meant(&config->inputs[i], from) && matching++ == 0)
            found = &config->inputs[i];
    if (matching == 1)
        return found;
    if (!e->from && config->input_count == 1)
        return &config->inputs[0];
    if (!from)
        error_set(err, ERROR_USAGE, 0, "%s has several inputs", e->config_path);
    else
        error_set(err, ERROR_USAGE, 0, "%s of the inputs of %s %s \"%s\"",
            matching == 0 ? "none" : "several", e->config_path, matching == 0 ? "reads" : "read",
            from);
    hint_inputs(config, err);
    return NULL;
}

/* --- loading ------------------------------------------------------------------- */

static int load_config(struct explain_input *e, char *const *paths, size_t count)
{
    const struct input_config *input;
    struct error err;

    e->config = config_load(e->config_path, &e->errors);
    command_print_errors(&e->errors, stderr);
    if (e->errors.count > 0)
        return EXIT_CONFIG;
    input = find_input(e, paths, count, &err);
    if (!input)
        return command_fail("explain", &err);
    e->settings = &input->settings;
    e->kind = input->kind;
    e->log.zone = &input->zone_table;
    e->log.encoding = (enum encoding)(input->kind == INPUT_FILE    ? input->file.encoding
                                      : input->kind == INPUT_STDIN ? input->standard_input.encoding
                                                                   : 0);
    return -1;
}

static void add_field(struct explain_input *e, const char *name, const char *value)
{
    if (value && e->field_count < EXPLAIN_FIELDS_MOST)
        e->fields[e->field_count++] = (struct field){span_of(name), span_of(value)};
}

int explain_input_load(struct explain_input *e, char *const *paths, size_t count)
{
    enum input_kind kind;
    const char *rest;
    int code;

    e->log.path = "";
    if (e->config_path) {
        code = load_config(e, paths, count);
    } else {
        e->given.log = e->from ? e->from : count > 0 ? paths[0] : NULL;
        code = given_rules_load(&e->given, "explain");
        e->settings = &e->given.settings;
        e->log.zone = &e->given.zone_table;
        e->log.encoding = e->given.encoding;
    }
    if (code >= 0)
        return code;
    if (e->from && read_kind(e->from, &kind, &rest)) {
        e->kind = kind;
        if (kind == INPUT_JOURNAL)
            add_field(e, "_SYSTEMD_UNIT", rest);
        if (kind == INPUT_SYSLOG)
            add_field(e, "peer.ip", rest);
    } else if (e->from) {
        e->log.path = e->from;
    }
    e->log.fields = e->fields;
    e->log.field_count = e->field_count;
    return -1;
}

void explain_input_finish(struct explain_input *e)
{
    given_rules_finish(&e->given);
    errors_finish(&e->errors);
    config_free(e->config);
}

/* --- reading --------------------------------------------------------------------- */

/* Whatever the file is called, it stands for the one that --from names. */
static struct log_file log_at(const struct explain_input *e, const char *path)
{
    struct log_file log = e->log;

    log.as_path = e->log.path[0] ? e->log.path : NULL;
    log.path = path;
    return log;
}

static bool wants_header(const struct explain_input *e)
{
    return journal_source_is_syslog(e->settings->rules[0].file);
}

static void explain_entry(const struct explain_input *e, struct explain *explain,
    const struct journal_export *entry, const char *path, explain_each *each, void *arg,
    struct engine_counts *counts)
{
    struct log_file log = log_at(e, path);
    struct field fields[LIMIT_JOURNAL_FIELDS];
    struct buffer line = {0};

    log.fields = fields;
    log.field_count = journal_line_fields(entry, fields);
    log.reference_s = journal_line_time_s(entry);
    journal_line_write(entry, wants_header(e), &line);
    explain_line(explain, &log, buffer_span(&line), each, arg, counts);
    buffer_finish(&line);
}

static bool explain_export(const struct explain_input *e, struct explain *explain, int fd,
    const char *path, explain_each *each, void *arg, struct engine_counts *counts)
{
    struct journal_export *entry = journal_export_new();
    char bytes[64 << 10];
    ssize_t got;

    while ((got = read(fd, bytes, sizeof(bytes))) > 0) {
        struct span rest = {bytes, (size_t)got};

        while (journal_export_read(entry, &rest))
            explain_entry(e, explain, entry, path, each, arg, counts);
    }
    journal_export_free(entry);
    return got == 0;
}

bool explain_input_log(struct explain_input *e, struct explain *explain, const char *path,
    explain_each *each, void *arg, struct engine_counts *counts, struct error *err)
{
    struct log_file log = log_at(e, path);
    bool is_stdin = strcmp(path, "-") == 0, done;
    int fd;

    if (e->kind != INPUT_JOURNAL)
        return explain_log(explain, &log, each, arg, counts, err);
    fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_system(err, "can't open \"%s\"", path);
    done = explain_export(e, explain, fd, path, each, arg, counts);
    if (!done)
        error_system(err, "\"%s\"", path);
    if (!is_stdin)
        close(fd);
    return done;
}

static bool has_syslog_header(const char *line)
{
    struct record record;
    bool has_one;
    size_t at;

    record_init(&record);
    record_reset(&record, span_of(line));
    has_one = syslog_parse(record.message, &record, &at) == PARSE_OK;
    record_finish(&record);
    return has_one;
}

static void put_export(const char *name, struct span value, struct buffer *out)
{
    buffer_printf(out, "%s=%.*s\n", name, (int)value.len, value.at);
}

static struct span field_of(const struct explain_input *e, const char *name)
{
    for (size_t i = 0; i < e->field_count; i++)
        if (span_is(e->fields[i].name, name))
            return e->fields[i].value;
    return (struct span){NULL, 0};
}

/* The entry that a service would have written. What it does not say is made up: the
 * host's name, and the identifier from the unit. */
static void explain_message(const struct explain_input *e, struct explain *explain,
    const char *line, explain_each *each, void *arg, struct engine_counts *counts)
{
    struct span unit = field_of(e, "_SYSTEMD_UNIT");
    struct journal_export *entry = journal_export_new();
    struct buffer text = {0};
    struct span rest;

    buffer_printf(&text, "__REALTIME_TIMESTAMP=%lld000000\n", (long long)clock_now().wall_s);
    put_export("MESSAGE", span_of(line), &text);
    for (size_t i = 0; i < e->field_count; i++)
        buffer_printf(&text, "%.*s=%.*s\n", (int)e->fields[i].name.len, e->fields[i].name.at,
            (int)e->fields[i].value.len, e->fields[i].value.at);
    if (!field_of(e, "_HOSTNAME").at)
        put_export("_HOSTNAME", SPAN("this-host"), &text);
    if (!field_of(e, "SYSLOG_IDENTIFIER").at && unit.at)
        put_export("SYSLOG_IDENTIFIER", span_cut(&unit, '.'), &text);
    buffer_append_byte(&text, '\n');
    rest = buffer_span(&text);
    if (journal_export_read(entry, &rest))
        explain_entry(e, explain, entry, "-", each, arg, counts);
    journal_export_free(entry);
    buffer_finish(&text);
}

void explain_input_line(struct explain_input *e, struct explain *explain, const char *line,
    explain_each *each, void *arg, struct engine_counts *counts)
{
    struct log_file log = log_at(e, "-");

    if (e->kind == INPUT_JOURNAL && !(wants_header(e) && has_syslog_header(line)))
        explain_message(e, explain, line, each, arg, counts);
    else
        explain_line(explain, &log, span_of(line), each, arg, counts);
}
