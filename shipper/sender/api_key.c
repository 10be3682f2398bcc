/* SPDX-License-Identifier: MIT
 *
 * Finds the key and checks that it can stand in a header. Its text never appears
 * in a message; copies here are wiped.
 */
#include "shipper/sender/api_key.h"

#include "shipper/sender/secret_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_visible(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    return true;
}

const char *api_key_fault(struct span text)
{
    if (text.len == 0)
        return "it is empty";
    if (text.len > LIMIT_API_KEY_BYTES)
        return "it is too long";
    if (!is_visible(text))
        return "it holds a blank, a control character or a byte that is not ASCII";
    return NULL;
}

/* place: how a message names where the secret comes from. Wipes it. */
static bool take(struct api_key *key, struct secret *secret, const char *place, struct error *err)
{
    const char *what = api_key_fault((struct span){secret->text, secret->len});

    if (!what)
        memcpy(key->text, secret->text, secret->len + 1);
    key->is_exposed = secret->is_exposed;
    secret_wipe(secret);
    if (!what)
        return true;
    error_set(err, ERROR_CONFIG, 0, "no API key in %s: %s", place, what);
    error_hint(err, "It must hold the key and nothing else, readable by the service's user only.");
    return false;
}

static bool read_file(struct api_key *key, const char *path, struct error *err)
{
    char place[PATH_MAX + 2];
    struct secret secret;

    snprintf(place, sizeof(place), "\"%s\"", path);
    return secret_file_read(path, "the API key", &secret, err) && take(key, &secret, place, err);
}

static bool find(struct api_key *key, const char *environment, const char *file, struct error *err)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_MAX];
    struct secret secret = {.len = 0};

    if (environment) {
        snprintf(key->remedy, sizeof(key->remedy), "until a restart with another %s",
            "USAGE_SHIPPER_API_KEY");
        secret_take(&secret, span_of(environment));
        return take(key, &secret, "USAGE_SHIPPER_API_KEY", err);
    }
    if (file) {
        snprintf(key->remedy, sizeof(key->remedy), "until the key in %s is changed", file);
        return read_file(key, file, err);
    }
    if (credentials) {
        snprintf(key->remedy, sizeof(key->remedy),
            "until the credential is changed (then: systemctl restart usage-shipper)");
        snprintf(path, sizeof(path), "%s/api_key", credentials);
        return read_file(key, path, err);
    }
    error_set(err, ERROR_CONFIG, 0, "no API key");
    error_hint(err, "Put it into a file and name that in the configuration: endpoint: "
                    "{api_key_file: /etc/usage-shipper/api_key}. USAGE_SHIPPER_API_KEY in the "
                    "environment or a systemd credential \"api_key\" will do, too.");
    return false;
}

bool api_key_read(struct api_key *key, const char *environment, const char *file, struct error *err)
{
    *key = (struct api_key){.text = ""};
    if (find(key, environment, file, err))
        return true;
    api_key_wipe(key);
    return false;
}

void api_key_wipe(struct api_key *key)
{
    explicit_bzero(key, sizeof(*key));
}
