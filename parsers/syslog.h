/* SPDX-License-Identifier: MIT
 *
 * syslog: RFC 5424, and what is written in the name of RFC 3164.
 *
 *     <38>1 2026-11-23T10:11:12Z web1 sshd 912 - [meta sequenceId="7"] Accepted …
 *     <38>Nov 23 10:11:12 web1 sshd[912]: Accepted …
 *     2026-11-23T10:11:12.345678+01:00 web1 sshd[912]: Accepted …
 *
 * Fields, each left out where the line does not have it or has the NILVALUE `-`:
 * - facility, severity: the keywords of <PRI>, as in syslog.conf ("auth",
 *   "info"); also of `auth.info`, `<auth.info>` or `<4.6>` beside the host, and
 *   of `[ID 800047 auth.info]` before the message (Solaris);
 * - host, program, pid, msgid;
 * - `id.name` for each parameter of RFC 5424's structured data, with its escapes
 *   undone;
 * - repeated: N, where the message was `message repeated N times: [ … ]`
 *   (rsyslog); the message is then what stands inside.
 *
 * Without RFC 5424's version, <PRI> may be missing, the timestamp is any that
 * timestamp.h knows (rsyslog, journalctl -o short, macOS, Cisco), the host may
 * be missing (local sockets, Cisco), and the program: a word that ends in `:` or
 * `[pid]`, perhaps with the colon behind. A line with neither <PRI> nor a
 * timestamp before a host or program is PARSE_NO. Broken structured data is
 * PARSE_BAD at the byte that breaks it.
 *
 * message: MSG, without its byte order mark. time: the timestamp's text.
 * Source: RFC 5424 section 6, RFC 3164 section 4.1.
 */
#ifndef PARSERS_SYSLOG_H
#define PARSERS_SYSLOG_H

#include "format.h"

format_parse syslog_parse;

#endif
