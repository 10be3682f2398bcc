/* SPDX-License-Identifier: MIT
 *
 * Logs and rules for tests/bench, always the same for the same arguments:
 *
 *     bench_log log BYTES PER_MILLION    mixed lines, of which so many per million
 *                                        become events of the first ten rules
 *     bench_log json BYTES               JSON lines, each an event of bench_log json-rules
 *     bench_log rules COUNT              a rule file
 *     bench_log json-rules COUNT
 *     bench_log patterns COUNT           the same rules as patterns of whole lines, one a line
 *     bench_log syslog-ng COUNT IN OUT   the same as a configuration of syslog-ng
 *
 * Lines: syslog, access, logfmt, Java traces and JSON as products write them. Rules
 * share texts ("Failed password for", "session opened for user"), and lines that no
 * rule takes have them too, of other programs.
 */
#include "parsers/span.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned long long seed = 88172645463325252ull;

static unsigned draw(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

/* A word of its own for each number. */
static const char *word(unsigned n)
{
    static const char *const starts[] = {"ba", "co", "du", "fe", "gi", "ho", "ju", "ka", "lo", "mi",
        "nu", "pe", "qua", "ro", "su", "ti", "ve", "wa", "xe", "zo"};
    static const char *const ends[] = {"lder", "mber", "nton", "rvik", "stel", "ckow", "gram",
        "phis", "tron", "xley", "dorf", "mund", "rand", "vern", "wick", "zell", "bach", "feld",
        "hurst", "ley", "more", "ster", "ton", "ville", "worth"};
    static char words[4][32];
    static unsigned next;
    char *to = words[next++ % 4];

    snprintf(to, 32, "%s%s", starts[n % 20], ends[n / 20 % 25]);
    return to;
}

/* --- rules ----------------------------------------------------------------- */

enum { KINDS = 5 };

/* What rule n looks for, with its captures written one way or the other. */
static void print_pattern(
    unsigned n, const char *user, const char *address, const char *number, const char *quote)
{
    switch (n % KINDS) {
    case 0:
        printf("Failed password for %s from %s port %s", user, address, number);
        break;
    case 1:
        printf("session opened for user %s by %s from %s", user, word(n), address);
        break;
    case 2:
        printf("user %s logged in from %s via %s", user, address, word(n));
        break;
    case 3:
        printf("%s granted access to %s for client %s", word(n), user, address);
        break;
    default:
        printf("(?:Accepted|Renewed) %s of %s from %s%s", word(n), user, address, quote);
        break;
    }
}

static void print_program(unsigned n)
{
    printf("%sd", word(n));
}

static void print_rules(unsigned count)
{
    printf("product: bench\nformat: syslog\nrules:\n");
    for (unsigned i = 0; i < count; i++) {
        printf("  - name: rule%u\n    where: {program: ", i);
        print_program(i);
        printf("}\n    match: '^");
        print_pattern(i, "%{NOTSPACE:user}", "%{IP:ip}", "\\d+", "");
        printf("'\n    event:\n      activity_type: LOGIN\n      user_id: ${user}\n"
               "      ip_addr: ${ip}\n      user_agent: bench\n    samples:\n      - line: 'Nov 23 "
               "10:11:12 web1 ");
        print_program(i);
        printf("[912]: ");
        if (i % KINDS == KINDS - 1)
            printf("Accepted %s of alice from 203.0.113.7", word(i));
        else
            print_pattern(i, "alice", "203.0.113.7", "5022", "");
        printf("'\n        event: {user_id: alice, ip_addr: 203.0.113.7}\n");
    }
}

static void print_json_rules(unsigned count)
{
    printf("product: bench\nformat: json\nrules:\n");
    for (unsigned i = 0; i < count; i++)
        printf("  - name: rule%u\n    match: '^logged in by way of %s'\n    event:\n"
               "      activity_type: LOGIN\n      user_id: ${user.name}\n      ip_addr: ${ip}\n"
               "      user_agent: ${agent}\n    samples:\n      - line: "
               "'{\"msg\":\"logged in by way of %s\",\"user\":{\"name\":\"alice\"},"
               "\"ip\":\"203.0.113.7\"}'\n        event: {user_id: alice}\n",
            i, word(i), word(i));
}

static void print_patterns(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        printf("^[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]{8} [^ ]+ ");
        print_program(i);
        printf("\\[[0-9]+\\]: ");
        print_pattern(i, "[^ ]+", "[0-9a-f.:]+", "[0-9]+", "");
        printf("\n");
    }
}

static void print_syslog_ng(unsigned count, const char *in, const char *out)
{
    printf("@version: 3.38\noptions { stats-freq(0); };\n"
           "source in { file(\"%s\" follow-freq(1) log-fetch-limit(1000) "
           "log-iw-size(10000)); };\n"
           "destination out { file(\"%s\" template(\"$(format-json user=$user ip=$ip rule=$rule "
           "at=$UNIXTIME)\\n\")); };\n",
        in, out);
    printf("log { source(in);\n  junction {\n");
    for (unsigned i = 0; i < count; i++) {
        printf("    channel { filter { program(\"");
        print_program(i);
        printf("\" type(string)) and match('^");
        print_pattern(i, "(?<user>[^ ]+)", "(?<ip>[0-9a-f.:]+)", "[0-9]+", "");
        printf("' value(\"MESSAGE\") flags(store-matches)); };\n"
               "      rewrite { set(\"rule%u\" value(\"rule\")); }; flags(final); };\n",
            i);
    }
    printf("  };\n  destination(out);\n};\n");
}

/* --- lines ----------------------------------------------------------------- */

static void print_syslog_head(unsigned second, const char *program)
{
    printf("Nov 23 %02u:%02u:%02u web%u %s[%u]: ", second / 3600 % 24, second / 60 % 60,
        second % 60, 1 + draw(9), program, 100 + draw(30000));
}

static void print_hit(unsigned second)
{
    unsigned rule = draw(10);
    char program[40], user[40], address[40];

    snprintf(program, sizeof(program), "%sd", word(rule));
    snprintf(user, sizeof(user), "user%u", draw(5000));
    snprintf(address, sizeof(address), "203.0.113.%u", draw(255));
    print_syslog_head(second, program);
    if (rule % KINDS == KINDS - 1)
        printf("Accepted %s of %s from %s\n", word(rule), user, address);
    else {
        print_pattern(rule, user, address, "5022", "");
        printf("\n");
    }
}

static void print_miss(unsigned second)
{
    unsigned kind = draw(100);

    if (kind < 3) {
        print_syslog_head(second, "sshd");
        printf("Failed password for invalid user user%u from 198.51.100.%u port %u ssh2\n",
            draw(900), draw(255), draw(60000));
    } else if (kind < 5) {
        print_syslog_head(second, "CRON");
        printf("pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)\n");
    } else if (kind < 25) {
        print_syslog_head(second, draw(2) ? "kernel" : "systemd");
        printf("%s: state %u of unit %s-%u changed after %u ms\n", word(draw(500)), draw(9),
            word(draw(500)), draw(99), draw(10000));
    } else if (kind < 55) {
        printf("198.51.100.%u - - [23/Nov/2026:%02u:%02u:%02u +0000] \"GET /%s/%s?id=%u HTTP/1.1\" "
               "200 %u \"https://www.example.com/%s\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
               "Gecko/20100101 Firefox/128.0\"\n",
            draw(255), second / 3600 % 24, second / 60 % 60, second % 60, word(draw(500)),
            word(draw(500)), draw(100000), draw(50000), word(draw(500)));
    } else if (kind < 75) {
        printf("time=2026-11-23T%02u:%02u:%02uZ level=info component=%s msg=\"request done\" "
               "duration_ms=%u status=200 bytes=%u\n",
            second / 3600 % 24, second / 60 % 60, second % 60, word(draw(500)), draw(900),
            draw(90000));
    } else if (kind < 90) {
        printf("\tat com.example.%s.%s.handle(%s.java:%u)\n", word(draw(500)), word(draw(500)),
            word(draw(500)), draw(900));
    } else {
        printf("{\"time\":\"2026-11-23T%02u:%02u:%02uZ\",\"level\":\"info\",\"msg\":\"%s %s\","
               "\"path\":\"\\/api\\/%s\",\"status\":200,\"took\":%u}\n",
            second / 3600 % 24, second / 60 % 60, second % 60, word(draw(500)), word(draw(500)),
            word(draw(500)), draw(1000));
    }
}

static void print_log(long bytes, unsigned per_million)
{
    for (unsigned i = 0; ftell(stdout) < bytes; i++)
        if (draw(1000000) < per_million)
            print_hit(i / 100);
        else
            print_miss(i / 100);
}

static void print_json(long bytes)
{
    for (unsigned i = 0; ftell(stdout) < bytes; i++)
        printf("{\"time\":\"2026-11-23T%02u:%02u:%02uZ\",\"level\":\"info\",\"msg\":\"logged in by "
               "way of %s\",\"user\":{\"name\":\"user%u\",\"id\":%u},\"ip\":\"203.0.113.%u\","
               "\"agent\":\"%s\\/%u.0 (X11; Linux)\",\"tags\":[\"web\",\"%s\"],\"ok\":true}\n",
            i / 360000 % 24, i / 6000 % 60, i / 100 % 60, word(draw(10)), draw(5000), draw(5000),
            draw(255), word(draw(500)), draw(99), word(draw(500)));
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    long number = argc > 2 ? atol(argv[2]) : 0;

    if (strcmp(what, "log") == 0 && argc == 4)
        print_log(number, (unsigned)atol(argv[3]));
    else if (strcmp(what, "json") == 0)
        print_json(number);
    else if (strcmp(what, "rules") == 0)
        print_rules((unsigned)number);
    else if (strcmp(what, "json-rules") == 0)
        print_json_rules((unsigned)number);
    else if (strcmp(what, "patterns") == 0)
        print_patterns((unsigned)number);
    else if (strcmp(what, "syslog-ng") == 0 && argc == 5)
        print_syslog_ng((unsigned)number, argv[3], argv[4]);
    else {
        fprintf(stderr, "usage: bench_log log|json|rules|json-rules|patterns|syslog-ng NUMBER …\n");
        return 64;
    }
    return fflush(stdout) == 0 ? 0 : 71;
}
