/* SPDX-License-Identifier: MIT
 *
 * Rules that a command line gives for logs which no configuration names: what preview,
 * explain and test --coverage have in common.
 */
#ifndef SHIPPER_GIVEN_RULES_H
#define SHIPPER_GIVEN_RULES_H

#include "parsers/address.h"
#include "shipper/rule_library.h"
#include "shipper/sources/encoding.h"

#include "parsers/engine.h"
#include "parsers/zone.h"

/* {0}, then the options, then given_rules_load. */
struct given_rules {
    struct strings names, dirs;      /* arguments, borrowed */
    const char *host_address, *zone; /* NULL: not given */
    const char *log;                 /* a path of what is read, as inputs have it; may be NULL */
    enum encoding encoding;

    /* Filled by given_rules_load: */
    struct engine_settings settings;
    struct zone zone_table;
    struct rule_library *library;
    struct engine_rules *rules;
    struct address address;
};

/* Rows for getopt_long, and their lines in the help. */
#define GIVEN_RULES_OPTIONS                                                                        \
    {"rules", required_argument, NULL, 'r'}, {"rules-dir", required_argument, NULL, 'd'},          \
        {"host-address", required_argument, NULL, 'a'}, {"zone", required_argument, NULL, 'z'},    \
    {                                                                                              \
        "encoding", required_argument, NULL, 'e'                                                   \
    }
#define GIVEN_RULES_HELP                                                                           \
    "  --rules RULES        a rule file, or a product's name; may be given again\n"                \
    "  --rules-dir DIR      where names are looked up; may be given again\n"                       \
    "                       (default: /etc/usage-shipper/rules, then " RULES_DIR ")\n"             \
    "  --host-address IP    this host's public address: ${self.ip}, and what a line\n"             \
    "                       without an address gets\n"                                             \
    "  --zone ZONE          zone of times that name none, like Europe/Berlin or\n"                 \
    "                       +02:00 (default: this host's)\n"                                       \
    "  --encoding NAME      of files without a byte order mark (default: utf-8)\n"

/* Takes one of the options above. False if it is none of them, or with *err filled (its
 * kind is not ERROR_NONE) if its argument is no good. */
bool given_rules_option(
    struct given_rules *given, int option, char *argument, char **argv, struct error *err);

/* The argument of --encoding; false with *err filled. */
bool given_rules_encoding(
    const char *name, enum encoding *encoding, char **argv, struct error *err);

/* Loads what the options say. -1, or with everything said on standard error the exit
 * code. given_rules_finish is needed in any case. */
int given_rules_load(struct given_rules *given, const char *command);
void given_rules_finish(struct given_rules *given);

#endif
