/* SPDX-License-Identifier: MIT
 *
 * The built-in named patterns: what `%{IP}` and its like stand for. The names
 * are the well-known ones of grok; the patterns are our own and stricter:
 *
 * - IP, IPV4, IPV6 never match a part of something longer: not `192.0.2.100` in
 *   `192.0.2.1005`, nothing in `1.2.3.4.5` or `v1.2.3.4`. A zone id belongs to
 *   an IPV6, brackets and ports do not.
 * - USER (USERNAME) holds letters and digits of any script and `. _ @ + $ \ -`,
 *   so DOMAIN\user and user@realm too; it does not end in a full stop.
 * - Numbers and quoted strings match whole or not at all.
 */
#ifndef PARSERS_PATTERN_NAMES_H
#define PARSERS_PATTERN_NAMES_H

struct pattern_builtin {
    const char *name, *body;
};

/* In the order of the documentation, ended by a row without name. */
extern const struct pattern_builtin pattern_names[];

#endif
