/* SPDX-License-Identifier: MIT
 *
 * Puts together what lock, spool and files say. Asks no process, takes no lock
 * that anyone waits for, and writes nothing.
 */
#include "shipper/status.h"

#include "shipper/reader_notes.h"

#include "parsers/memory.h"
#include "shipper/clock.h"
#include "shipper/read_access.h"
#include "shipper/sources/file_history.h"
#include "shipper/sources/file_input.h"
#include "shipper/sources/file_presence.h"
#include "shipper/sources/glob.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* A file that a row of the spool stands for. */
struct known_file {
    dev_t device;
    ino_t inode;
};

struct reading {
    const struct strings *exclude; /* of the input under way */
    struct status *status;
    struct buffer *cursors; /* of the sources with the same index; empty if it is no file's */
    size_t cursor_count, cursor_room;
    struct known_file *known;
    size_t known_count, known_room;
};

/* --- from the spool -------------------------------------------------------- */

static struct status_source *add_source(struct status *status, struct span kind, struct span name)
{
    struct status_source *source;

    status->sources =
        memory_room(status->sources, status->count, &status->room, sizeof(*status->sources));
    source = &status->sources[status->count++];
    *source = (struct status_source){.kind = memory_string(kind), .name = memory_string(name)};
    return source;
}

static void add_known(struct reading *r, const struct stat *st)
{
    r->known = memory_room(r->known, r->known_count, &r->known_room, sizeof(*r->known));
    r->known[r->known_count++] = (struct known_file){st->st_dev, st->st_ino};
}

bool status_is_file(const struct status_source *source)
{
    return strcmp(source->kind, FILE_KIND) == 0;
}

bool status_is_input(const struct status_source *source)
{
    return strcmp(source->kind, FILE_INPUT_KIND) == 0;
}

/* What is behind the position. Of a file that nobody can read any more it is lost,
 * unless it came back where it was not seen. */
static void split_rest(struct status_source *source)
{
    uint64_t rest = source->size > source->position ? source->size - source->position : 0;

    if (status_is_gone(source)) {
        source->account.bytes[ACCOUNT_POSSIBLY_LOST] += rest;
        source->held = 0;
        return;
    }
    if (source->held > rest)
        source->held = rest;
    source->unread = rest - source->held;
}

static void take_row(void *arg, const struct spool_ledger_row *row)
{
    struct reading *r = arg;
    const struct state_holder *service = &r->status->service;
    struct status_source *source = add_source(r->status, row->kind, row->source.name);

    /* A service takes its files up when it starts: what it has not seen since is
     * not among them. */
    source->is_followed =
        row->source.is_open && !(service->is_there && row->source.seen_s < service->since_s);
    source->position = row->source.position;
    source->size = row->source.size;
    source->held = row->source.held;
    source->seen_s = row->source.seen_s;
    source->account = row->account;
    source->lag_s = row->behind_s; /* find_pace makes a time of it */
    source->lines_per_s = row->lines_per_s;
    source->missing = (int64_t)(source->position - account_bytes(&row->account));
    r->cursors = memory_room(r->cursors, r->cursor_count, &r->cursor_room, sizeof(*r->cursors));
    r->cursors[r->cursor_count] = (struct buffer){0};
    if (status_is_file(source))
        buffer_append(&r->cursors[r->cursor_count], row->cursor);
    else
        source->is_here = row->source.is_open;
    source->is_syslog =
        span_is(row->kind, SYSLOG_KIND) && syslog_counts_read(row->cursor, source->syslog);
    r->cursor_count++;
}

/* After the spool was closed: a file that hangs must not keep its readers waiting. */
static void look_at_files(struct reading *r)
{
    for (size_t i = 0; i < r->cursor_count; i++) {
        struct status_source *source = &r->status->sources[i];
        struct stat now;

        if (status_is_file(source)) {
            source->is_here =
                file_presence_look(buffer_span(&r->cursors[i]), source->name, &now, &source->size);
            if (source->is_here)
                add_known(r, &now);
        }
        split_rest(source);
    }
}

static void take_note(void *arg, uint64_t number, struct span row)
{
    struct reading *r = arg;

    (void)number;
    notes_look(row, &r->status->notes);
}

static bool read_spool(struct reading *r, struct error *err)
{
    struct spool *spool =
        spool_open(r->status->dir, &(struct spool_options){.is_only_looking = true}, err);
    bool is_read =
        spool && spool_stats(spool, &r->status->spool, err) &&
        spool_count_expired(spool, &r->status->expired, err) &&
        spool_each_cursor(spool, NOTES_KIND, take_note, r, err) &&
        spool_each_cursor(spool, RULE_FIGURES_KIND, status_rules_take, &r->status->rules, err) &&
        spool_each_source(spool, take_row, r, err);

    spool_close(spool);
    return is_read;
}

/* --- from the configuration ------------------------------------------------ */

static int compare_known(const void *a, const void *b)
{
    const struct known_file *x = a, *y = b;

    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static bool is_known(const struct reading *r, const struct stat *st)
{
    struct known_file key = {st->st_dev, st->st_ino};

    return r->known_count > 0 &&
           bsearch(&key, r->known, r->known_count, sizeof(key), compare_known);
}

static void take_match(void *arg, const char *path)
{
    struct reading *r = arg;
    struct status_source *source;
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || is_known(r, &st) ||
        glob_matches_any(r->exclude, path))
        return;
    source = add_source(r->status, SPAN(FILE_KIND), span_of(path));
    source->is_here = true;
    source->size = source->unread = (uint64_t)st.st_size;
    source->seen_s = st.st_mtim.tv_sec;
}

/* Files that the service's user may not read, which may be another user than this. */
static void find_unreadable(struct status *status)
{
    uid_t reader = state_owner(status->dir);
    struct read_access access;
    struct buffer advice = {0};

    read_access_begin(&access, reader);
    for (size_t i = 0; i < status->count; i++) {
        struct status_source *source = &status->sources[i];

        if (!status_is_file(source) || !source->is_here || read_access_try(source->name) != EACCES)
            continue;
        buffer_clear(&advice);
        read_access_advise(source->name, reader, &advice);
        source->advice = memory_string(buffer_span(&advice));
    }
    read_access_end(&access);
    buffer_finish(&advice);
}

static int compare_paths(const void *a, const void *b)
{
    const struct status_source *x = a, *y = b;

    if (status_is_gone(x) != status_is_gone(y))
        return status_is_gone(x) ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void free_source(struct status_source *source)
{
    free(source->kind);
    free(source->name);
    free(source->advice);
}

/* Two inputs may name one file. */
static void drop_repeats(struct status *status, size_t first)
{
    size_t kept = first;

    for (size_t i = first; i < status->count; i++)
        if (i > first && strcmp(status->sources[i].name, status->sources[kept - 1].name) == 0)
            free_source(&status->sources[i]);
        else
            status->sources[kept++] = status->sources[i];
    status->count = kept;
}

static void read_inputs(struct reading *r, const struct config *config)
{
    struct status *status = r->status;
    size_t first = status->count;

    if (r->known_count > 0)
        qsort(r->known, r->known_count, sizeof(*r->known), compare_known);
    for (size_t i = 0; i < config->input_count; i++) {
        const struct file_config *file = &config->inputs[i].file;

        if (config->inputs[i].kind != INPUT_FILE)
            continue;
        r->exclude = &file->exclude;
        glob_each(file->pattern, take_match, r);
    }
    if (status->count == first)
        return;
    qsort(status->sources + first, status->count - first, sizeof(*status->sources), compare_paths);
    drop_repeats(status, first);
}

/* --- from the processes' notes ---------------------------------------------- */

/* What an earlier life of the service noted is not of a process that runs, whoever has
 * its number now. */
static struct status_process look_at_process(
    const char *dir, const char *who, const struct state_holder *service)
{
    struct status_process process = {0};

    holdup_look(dir, who, &process.seen);
    process.is_running = service->is_there && process.seen.is_there &&
                         process.seen.noted_s >= service->since_s &&
                         (kill(process.seen.pid, 0) == 0 || errno == EPERM);
    return process;
}

/* When a service that is stopped was last at work. */
static int64_t find_end(const struct status *status)
{
    int64_t last_s = 0;

    if (status->service.is_there)
        return status->now_s;
    if (status->reader.seen.is_there)
        last_s = status->reader.seen.noted_s;
    for (size_t i = 0; i < status->count; i++)
        if (status->sources[i].seen_s > last_s)
            last_s = status->sources[i].seen_s;
    return last_s;
}

/* Of those with bytes to read. What was not behind when the reader saw it last is so since
 * nothing is read any more, or has just grown. */
static int64_t find_lag(const struct status *status, const struct status_source *source)
{
    const struct holdup *holdup = &status->reader.seen.holdup;

    if (source->unread == 0)
        return 0;
    if (source->seen_s == 0 || !source->is_followed)
        return -1;
    if (source->lag_s > 0)
        return status->now_s - source->lag_s;
    if (!status->service.is_there)
        return status->now_s - status->known_s;
    return holdup->why == HOLDUP_NOTHING ? 0 : status->now_s - holdup->since_s;
}

static void find_pace(struct status *status)
{
    for (size_t i = 0; i < status->count; i++) {
        struct status_source *source = &status->sources[i];
        int64_t age_s = status->known_s - source->seen_s;

        source->lag_s = find_lag(status, source);
        if (age_s > 0)
            source->lines_per_s *= age_s < SPOOL_RATE_S ? 1 - (double)age_s / SPOOL_RATE_S : 0;
    }
}

/* --- all of it ------------------------------------------------------------- */

bool status_read(
    const char *dir, const struct config *config, struct status *status, struct error *err)
{
    struct reading r = {.status = status};
    bool is_read;

    *status = (struct status){.dir = dir, .now_s = clock_now().wall_s};
    is_read =
        state_look(dir, &status->service, err) && state_has_run(dir, err) && read_spool(&r, err);
    if (is_read) {
        status->sender = look_at_process(dir, "sender", &status->service);
        status->reader = look_at_process(dir, "reader", &status->service);
        answers_look(dir, &status->answers, &status->answers_s);
        if (status->sender.is_running)
            status->answers_s = status->now_s;
        status->known_s = find_end(status);
        look_at_files(&r);
    }
    if (is_read && status->service.is_there)
        facts_ask(dir, &status->facts);
    if (is_read && config) {
        status->spool_max_bytes = (uint64_t)config->spool.max_bytes;
        status->is_dropping = config->spool.when_full == FULL_DROP_OLDEST;
        read_inputs(&r, config);
        status_rules_configure(&status->rules, config);
    }
    if (is_read) {
        find_unreadable(status);
        find_pace(status);
        status_rules_sort(&status->rules);
    }
    for (size_t i = 0; i < r.cursor_count; i++)
        buffer_finish(&r.cursors[i]);
    free(r.cursors);
    free(r.known);
    if (!is_read || status->count == 0)
        return is_read;
    qsort(status->sources, status->count, sizeof(*status->sources), compare_paths);
    for (size_t i = 0; i < status->count; i++)
        status->gone += status_is_gone(&status->sources[i]);
    return true;
}

void status_finish(struct status *status)
{
    for (size_t i = 0; i < status->count; i++)
        free_source(&status->sources[i]);
    free(status->sources);
    status_rules_finish(&status->rules);
}

struct status_source status_sum(const struct status *status, size_t first, size_t count)
{
    struct status_source sum = {0};

    for (size_t i = first; i < first + count; i++) {
        const struct status_source *source = &status->sources[i];

        sum.size += source->size;
        sum.position += source->position;
        sum.held += source->held;
        sum.unread += source->unread;
        sum.missing += source->missing;
        sum.lines_per_s += source->lines_per_s;
        if (source->lag_s > sum.lag_s)
            sum.lag_s = source->lag_s;
        account_add(&sum.account, &source->account);
    }
    return sum;
}

size_t status_faults(const struct status *status)
{
    size_t faults = 0;

    for (size_t i = 0; i < status->count; i++)
        faults += status->sources[i].missing != 0;
    return faults;
}
