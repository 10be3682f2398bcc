/* SPDX-License-Identifier: MIT
 *
 * access: the common and combined log formats of web servers and their cousins.
 *
 *     192.0.2.7 - alice [23/Nov/2026:10:11:12 +0000] "GET /x HTTP/1.1" 200 512 "-" "curl/8.5"
 *
 * Fields, each left out where the log has `-`:
 * - vhost (a column before the client, as in Apache's vhost_combined), client
 *   (an address, a host name, or an X-Forwarded-For list "a, b"), ident, user
 *   (may hold blanks; quotes around it go), time;
 * - request, and method, path, protocol when it reads `METHOD path HTTP/…`
 *   (garbage sent to a TLS port does not);
 * - status, bytes;
 * - referer and agent: the first two columns side by side of which the second
 *   is in quotes, the first too or `-`;
 * - every other column: `key=value`, `key="value"` and `key: "value"` by their
 *   key, the rest as extra1, extra2, … counted by position. A column is bare, in
 *   quotes or in brackets.
 * In quotes, backslash escapes (Apache's \", nginx's \xHH) are undone. A quote
 * closes only before a blank or the end, since some servers escape nothing.
 *
 * A text without `client [time] "` is PARSE_NO; a quote that never closes is
 * PARSE_BAD there. message: stays the whole text. time: the text in brackets.
 * Source: Apache's mod_log_config, nginx's ngx_http_log_module, and what
 * Traefik, Kong, Tomcat and gunicorn make of them.
 */
#ifndef PARSERS_ACCESS_H
#define PARSERS_ACCESS_H

#include "format.h"

format_parse access_parse;

#endif
