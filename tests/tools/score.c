/* SPDX-License-Identifier: MIT
 *
 * Scores rule files against real log lines (cases.h): how many of the addresses,
 * users, times and agents that a line's publisher expects do the rules find?
 *
 *     score CASES RULES.yaml...       the table
 *     score -v CASES RULES.yaml...    and each value that is wrong or missing
 *
 * Rule files are scored on the cases of their `product`, each line as a log of its own.
 * "false" counts events of lines in which the publisher says nothing is to be found.
 * The last row is the mean over products, each of the same weight.
 */
#include "shipper/text_file.h"
#include "tests/support/finding.h"

#include <stdio.h>
#include <stdlib.h>

enum aspect { ADDRESS, USER, TIME, AGENT, ASPECTS };

enum { FILES_MOST = 100 };

static const char *const aspect_names[ASPECTS] = {"address", "user", "time", "agent"};

struct score {
    unsigned right[ASPECTS], expected[ASPECTS];
    unsigned lines, negatives, false_events;
};

struct run {
    struct span product;
    struct engine *engine;
    struct score score;
    bool is_verbose;
};

static void count(struct run *run, const struct log_case *one, enum aspect aspect, bool is_right,
    struct span wanted, const char *got)
{
    run->score.expected[aspect]++;
    run->score.right[aspect] += is_right;
    if (run->is_verbose && !is_right)
        printf("%.*s: %s is \"%s\", wanted \"%.*s\"\n    %.*s\n", (int)one->id.len, one->id.at,
            aspect_names[aspect], got, (int)wanted.len, wanted.at, (int)one->line.len,
            one->line.at);
}

static void score_case(void *arg, const struct log_case *one)
{
    struct run *run = arg;
    struct finding got;
    char wanted[TIMESTAMP_TEXT_BYTES], at[TIMESTAMP_TEXT_BYTES] = "";

    if (!span_equal(one->product, run->product))
        return;
    run->score.lines++;
    finding_make(run->engine, one, &got);
    if (one->is_negative) {
        run->score.negatives++;
        run->score.false_events += got.events > 0;
        if (run->is_verbose && got.events > 0)
            printf("%.*s: an event of a line that is none\n    %.*s\n", (int)one->id.len,
                one->id.at, (int)one->line.len, one->line.at);
    }
    if (!one->is_match)
        return;
    if (one->addresses[0].at)
        count(run, one, ADDRESS, finding_has_address(&got, one), one->addresses[0], got.address);
    if (one->users[0].at)
        count(run, one, USER, finding_has_user(&got, one), one->users[0], got.user);
    if (one->agent.at)
        count(run, one, AGENT, finding_has_agent(&got, one), one->agent, got.agent);
    if (!one->has_time && !one->day.at)
        return;
    timestamp_write((int64_t)one->time_s, wanted);
    if (got.has_time)
        timestamp_write(got.at_s, at);
    count(run, one, TIME, finding_has_time(&got, one), one->has_time ? span_of(wanted) : one->day,
        at);
}

static void print_cell(double right, double expected)
{
    if (expected > 0)
        printf("  %7.1f %% %5.0f", 100 * right / expected, expected);
    else
        printf("  %9s %5s", "-", "-");
}

static void print_table(const struct span *names, const struct score *scores, size_t count_of)
{
    struct score total = {0};
    double shares[ASPECTS] = {0}, products[ASPECTS] = {0};

    printf("%-20s %5s", "product", "lines");
    for (int i = 0; i < ASPECTS; i++)
        printf("  %9s %5s", aspect_names[i], "of");
    printf("  %9s %5s\n", "false", "of");
    for (size_t i = 0; i < count_of; i++) {
        printf("%-20.*s %5u", (int)names[i].len, names[i].at, scores[i].lines);
        for (int j = 0; j < ASPECTS; j++) {
            print_cell(scores[i].right[j], scores[i].expected[j]);
            if (scores[i].expected[j] > 0) {
                shares[j] += (double)scores[i].right[j] / scores[i].expected[j];
                products[j]++;
            }
        }
        print_cell(scores[i].false_events, scores[i].negatives);
        putchar('\n');
        total.lines += scores[i].lines;
        total.negatives += scores[i].negatives;
        total.false_events += scores[i].false_events;
    }
    printf("%-20s %5u", "mean of products", total.lines);
    for (int i = 0; i < ASPECTS; i++)
        print_cell(shares[i], products[i]);
    print_cell(total.false_events, total.negatives);
    putchar('\n');
}

/* One product: its rule files in one engine, as on one input. */
static bool score_product(const char *cases, struct rule_file *const *files, size_t count_of,
    bool is_verbose, struct score *score)
{
    struct engine_rules rules[FILES_MOST] = {0};
    struct run run = {.product = files[0]->product, .is_verbose = is_verbose};
    struct engine_settings settings = {.instance = span_of("score"),
        .host_name = span_of("host"),
        .host_address = span_of("192.0.2.1"),
        .missing_address = MISSING_HOST,
        .multiline = files[0]->multiline,
        .rules = rules};
    bool is_good;

    for (size_t i = 0; i < count_of; i++)
        if (span_equal(files[i]->product, run.product))
            rules[settings.rules_count++] =
                (struct engine_rules){.file = files[i], .product_id = run.product};
    run.engine = engine_new(&settings);
    is_good = cases_read(cases, score_case, &run);
    engine_free(run.engine);
    *score = run.score;
    return is_good;
}

static struct rule_file *load(const char *path, struct text **text)
{
    struct error err;
    struct errors errors = {0};
    struct rule_file *file = NULL;

    *text = text_file_read(path, LIMIT_DOCUMENT_BYTES, &err);
    if (*text)
        file = rule_file_parse(*text, &errors);
    if (!file)
        fprintf(stderr, "%s is faulty: usage-shipper check says how\n", path);
    errors_finish(&errors);
    return file;
}

/* A product that an earlier file had was scored with that one. */
static bool is_scored(struct rule_file *const *files, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (span_equal(files[i]->product, files[at]->product))
            return true;
    return false;
}

static bool score_all(
    const char *cases, struct rule_file *const *files, size_t count_of, bool is_verbose)
{
    struct score scores[FILES_MOST];
    struct span names[FILES_MOST];
    size_t products = 0;

    for (size_t i = 0; i < count_of; i++) {
        if (is_scored(files, i))
            continue;
        names[products] = files[i]->product;
        if (!score_product(cases, files + i, count_of - i, is_verbose, &scores[products++]))
            return false;
    }
    print_table(names, scores, products);
    return true;
}

int main(int argc, char **argv)
{
    bool is_verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    char **paths = argv + 2 + is_verbose;
    int count_of = argc - 2 - is_verbose;
    struct text *texts[FILES_MOST] = {0};
    struct rule_file *files[FILES_MOST] = {0};
    bool is_good = true;

    if (count_of < 1 || count_of > FILES_MOST) {
        fprintf(stderr, "usage: score [-v] CASES RULES.yaml...\n");
        return 64;
    }
    for (int i = 0; i < count_of; i++)
        is_good = (files[i] = load(paths[i], &texts[i])) && is_good;
    is_good = is_good && score_all(argv[1 + is_verbose], files, (size_t)count_of, is_verbose);
    for (int i = 0; i < count_of; i++) {
        rule_file_free(files[i]);
        text_file_free(texts[i]);
    }
    return is_good ? 0 : 1;
}
