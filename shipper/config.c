/* SPDX-License-Identifier: MIT
 *
 * The configuration file by its tables of keys, and the checks that a table
 * cannot express. Asks nothing of the network: host_address is never looked up,
 * the endpoint never tried.
 */
#include "shipper/config.h"

#include "parsers/address.h"
#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/config_endpoint.h"
#include "shipper/config_exclude.h"
#include "shipper/config_inputs.h"
#include "shipper/config_privacy.h"
#include "shipper/config_zones.h"
#include "shipper/machine_id.h"
#include "shipper/path.h"
#include "shipper/text_file.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct config_texts {
    struct text *text;
    struct document *document;
    struct text given; /* an input that the command line asks for */
    struct buffer given_bytes;
    struct document *given_document;
    struct arena *arena; /* bounded by the caps on documents */
    char *folder;
};

/* What the table fills: the configuration, and nodes to be read further. */
struct parts {
    struct config config;
    const struct node *endpoint, *spool, *activity_types, *inputs, *log, *privacy, *exclude, *zones;
};

static const char *const missing_addresses[] = {"incomplete", "host", NULL};
static const char *const private_addresses[] = {"keep", "host", "drop", NULL};
static const char *const full_spools[] = {"block", "drop_oldest", NULL};
static const char *const syncs[] = {"full", "normal", NULL};

#define PART(member) offsetof(struct parts, member)

static const struct key spool_keys[] = {
    {.name = "max_bytes",
        .type = KEY_SIZE,
        .offset = offsetof(struct spool_config, max_bytes),
        .help = "size of the spool at which it is full",
        .default_text = "1GiB",
        .least = INT64_C(4) << 20,
        .most = INT64_C(1) << 40},
    {.name = "when_full",
        .type = KEY_CHOICE,
        .offset = offsetof(struct spool_config, when_full),
        .help = "stop reading, or drop the oldest events and count them",
        .default_text = "block",
        .choices = full_spools},
    {.name = "sync",
        .type = KEY_CHOICE,
        .offset = offsetof(struct spool_config, sync),
        .help = "fsync at each commit, or only now and then",
        .default_text = "full",
        .choices = syncs},
    {.name = NULL},
};

static const struct key_shape spool_shape = SHAPE_OF_MAP(spool_keys);

static const char *const log_formats[] = {"text", "logfmt", "json", NULL};
static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};

static const struct key log_keys[] = {
    {.name = "format",
        .type = KEY_CHOICE,
        .offset = offsetof(struct log_config, format),
        .help = "lines for people, logfmt, or a JSON object a line",
        .default_text = "text",
        .choices = log_formats},
    {.name = "level",
        .type = KEY_CHOICE,
        .offset = offsetof(struct log_config, level),
        .help = "the least important messages that are written",
        .default_text = "info",
        .choices = log_levels},
    {.name = NULL},
};

static const struct key_shape log_shape = SHAPE_OF_MAP(log_keys);
static const struct key_shape activities_shape =
    SHAPE_OF(SHAPE_EITHER, &shape_texts, &shape_named_text);

static const struct key keys[] = {
    {.name = "endpoint",
        .type = KEY_NODE,
        .offset = PART(endpoint),
        .is_required = true,
        .help = "where events go and with which key; at least a url",
        .shape = &config_endpoint_shape},
    {.name = "inputs",
        .type = KEY_NODE,
        .offset = PART(inputs),
        .is_required = true,
        .help = "a list of logs to follow, each with its rules",
        .shape = &config_inputs_shape},
    {.name = "product_id",
        .type = KEY_STRING,
        .offset = PART(config.product_id),
        .help = "product_id of every event; default: the rule file's product"},
    {.name = "environment",
        .type = KEY_STRING,
        .offset = PART(config.environment),
        .help = "environment of every event, for example PRODUCTION"},
    {.name = "source",
        .type = KEY_STRING,
        .offset = PART(config.source),
        .help = "TELEMETRY (default), SAAS_PRODUCT or PRODUCT_CLOUD"},
    {.name = "instance",
        .type = KEY_STRING,
        .offset = PART(config.instance),
        .help = "what tells this host from others in event ids; default: /etc/machine-id"},
    {.name = "host_address",
        .type = KEY_STRING,
        .offset = PART(config.host_address),
        .help = "this host's public address: ${self.ip}"},
    {.name = "host_name",
        .type = KEY_STRING,
        .offset = PART(config.host_name),
        .help = "this host's name: ${self.name}; default: the system's"},
    {.name = "missing_address",
        .type = KEY_CHOICE,
        .offset = PART(config.missing_address),
        .help = "what to do with a line that names no address: count it as incomplete, or give "
                "it host_address",
        .default_text = "incomplete",
        .choices = missing_addresses},
    {.name = "private_address",
        .type = KEY_CHOICE,
        .offset = PART(config.private_address),
        .help = "what to do with an address that nobody has on the internet, like 10.0.0.7: send "
                "it, send host_address in its place, or take it for none",
        .default_text = "keep",
        .choices = private_addresses},
    {.name = "hash_secret_file",
        .type = KEY_STRING,
        .offset = PART(config.hash_secret_file),
        .help = "a file with the secret that users are hashed with, alone"},
    {.name = "privacy",
        .type = KEY_NODE,
        .offset = PART(privacy),
        .help = "what is hidden whatever the rules say: {hash_users: true, "
                "truncate_addresses: true}",
        .shape = &config_privacy_shape},
    {.name = "exclude",
        .type = KEY_NODE,
        .offset = PART(exclude),
        .help = "whose events are left out and counted: {user_id: ['svc-*'], ip_addr: "
                "[192.0.2.0/28]}",
        .shape = &config_exclude_shape},
    {.name = "activity_types",
        .type = KEY_NODE,
        .offset = PART(activity_types),
        .help = "the rules' activities as the vendor's metric keys; a list leaves them unchanged",
        .shape = &activities_shape},
    {.name = "zones",
        .type = KEY_NODE,
        .offset = PART(zones),
        .help = "what abbreviations of time zones mean in the logs: {IST: '+05:30'}",
        .shape = &shape_named_text},
    {.name = "state_dir",
        .type = KEY_STRING,
        .offset = PART(config.state_dir),
        .help = "where spool and cursors are kept",
        .default_text = "/var/lib/usage-shipper"},
    {.name = "opt_out_file",
        .type = KEY_STRING,
        .offset = PART(config.opt_out_file),
        .help = "while this file is there, nothing is made into events or sent",
        .default_text = "/etc/usage-shipper/opt-out"},
    {.name = "metrics_port",
        .type = KEY_INTEGER,
        .offset = PART(config.metrics_port),
        .help = "/metrics, /healthz and /readyz on this port of 127.0.0.1; default: none",
        .least = 1,
        .most = 65535},
    {.name = "rule_dirs",
        .type = KEY_STRINGS,
        .offset = PART(config.rule_dirs),
        .help = "where rules are looked up by name, the first that has them wins"},
    {.name = "spool",
        .type = KEY_NODE,
        .offset = PART(spool),
        .help = "bounds of what is kept until it is delivered",
        .shape = &spool_shape},
    {.name = "log",
        .type = KEY_NODE,
        .offset = PART(log),
        .help = "how usage-shipper writes its own log, on standard error",
        .shape = &log_shape},
    {.name = NULL},
};

const struct key_shape config_shape = SHAPE_OF_MAP(keys);

/* --- checks ---------------------------------------------------------------- */

/* The place of a key's value, or none if the file does not have it. */
static struct place place_of(const struct config *config, const char *key)
{
    const struct node *node = node_get(document_root(config->texts->document), key);

    return node ? node->place : (struct place){0};
}

static void check_addresses(struct config *config, struct errors *errors)
{
    struct address address;

    if (!config->host_address) {
        if (config->missing_address == MISSING_HOST)
            error_hint(errors_add(errors, place_of(config, "missing_address"),
                           "\"host\" needs a host_address to give to lines without one"),
                "Add host_address: the public address of this host.");
        if (config->private_address == PRIVATE_HOST)
            error_hint(errors_add(errors, place_of(config, "private_address"),
                           "\"host\" needs a host_address to send in place of private ones"),
                "Add host_address: the public address of this host.");
        return;
    }
    if (!address_parse(span_of(config->host_address), &address)) {
        error_hint(errors_add(errors, place_of(config, "host_address"),
                       "\"%.100s\" is not an IP address", config->host_address),
            "Write the public address itself: names are never looked up.");
        return;
    }
    if (address.is_private)
        error_hint(errors_add(&config->warnings, place_of(config, "host_address"),
                       "warning: %s is a private address", address.text),
            "The receiver cannot map it to a company: use the address that the internet sees.");
    free(config->host_address);
    config->host_address = memory_string(span_of(address.text));
}

static void set_instance(struct config *config, struct errors *errors)
{
    if (!config->instance)
        config->instance = machine_id_read(NULL);
    if (!config->instance)
        error_hint(errors_add(errors, (struct place){0},
                       "%s: no \"instance\", and no /etc/machine-id to take its place",
                       config->texts->text->name),
            "Add instance: a name that no other host of yours uses, and never change it.");
}

static void set_host_name(struct config *config)
{
    char name[HOST_NAME_MAX + 1] = "";

    if (!config->host_name && gethostname(name, sizeof(name) - 1) == 0 && *name)
        config->host_name = memory_string(span_of(name));
}

static void add_activity(struct config *config, const struct node *ours, const struct node *theirs,
    struct errors *errors)
{
    if (ours->kind != NODE_SCALAR || theirs->kind != NODE_SCALAR || ours->value.len == 0 ||
        theirs->value.len == 0) {
        error_hint(errors_add(errors, theirs->place, "an activity must be a text"),
            "Write a metric key of the vendor's settings, like LOGIN.");
        return;
    }
    config->activities[config->activity_count++] =
        (struct activity_name){ours->value, theirs->value};
}

static void read_activities(struct config *config, const struct node *node, struct errors *errors)
{
    if (!node)
        return;
    if (node->kind == NODE_SCALAR || node->count == 0) {
        error_hint(errors_add(errors, node->place, "activity_types must be a map or a list"),
            "Write {LOGIN: THEIR_KEY} to rename, [LOGIN] to allow unchanged, or leave it out.");
        return;
    }
    config->activities = memory_new(node->count * sizeof(*config->activities));
    for (size_t i = 0; i < node->count; i++)
        if (node->kind == NODE_MAP)
            add_activity(config, node->pairs[i].key, node->pairs[i].value, errors);
        else
            add_activity(config, node->items[i], node->items[i], errors);
}

/* --- loading --------------------------------------------------------------- */

static void join_paths(struct config *config)
{
    static const char *const rule_dirs[] = {"/etc/usage-shipper/rules", RULES_DIR};
    const char *folder = config->texts->folder;
    struct strings *dirs = &config->rule_dirs;

    path_settle(&config->state_dir, folder);
    path_settle(&config->opt_out_file, folder);
    for (size_t i = 0; i < dirs->count; i++)
        path_settle(&dirs->items[i], folder);
    if (dirs->count > 0)
        return;
    free(dirs->items);
    *dirs = (struct strings){memory_new(sizeof(rule_dirs)), 2};
    for (size_t i = 0; i < dirs->count; i++)
        dirs->items[i] = memory_string(span_of(rule_dirs[i]));
}

static void read_parts(struct config *config, const struct node *root, struct errors *errors)
{
    struct parts parts = {.config = *config};

    keys_read(root, "the configuration", keys, &parts, errors);
    *config = parts.config;
    if (root->kind != NODE_MAP)
        return;
    join_paths(config);
    config_check_source(root, errors);
    config_endpoint_read(
        &config->endpoint, parts.endpoint, config->texts->folder, errors, &config->warnings);
    keys_read(parts.spool, "spool", spool_keys, &config->spool, errors);
    keys_read(parts.log, "log", log_keys, &config->log, errors);
    check_addresses(config, errors);
    config_privacy_read(config, root, parts.privacy, config->texts->folder, errors);
    config_exclude_read(&config->exclusion, parts.exclude, errors);
    set_instance(config, errors);
    set_host_name(config);
    read_activities(config, parts.activity_types, errors);
    config_zones_read(config, parts.zones, errors);
    config->library = rule_library_new(&config->rule_dirs, config->texts->folder);
    if (parts.inputs)
        config_inputs_read(
            config, parts.inputs, config->texts->folder, config->texts->arena, errors);
}

/* Who may change what is sent? */
static void check_owner(const char *path, struct errors *warnings)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return;
    if (status.st_mode & S_IWOTH)
        error_hint(errors_add(warnings, (struct place){0},
                       "warning: everyone on this host can change %s", path),
            "`chmod o-w` it: it says what is sent, and where.");
    else if (status.st_uid != 0 && status.st_uid != geteuid())
        error_hint(errors_add(warnings, (struct place){0},
                       "warning: %s belongs to another user (%u), who can change it", path,
                       (unsigned)status.st_uid),
            "`chown` it to root or to the user that usage-shipper runs as.");
}

static void check_owners(struct config *config)
{
    check_owner(config->texts->text->name, &config->warnings);
    for (size_t i = 0; config->library && i < rule_library_count(config->library); i++)
        check_owner(rule_library_text(config->library, i)->name, &config->warnings);
}

struct config *config_load(const char *path, struct errors *errors)
{
    struct config *config = memory_new(sizeof(*config));
    struct config_texts *texts = memory_new(sizeof(*texts));
    struct error why;

    config->texts = texts;
    texts->folder = path_folder(path);
    texts->arena = arena_new(SIZE_MAX);
    texts->text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &why);
    if (!texts->text) {
        error_hint(errors_add(errors, (struct place){0}, "%s", why.message), "%s",
            access(path, F_OK) != 0 ? "`usage-shipper init` writes a first configuration; "
                                      "--config names another file."
                                    : why.hint);
        return config;
    }
    texts->document = document_parse(texts->text, errors);
    if (texts->document)
        read_parts(config, document_root(texts->document), errors);
    check_owners(config);
    return config;
}

/* As the configuration would have it. */
static void write_stdin_input(const struct strings *rules, struct buffer *out)
{
    char here[PATH_MAX] = ".";

    if (!getcwd(here, sizeof(here)))
        here[1] = '\0';
    buffer_append(out, SPAN("[{\"stdin\": true, \"rules\": ["));
    for (size_t i = 0; i < rules->count; i++) {
        char *path = memory_string(span_of(rules->items[i]));

        if (rule_library_is_path(path))
            path_settle(&path, here);
        buffer_append(out, i > 0 ? SPAN(", ") : SPAN(""));
        event_write_string(span_of(path), out);
        free(path);
    }
    buffer_append(out, SPAN("]}]"));
}

void config_read_stdin(struct config *config, const struct strings *rules, struct errors *errors)
{
    struct config_texts *texts = config->texts;

    if (rules->count == 0) {
        config_inputs_keep_stdin(config, errors);
        return;
    }
    write_stdin_input(rules, &texts->given_bytes);
    texts->given = (struct text){"--rules", buffer_span(&texts->given_bytes)};
    texts->given_document = document_parse(&texts->given, errors);
    config_inputs_finish(config);
    if (texts->given_document)
        config_inputs_read(
            config, document_root(texts->given_document), texts->folder, texts->arena, errors);
}

bool config_reads_stdin(const struct config *config)
{
    for (size_t i = 0; i < config->input_count; i++)
        if (config->inputs[i].kind == INPUT_STDIN)
            return true;
    return false;
}

bool config_sends_alike(const struct config *a, const struct config *b)
{
    return config_endpoint_equals(&a->endpoint, &b->endpoint) &&
           keys_equal(spool_keys, &a->spool, &b->spool) && keys_equal(log_keys, &a->log, &b->log);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    config_inputs_finish(config);
    rule_library_free(config->library);
    keys_finish(keys, &(struct parts){.config = *config});
    keys_finish(spool_keys, &config->spool);
    config_endpoint_finish(&config->endpoint);
    secret_wipe(&config->hash_secret);
    config_exclude_finish(&config->exclusion);
    config_zones_finish(config);
    free(config->activities);
    errors_finish(&config->warnings);
    document_free(config->texts->document);
    document_free(config->texts->given_document);
    buffer_finish(&config->texts->given_bytes);
    text_file_free(config->texts->text);
    arena_free(config->texts->arena);
    free(config->texts->folder);
    free(config->texts);
    free(config);
}
