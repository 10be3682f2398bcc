/* SPDX-License-Identifier: MIT
 *
 * What is written are the patterns of the rule file's `logs`, not the files that they
 * found: a log that rotation makes tomorrow is to be followed, too.
 */
#include "shipper/init.h"

#include "parsers/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SERVICE_GROUP "usage-shipper"
#define VENDORS_URL   "https://ingest.reo.dev/api/product/usage"

/* --- looking --------------------------------------------------------------- */

static void count_lines(struct init_product *product)
{
    for (size_t i = 0; i < product->found.count; i++) {
        const struct engine_counts *counts = &product->found.items[i].counts;

        product->events += counts->events;
        for (unsigned j = 0; j < LINE_CLASSES; j++)
            product->lines += counts->lines[j];
    }
}

static int compare(const void *a, const void *b)
{
    const struct init_product *one = a, *other = b;

    if (one->events != other->events)
        return one->events > other->events ? -1 : 1;
    return strcmp(one->name, other->name);
}

static void look_for(
    const char *name, const struct found_options *options, struct init_products *products)
{
    struct errors errors = {0};
    struct init_product product = {
        .file = rule_library_get(products->library, name, (struct place){0}, &errors)};

    errors_finish(&errors);
    if (!product.file) {
        products->faulty_count++;
        return;
    }
    found_logs_look(product.file, options, &product.found);
    if (product.found.count == 0)
        return;
    product.name = memory_string(span_of(name));
    count_lines(&product);
    products->items =
        memory_room(products->items, products->count, &products->room, sizeof(*products->items));
    products->items[products->count++] = product;
}

void init_look(
    const struct strings *dirs, const struct found_options *options, struct init_products *products)
{
    struct strings names;

    *products = (struct init_products){.library = rule_library_new(dirs, ".")};
    rule_library_names(dirs, &names);
    for (size_t i = 0; i < names.count; i++)
        look_for(names.items[i], options, products);
    rule_library_names_free(&names);
    if (products->count > 0)
        qsort(products->items, products->count, sizeof(*products->items), compare);
}

void init_finish(struct init_products *products)
{
    for (size_t i = 0; i < products->count; i++) {
        free(products->items[i].name);
        found_logs_finish(&products->items[i].found);
    }
    free(products->items);
    rule_library_free(products->library);
    *products = (struct init_products){0};
}

/* --- writing --------------------------------------------------------------- */

/* In single quotes, in which YAML knows one escape. */
static void put_text(struct span text, struct buffer *out)
{
    buffer_append_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            buffer_append_byte(out, '\'');
        buffer_append_byte(out, text.at[i]);
    }
    buffer_append_byte(out, '\'');
}

static void put_key(const char *key, const char *value, struct buffer *out)
{
    if (!value)
        return;
    buffer_printf(out, "%s: ", key);
    put_text(span_of(value), out);
    buffer_append_byte(out, '\n');
}

static bool is_found(const struct init_product *product, size_t place)
{
    for (size_t i = 0; i < product->found.count; i++)
        if (product->found.items[i].place == place)
            return true;
    return false;
}

static bool is_same_log(const struct rule_log *a, const struct rule_log *b)
{
    return a->is_journal == b->is_journal && span_equal(a->text, b->text);
}

/* Whether a chosen product follows that log. */
static bool has_log(const struct init_product *product, const struct rule_log *log)
{
    for (size_t i = 0; product->is_chosen && i < product->file->log_count; i++)
        if (is_found(product, i) && is_same_log(&product->file->logs[i], log))
            return true;
    return false;
}

static void put_about(const struct rule_file *file, struct buffer *out)
{
    if (file->about.len > 0)
        buffer_printf(out, "  # %.*s\n", (int)file->about.len, file->about.at);
}

/* A log belongs to the first input that names it: there is one for all of its products. */
static void put_input(const struct init_products *products, size_t first,
    const struct rule_log *log, struct buffer *out)
{
    size_t count = 0;

    for (size_t i = 0; i < first; i++)
        if (has_log(&products->items[i], log))
            return;
    for (size_t i = first; i < products->count; i++)
        if (has_log(&products->items[i], log))
            put_about(products->items[i].file, out);
    buffer_append(out, log->is_journal ? SPAN("  - journal: {unit: ") : SPAN("  - file: "));
    put_text(log->text, out);
    buffer_append(out, log->is_journal ? SPAN("}\n    rules: [") : SPAN("\n    rules: ["));
    for (size_t i = first; i < products->count; i++)
        if (has_log(&products->items[i], log))
            buffer_printf(out, "%s%s", count++ > 0 ? ", " : "", products->items[i].name);
    buffer_append(out, SPAN("]\n"));
}

static void put_inputs(const struct init_products *products, size_t which, struct buffer *out)
{
    const struct init_product *product = &products->items[which];
    const struct rule_file *file = product->file;

    for (size_t i = 0; i < file->log_count; i++)
        if (is_found(product, i))
            put_input(products, which, &file->logs[i], out);
}

void init_write(
    const struct init_products *products, const struct init_answers *answers, struct buffer *out)
{
    static const char *const privates[] = {"keep", "keep", "host", "drop"};

    buffer_append(out, SPAN("# Written by `usage-shipper init`. Every key is explained in "
                            "usage-shipper.yaml(5);\n"
                            "# `usage-shipper check` and `usage-shipper doctor` look at this "
                            "file.\n"
                            "endpoint:\n  "));
    put_key("url", answers->url ? answers->url : VENDORS_URL, out);
    buffer_append(out, SPAN("  "));
    put_key("api_key_file", answers->key_file, out);
    put_key("state_dir", answers->state_dir, out);
    if (answers->rule_dirs.count > 0)
        buffer_append(out, SPAN("rule_dirs:\n"));
    for (size_t i = 0; i < answers->rule_dirs.count; i++) {
        buffer_append(out, SPAN("  - "));
        put_text(span_of(answers->rule_dirs.items[i]), out);
        buffer_append_byte(out, '\n');
    }
    put_key("product_id", answers->product_id, out);
    put_key("environment", answers->environment, out);
    if (answers->host_address)
        buffer_append(out, SPAN("# What a line without an address gets: this host's.\n"
                                "missing_address: host\n"));
    put_key("host_address", answers->host_address, out);
    buffer_printf(out, "private_address: %s\n", privates[answers->private_address]);
    if (answers->is_hashing) {
        buffer_append(out, SPAN("# Hosts with the same secret send the same hash of a user.\n"));
        put_key("hash_secret_file", answers->hash_secret_file, out);
        buffer_append(out, SPAN("privacy: {hash_users: true}\n"));
    }
    buffer_append(out, SPAN("inputs:\n"));
    for (size_t i = 0; i < products->count; i++)
        if (products->items[i].is_chosen)
            put_inputs(products, i, out);
}

static bool write_all(int fd, struct span content)
{
    while (content.len > 0) {
        ssize_t written = write(fd, content.at, content.len);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            content = span_from(content, (size_t)written);
    }
    return fsync(fd) == 0;
}

bool init_save(const char *path, struct span content, unsigned mode, struct error *err)
{
    const struct group *group = getgrnam(SERVICE_GROUP);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_saved;

    if (fd < 0) {
        error_system(err, "cannot make %s", path);
        if (errno == EEXIST)
            error_hint(err, "It is left as it is. Move it away, or name another file.");
        return false;
    }
    is_saved = write_all(fd, content) && (!group || fchown(fd, (uid_t)-1, group->gr_gid) == 0) &&
               fchmod(fd, mode) == 0;
    if (!is_saved) {
        error_system(err, "cannot write %s", path);
        unlink(path);
    }
    close(fd);
    return is_saved;
}
