/* SPDX-License-Identifier: MIT
 *
 * A first configuration: which of the products that rule files are for run on this
 * host, and what is written for those that somebody chose. Asking is cmd_init.c's.
 */
#ifndef SHIPPER_INIT_H
#define SHIPPER_INIT_H

#include "parsers/keys.h"
#include "shipper/found_logs.h"
#include "shipper/rule_library.h"

struct init_product {
    char *name; /* as `rules:` names it */
    const struct rule_file *file;
    struct found_logs found;
    uint64_t lines, events; /* of the last lines of what was found */
    bool is_chosen;
};

struct init_products {
    struct rule_library *library;
    struct init_product *items; /* found ones only: most events first */
    size_t count, room;
    size_t faulty_count; /* rule files that cannot be used */
};

/* Looks at every rule file of the directories, the first that has a name wins.
 * Faulty ones are left out, and counted. */
void init_look(const struct strings *dirs, const struct found_options *options,
    struct init_products *products);
void init_finish(struct init_products *products);

enum init_private {
    INIT_PRIVATE_UNSAID, /* as KEEP */
    INIT_PRIVATE_KEEP,
    INIT_PRIVATE_HOST,
    INIT_PRIVATE_DROP,
};

/* Paths are absolute: a configuration's own start from its folder. */

struct init_answers {
    struct strings rule_dirs;     /* empty: the usual ones */
    const char *url;              /* NULL: the vendor's */
    const char *key_file;         /* where the key is, or will be */
    const char *product_id;       /* NULL: each rule file's own */
    const char *environment;      /* NULL: none */
    const char *host_address;     /* NULL: not known */
    const char *hash_secret_file; /* where the secret is, or will be */
    bool is_hashing;              /* users */
    const char *state_dir;        /* NULL: the usual one */
    enum init_private private_address;
};

/* Appends the configuration, with remarks. */
void init_write(
    const struct init_products *products, const struct init_answers *answers, struct buffer *out);

/* Makes a file of its own with that content and mode, of the service's group if this
 * host has it; never over one that is there. */
bool init_save(const char *path, struct span content, unsigned mode, struct error *err);

#endif
