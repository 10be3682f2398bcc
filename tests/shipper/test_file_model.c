/* SPDX-License-Identifier: MIT
 *
 * The file source against a model (log_model.h): a writer that appends, leaves
 * lines half written, rotates in every way, and a source that is closed, killed
 * and opened again at any moment, even while it is delivering, in a random order
 * from a seed. Whatever the order:
 *
 * - a line that was on disk when the source could read it is delivered by the next
 *   time the source is idle, and committed at the end, unless its last copy was
 *   destroyed before that;
 * - nothing is delivered that was not written, and no unfinished line;
 * - deliveries keep the rules of line_fates.h;
 * - with each commit the account of every file adds up to its position.
 *
 * FILE_MODEL_SEED gives the first seed, FILE_MODEL_RUNS how many runs; a single run
 * prints its steps.
 */
#include "parsers/memory.h"
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/line_fates.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A run mostly waits for the kernel to let go of inotify. */
enum { STEPS = 120, RUNS = 300, AT_ONCE = 6, RUN_BOUND_MS = 60000 };

enum {
    DEAF_MS = 100,
    SWEEP_MS = 61000,       /* in which the source looks at everything once */
    UNREAD_MOST_MS = 20000, /* for which it surely looks after a file without a name */
};

struct model {
    struct file_world w;
    struct log_model logs;
    const char *pattern; /* of the input */
    uint64_t random;
    bool is_writer_asleep, is_delivering;
    int64_t unread_ms; /* since the file that the writer has open lost its name */
    struct line_fates fates;
};

static const char *row_name; /* the seed, for failures */

static bool is_told; /* print the steps */

static void tell(const char *what, const char *name)
{
    if (is_told)
        fprintf(stderr, "%s %s\n", what, name);
}

static void reopen(struct model *m);

static unsigned draw(struct model *m, unsigned below)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (unsigned)(m->random % below);
}

/* --- what comes out -------------------------------------------------------- */

static void take_line(struct model *m, struct span text, const struct delivery *delivery)
{
    unsigned line;
    bool is_half;
    char shown[80];

    snprintf(shown, sizeof(shown), "%.*s at %llu, generation %llu", 6, text.at,
        (unsigned long long)delivery->offset, (unsigned long long)delivery->generation);
    tell("  <-", shown);
    if (span_is(text, MODEL_BANNER))
        return;
    if (!log_model_parse(&m->logs, text, &line, &is_half)) {
        print_error("not a line: %.*s\n", (int)text.len, text.at);
        check_row(row_name, false);
    }
    if (is_half)
        line_fates_deliver_half(&m->fates, line, m->logs.is_left_half[line]);
    else
        line_fates_deliver(&m->fates, line, m->logs.life_of[line], delivery);
}

static void write_something(struct model *m);

static void take_chunk(struct file_world *w, const struct source_read *read)
{
    struct model *m = w->arg;
    struct span rest = read->chunk.bytes;
    struct delivery delivery = {.generation = read->origin.generation};

    memcpy(&delivery.source_id, read->origin.source_id.at, sizeof(delivery.source_id));
    if (rest.len > 0 && rest.at[rest.len - 1] == '\n')
        rest.len--;
    else
        check_row(row_name, rest.len == 0 || read->chunk.is_final || read->passed > 0);
    while (rest.len > 0) {
        delivery.offset = read->chunk.offset + (uint64_t)(rest.at - read->chunk.bytes.at);
        take_line(m, span_cut(&rest, '\n'), &delivery);
    }
    m->is_delivering = true;
    if (!m->is_writer_asleep && draw(m, 8) == 0)
        write_something(m);
    m->is_delivering = false;
}

/* --- the source ------------------------------------------------------------ */

static unsigned finished_lines(const struct model *m)
{
    return m->logs.line_count - (m->logs.written && m->logs.written->is_half);
}

static bool is_followed(const struct model_file *file)
{
    return strncmp(file->name, MODEL_LIVE, strlen(MODEL_LIVE)) == 0;
}

/* In a file that has a name the source looks for, or one that it has open. */
static bool is_within_reach(const struct model *m, unsigned line, bool is_open_enough)
{
    for (unsigned i = 0; i < m->logs.file_count; i++) {
        const struct model_file *file = &m->logs.files[i];

        if ((is_followed(file) || (is_open_enough && file->is_open)) && log_model_has(file, line))
            return true;
    }
    return false;
}

/* After anything that takes bytes away from the source. */
static void excuse_what_is_destroyed(struct model *m)
{
    for (unsigned i = 0; i < finished_lines(m); i++)
        if (line_fates_owe(&m->fates, i))
            m->fates.lines[i].is_excused = !is_within_reach(m, i, true);
}

static void check_account(void *arg, const struct spool_ledger_row *row)
{
    (void)arg;
    check_number(row_name, account_bytes(&row->account), row->source.position);
    check_row(row_name, row->source.size >= row->source.position);
}

static void commit(struct model *m)
{
    struct error err;

    tell("commit", "");
    file_world_commit(&m->w);
    assert_true(spool_each_source(m->w.spool, check_account, NULL, &err));
    line_fates_commit(&m->fates);
}

static void stop(struct model *m, bool is_crash)
{
    if (!is_crash)
        commit(m);
    tell(is_crash ? "crash" : "close", "");
    file_world_close(&m->w);
    for (unsigned i = 0; i < m->logs.file_count; i++)
        m->logs.files[i].is_open = false;
    line_fates_crash(&m->fates);
    excuse_what_is_destroyed(m);
}

/* Whether the source must know of the line after a drain: at once where its file has
 * a name, after the next sweep where it has none. */
static bool is_due(const struct model *m, unsigned line, int64_t passed_ms)
{
    return line_fates_owe(&m->fates, line) &&
           (passed_ms >= SWEEP_MS || (passed_ms > 0 && is_within_reach(m, line, false)));
}

/* The source lets go of files that have had no name for so long. */
static void close_unnamed(struct model *m)
{
    for (unsigned i = 0; i < m->logs.file_count; i++)
        if (!is_followed(&m->logs.files[i]))
            m->logs.files[i].is_open = false;
}

static void drain(struct model *m)
{
    static const int64_t pauses_ms[] = {0, 3000, SWEEP_MS};
    int64_t passed_ms = pauses_ms[draw(m, 3)];
    struct model_file *written = m->logs.written;

    /* It looks after a file without a name for a while only. */
    m->unread_ms = written && !is_followed(written) ? m->unread_ms + passed_ms : 0;
    if (m->unread_ms > UNREAD_MOST_MS)
        reopen(m);
    tell("drain", passed_ms == 0 ? "at once" : passed_ms == 3000 ? "after 3 s" : "after a minute");
    m->is_writer_asleep = passed_ms >= SWEEP_MS;
    file_world_drain(&m->w, passed_ms);
    /* After events that meant nothing it does not listen for a moment: what the writer made
     * while lines were delivered is seen by then. */
    m->is_writer_asleep = true;
    if (passed_ms > 0)
        file_world_drain(&m->w, DEAF_MS);
    m->is_writer_asleep = false;
    for (unsigned i = 0; i < m->logs.file_count; i++)
        if (passed_ms > 0 && is_followed(&m->logs.files[i]))
            m->logs.files[i].is_open = true;
    for (unsigned i = 0; i < finished_lines(m); i++)
        line_fates_check(&m->fates, i, !is_due(m, i, passed_ms), "was there to be read");
    if (passed_ms >= SWEEP_MS)
        close_unnamed(m);
}

/* --- the writer ------------------------------------------------------------ */

static void append(struct model *m)
{
    if (m->logs.line_count + 2 < MODEL_LINES)
        log_model_append(&m->logs, draw(m, 8) == 0);
}

static void reopen(struct model *m)
{
    /* Files that begin alike are the rule. */
    log_model_reopen(&m->logs, draw(m, 3) > 0);
}

static const char *new_name(struct model *m, const char *prefix, const char *suffix)
{
    static char name[40];

    snprintf(name, sizeof(name), "%s.%u%s", prefix, m->logs.names++, suffix);
    return name;
}

static struct model_file *some_file(struct model *m)
{
    struct model_file *file = &m->logs.files[draw(m, m->logs.file_count)];

    return file->name[0] ? file : log_model_named(&m->logs, MODEL_LIVE);
}

/* Less than FILE_HEAD_BYTES in common is no proof; and by the time that the copy is read
 * an original may be gone of which nothing was read yet. */
static void note_copy(struct model *m, const struct model_file *file)
{
    const struct line_fate *first = file->count > 0 ? &m->fates.lines[file->lines[0]] : NULL;
    bool is_proof = first && (first->is_pending || first->is_committed) && !first->is_blind &&
                    file->count * m->logs.line_bytes >= FILE_HEAD_BYTES;

    for (unsigned i = 0; i < file->count; i++)
        line_fates_copy(&m->fates, file->lines[i], is_proof);
    if (file->is_half)
        line_fates_copy(&m->fates, file->half, is_proof);
}

static void copy(struct model *m, struct model_file *file)
{
    note_copy(m, file);
    log_model_copy(&m->logs, file, new_name(m, MODEL_LIVE, file->is_compressed ? ".gz" : ""));
}

static void look_meanwhile(void *arg)
{
    struct model *m = arg;

    m->is_writer_asleep = true;
    if (m->w.source && !m->is_delivering && draw(m, 2) == 0)
        file_world_turn(&m->w);
    m->is_writer_asleep = false;
}

static void compress(struct model *m, struct model_file *file)
{
    /* Nor one whose last line goes on in the original: its half in the .gz is final. */
    if (file->is_compressed || strcmp(file->name, MODEL_LIVE) == 0 || file->is_half ||
        !is_followed(file))
        return;
    note_copy(m, file);
    log_model_compress(&m->logs, file, look_meanwhile, m);
}

/* The writer often goes on for a while in the file that it has open. */
static void rotate(struct model *m)
{
    struct model_file *live = log_model_named(&m->logs, MODEL_LIVE);

    switch (live ? draw(m, 6) : 6) {
    case 0:
    case 1:
        log_model_rename(&m->logs, live, new_name(m, MODEL_LIVE, ""));
        if (draw(m, 2) == 0)
            compress(m, live); /* whose inode the next file often gets */
        break;
    case 2: /* out of sight */
        log_model_rename(&m->logs, live, new_name(m, "moved", ""));
        break;
    case 3:
        log_model_unlink(&m->logs, live);
        break;
    case 4:
        copy(m, live);
        log_model_truncate(&m->logs, live);
        break;
    case 5:
        log_model_truncate(&m->logs, live);
        for (unsigned n = draw(m, 20); n > 0; n--)
            append(m);
        break;
    }
    if (draw(m, 2) == 0)
        reopen(m);
}

static void change_old(struct model *m)
{
    struct model_file *file = some_file(m);

    if (!file)
        return;
    switch (draw(m, 5)) {
    case 0:
        copy(m, file);
        break;
    case 1:
        log_model_unlink(&m->logs, file);
        break;
    case 2:
        compress(m, file);
        break;
    default:
        if (file->name[0] && strcmp(file->name, MODEL_LIVE) != 0)
            log_model_rename(
                &m->logs, file, new_name(m, MODEL_LIVE, file->is_compressed ? ".gz" : ""));
    }
}

static void write_something(struct model *m)
{
    unsigned n = draw(m, 100);

    if (n < 75)
        append(m);
    else if (n < 83)
        reopen(m);
    else if (n < 93)
        rotate(m);
    else
        change_old(m);
    excuse_what_is_destroyed(m);
}

/* --- the run --------------------------------------------------------------- */

static void step(struct model *m)
{
    unsigned n = draw(m, 100);

    if (n < 72)
        write_something(m);
    else if (!m->w.source) {
        tell("open", m->pattern);
        file_world_open(&m->w, m->pattern);
    } else if (n < 82) {
        tell("turn", "");
        file_world_turn(&m->w);
    } else if (n < 90)
        drain(m);
    else if (n < 95)
        commit(m);
    else
        stop(m, draw(m, 2) == 0);
}

static void run(uint64_t seed)
{
    static const unsigned lengths[] = {40, 40, 300, 5000};
    struct model *m = memory_new(sizeof(*m));
    char name[60];

    snprintf(name, sizeof(name), "FILE_MODEL_SEED=%llu", (unsigned long long)seed);
    m->fates.row_name = row_name = name;
    m->random = seed * 0x9E3779B97F4A7C15u + 1;
    m->pattern = MODEL_LIVE "*";
    file_world_init(&m->w);
    log_model_init(&m->logs, m->w.logs, lengths[draw(m, 4)]);
    m->logs.is_told = is_told;
    m->w.input.start = START_BEGINNING;
    m->w.each = take_chunk;
    m->w.arg = m;
    reopen(m);
    for (unsigned i = 0; i < STEPS; i++)
        step(m);
    if (!m->w.source)
        file_world_open(&m->w, m->pattern);
    m->is_writer_asleep = true;
    file_world_drain(&m->w, SWEEP_MS);
    commit(m);
    for (unsigned i = 0; i < finished_lines(m); i++)
        line_fates_check(&m->fates, i, !line_fates_owe(&m->fates, i), "was never committed");
    log_model_finish(&m->logs);
    file_world_finish(&m->w);
    free(m);
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void no_line_is_lost_or_doubled_whatever_happens(void **state)
{
    uint64_t seed = number_from("FILE_MODEL_SEED", 1);
    uint64_t runs = number_from("FILE_MODEL_RUNS", RUNS);
    uint64_t *under_way, failed = 0;
    pid_t children[AT_ONCE];

    (void)state;
    if (runs == 1) {
        is_told = true;
        run(seed);
        return;
    }
    under_way = mmap(NULL, AT_ONCE * sizeof(*under_way), PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(under_way != MAP_FAILED);
    for (uint64_t i = 0; i < AT_ONCE; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] > 0)
            continue;
        for (uint64_t n = i; n < runs; n += AT_ONCE) {
            under_way[i] = seed + n;
            run(seed + n); /* a failure ends this child as it would the parent */
        }
        _exit(0);
    }
    for (uint64_t i = 0; i < AT_ONCE; i++)
        if (scratch_wait(children[i], (int)(RUN_BOUND_MS * (runs / AT_ONCE + 1))) != 0)
            failed = under_way[i];
    munmap(under_way, AT_ONCE * sizeof(*under_way));
    if (failed)
        fail_msg("FILE_MODEL_SEED=%llu FILE_MODEL_RUNS=1 repeats it", (unsigned long long)failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_is_lost_or_doubled_whatever_happens),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("file_model", tests, NULL, NULL);
}
