/* SPDX-License-Identifier: MIT
 *
 * Reads the key and checks that it can stand in a header. Its text never appears
 * in a message; copies here are wiped.
 */
#include "shipper/sender/api_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char file_hint[] =
    "It must hold the key and nothing else, readable by the service's user only.";

static bool is_around(char c)
{
    return byte_is_blank(c) || c == '\n' || c == '\r';
}

static bool is_visible(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    return true;
}

/* place: how a message names where the text comes from. */
static bool take_text(struct api_key *key, struct span text, const char *place, struct error *err)
{
    const char *what = NULL;

    while (text.len > 0 && is_around(text.at[0]))
        text = span_from(text, 1);
    while (text.len > 0 && is_around(text.at[text.len - 1]))
        text.len--;
    if (text.len == 0)
        what = "it is empty";
    else if (text.len > LIMIT_API_KEY_BYTES)
        what = "it is too long";
    else if (!is_visible(text))
        what = "it holds a blank, a control character or a byte that is not ASCII";
    if (what) {
        error_set(err, ERROR_CONFIG, 0, "no API key in %s: %s", place, what);
        error_hint(err, "%s", file_hint);
        return false;
    }
    memcpy(key->text, text.at, text.len);
    key->text[text.len] = '\0';
    return true;
}

static bool read_bytes(int fd, struct api_key *key, const char *place, struct error *err)
{
    /* Room for blanks around the key, and for one byte too many. */
    char bytes[2 * LIMIT_API_KEY_BYTES];
    ssize_t len = read(fd, bytes, sizeof(bytes));
    bool is_read = len >= 0 ? take_text(key, (struct span){bytes, (size_t)len}, place, err)
                            : error_system(err, "cannot read the API key from %s", place);

    explicit_bzero(bytes, sizeof(bytes));
    return is_read;
}

static bool read_file(struct api_key *key, const char *path, struct error *err)
{
    char place[PATH_MAX + 2];
    struct stat status;
    bool is_read = false;
    int fd;

    snprintf(place, sizeof(place), "\"%s\"", path);
    /* Non-blocking: a pipe in its place must not hang us. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status) < 0) {
        error_set(err, ERROR_CONFIG, errno, "cannot read the API key from %s: %s", place,
            strerrordesc_np(errno));
        error_hint(err, "%s", file_hint);
    } else if (!S_ISREG(status.st_mode)) {
        error_set(err, ERROR_CONFIG, 0, "cannot read the API key from %s: not a file", place);
        error_hint(err, "%s", file_hint);
    } else {
        key->is_exposed = (status.st_mode & S_IROTH) != 0;
        is_read = read_bytes(fd, key, place, err);
    }
    if (fd >= 0)
        close(fd);
    return is_read;
}

static bool find(struct api_key *key, const char *environment, const char *file, struct error *err)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_MAX];

    if (environment) {
        snprintf(key->remedy, sizeof(key->remedy), "until a restart with another %s",
            "USAGE_SHIPPER_API_KEY");
        return take_text(key, span_of(environment), "USAGE_SHIPPER_API_KEY", err);
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
