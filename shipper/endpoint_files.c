/* SPDX-License-Identifier: MIT
 *
 * Opens each file once, says what is in its way at the key that names it, and
 * forgets what it read.
 */
#include "shipper/endpoint_files.h"

#include "parsers/limits.h"
#include "parsers/timestamp.h"
#include "shipper/certificate.h"
#include "shipper/sender/api_key.h"
#include "shipper/sender/secret_file.h"
#include "shipper/text_file.h"

#include <stdlib.h>
#include <sys/stat.h>

struct looking {
    const struct endpoint_config *endpoint;
    int64_t wall_s;
    struct errors *errors, *warnings;
};

static struct place place_of(const struct looking *l, const char *key)
{
    const struct node *node = l->endpoint->node ? node_get(l->endpoint->node, key) : NULL;

    return node ? node->place : (struct place){0};
}

/* A failure to open is one of this host, here and now. */
static void complain(const struct looking *l, const char *key, const struct error *why)
{
    bool is_here = why->code != 0;
    struct error *err = errors_add(is_here ? l->warnings : l->errors, place_of(l, key), "%s%s",
        is_here ? "warning: " : "", why->message);

    err->code = why->code;
    if (why->hint[0])
        error_hint(err, "%s", why->hint);
}

static void warn_exposed(const struct looking *l, const char *key, const char *path)
{
    error_hint(errors_add(l->warnings, place_of(l, key),
                   "warning: everyone on this host can read \"%s\"", path),
        "`chmod 0600` it, and give it to the user that usage-shipper runs as.");
}

static void check_key(const struct looking *l)
{
    const char *path = l->endpoint->api_key_file;
    struct api_key key;
    struct error why;

    if (!path)
        return;
    if (!api_key_read(&key, NULL, path, &why))
        complain(l, "api_key_file", &why);
    else if (key.is_exposed)
        warn_exposed(l, "api_key_file", path);
    api_key_wipe(&key);
}

static void check_credentials(const struct looking *l)
{
    const char *path = l->endpoint->proxy_credentials_file;
    struct secret secret;
    struct error why;

    if (!path)
        return;
    if (!secret_file_read(path, "the proxy's credentials", &secret, &why))
        complain(l, "proxy_credentials_file", &why);
    else if (strlen(secret.text) != secret.len || !strchr(secret.text, ':'))
        error_hint(errors_add(l->errors, place_of(l, "proxy_credentials_file"),
                       "no credentials in \"%s\"", path),
            "It must hold one line: the user name, a colon, the password.");
    else if (secret.is_exposed)
        warn_exposed(l, "proxy_credentials_file", path);
    secret_wipe(&secret);
}

/* The text of a file with certificates, or NULL with what is wrong said. */
static struct text *read_certificates(const struct looking *l, const char *key, const char *path,
    struct certificate *first, size_t *count)
{
    struct error why;
    struct text *text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &why);

    if (!text) {
        complain(l, key, &why);
        return NULL;
    }
    if (certificate_read(text->bytes, first, count))
        return text;
    error_hint(errors_add(l->errors, place_of(l, key), "\"%s\" holds no certificate", path),
        "It must be PEM text: -----BEGIN CERTIFICATE----- and what follows.");
    text_file_free(text);
    return NULL;
}

static void check_time(const struct looking *l, const char *key, const char *path,
    const struct certificate *certificate)
{
    bool is_over = certificate->until_s < l->wall_s;
    char when[TIMESTAMP_TEXT_BYTES];

    if (!is_over && certificate->from_s <= l->wall_s)
        return;
    timestamp_write(is_over ? certificate->until_s : certificate->from_s, when);
    error_hint(
        errors_add(l->warnings, place_of(l, key), "warning: the certificate in \"%s\" %s at %s",
            path, is_over ? "expired" : "is valid only from then on,", when),
        "Renew it, or set this host's clock if that is wrong.");
}

static void check_authority(const struct looking *l)
{
    const char *path = l->endpoint->ca_file;
    struct certificate first;
    struct text *text;
    size_t count;

    if (!path)
        return;
    text = read_certificates(l, "ca_file", path, &first, &count);
    /* Of many it does not matter whether one is over. */
    if (text && count == 1)
        check_time(l, "ca_file", path, &first);
    text_file_free(text);
}

static void check_client_key(const struct looking *l, const struct text *certificate)
{
    const char *path = l->endpoint->client_key ? l->endpoint->client_key : certificate->name;
    const char *key = l->endpoint->client_key ? "client_key" : "client_cert";
    struct error why;
    struct text *text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &why);
    const char *fault = text ? certificate_key_fault(certificate->bytes, text->bytes) : NULL;
    struct stat status;

    if (!text)
        complain(l, key, &why);
    else if (fault)
        error_hint(errors_add(l->errors, place_of(l, key), "\"%s\": %s", path, fault),
            "client_key names the private key of client_cert, as PEM text without a password.");
    else if (stat(path, &status) == 0 && (status.st_mode & S_IROTH))
        warn_exposed(l, key, path);
    if (text)
        explicit_bzero((void *)(uintptr_t)text->bytes.at, text->bytes.len);
    text_file_free(text);
}

static void check_client(const struct looking *l)
{
    const char *path = l->endpoint->client_cert;
    struct certificate first;
    struct text *text;
    size_t count;

    if (!path)
        return;
    text = read_certificates(l, "client_cert", path, &first, &count);
    if (!text)
        return;
    check_time(l, "client_cert", path, &first);
    check_client_key(l, text);
    text_file_free(text);
}

void endpoint_files_check(const struct endpoint_config *endpoint, int64_t wall_s,
    struct errors *errors, struct errors *warnings)
{
    const struct looking l = {endpoint, wall_s, errors, warnings};

    check_key(&l);
    check_authority(&l);
    check_client(&l);
    check_credentials(&l);
}
