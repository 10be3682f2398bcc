/* SPDX-License-Identifier: MIT
 *
 * The table of formats: a new one is a row here and a pair of files.
 */
#include "format.h"

#include "access.h"
#include "auto.h"
#include "columns.h"
#include "cri.h"
#include "docker.h"
#include "escape.h"
#include "json.h"
#include "logfmt.h"
#include "pairs.h"
#include "plain.h"
#include "syslog.h"

/* A literal as it stands is all there is. */
static const struct format_writing plain_writing = {.escaped = ""};

/* Structured data escapes some; names of facilities come from <PRI>. */
static const struct format_made syslog_made[] = {
    {"facility", NULL}, {"severity", NULL}, {NULL, NULL}};
static const struct format_writing syslog_writing = {.escaped = "\"\\]", .made = syslog_made};

/* Beside what must be escaped, / by PHP, < > & by Go and ' by .NET. */
static const struct format_writing json_writing = {
    .escaped = ESCAPE_JSON_CHARACTERS,
    .has_escaped_others = true,
    .find_hidden = escape_find_hidden_json,
};

/* A key without a value is true. */
static const struct format_made logfmt_made[] = {{NULL, "true"}, {NULL, NULL}};
static const struct format_writing logfmt_writing = {
    .escaped = ESCAPE_CHARACTERS,
    .has_escaped_others = true,
    .find_hidden = escape_find_hidden,
    .made = logfmt_made,
};

static const struct format_writing access_writing = {
    .escaped = ESCAPE_CHARACTERS,
    .has_escaped_others = true,
    .find_hidden = escape_find_hidden,
};

/* Quotes may be ' as well. */
static const struct format_writing pairs_writing = {
    .escaped = ESCAPE_CHARACTERS "'",
    .has_escaped_others = true,
    .find_hidden = escape_find_hidden,
};

/* A quote is written as two. */
static const struct format_writing csv_writing = {.escaped = "\""};

/* Glued, what stood in two parts is in neither. */
static const struct format_writing cri_writing = {.escaped = "", .find_hidden = cri_find_part};
static const struct format_writing docker_writing = {
    .escaped = ESCAPE_JSON_CHARACTERS,
    .has_escaped_others = true,
    .find_hidden = docker_find_hidden,
};

static const struct format_writing *const auto_others[] = {&plain_writing, &syslog_writing,
    &json_writing, &logfmt_writing, &access_writing, &cri_writing, &docker_writing, NULL};
static const struct format_writing auto_writing = {.escaped = "", .others = auto_others};

const struct format formats[] = {
    {
        .name = "plain",
        .parse = plain_parse,
        .help = "text without a structure of its own; the default",
        .writing = &plain_writing,
    },
    {
        .name = "syslog",
        .parse = syslog_parse,
        .help = "RFC 5424 and RFC 3164, with or without <PRI>; journalctl -o short",
        .writing = &syslog_writing,
    },
    {
        .name = "json",
        .parse = json_parse,
        .help = "one JSON object a line",
        .writing = &json_writing,
    },
    {
        .name = "text_json",
        .parse = text_json_parse,
        .help = "a JSON object behind text: [2026-11-23 10:11:12] main.INFO: {...}",
        .writing = &json_writing,
    },
    {
        .name = "logfmt",
        .parse = logfmt_parse,
        .help = "key=value pairs: Go's slog and logrus, Grafana, Authelia",
        .writing = &logfmt_writing,
    },
    {
        .name = "pairs",
        .parse = pairs_parse,
        .help = "key=value pairs within text: Keycloak's k=v, k=v; k='v'; SonarQube's [k|v]",
        .writing = &pairs_writing,
    },
    {
        .name = "csv",
        .columns = &columns_csv,
        .help = "columns with commas between them, quoted as in RFC 4180: PostgreSQL's csvlog",
        .writing = &csv_writing,
    },
    {
        .name = "tsv",
        .columns = &columns_tsv,
        .help = "columns with tabs between them",
        .writing = &plain_writing,
    },
    {
        .name = "pipe",
        .columns = &columns_pipe,
        .help = "columns with | between them, and perhaps blanks",
        .writing = &plain_writing,
    },
    {
        .name = "access",
        .parse = access_parse,
        .help = "web server access logs: common, combined and their cousins",
        .writing = &access_writing,
    },
    {
        .name = "docker",
        .parse = docker_parse,
        .help = "Docker's json-file logs: what a container wrote, as JSON",
        .writing = &docker_writing,
        .read_part = docker_read_part,
    },
    {
        .name = "cri",
        .parse = cri_parse,
        .help = "Kubernetes' and podman's container logs: time, stream, P or F, text",
        .writing = &cri_writing,
        .read_part = cri_read_part,
    },
    {
        .name = "auto",
        .parse = auto_parse,
        .help = "whichever of cri, docker, syslog, json, access, logfmt and plain a line is",
        .writing = &auto_writing,
        .read_part = auto_read_part,
    },
    {.name = NULL},
};

const struct format *format_find(struct span name)
{
    for (const struct format *format = formats; format->name; format++)
        if (span_is(name, format->name))
            return format;
    return NULL;
}

enum parse_result format_run(
    const struct format *format, struct span text, struct record *record, size_t *at)
{
    return format->columns ? columns_parse(format->columns, text, record, at)
                           : format->parse(text, record, at);
}

enum parse_result format_chain(const struct format *const *chain, struct record *record, size_t *at)
{
    enum parse_result result = PARSE_OK;

    for (; *chain && result == PARSE_OK; chain++)
        result = format_run(*chain, record->message, record, at);
    return result;
}
