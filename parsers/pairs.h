/* SPDX-License-Identifier: MIT
 *
 * pairs: the `key=value` pairs in a text, whatever stands between them.
 *
 *     WARN [org.key.events] type=LOGIN_ERROR, realmId=acme, ipAddress=192.0.2.7     Keycloak
 *     api.access (method='GET' response=200 user_agent='Mozilla/5.0 (X11)')          Sentry
 *     login success [method|FORM][provider|LOCAL|local][IP|192.0.2.7|][login|alice]  SonarQube
 *
 * - A key starts with a letter or _, behind a blank or one of ( [ { , ; | or at the start,
 *   and has letters, digits and _ . - @ /.
 * - A value in " or ' goes up to the closing one that a separator or the end follows;
 *   backslash escapes in it are undone. Without such a close it is bare: up to a blank, or
 *   to a comma or semicolon before a blank or the end; closing brackets at its end go if it
 *   does not open them.
 * - `[key|value]` goes up to its bracket; the value may have further bars.
 * - A text without any pair is PARSE_NO.
 *
 * message: the value of `msg` or `message`, else the whole text. time: the value of `time`,
 * `ts`, `t` or `timestamp`; else where plain looks for it.
 */
#ifndef PARSERS_PAIRS_H
#define PARSERS_PAIRS_H

#include "format.h"

format_parse pairs_parse;

#endif
