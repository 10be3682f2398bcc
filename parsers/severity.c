/* SPDX-License-Identifier: MIT
 *
 * Those of syslog, Java, Python, Go and .NET. A word that means anything else in a log is
 * not among them.
 */
#include "severity.h"

bool severity_is_name(struct span word)
{
    static const char *const names[] = {"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING",
        "ERROR", "CRITICAL", "CRIT", "ALERT", "FATAL", "PANIC", "EMERG", "SEVERE", "FINE", NULL};

    for (const char *const *name = names; *name; name++)
        if (span_equal_nocase(word, span_of(*name)))
            return true;
    return false;
}
