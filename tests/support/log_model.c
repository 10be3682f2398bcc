/* SPDX-License-Identifier: MIT
 *
 * Every change is made on disk and in the model, in that order.
 */
#include "tests/support/log_model.h"

#include "parsers/memory.h"
#include "shipper/text_file.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

void log_model_init(struct log_model *m, const char *dir, unsigned line_bytes)
{
    *m = (struct log_model){.dir = dir, .line_bytes = line_bytes, .descriptor = -1};
}

void log_model_finish(struct log_model *m)
{
    if (m->descriptor >= 0)
        close(m->descriptor);
}

static void tell(const struct log_model *m, const char *what, const char *name, const char *to)
{
    if (m->is_told)
        fprintf(stderr, "    %s %s %s\n", what, name[0] ? name : "(no name)", to);
}

struct model_file *log_model_named(struct log_model *m, const char *name)
{
    for (unsigned i = 0; i < m->file_count; i++)
        if (strcmp(m->files[i].name, name) == 0)
            return &m->files[i];
    return NULL;
}

static struct model_file *add_file(struct log_model *m, const char *name)
{
    struct model_file *file;

    assert_true(m->file_count < MODEL_FILES);
    file = &m->files[m->file_count++];
    snprintf(file->name, sizeof(file->name), "%s", name);
    return file;
}

/* --- lines ----------------------------------------------------------------- */

/* "00017 0000…0134623.": its number, its number once more in a way that no other
 * line shares, and a full stop. */
static void write_text(const struct log_model *m, unsigned line, char *text)
{
    int len = snprintf(
        text, m->line_bytes, "%05u %0*llu", line, (int)m->line_bytes - 7, (line + 1) * 7919ull);

    assert_int_equal(len, m->line_bytes - 1);
    text[m->line_bytes - 1] = '.';
}

/* It is in a file that has no live name, where it may be taken as final. */
static bool is_rotated_half(const struct log_model *m, unsigned line)
{
    const struct model_file *file = m->written;

    return file && file->is_half && file->half == line && strcmp(file->name, MODEL_LIVE) != 0;
}

bool log_model_parse(const struct log_model *m, struct span text, unsigned *line, bool *is_half)
{
    char *wanted;
    bool is_known;

    if (text.len != m->line_bytes && text.len != MODEL_HALF_BYTES)
        return false;
    *is_half = text.len == MODEL_HALF_BYTES;
    *line = (unsigned)strtoul(text.at, NULL, 10);
    if (*line >= MODEL_LINES ||
        !(*is_half ? m->is_left_half[*line] || m->is_copied_half[*line] || is_rotated_half(m, *line)
                   : *line < m->line_count))
        return false;
    wanted = memory_new(m->line_bytes);
    write_text(m, *line, wanted);
    is_known = memcmp(wanted, text.at, text.len) == 0;
    free(wanted);
    return is_known;
}

static void put(const struct log_model *m, const char *bytes, size_t len)
{
    assert_int_equal(write(m->descriptor, bytes, len), (ssize_t)len);
}

void log_model_append(struct log_model *m, bool is_half)
{
    struct model_file *file = m->written;
    unsigned line = file->is_half ? m->line_count - 1 : m->line_count;
    char *text = memory_new(m->line_bytes + 1), number[40];

    assert_true(line < MODEL_LINES);
    write_text(m, line, text);
    text[m->line_bytes] = '\n';
    if (file->is_half)
        put(m, text + MODEL_HALF_BYTES, m->line_bytes + 1 - MODEL_HALF_BYTES);
    else
        put(m, text, is_half ? MODEL_HALF_BYTES : m->line_bytes + 1);
    free(text);
    snprintf(number, sizeof(number), "line %u%s", line, is_half && !file->is_half ? ", half" : "");
    tell(m, "append", file->name, number);
    m->line_count = line + 1;
    file->is_half = is_half && !file->is_half;
    file->half = line;
    if (!file->is_half) {
        file->lines[file->count++] = line;
        m->life_of[line] = m->lives;
    }
}

/* The line is then begun anew, under the same number, in another file. */
static void leave_half(struct log_model *m)
{
    if (!m->written || !m->written->is_half)
        return;
    m->line_count--;
    m->is_left_half[m->line_count] = true;
}

/* --- files ----------------------------------------------------------------- */

void log_model_reopen(struct log_model *m, bool has_banner)
{
    struct model_file *file = log_model_named(m, MODEL_LIVE);

    if (file && file == m->written)
        return;
    leave_half(m);
    tell(m, "reopen", MODEL_LIVE, has_banner ? "with a banner" : "");
    log_model_finish(m);
    m->descriptor =
        open(scratch_path(m->dir, MODEL_LIVE), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(m->descriptor >= 0);
    m->written = file ? file : add_file(m, MODEL_LIVE);
    m->lives++;
    if (has_banner && m->written->count == 0 && !m->written->is_half)
        put(m, MODEL_BANNER "\n", strlen(MODEL_BANNER "\n"));
}

void log_model_rename(struct log_model *m, struct model_file *file, const char *to)
{
    tell(m, "rename", file->name, to);
    assert_null(log_model_named(m, to));
    assert_int_equal(rename(scratch_path(m->dir, file->name), scratch_path(m->dir, to)), 0);
    snprintf(file->name, sizeof(file->name), "%s", to);
}

/* The same content under another name; of a half line nobody writes the rest. */
static struct model_file *add_copy(
    struct log_model *m, const struct model_file *file, const char *to)
{
    struct model_file *copy = add_file(m, to);

    memcpy(copy->lines, file->lines, sizeof(copy->lines));
    copy->count = file->count;
    copy->is_compressed = file->is_compressed;
    copy->is_half = file->is_half;
    copy->half = file->half;
    if (file->is_half)
        m->is_copied_half[file->half] = true;
    return copy;
}

void log_model_copy(struct log_model *m, struct model_file *file, const char *to)
{
    tell(m, "copy", file->name, to);
    scratch_copy(scratch_path(m->dir, file->name), scratch_path(m->dir, to));
    add_copy(m, file, to);
}

static void write_file(const char *path, const char *mode, struct span bytes)
{
    FILE *to = fopen(path, mode);

    assert_non_null(to);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, to), bytes.len);
    assert_int_equal(fclose(to), 0);
}

static struct buffer compress_file(const char *path)
{
    struct buffer out = {0};
    struct error err;
    struct text *text = text_file_read(path, 16 << 20, &err);
    z_stream stream = {0};

    assert_non_null(text);
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text->bytes.at;
    stream.avail_in = (unsigned)text->bytes.len;
    stream.avail_out = (unsigned)deflateBound(&stream, text->bytes.len);
    stream.next_out = (unsigned char *)buffer_reserve(&out, stream.avail_out);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.len = stream.total_out;
    deflateEnd(&stream);
    text_file_free(text);
    return out;
}

void log_model_compress(
    struct log_model *m, struct model_file *file, void (*pause)(void *arg), void *arg)
{
    struct buffer bytes;
    char to[48];

    snprintf(to, sizeof(to), "%s.gz", file->name);
    tell(m, "compress", file->name, to);
    bytes = compress_file(scratch_path(m->dir, file->name));
    write_file(scratch_path(m->dir, to), "w", (struct span){bytes.bytes, bytes.len / 2});
    pause(arg);
    write_file(scratch_path(m->dir, to), "a", span_from(buffer_span(&bytes), bytes.len / 2));
    add_copy(m, file, to)->is_compressed = true;
    log_model_unlink(m, file);
    buffer_finish(&bytes);
}

void log_model_unlink(struct log_model *m, struct model_file *file)
{
    tell(m, "unlink", file->name, "");
    assert_int_equal(unlink(scratch_path(m->dir, file->name)), 0);
    file->name[0] = '\0';
}

void log_model_truncate(struct log_model *m, struct model_file *file)
{
    tell(m, "truncate", file->name, "");
    assert_int_equal(truncate(scratch_path(m->dir, file->name), 0), 0);
    if (file == m->written) {
        leave_half(m);
        m->lives++;
    }
    file->is_half = false;
    file->count = 0;
}

bool log_model_has(const struct model_file *file, unsigned line)
{
    for (unsigned i = 0; i < file->count; i++)
        if (file->lines[i] == line)
            return true;
    return false;
}
