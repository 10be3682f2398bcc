/* SPDX-License-Identifier: MIT
 *
 * The secret is read once, with the configuration, and wiped with it. A short one could be
 * guessed, and with it every user: it is refused.
 */
#include "shipper/config_privacy.h"

#include "shipper/path.h"

enum { SECRET_BYTES_LEAST = 16 };

static const struct key privacy_keys[] = {
    {.name = "hash_users",
        .type = KEY_BOOL,
        .offset = offsetof(struct privacy_config, hash_users),
        .help = "true: every user_id is sent as a hash, whatever its rule says"},
    {.name = "truncate_addresses",
        .type = KEY_BOOL,
        .offset = offsetof(struct privacy_config, truncate_addresses),
        .help = "true: of every address only the network is sent: /24 of IPv4, /48 of IPv6"},
    {.name = NULL},
};

const struct key_shape config_privacy_shape = SHAPE_OF_MAP(privacy_keys);

static void read_secret(struct config *config, const struct node *node, struct errors *errors)
{
    struct secret *secret = &config->hash_secret;
    struct error why;

    if (!secret_file_read(config->hash_secret_file, "the hash secret", secret, &why)) {
        error_hint(
            errors_add(&config->warnings, node->place, "warning: %s", why.message), "%s", why.hint);
        return;
    }
    if (secret->len < SECRET_BYTES_LEAST || secret->len > LIMIT_API_KEY_BYTES) {
        error_hint(
            errors_add(errors, node->place, "the secret in \"%s\" has %zu bytes, not %d to %u",
                config->hash_secret_file, secret->len, SECRET_BYTES_LEAST, LIMIT_API_KEY_BYTES),
            "Make one with `openssl rand -hex 32`; hosts with the same one give users the same "
            "hashes.");
        secret_wipe(secret);
        return;
    }
    if (secret->is_exposed)
        error_hint(errors_add(&config->warnings, node->place,
                       "warning: everyone on this host can read \"%s\"", config->hash_secret_file),
            "`chmod 0600` it, and give it to the user that usage-shipper runs as.");
}

void config_privacy_read(struct config *config, const struct node *root, const struct node *node,
    const char *folder, struct errors *errors)
{
    keys_read(node, "privacy", privacy_keys, &config->privacy, errors);
    if (config->hash_secret_file) {
        path_settle(&config->hash_secret_file, folder);
        read_secret(config, node_get(root, "hash_secret_file"), errors);
    } else if (config->privacy.hash_users) {
        error_hint(errors_add(errors, node_get(node, "hash_users")->place,
                       "\"hash_users\" needs a hash_secret_file"),
            "Make one with `openssl rand -hex 32 > FILE`, readable by the service's user only.");
    }
}

bool config_privacy_is_ready(const struct config *config, struct error *err)
{
    if (!config->hash_secret_file || config->hash_secret.len > 0)
        return true;
    error_set(
        err, ERROR_CONFIG, 0, "the hash secret in \"%s\" cannot be read", config->hash_secret_file);
    error_hint(
        err, "It must be a file that the service's user can read, and hold the secret alone.");
    return false;
}
