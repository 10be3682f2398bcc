/* SPDX-License-Identifier: MIT
 *
 * The rule library against real log lines (cases.h): each rule file over the lines of all
 * products, each line as a log of its own.
 *
 *     confusion CASES NOTES RULES.yaml...       what each rule file takes of whose lines
 *     confusion -v CASES NOTES RULES.yaml...    with the lines of what is wrong
 *
 * Wrong is: a LOGIN of a line whose publisher calls it a failure; an event of another
 * product's line; a line that is called a success, of a product that a rule file covers,
 * and gives no event, or one with another address, user or time than expected. NOTES
 * excuse what is right all the same, a line each (a note that excuses nothing is wrong too):
 *
 *     covers RULES PRODUCT             rules/RULES.yaml is about the cases' PRODUCT
 *     takes RULES PRODUCT: REASON      it may take lines of PRODUCT
 *     passes ID: REASON                that success gives no event, or another one
 *
 * To check another thing about each line, add a check_… beside those of check_case.
 */
#include "shipper/text_file.h"
#include "tests/support/finding.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MOST = 200, PRODUCTS_MOST = 400, NOTES_MOST = 400, NAME_MOST = 64 };

enum note_kind { COVERS, TAKES, PASSES };

struct note {
    enum note_kind kind;
    char rules[NAME_MOST], subject[NAME_MOST]; /* a product or a case's id */
    bool is_used;
};

/* One rule file and what it took of each product's lines. */
struct library_file {
    char name[NAME_MOST];
    struct text *text;
    struct rule_file *file;
    struct engine_rules rules;
    struct engine_settings settings;
    struct engine *engine;
    unsigned events[PRODUCTS_MOST];
    unsigned right; /* successes */
};

struct run {
    bool is_verbose;
    struct note notes[NOTES_MOST];
    size_t note_count;
    char products[PRODUCTS_MOST][NAME_MOST];
    unsigned lines[PRODUCTS_MOST];
    size_t product_count;
    struct library_file *files;
    size_t file_count;
    unsigned wrong, cases;
};

/* --- notes ----------------------------------------------------------------- */

static bool read_note(struct run *run, const char *line)
{
    struct note *note = &run->notes[run->note_count];
    int end = 0;

    if (line[0] == '#' || line[0] == '\n')
        return true;
    if (run->note_count == NOTES_MOST)
        return false;
    *note = (struct note){0};
    if (sscanf(line, "covers %63s %63s%n", note->rules, note->subject, &end) == 2)
        note->kind = COVERS;
    else if (sscanf(line, "takes %63s %63[^: ]: %n", note->rules, note->subject, &end) == 2)
        note->kind = TAKES;
    else if (sscanf(line, "passes %63[^: ]: %n", note->subject, &end) == 1)
        note->kind = PASSES;
    run->note_count++;
    return end > 0 && (note->kind == COVERS || line[end] > ' ');
}

static bool read_notes(struct run *run, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0, number = 0;
    bool is_good = file != NULL;

    while (is_good && getline(&line, &room, file) > 0) {
        number++;
        is_good = read_note(run, line);
        if (!is_good)
            fprintf(stderr, "%s:%zu: no note: %s", path, number, line);
    }
    if (!file)
        perror(path);
    else
        fclose(file);
    free(line);
    return is_good;
}

static bool use_note(struct run *run, enum note_kind kind, const char *rules, struct span subject)
{
    for (size_t i = 0; i < run->note_count; i++)
        if (run->notes[i].kind == kind && strcmp(run->notes[i].rules, rules) == 0 &&
            span_is(subject, run->notes[i].subject)) {
            run->notes[i].is_used = true;
            return true;
        }
    return false;
}

static void report_unused_notes(struct run *run)
{
    static const char *const words[] = {"covers ", "takes ", "passes"};

    for (size_t i = 0; i < run->note_count; i++)
        if (!run->notes[i].is_used) {
            printf("a note that excuses nothing: %s%s %s\n", words[run->notes[i].kind],
                run->notes[i].rules, run->notes[i].subject);
            run->wrong++;
        }
}

/* --- cases ----------------------------------------------------------------- */

static size_t number_of(struct run *run, struct span product)
{
    size_t i = 0;

    while (i < run->product_count && !span_is(product, run->products[i]))
        i++;
    if (i == run->product_count && i < PRODUCTS_MOST - 1)
        snprintf(
            run->products[run->product_count++], NAME_MOST, "%.*s", (int)product.len, product.at);
    return i;
}

static void report(struct run *run, const struct log_case *one, const char *rules, const char *what)
{
    run->wrong++;
    printf("%.*s (%.*s, %.*s): %s: %s\n", (int)one->id.len, one->id.at, (int)one->product.len,
        one->product.at, one->outcome.at ? (int)one->outcome.len : 7,
        one->outcome.at ? one->outcome.at : "neutral", rules, what);
    if (run->is_verbose)
        printf("    %.*s\n", (int)one->line.len, one->line.at);
}

static bool is_covered(struct run *run, const struct library_file *file, struct span product)
{
    return span_equal(file->file->product, product) || use_note(run, COVERS, file->name, product);
}

static void check_failure(struct run *run, const struct library_file *file,
    const struct log_case *one, const struct finding *got)
{
    if (span_is(one->outcome, "failure") && got->logins > 0)
        report(run, one, file->name, "a LOGIN of a failure");
}

static void check_stranger(struct run *run, const struct library_file *file,
    const struct log_case *one, const struct finding *got)
{
    if (got->events > 0 && !is_covered(run, file, one->product) &&
        !use_note(run, TAKES, file->name, one->product))
        report(run, one, file->name, "an event of another product's line");
}

/* NULL when the event is as its publisher expects. */
static const char *what_is_off(const struct log_case *one, const struct finding *got)
{
    if (got->events == 0)
        return "no event of a success";
    if (one->addresses[0].at && !finding_has_address(got, one))
        return "another address than expected";
    if (one->users[0].at && !finding_has_user(got, one))
        return "another user than expected";
    if ((one->has_time || one->day.at) && !finding_has_time(got, one))
        return "another time than expected";
    return NULL;
}

/* Whether one of the rule files that cover the line's product has it right; *off is what is
 * wrong with the others. */
static bool is_right(struct library_file *file, const struct log_case *one,
    const struct finding *got, const char **off)
{
    const char *what = what_is_off(one, got);

    file->right += !what;
    if (what && (!*off || got->events > 0))
        *off = what;
    return !what;
}

static void check_case(void *arg, const struct log_case *one)
{
    struct run *run = arg;
    size_t product = number_of(run, one->product);
    bool is_success = span_is(one->outcome, "success"), is_found = false;
    const char *off = NULL;
    struct finding got;

    run->cases++;
    run->lines[product]++;
    for (size_t i = 0; i < run->file_count; i++) {
        struct library_file *file = &run->files[i];

        finding_make(file->engine, one, &got);
        file->events[product] += got.events;
        check_failure(run, file, one, &got);
        check_stranger(run, file, one, &got);
        if (is_success && is_covered(run, file, one->product))
            is_found = is_right(file, one, &got, &off) || is_found;
    }
    if (off && !is_found && !use_note(run, PASSES, "", one->id))
        report(run, one, "rules", off);
}

/* --- rule files ------------------------------------------------------------ */

static bool open_file(struct library_file *file, const char *path)
{
    struct error err;
    struct errors errors = {0};
    char *copy = strdup(path);

    snprintf(file->name, sizeof(file->name), "%s", basename(copy));
    file->name[strcspn(file->name, ".")] = '\0';
    free(copy);
    file->text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &err);
    if (file->text)
        file->file = rule_file_parse(file->text, &errors);
    errors_finish(&errors);
    if (!file->file) {
        fprintf(stderr, "%s is faulty: usage-shipper check says how\n", path);
        return false;
    }
    file->rules = (struct engine_rules){.file = file->file, .product_id = file->file->product};
    file->settings = (struct engine_settings){.instance = span_of("cases"),
        .host_name = span_of("host"),
        .host_address = span_of("192.0.2.1"),
        .missing_address = MISSING_HOST,
        .multiline = file->file->multiline,
        .rules = &file->rules,
        .rules_count = 1};
    file->engine = engine_new(&file->settings);
    return true;
}

static void close_file(struct library_file *file)
{
    engine_free(file->engine);
    rule_file_free(file->file);
    text_file_free(file->text);
}

/* A line a rule file: of how many successes it has all values right, then whose lines gave
 * how many events. */
static void print_matrix(const struct run *run)
{
    unsigned silent = 0;

    printf("%-22s %5s  %s\n", "rules", "right", "events of the lines of each product");
    for (size_t i = 0; i < run->file_count; i++) {
        const struct library_file *file = &run->files[i];
        unsigned total = 0;

        for (size_t j = 0; j < run->product_count; j++)
            total += file->events[j];
        silent += total == 0;
        if (total == 0)
            continue;
        printf("%-22s %5u ", file->name, file->right);
        for (size_t j = 0; j < run->product_count; j++)
            if (file->events[j] > 0)
                printf(" %s %u/%u", run->products[j], file->events[j], run->lines[j]);
        putchar('\n');
    }
    printf("%u of %zu rule files took none of %u lines\n", silent, run->file_count, run->cases);
}

int main(int argc, char **argv)
{
    struct run *run = calloc(1, sizeof(*run));
    bool is_verbose = argc > 1 && strcmp(argv[1], "-v") == 0, is_good;
    char **paths = argv + 3 + is_verbose;
    int count = argc - 3 - is_verbose;

    if (!run || count < 1 || count > FILES_MOST) {
        fprintf(stderr, "usage: confusion [-v] CASES NOTES RULES.yaml...\n");
        return 64;
    }
    run->is_verbose = is_verbose;
    run->files = calloc((size_t)count, sizeof(*run->files));
    is_good = run->files && read_notes(run, argv[2 + is_verbose]);
    for (int i = 0; is_good && i < count; i++, run->file_count++)
        is_good = open_file(&run->files[i], paths[i]);
    is_good = is_good && cases_read(argv[1 + is_verbose], check_case, run);
    if (is_good) {
        report_unused_notes(run);
        print_matrix(run);
        printf("%u wrong\n", run->wrong);
        is_good = run->wrong == 0;
    }
    for (size_t i = 0; i < run->file_count; i++)
        close_file(&run->files[i]);
    free(run->files);
    free(run);
    return is_good ? 0 : 1;
}
