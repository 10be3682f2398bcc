/* SPDX-License-Identifier: MIT
 *
 * Reads the file in one go and never waits for it. The secret's text appears in no
 * message; copies here are wiped.
 */
#include "shipper/sender/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_around(char c)
{
    return byte_is_blank(c) || c == '\n' || c == '\r';
}

void secret_take(struct secret *secret, struct span text)
{
    while (text.len > 0 && is_around(text.at[0]))
        text = span_from(text, 1);
    while (text.len > 0 && is_around(text.at[text.len - 1]))
        text.len--;
    if (text.len > sizeof(secret->text) - 1)
        text.len = sizeof(secret->text) - 1;
    memmove(secret->text, text.at, text.len);
    secret->text[text.len] = '\0';
    secret->len = text.len;
}

static bool fail(const char *path, const char *what, int code, const char *why, struct error *err)
{
    error_set(err, ERROR_CONFIG, code, "cannot read %s from \"%s\": %s", what, path, why);
    error_hint(err, "The file must hold it and nothing else, readable by the service's user only.");
    return false;
}

bool secret_file_read(const char *path, const char *what, struct secret *secret, struct error *err)
{
    /* Non-blocking: a pipe in its place must not hang us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char bytes[sizeof(secret->text) - 1];
    struct stat status;
    ssize_t len = -1;
    bool is_read = true;

    *secret = (struct secret){.len = 0};
    if (fd < 0 || fstat(fd, &status) < 0)
        is_read = fail(path, what, errno, strerrordesc_np(errno), err);
    else if (!S_ISREG(status.st_mode))
        is_read = fail(path, what, 0, "not a file", err);
    else if ((len = read(fd, bytes, sizeof(bytes))) < 0)
        is_read = fail(path, what, errno, strerrordesc_np(errno), err);
    if (is_read) {
        secret->is_exposed = (status.st_mode & S_IROTH) != 0;
        secret_take(secret, (struct span){bytes, (size_t)len});
    }
    explicit_bzero(bytes, sizeof(bytes));
    if (fd >= 0)
        close(fd);
    return is_read;
}

void secret_wipe(struct secret *secret)
{
    explicit_bzero(secret, sizeof(*secret));
}
