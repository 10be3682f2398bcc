/* SPDX-License-Identifier: MIT
 *
 * The table of formats: a new one is a row here and a pair of files.
 */
#include "format.h"

#include "access.h"
#include "json.h"
#include "logfmt.h"
#include "plain.h"
#include "syslog.h"

const struct format formats[] = {
    {"plain", plain_parse, "text without a structure of its own; the default"},
    {"syslog", syslog_parse, "RFC 5424 and RFC 3164, with or without <PRI>; journalctl -o short"},
    {"json", json_parse, "one JSON object a line"},
    {"logfmt", logfmt_parse, "key=value pairs: Go's slog and logrus, Grafana, Authelia"},
    {"access", access_parse, "web server access logs: common, combined and their cousins"},
    {NULL, NULL, NULL},
};

const struct format *format_find(struct span name)
{
    for (const struct format *format = formats; format->name; format++)
        if (span_is(name, format->name))
            return format;
    return NULL;
}

enum parse_result format_chain(const struct format *const *chain, struct record *record, size_t *at)
{
    enum parse_result result = PARSE_OK;

    for (; *chain && result == PARSE_OK; chain++)
        result = (*chain)->parse(record->message, record, at);
    return result;
}
