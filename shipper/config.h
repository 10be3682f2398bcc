/* SPDX-License-Identifier: MIT
 *
 * The configuration file, read and checked as a whole, with the rule files that
 * its inputs name. Immutable once loaded.
 */
#ifndef SHIPPER_CONFIG_H
#define SHIPPER_CONFIG_H

#include "parsers/engine.h"
#include "parsers/keys.h"
#include "parsers/network.h"
#include "shipper/rule_library.h"
#include "shipper/sender/secret_file.h"

enum start {
    START_DEFAULT, /* the end at a first sight; the beginning with --once */
    START_BEGINNING,
    START_END,
};

enum full_spool { FULL_BLOCK, FULL_DROP_OLDEST };

struct endpoint_config {
    const struct node *node; /* for errors; NULL: not from a file */
    char *url, *aggregate_url;
    char *api_key_file;             /* NULL: from the environment or a systemd credential */
    char *ca_file;                  /* NULL: the system's */
    char *client_cert, *client_key; /* NULL: none is shown; of the same file */
    char *proxy;                    /* NULL: that of the environment, if any */
    char *proxy_credentials_file;   /* NULL: none */
    struct strings no_proxy;        /* empty: NO_PROXY of the environment */
    int64_t max_in_flight;
    int64_t connect_timeout_ms, stall_timeout_ms, timeout_ms;
    int64_t retry_first_ms, retry_most_ms; /* bounds of the back-off */
    int64_t probe_every_ms;                /* while key or destination are wrong */
    int64_t rate_limit;                    /* events a second; 0: none */
    int64_t max_age_ms;                    /* of events that are sent; 0: any */
};

struct log_config {
    int format; /* enum log_format */
    int level;  /* enum log_level */
};

struct spool_config {
    int64_t max_bytes;
    int when_full; /* enum full_spool */
    int sync;      /* index: full, normal */
};

/* Where an input's bytes come from. */
enum input_kind { INPUT_FILE, INPUT_JOURNAL, INPUT_STDIN, INPUT_SYSLOG, INPUT_KINDS };

struct file_config {
    char *pattern;          /* a glob; a literal path is one with a single match */
    struct strings exclude; /* globs of paths, or of names where they have no slash */
    struct strings archive; /* globs of folders, from the log's own where they are relative */
    int64_t settle_ms;
    int encoding; /* enum encoding */
    int start;    /* enum start */
};

/* Which journal, and which of its entries: those that fulfil each of the three lists
 * that is not empty. */
struct journal_config {
    const struct node *node;   /* for errors */
    struct strings unit;       /* any of these: names or globs; "ssh" means ssh.service */
    struct strings identifier; /* any of these */
    struct strings match;      /* FIELD=value; any of those of the same field */
    char *namespace_name;      /* NULL: the host's own journal */
    char *directory;           /* of journal files, read in its place; NULL: none */
    int start;                 /* enum start */
};

struct stdin_config {
    bool is_wanted; /* true: it says so; anything else is an error */
    int encoding;   /* enum encoding */
};

enum syslog_transport { SYSLOG_UDP, SYSLOG_TCP, SYSLOG_UNIX_DGRAM, SYSLOG_UNIX_STREAM };

struct syslog_config {
    const struct node *map;
    char *places[4];      /* by enum syslog_transport, as written; paths joined; one is set */
    struct strings allow; /* as written; ranges holds them */
    char *mode;           /* of the socket's file, in octal */
    int64_t max_connections, max_message_bytes;
    int64_t rate; /* messages a second of one peer; 0: any */
    int64_t idle_ms;

    /* Worked out by config_load: */
    char *name; /* "udp 127.0.0.1:5514"; NULL: something was wrong */
    enum syslog_transport transport;
    struct network_address address; /* of UDP and TCP */
    bool is_ipv6;
    unsigned port, mode_bits;
    struct network *ranges; /* as many as allow has; none: everybody */
};

struct input_config {
    const struct node *node; /* for errors */
    enum input_kind kind;    /* says which of these is filled: */
    struct file_config file;
    struct journal_config journal;
    struct stdin_config standard_input;
    struct syslog_config syslog;

    struct strings rules; /* product names or paths */
    struct strings only;
    char *product_id, *source, *environment, *zone;
    const struct node *multiline; /* NULL: as the rule files say */

    /* Worked out by config_load: */
    struct framing *framing; /* of `multiline`, or NULL; owned by the config */
    struct zone zone_table;  /* of `zone`, else the host's; owned by the config */
    struct engine_settings settings;
};

struct privacy_config {
    bool hash_users, truncate_addresses;
};

struct config {
    struct endpoint_config endpoint;
    struct spool_config spool;
    struct log_config log;
    char *product_id, *source, *environment, *instance, *host_address, *host_name, *state_dir,
        *opt_out_file;
    int missing_address; /* enum missing_address */
    int private_address; /* enum private_address */
    char *hash_secret_file;
    struct secret hash_secret; /* len 0: none, or it could not be read */
    struct privacy_config privacy;
    struct exclusion exclusion;
    int64_t metrics_port; /* 0: none */
    struct strings rule_dirs;
    struct zone_names zone_names; /* what abbreviations of zones mean; owned by the config */
    struct activity_name *activities;
    size_t activity_count;
    struct input_config *inputs;
    size_t input_count;

    struct errors warnings;       /* what `check` says, but nothing stops for */
    struct rule_library *library; /* the rule files that the inputs name */
    struct config_texts *texts;   /* the bytes, names and nodes behind the spans */
};

extern const struct key_shape config_shape; /* of a whole configuration */

/* Reads the file at path and everything it names. Every problem goes to errors,
 * also those in rule files. Takes the instance id from /etc/machine-id and the
 * host's name and zone from the system where the file does not say.
 *
 * Never NULL. With an error added the configuration is good for nothing but to
 * be held until the errors, which point into its texts, are shown. Relative paths
 * in the file have been joined to the file's folder. */
struct config *config_load(const char *path, struct errors *errors);

/* Leaves one input, which reads standard input: with the rule files of that name, or
 * path from the working directory; if rules is empty, the one that the file has for it
 * (`stdin: true`), or else its only input with standard input in place of what that
 * reads. Adds an error if it has neither. */
void config_read_stdin(struct config *config, const struct strings *rules, struct errors *errors);

bool config_reads_stdin(const struct config *config);

/* Whether the sender has nothing to do otherwise. */
bool config_sends_alike(const struct config *a, const struct config *b);

void config_free(struct config *config); /* accepts NULL */

#endif
