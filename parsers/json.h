/* SPDX-License-Identifier: MIT
 *
 * json: one JSON object (RFC 8259), blanks around it allowed, nested at most
 * LIMIT_NESTING deep.
 *
 *     {"time":"2026-11-23T10:11:12Z","user":{"name":"alice"},"ips":["192.0.2.1"]}
 *
 * - Every string, number and boolean becomes a field whose name is its path
 *   (record.h): `user.name`, `ips[0]`, `params[1].key`. A null, an empty object
 *   and an empty array give no field. Of a key that stands twice in an object
 *   the last value counts.
 * - Strings are decoded, NUL bytes and bytes that are no UTF-8 kept. Numbers
 *   with a fraction or exponent stay as they were written; an integer that does
 *   not fit into 64 bits gives no field.
 * - A text that does not start with `{` is PARSE_NO. PARSE_BAD is broken JSON, too
 *   deep a nesting, or text behind the object, at that place; at the end of the
 *   text it may also mean LIMIT_RECORD_FIELDS or LIMIT_ARENA_BYTES.
 *
 * message: the value of `message`, `msg`, `@message` (Vault), `MESSAGE`
 * (journal), `log` (Docker) or `@m` (Serilog), the first of them that is there;
 * else the whole text.
 * time: the first of these that is at least as long as a time of day, so that
 * `"time": 12` (a duration) is none: `@timestamp`, `timestamp`, `time`, `ts`,
 * `t`, `t.$date` (MongoDB), `@t` (Serilog), `datetime`, `date`, `asctime`
 * (Python), `eventTime`, `created_at`, `published` (Okta), `stageTimestamp`
 * (Kubernetes), `time_iso8601`, `time_local` (nginx), `StartUTC` (Traefik),
 * `timestamp.epochSecond` (Atlassian), `instant.epochSecond` (Log4j 2), `EventTime`
 * (CloudTrail), `CreationTime` (Microsoft 365), `eventTimestamp` (Azure),
 * `__REALTIME_TIMESTAMP` (journal).
 */
#ifndef PARSERS_JSON_H
#define PARSERS_JSON_H

#include "format.h"

format_parse json_parse;

/* text_json: an object with text before it, and perhaps behind it.
 *
 *     [2026-11-23 10:11:12] main.INFO: {"type":"LOGIN","ip":"192.0.2.7"} []
 *
 * Fields as of json, and first `prefix`: the text before, without blanks around it. The
 * object begins at the first `{` from which a whole one can be read (of the first
 * LIMIT_JSON_STARTS that a quote follows); PARSE_NO if there is none. message: the
 * object's, else the whole text. time: the one that the prefix begins with (perhaps
 * behind a [ or <), else the object's. */
format_parse text_json_parse;

#endif
