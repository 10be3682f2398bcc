/* SPDX-License-Identifier: MIT
 *
 * Lines to clusters, clusters to rules, and each rule tried on the lines that it came
 * from before it is written down. The file as a whole is tried, too: a rule of which a
 * sample does not hold there, since another takes its lines, goes.
 */
#include "draft.h"

#include "clean.h"
#include "draft_fields.h"
#include "draft_inside.h"
#include "draft_names.h"
#include "draft_records.h"
#include "limits.h"
#include "lines.h"
#include "memory.h"
#include "rule.h"
#include "samples.h"

#include <stdlib.h>

/* --- lines to clusters ------------------------------------------------------------ */

static void read_lines(struct draft *draft, struct span text)
{
    struct span line, cleaned;
    size_t whole;

    while (text.len > 0 && !draft->result->is_cut) {
        lines_next(&text, &line, &whole);
        if (!clean_line(line, draft->arena, &cleaned) || span_trim(cleaned).len == 0)
            continue;
        if (draft->count == DRAFT_LINES_MOST) {
            draft->result->is_cut = true;
            break;
        }
        draft->lines = memory_room(draft->lines, draft->count, &draft->room, sizeof(line));
        draft->lines[draft->count++] = cleaned;
    }
    draft->result->lines = draft->count;
    draft->common.is_spread = draft_records_are_spread(draft->lines, draft->count);
    if (draft->common.is_spread)
        draft->count = draft_records_join(draft->lines, draft->count, draft->arena);
}

static bool decode(struct draft *draft, struct span line)
{
    size_t at;

    record_reset(&draft->record, line);
    return format_chain(draft->common.chain, &draft->record, &at) == PARSE_OK;
}

static void cluster_lines(struct draft *draft)
{
    struct draft_line line = {.is_failure = false};

    for (size_t i = 0; i < draft->count; i++) {
        struct cluster *cluster;
        struct draft_kind *kind;

        if (!decode(draft, draft->lines[i])) {
            draft->result->not_read++;
            continue;
        }
        draft_line_read(draft->common.chain, &draft->record, &line);
        cluster = clusters_add(
            draft->common.clusters, buffer_span(&line.where), line.text, draft->lines[i]);
        if (cluster->data)
            continue;
        cluster->data = kind = memory_new(sizeof(*kind));
        kind->where = memory_string(buffer_span(&line.where));
        kind->activity = line.activity;
        kind->is_failure = line.is_failure;
    }
    buffer_finish(&line.where);
    draft->result->shapes = clusters_count(draft->common.clusters);
}

static void settle_kind(struct draft *draft, struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->example_count; i++)
        if (decode(draft, cluster->examples[i]))
            draft_kind_learn(cluster->data, &draft->record);
    draft_kind_settle(cluster->data, cluster);
    for (size_t i = 0; i < cluster->example_count; i++)
        if (decode(draft, cluster->examples[i]))
            draft_names_learn(draft->common.anonymous, cluster, &draft->record);
}

static void settle_kinds(struct draft *draft)
{
    for (size_t i = 0; i < clusters_count(draft->common.clusters); i++)
        settle_kind(draft, clusters_get(draft->common.clusters, i));
    for (size_t i = 0; i < clusters_count(draft->common.clusters); i++)
        draft_names_blur(draft->common.anonymous, clusters_get(draft->common.clusters, i));
}

/* --- which ---------------------------------------------------------------------------- */

static bool is_worth_a_rule(const struct cluster *cluster)
{
    const struct draft_kind *kind = cluster->data;

    return kind->activity && !kind->is_failure &&
           (draft_kind_has(kind, ROLE_USER) || draft_kind_has(kind, ROLE_ADDRESS)) &&
           (kind->where[0] || cluster->token_count > 0);
}

static bool has_address(const struct cluster *cluster)
{
    return draft_kind_has(cluster->data, ROLE_ADDRESS);
}

/* A line without an address adds little where others tell of the same with one: cron's
 * sessions beside sshd's. */
bool draft_is_told_better(const struct draft *draft, const struct cluster *cluster)
{
    const struct draft_kind *kind = cluster->data;

    for (size_t i = 0; i < draft->rule_count && !has_address(cluster); i++)
        if (draft_kind_is_same(draft->rules[i].kind, kind) && has_address(draft->rules[i].cluster))
            return true;
    return false;
}

/* What any request does comes last, before it what has no address, then what is rare. */
static int compare_clusters(const void *a, const void *b)
{
    const struct cluster *one = *(const struct cluster *const *)a;
    const struct cluster *other = *(const struct cluster *const *)b;
    const struct draft_kind *kind = one->data, *other_kind = other->data;
    int general = kind->activity && span_is(span_of(kind->activity), "API_CALL");
    int other_general = other_kind->activity && span_is(span_of(other_kind->activity), "API_CALL");

    if (general != other_general)
        return general - other_general;
    if (has_address(one) != has_address(other))
        return has_address(one) ? -1 : 1;
    return one->count > other->count ? -1 : one->count < other->count;
}

static const struct cluster **sort_clusters(const struct draft *draft)
{
    size_t count = clusters_count(draft->common.clusters);
    const struct cluster **sorted = memory_new(count * sizeof(*sorted));

    for (size_t i = 0; i < count; i++)
        sorted[i] = clusters_get(draft->common.clusters, i);
    if (count > 0)
        qsort(sorted, count, sizeof(*sorted), compare_clusters);
    return sorted;
}

/* Whether there is one already that does the same. */
static bool is_there(const struct draft *draft, const struct draft_rule *rule)
{
    for (size_t i = 0; i < draft->rule_count; i++)
        if (span_equal(buffer_span(&draft->rules[i].body), buffer_span(&rule->body)))
            return true;
    return false;
}

static void make_rules(struct draft *draft, const struct cluster *const *sorted)
{
    for (size_t i = 0;
         i < clusters_count(draft->common.clusters) && draft->rule_count < DRAFT_RULES_MOST; i++) {
        struct draft_rule *rule = &draft->rules[draft->rule_count];

        if (!is_worth_a_rule(sorted[i]) || draft_is_told_better(draft, sorted[i]))
            continue;
        if (draft_rule_make(rule, sorted[i], &draft->common) && !is_there(draft, rule))
            draft->rule_count++;
        else
            draft_rule_finish(rule);
    }
}

/* "Accepted publickey for" is no rule where "Accepted <*> for" is one. */
static void drop_covered(struct draft *draft)
{
    for (size_t i = 0; i < draft->rule_count; i++)
        for (size_t j = 0; j < draft->rule_count && !draft->rules[i].is_dropped; j++)
            if (i != j && !draft->rules[j].is_dropped &&
                draft_kind_is_same(draft->rules[i].kind, draft->rules[j].kind))
                draft->rules[i].is_dropped =
                    draft_rule_covers(&draft->rules[j], &draft->rules[i], &draft->common);
}

/* --- the file ------------------------------------------------------------------------- */

/* By what is done, numbered where several tell of the same. */
static void name_rules(struct draft *draft)
{
    for (size_t i = 0; i < draft->rule_count; i++) {
        struct draft_rule *rule = &draft->rules[i];
        size_t alike = 1;

        for (size_t j = 0; j < i; j++)
            alike +=
                !draft->rules[j].is_dropped && draft_kind_is_same(draft->rules[j].kind, rule->kind);
        buffer_clear(&rule->name);
        for (const char *p = rule->kind->activity; *p; p++)
            buffer_append_byte(&rule->name, byte_lower(*p));
        if (alike > 1)
            buffer_printf(&rule->name, "_%zu", alike);
    }
}

static void put_rules(struct draft *draft, struct buffer *out)
{
    bool is_first = true;

    name_rules(draft);
    draft_rule_write_head(&draft->common, out);
    buffer_append(out, SPAN("\nrules:\n"));
    for (size_t i = 0; i < draft->rule_count; i++) {
        const struct draft_rule *rule = &draft->rules[i];

        if (rule->is_dropped)
            continue;
        buffer_printf(out, "%s  - name: %.*s # %llu line%s\n", is_first ? "" : "\n",
            (int)rule->name.len, rule->name.bytes, (unsigned long long)rule->cluster->count,
            rule->cluster->count == 1 ? "" : "s");
        buffer_append(out, buffer_span(&rule->body));
        buffer_append(out, SPAN("    samples:\n"));
        buffer_append(out, buffer_span(&rule->samples));
        is_first = false;
    }
}

/* Drops the first rule of which a sample does not hold; false if all do. */
static bool drop_one(struct draft *draft, struct span yaml)
{
    const struct text text = {"draft", yaml};
    struct errors errors = {0};
    struct rule_file *file = rule_file_parse(&text, &errors);
    size_t failed = 0, at = SIZE_MAX;

    if (file)
        samples_run(file, &failed, &errors);
    if (errors.count > 0)
        at = errors.items[0].place.offset;
    for (size_t i = file ? file->count : 0; i-- > 0 && at != SIZE_MAX;)
        if (file->rules[i].place.offset <= at) {
            for (size_t j = 0; j < draft->rule_count; j++)
                draft->rules[j].is_dropped |=
                    span_equal(file->rules[i].name, buffer_span(&draft->rules[j].name));
            break;
        }
    rule_file_free(file);
    errors_finish(&errors);
    return file && at != SIZE_MAX;
}

/* What is told in a line of the log itself is better than any guess. */
static void put_columns(const struct draft *draft, struct buffer *out)
{
    struct buffer format = {0};
    struct span rest;

    if (draft_fields_write(draft->lines, draft->count, &format)) {
        buffer_append(out, SPAN("\n# The log names its columns. With them a rule asks for "
                                "${c_ip}, not for a place in the line:\n"));
        rest = span_trim(buffer_span(&format));
        while (rest.at) {
            struct span line = span_cut(&rest, '\n');

            if (line.len > 0)
                buffer_printf(out, "#   %.*s\n", (int)line.len, line.at);
        }
    }
    buffer_finish(&format);
}

static void count_rules(const struct draft *draft)
{
    for (size_t i = 0; i < clusters_count(draft->common.clusters); i++) {
        const struct draft_kind *kind = clusters_get(draft->common.clusters, i)->data;

        draft->result->failures += kind->is_failure;
    }
    for (size_t i = 0; i < draft->rule_count; i++)
        if (!draft->rules[i].is_dropped) {
            draft->result->rules++;
            draft->result->samples += draft->rules[i].sample_count;
        }
}

static void put_file(struct draft *draft, const struct cluster *const *sorted, struct buffer *out)
{
    struct buffer rules = {0};

    do {
        buffer_clear(&rules);
        put_rules(draft, &rules);
    } while (drop_one(draft, buffer_span(&rules)));
    count_rules(draft);
    if (draft->result->rules > 0) {
        buffer_printf(out,
            "# Drafted from %zu lines, %zu shapes. Each guess says so: look at what is done, at\n"
            "# user and address, and at the names of rules, which are part of every event's id.\n"
            "# Addresses, users and ids in the samples are invented; read them once before this\n"
            "# file goes anywhere.\n",
            draft->result->lines, draft->result->shapes);
        buffer_append(out, buffer_span(&rules));
    }
    put_columns(draft, out);
    draft_put_unused(draft, sorted, out);
    buffer_finish(&rules);
}

void draft_write(
    struct span text, struct span product, struct buffer *out, struct draft_result *result)
{
    struct draft *draft = memory_new(sizeof(*draft));
    const struct cluster **sorted;

    *result = (struct draft_result){0};
    draft->common.product = product;
    draft->result = result;
    draft->arena = arena_new(2 * text.len + LIMIT_ARENA_BYTES); /* cleaned, and joined */
    draft->common.clusters = clusters_new(DRAFT_CLUSTERS_MOST);
    draft->common.anonymous = anonymous_new();
    record_init(&draft->record);
    read_lines(draft, text);
    draft_detect(draft->lines, draft->count, draft->common.chain);
    cluster_lines(draft);
    settle_kinds(draft);
    sorted = sort_clusters(draft);
    make_rules(draft, sorted);
    drop_covered(draft);
    put_file(draft, sorted, out);

    free(sorted);
    for (size_t i = 0; i < draft->rule_count; i++)
        draft_rule_finish(&draft->rules[i]);
    for (size_t i = 0; i < clusters_count(draft->common.clusters); i++)
        draft_kind_free(clusters_get(draft->common.clusters, i)->data);
    clusters_free(draft->common.clusters);
    anonymous_free(draft->common.anonymous);
    record_finish(&draft->record);
    arena_free(draft->arena);
    free(draft->lines);
    free(draft);
}
