/* SPDX-License-Identifier: MIT
 *
 * Lines to clusters, clusters to rules, and each rule tried on the lines that it came
 * from before it is written down. The file as a whole is tried, too: a rule of which a
 * sample does not hold there, since another takes its lines, goes.
 */
#include "draft.h"

#include "anonymous.h"
#include "clean.h"
#include "draft_format.h"
#include "draft_kind.h"
#include "limits.h"
#include "lines.h"
#include "memory.h"
#include "rule.h"
#include "samples.h"
#include "yaml_text.h"

#include <stdlib.h>

enum { POSITIVES_MOST = 3, NEGATIVES_MOST = 2, UNUSED_SHOWN = 20, EXAMPLE_BYTES = 4000 };

/* A rule under way. */
struct drafted {
    const struct cluster *cluster;
    const struct draft_kind *kind;
    struct buffer name;
    struct buffer body;    /* from `where` to `event`, indented */
    struct buffer samples; /* the list */
    size_t sample_count;
    bool is_dropped;
};

struct draft {
    const struct format *chain[DRAFT_CHAIN_MOST];
    struct span product;
    struct span *lines; /* cleaned */
    size_t count, room;
    struct arena *arena;
    struct clusters *clusters;
    struct anonymous *anonymous;
    struct record record;
    struct token tokens[CLUSTER_TOKENS];
    struct drafted rules[DRAFT_RULES_MOST];
    size_t rule_count;
    struct draft_result *result;
};

/* Of the same activity. */
static bool is_same(const struct draft_kind *one, const struct draft_kind *other)
{
    return span_equal(span_of(one->activity), span_of(other->activity));
}

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
}

static bool decode(struct draft *draft, struct span line)
{
    size_t at;

    record_reset(&draft->record, line);
    return format_chain(draft->chain, &draft->record, &at) == PARSE_OK;
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
        draft_line_read(draft->chain, &draft->record, &line);
        cluster =
            clusters_add(draft->clusters, buffer_span(&line.where), line.text, draft->lines[i]);
        if (cluster->data)
            continue;
        cluster->data = kind = memory_new(sizeof(*kind));
        kind->where = memory_string(buffer_span(&line.where));
        kind->activity = line.activity;
        kind->is_failure = line.is_failure;
    }
    buffer_finish(&line.where);
    draft->result->shapes = clusters_count(draft->clusters);
}

/* --- names -------------------------------------------------------------------------- */

/* What a field or a token of a text in the place of a value says. */
static struct span token_text(struct draft *draft, const struct cluster *cluster, size_t i)
{
    size_t count = tokens_read(draft->record.message, draft->tokens, CLUSTER_TOKENS);

    return count == cluster->token_count && i < count ? draft->tokens[i].text
                                                      : (struct span){NULL, 0};
}

static void add_name(struct draft *draft, struct span name, bool is_user)
{
    if (name.len > 0 && !draft_is_label(name) && (is_user || name.len > 2))
        anonymous_add_name(draft->anonymous, name, is_user);
}

static void learn_names(struct draft *draft, const struct cluster *cluster)
{
    const struct draft_kind *kind = cluster->data;

    for (size_t i = 0; i < cluster->example_count; i++) {
        const struct record *record = &draft->record;

        if (!decode(draft, cluster->examples[i]))
            continue;
        if (kind->user_field)
            add_name(draft, record_get(record, span_of(kind->user_field)), true);
        else
            add_name(draft, token_text(draft, cluster, kind->user_token), true);
        for (size_t j = 0; j < record->count; j++)
            if (draft_names_thing(record->fields[j].name) &&
                !(kind->user_field && span_is(record->fields[j].name, kind->user_field)))
                add_name(draft, record->fields[j].value, false);
        for (size_t j = 0; j < cluster->token_count; j++)
            if ((cluster->tokens[j].kind == TOKEN_VARIES || draft_is_thing(cluster->tokens, j)) &&
                j != kind->user_token && j != kind->address_token)
                add_name(draft, token_text(draft, cluster, j), false);
    }
}

/* A word that is a name elsewhere is replaced in samples: no pattern may ask for it. */
static void blur_names(struct draft *draft, struct cluster *cluster)
{
    struct buffer made = {0};

    for (size_t i = 0; i < cluster->token_count; i++) {
        struct token *token = &cluster->tokens[i];

        if (token->kind != TOKEN_WORD)
            continue;
        buffer_clear(&made);
        anonymous_write(draft->anonymous, token->text, &made);
        if (!span_equal(buffer_span(&made), token->text))
            token->kind = TOKEN_VARIES;
    }
    buffer_finish(&made);
}

static void settle_kinds(struct draft *draft)
{
    for (size_t i = 0; i < clusters_count(draft->clusters); i++) {
        struct cluster *cluster = clusters_get(draft->clusters, i);

        decode(draft, cluster->examples[0]);
        draft_kind_settle(cluster->data, cluster, &draft->record);
    }
    for (size_t i = 0; i < clusters_count(draft->clusters); i++)
        learn_names(draft, clusters_get(draft->clusters, i));
    for (size_t i = 0; i < clusters_count(draft->clusters); i++)
        blur_names(draft, clusters_get(draft->clusters, i));
}

/* --- YAML --------------------------------------------------------------------------- */

static void put_head(const struct draft *draft, struct buffer *out)
{
    buffer_append(out, SPAN("product: "));
    yaml_text_write(draft->product, out);
    buffer_append(out, SPAN("\nformat: "));
    if (draft->chain[1])
        buffer_printf(out, "[%s, %s]\n", draft->chain[0]->name, draft->chain[1]->name);
    else
        buffer_printf(out, "%s\n", draft->chain[0]->name);
}

static void put_where(const char *where, struct buffer *out)
{
    struct span rest = span_of(where);

    if (rest.len == 0)
        return;
    buffer_append(out, SPAN("    where:\n"));
    while (rest.at) {
        struct span line = span_cut(&rest, '\n');

        if (line.len > 0)
            buffer_printf(out, "      %.*s\n", (int)line.len, line.at);
    }
}

static void put_value(const char *key, const char *field, const char *capture, struct buffer *out)
{
    buffer_printf(out, "      %s: '${%s}' # guess\n", key, field ? field : capture);
}

static void put_event(const struct draft *draft, const struct draft_kind *kind,
    const struct cluster *cluster, struct buffer *out)
{
    buffer_printf(out, "    event:\n      activity_type: %s # guess\n", kind->activity);
    if (kind->user_field || kind->user_token < cluster->token_count)
        put_value("user_id", kind->user_field, "user", out);
    if (kind->address_field || kind->address_token < cluster->token_count)
        put_value("ip_addr", kind->address_field, "ip", out);
    else
        buffer_append(out, SPAN("      ip_addr: '${self.ip}' # no address found: this host's\n"));
    if (kind->agent_field) {
        put_value("user_agent", kind->agent_field, "", out);
    } else {
        buffer_append(out, SPAN("      user_agent: "));
        yaml_text_write(draft->product, out);
        buffer_append_byte(out, '\n');
    }
}

/* --- one rule ------------------------------------------------------------------------ */

static void begin_rule(struct draft *draft, struct drafted *rule)
{
    struct buffer pattern = {0};

    put_where(rule->kind->where, &rule->body);
    draft_kind_write_pattern(rule->kind, rule->cluster, &pattern);
    if (pattern.len > 0) {
        buffer_append(&rule->body, SPAN("    match: "));
        yaml_text_write_quoted(buffer_span(&pattern), &rule->body);
        buffer_append_byte(&rule->body, '\n');
    }
    put_event(draft, rule->kind, rule->cluster, &rule->body);
    buffer_finish(&pattern);
}

/* What the rule alone makes of a line. */
struct trial {
    struct text text;
    struct buffer yaml;
    struct rule_file *file;
    struct engine_rules rules;
    struct engine_settings settings;
    struct engine *engine;

    bool has_event, has_time;
    int64_t at_s;
    struct buffer user, address;
};

static void keep_event(void *arg, const struct event *event)
{
    struct trial *trial = arg;

    trial->has_event = true;
    trial->has_time = event->has_time;
    trial->at_s = event->at_s;
    buffer_clear(&trial->user);
    buffer_append(&trial->user, event->user_id.at ? event->user_id : SPAN(""));
    buffer_clear(&trial->address);
    buffer_append(&trial->address, event->ip_addr);
}

static bool trial_open(struct trial *trial, const struct draft *draft, const struct drafted *rule)
{
    struct errors errors = {0};

    put_head(draft, &trial->yaml);
    buffer_printf(&trial->yaml, "rules:\n  - name: trial\n");
    buffer_append(&trial->yaml, buffer_span(&rule->body));
    buffer_append(&trial->yaml, SPAN("    samples: [{line: x, event: {ip_addr: 192.0.2.1}}]\n"));
    trial->text = (struct text){"draft", buffer_span(&trial->yaml)};
    trial->file = rule_file_parse(&trial->text, &errors);
    errors_finish(&errors);
    if (!trial->file)
        return false;
    trial->rules = (struct engine_rules){.file = trial->file};
    trial->settings = sample_settings(&trial->rules);
    trial->engine = engine_new(&trial->settings);
    return true;
}

static void trial_close(struct trial *trial)
{
    engine_free(trial->engine);
    rule_file_free(trial->file);
    buffer_finish(&trial->yaml);
    buffer_finish(&trial->user);
    buffer_finish(&trial->address);
}

/* Whether the rule makes an event of the line. */
static bool trial_run(struct trial *trial, struct span line)
{
    const struct engine_source source = {
        .source_id = SPAN("draft"), .time = {.reference_s = SAMPLE_REFERENCE_S, .zone = &zone_utc}};
    const struct engine_chunk chunk = {.bytes = line, .is_final = true};
    const struct engine_output output = {.event = keep_event, .arg = trial};
    struct engine_counts counts = {0};

    trial->has_event = false;
    engine_feed(trial->engine, &source, &chunk, &output, &counts);
    return trial->has_event;
}

static bool is_showable(struct span line)
{
    return line.len <= EXAMPLE_BYTES && yaml_text_is_fit(line);
}

static bool has_sample(const struct drafted *rule, struct span line)
{
    struct buffer quoted = {0};
    bool is_there;

    yaml_text_write_quoted(line, &quoted);
    is_there = memmem(buffer_span(&rule->samples).at, rule->samples.len, quoted.bytes, quoted.len);
    buffer_finish(&quoted);
    return is_there;
}

static void put_sample_line(struct drafted *rule, struct span line)
{
    buffer_append(&rule->samples, SPAN("      - line: "));
    yaml_text_write_quoted(line, &rule->samples);
    rule->sample_count++;
}

static void put_positive(struct drafted *rule, struct span line, const struct trial *trial)
{
    char time[TIMESTAMP_TEXT_BYTES];

    put_sample_line(rule, line);
    buffer_append(&rule->samples, SPAN("\n        event: {"));
    if (trial->user.len > 0) {
        buffer_append(&rule->samples, SPAN("user_id: "));
        yaml_text_write(buffer_span(&trial->user), &rule->samples);
        buffer_append(&rule->samples, SPAN(", "));
    }
    buffer_append(&rule->samples, SPAN("ip_addr: "));
    yaml_text_write(buffer_span(&trial->address), &rule->samples);
    if (trial->has_time) {
        timestamp_write(trial->at_s, time);
        buffer_printf(&rule->samples, ", event_at: '%s'", time);
    }
    buffer_append(&rule->samples,
        trial->has_time ? SPAN("}\n") : SPAN("} # no time is understood: see `time`\n"));
}

static void add_positives(struct draft *draft, struct drafted *rule, struct trial *trial)
{
    for (size_t i = 0; i < rule->cluster->example_count && rule->sample_count < POSITIVES_MOST;
         i++) {
        struct buffer line = {0};

        anonymous_write(draft->anonymous, rule->cluster->examples[i], &line);
        if (is_showable(buffer_span(&line)) && !has_sample(rule, buffer_span(&line)) &&
            trial_run(trial, buffer_span(&line)))
            put_positive(rule, buffer_span(&line), trial);
        buffer_finish(&line);
    }
}

/* Lines of failures that the rule leaves alone: of the same activity first. */
static void add_negatives(struct draft *draft, struct drafted *rule, struct trial *trial)
{
    size_t added = 0, clusters = clusters_count(draft->clusters);

    for (size_t i = 0; i < 2 * clusters && added < NEGATIVES_MOST; i++) {
        const struct cluster *cluster = clusters_get(draft->clusters, i % clusters);
        const struct draft_kind *kind = cluster->data;
        struct buffer line = {0};

        if (!kind->is_failure || is_same(kind, rule->kind) != (i < clusters))
            continue;
        anonymous_write(draft->anonymous, cluster->examples[0], &line);
        if (is_showable(buffer_span(&line)) && !has_sample(rule, buffer_span(&line)) &&
            !trial_run(trial, buffer_span(&line))) {
            put_sample_line(rule, buffer_span(&line));
            buffer_append(&rule->samples, SPAN("\n        event: none\n"));
            added++;
        }
        buffer_finish(&line);
    }
}

static void finish_rule(struct drafted *rule)
{
    buffer_finish(&rule->name);
    buffer_finish(&rule->body);
    buffer_finish(&rule->samples);
}

/* False if it would not hold. */
static bool write_rule(struct draft *draft, struct drafted *rule)
{
    struct trial trial = {.file = NULL};
    bool is_good;

    begin_rule(draft, rule);
    is_good = trial_open(&trial, draft, rule);
    for (struct drafted *other = draft->rules; other < rule; other++)
        is_good &= !span_equal(buffer_span(&other->body), buffer_span(&rule->body));
    if (is_good)
        add_positives(draft, rule, &trial);
    is_good &= rule->sample_count > 0;
    if (is_good)
        add_negatives(draft, rule, &trial);
    trial_close(&trial);
    return is_good;
}

/* --- which ---------------------------------------------------------------------------- */

static bool is_worth_a_rule(const struct cluster *cluster)
{
    const struct draft_kind *kind = cluster->data;

    return kind->activity && !kind->is_failure &&
           (kind->user_field || kind->address_field || kind->user_token < cluster->token_count ||
               kind->address_token < cluster->token_count) &&
           (kind->where[0] || cluster->token_count > 0);
}

static bool has_address(const struct cluster *cluster)
{
    const struct draft_kind *kind = cluster->data;

    return kind->address_field || kind->address_token < cluster->token_count;
}

/* A line without an address adds little where others tell of the same with one: cron's
 * sessions beside sshd's. */
static bool is_told_better(const struct draft *draft, const struct cluster *cluster)
{
    const struct draft_kind *kind = cluster->data;

    for (size_t i = 0; i < draft->rule_count && !has_address(cluster); i++)
        if (is_same(draft->rules[i].kind, kind) && has_address(draft->rules[i].cluster))
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
    size_t count = clusters_count(draft->clusters);
    const struct cluster **sorted = memory_new(count * sizeof(*sorted));

    for (size_t i = 0; i < count; i++)
        sorted[i] = clusters_get(draft->clusters, i);
    if (count > 0)
        qsort(sorted, count, sizeof(*sorted), compare_clusters);
    return sorted;
}

static void write_rules(struct draft *draft, const struct cluster *const *sorted)
{
    for (size_t i = 0; i < clusters_count(draft->clusters) && draft->rule_count < DRAFT_RULES_MOST;
         i++) {
        struct drafted *rule = &draft->rules[draft->rule_count];

        if (!is_worth_a_rule(sorted[i]) || is_told_better(draft, sorted[i]))
            continue;
        *rule = (struct drafted){.cluster = sorted[i], .kind = sorted[i]->data};
        if (write_rule(draft, rule))
            draft->rule_count++;
        else
            finish_rule(rule);
    }
}

/* Whether that rule makes an event of each sample of the other. */
static bool takes_all_of(
    struct draft *draft, const struct drafted *rule, const struct drafted *other)
{
    struct trial trial = {.file = NULL};
    bool takes = trial_open(&trial, draft, rule);

    for (size_t i = 0; i < other->cluster->example_count && takes; i++) {
        struct buffer line = {0};

        anonymous_write(draft->anonymous, other->cluster->examples[i], &line);
        takes = trial_run(&trial, buffer_span(&line)) &&
                (trial.user.len > 0) == (other->kind->user_field ||
                                            other->kind->user_token < other->cluster->token_count);
        buffer_finish(&line);
    }
    trial_close(&trial);
    return takes;
}

/* "Accepted publickey for" is no rule where "Accepted <*> for" is one. */
static void drop_covered(struct draft *draft)
{
    for (size_t i = 0; i < draft->rule_count; i++)
        for (size_t j = 0; j < draft->rule_count && !draft->rules[i].is_dropped; j++)
            if (i != j && !draft->rules[j].is_dropped &&
                is_same(draft->rules[i].kind, draft->rules[j].kind))
                draft->rules[i].is_dropped =
                    takes_all_of(draft, &draft->rules[j], &draft->rules[i]);
}

/* --- the file ------------------------------------------------------------------------- */

/* By what is done, numbered where several tell of the same. */
static void name_rules(struct draft *draft)
{
    for (size_t i = 0; i < draft->rule_count; i++) {
        struct drafted *rule = &draft->rules[i];
        size_t alike = 1;

        for (size_t j = 0; j < i; j++)
            alike += !draft->rules[j].is_dropped && is_same(draft->rules[j].kind, rule->kind);
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
    put_head(draft, out);
    buffer_append(out, SPAN("\nrules:\n"));
    for (size_t i = 0; i < draft->rule_count; i++) {
        const struct drafted *rule = &draft->rules[i];

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

static void put_unused(struct draft *draft, const struct cluster *const *sorted, struct buffer *out)
{
    size_t shown = 0;

    for (size_t i = 0; i < clusters_count(draft->clusters) && shown < UNUSED_SHOWN; i++) {
        struct buffer shape = {0}, plain = {0};
        bool is_used = false;

        for (size_t j = 0; j < draft->rule_count; j++)
            is_used |= draft->rules[j].cluster == sorted[i] && !draft->rules[j].is_dropped;
        cluster_write(sorted[i], &shape);
        if (!is_used && shape.len > 0) {
            anonymous_write(draft->anonymous, buffer_span(&shape), &plain);
            if (is_showable(buffer_span(&plain))) {
                if (shown++ == 0)
                    buffer_append(out, SPAN("\n# Lines that no rule here is made from:\n"));
                buffer_printf(out, "# %7llu  %.*s\n", (unsigned long long)sorted[i]->count,
                    plain.len < 160 ? (int)plain.len : 160, plain.bytes);
            }
        }
        buffer_finish(&shape);
        buffer_finish(&plain);
    }
}

static void put_file(struct draft *draft, const struct cluster *const *sorted, struct buffer *out)
{
    struct buffer rules = {0};

    do {
        buffer_clear(&rules);
        put_rules(draft, &rules);
    } while (drop_one(draft, buffer_span(&rules)));
    buffer_printf(out,
        "# Drafted from %zu lines, %zu shapes. Each guess says so: look at what is done, at\n"
        "# user and address, and at the names of rules, which are part of every event's id.\n"
        "# Addresses, users and ids in the samples are invented; read them once before this\n"
        "# file goes anywhere.\n",
        draft->result->lines, draft->result->shapes);
    buffer_append(out, buffer_span(&rules));
    put_unused(draft, sorted, out);
    buffer_finish(&rules);
    for (size_t i = 0; i < draft->rule_count; i++)
        if (!draft->rules[i].is_dropped) {
            draft->result->rules++;
            draft->result->samples += draft->rules[i].sample_count;
        }
}

void draft_write(
    struct span text, struct span product, struct buffer *out, struct draft_result *result)
{
    struct draft *draft = memory_new(sizeof(*draft));
    const struct cluster **sorted;

    *result = (struct draft_result){0};
    draft->product = product;
    draft->result = result;
    draft->arena = arena_new(text.len + LIMIT_ARENA_BYTES);
    draft->clusters = clusters_new(DRAFT_CLUSTERS_MOST);
    draft->anonymous = anonymous_new();
    record_init(&draft->record);
    read_lines(draft, text);
    draft_detect(draft->lines, draft->count, draft->chain);
    cluster_lines(draft);
    settle_kinds(draft);
    sorted = sort_clusters(draft);
    write_rules(draft, sorted);
    drop_covered(draft);
    put_file(draft, sorted, out);

    free(sorted);
    for (size_t i = 0; i < draft->rule_count; i++)
        finish_rule(&draft->rules[i]);
    for (size_t i = 0; i < clusters_count(draft->clusters); i++)
        draft_kind_free(clusters_get(draft->clusters, i)->data);
    clusters_free(draft->clusters);
    anonymous_free(draft->anonymous);
    record_finish(&draft->record);
    arena_free(draft->arena);
    free(draft->lines);
    free(draft);
}
