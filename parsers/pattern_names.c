/* SPDX-License-Identifier: MIT
 *
 * A table and nothing else. Bodies are PCRE2 and may use other names; possessive
 * quantifiers and look-arounds keep a number or an address from matching in
 * half when what follows does not fit.
 */
#include "pattern_names.h"

#include <stddef.h>

/* RFC 3986 section 3.2.2: dec-octet and h16. */
#define OCTET   "(?:25[0-5]|(?:2[0-4]|1[0-9]|[1-9]?)[0-9])"
#define IPV4    OCTET "(?:\\." OCTET "){3}"
#define H16     "[0-9A-Fa-f]{1,4}"
#define COLONS  ":{1,2}"
#define ZONE    "(?:%[0-9A-Za-z]+(?:[._-][0-9A-Za-z]+)*+)?"
#define NO_MORE "(?![0-9A-Za-z]|\\.[0-9])"

#define LETTER "\\p{L}\\p{M}\\p{N}"
#define LABEL  "[0-9A-Za-z](?:[0-9A-Za-z_-]*[0-9A-Za-z])?"

const struct pattern_builtin pattern_names[] = {
    {"IPV4", "(?<![0-9A-Za-z])(?<![0-9]\\.)" IPV4 NO_MORE},
    /* Eight groups, of which an IPv4 address at the end is two; or with a :: in the place
     * of at least one, which a look-ahead counts. The first look-ahead only saves time:
     * every form has two colons early on. */
    {"IPV6", "(?<![0-9A-Za-z:.])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)"
             "(?:(?:" H16 ":){6}(?:" H16 ":" H16 "|" IPV4 ")"
             "|(?!:{0,2}(?:" H16 COLONS "){6}(?:" H16 COLONS H16 "|[0-9]+\\.[0-9]))"
             "(?:" H16 "(?::" H16 ")*+)?::(?:(?:" H16 ":)*(?:" IPV4 "|" H16 "))?)" ZONE NO_MORE
             "(?!:[0-9A-Fa-f:])"},
    {"IP", "(?:%{IPV6}|%{IPV4})"},
    {"HOSTNAME", LABEL "(?:\\." LABEL ")*+(?![0-9A-Za-z_-])"},
    {"IPORHOST", "(?:%{IP}|%{HOSTNAME})"},
    {"HOSTPORT", "(?:%{IPORHOST}|\\[%{IPV6}\\]):[0-9]++"},

    {"USERNAME", "[" LETTER "_.@+$\\\\-]*[" LETTER "_$-]"},
    {"USER", "%{USERNAME}"},
    {"EMAIL", "[" LETTER "_](?:[" LETTER "._%+'-]*[" LETTER "_+-])?"
              "@(?:[" LETTER "](?:[" LETTER "-]*[" LETTER "])?\\.)+"
              "(?:xn--[0-9A-Za-z-]*[0-9A-Za-z]|\\p{L}{2,})(?![" LETTER "-])"},

    {"INT", "[+-]?[0-9]++"},
    {"POSINT", "(?<![0-9])[1-9][0-9]*+"},
    {"NONNEGINT", "[0-9]++"},
    {"NUMBER", "[+-]?(?:[0-9]++(?:\\.[0-9]++)?+|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?+"},
    {"WORD", "(?<![" LETTER "_])[" LETTER "_]++"},
    {"NOTSPACE", "\\S+"},
    {"SPACE", "\\s*"},
    {"DATA", ".*?"},
    {"GREEDYDATA", ".*"},
    {"QUOTEDSTRING", "(?:\"(?:[^\"\\\\]++|\\\\.)*+\"|'(?:[^'\\\\]++|\\\\.)*+'|`[^`]*+`)"},
    {"QS", "%{QUOTEDSTRING}"},
    {"UUID", "(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
             "(?![0-9A-Fa-f-])"},
    {"MAC", "(?<![0-9A-Fa-f:.-])(?:[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})"
            "|[0-9A-Fa-f]{4}(?:\\.[0-9A-Fa-f]{4}){2})(?![0-9A-Fa-f:-])"},

    {"PATH", "(?:%{UNIXPATH}|%{WINPATH})"},
    {"UNIXPATH", "/[^\\s\"'`<>|:;,]*"},
    {"WINPATH", "(?:[A-Za-z]:|\\\\)\\\\[^\\s\"'`<>|:;,]*"},
    {"URIPATH", "/[^\\s\"'`<>?#]*"},
    {"URIPARAM", "\\?[^\\s\"'`<>#]*"},
    {"URIPATHPARAM", "%{URIPATH}(?:%{URIPARAM})?"},
    {"URI", "[A-Za-z][A-Za-z0-9+.-]*+://[^\\s\"'`<>/?#]+(?:%{URIPATH})?(?:%{URIPARAM})?"
            "(?:#[^\\s\"'`<>]*)?"},
    {"HTTPMETHOD", "(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND|REPORT)\\b"},

    {"YEAR", "(?<![0-9])[0-9]{4}(?![0-9])"},
    {"MONTH", "(?i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
              "Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\b"},
    {"MONTHDAY", "(?:3[01]|[12][0-9]|[ 0]?[1-9])(?![0-9])"},
    {"TIME", "(?<![0-9])(?:2[0-3]|[01][0-9]):[0-5][0-9]:(?:60|[0-5][0-9])(?![0-9])"
             "(?:[.,][0-9]++)?+"},
    {"TIMESTAMP_ISO8601",
        "(?<![0-9])[0-9]{4}-(?:1[0-2]|0[1-9])-(?:3[01]|[12][0-9]|0[1-9])[Tt ]"
        "(?:2[0-3]|[01][0-9]):[0-5][0-9](?::(?:60|[0-5][0-9])(?:[.,][0-9]++)?+)?+(?![0-9])"
        "(?: ?(?:[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)(?![0-9A-Za-z]))?"},
    {"SYSLOGTIMESTAMP", "%{MONTH} %{MONTHDAY} %{TIME}"},
    {"HTTPDATE", "(?<![0-9])(?:3[01]|[12][0-9]|0[1-9])/%{MONTH}/%{YEAR}:%{TIME} [+-][0-9]{4}"},
    {"LOGLEVEL",
        "(?i:\\b(?:trace|debug|info(?:rmation)?|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|"
        "alert|fatal|severe|panic|emerg(?:ency)?)\\b)"},
    {NULL, NULL},
};
