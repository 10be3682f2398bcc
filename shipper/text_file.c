/* SPDX-License-Identifier: MIT
 *
 * One block holds the text, its name and its bytes. The size is what read()
 * gives, not what stat says: a file may grow meanwhile. Pipes and devices are
 * refused, since opening or reading them may never end.
 */
#include "shipper/text_file.h"

#include "parsers/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char *path, struct error *err)
{
    int code = errno;

    error_system(err, "cannot read %s", path);
    err->kind = ERROR_CONFIG;
    if (code == EACCES)
        error_hint(err, "Let the user that usage-shipper runs as read it and enter its folders.");
    else if (code == ENOENT)
        error_hint(err, "Is the name right, and relative to the right folder?");
}

/* Up to the end or one byte over the cap, which shows that the file is larger. */
static bool read_all(int fd, size_t most_bytes, struct buffer *bytes)
{
    while (bytes->len <= most_bytes) {
        size_t wanted = most_bytes + 1 - bytes->len;
        ssize_t n;

        if (wanted > 64 << 10)
            wanted = 64 << 10;
        n = read(fd, buffer_reserve(bytes, wanted), wanted);
        if (n == 0)
            return true;
        if (n > 0)
            bytes->len += (size_t)n;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

static struct text *make_text(const char *path, struct span bytes)
{
    size_t name_bytes = strlen(path) + 1;
    struct text *text = memory_new(sizeof(*text) + name_bytes + bytes.len);
    char *name = (char *)(text + 1);

    memcpy(name, path, name_bytes);
    memcpy(name + name_bytes, bytes.at, bytes.len);
    *text = (struct text){name, {name + name_bytes, bytes.len}};
    return text;
}

struct text *text_file_read(const char *path, size_t most_bytes, struct error *err)
{
    struct buffer bytes = {0};
    struct text *text = NULL;
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || fstat(fd, &about) != 0)
        fail(path, err);
    else if (!S_ISREG(about.st_mode))
        error_set(err, ERROR_CONFIG, 0, "%s is %s, not a file", path,
            S_ISDIR(about.st_mode) ? "a folder" : "a pipe or device");
    else if (!read_all(fd, most_bytes, &bytes))
        fail(path, err);
    else if (bytes.len > most_bytes)
        error_set(err, ERROR_CONFIG, 0, "%s is larger than %zu KiB, the most that is read", path,
            most_bytes >> 10);
    else
        text = make_text(path, buffer_span(&bytes));
    buffer_finish(&bytes);
    if (fd >= 0)
        close(fd);
    return text;
}

void text_file_free(struct text *text)
{
    free(text);
}
