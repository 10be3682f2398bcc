/* SPDX-License-Identifier: MIT
 *
 * The rule is loaded as the only one of a file, with the loader and the engine that will
 * read it later: what those say of a line is what its samples say.
 */
#include "draft_rule.h"

#include "draft_records.h"
#include "limits.h"
#include "rule.h"
#include "samples.h"
#include "yaml_text.h"

enum { POSITIVES_MOST = 3, NEGATIVES_MOST = 2, EXAMPLE_BYTES = 4000 };

/* --- YAML --------------------------------------------------------------------------- */

void draft_rule_write_head(const struct draft_common *common, struct buffer *out)
{
    buffer_append(out, SPAN("product: "));
    yaml_text_write(common->product, out);
    buffer_append(out, SPAN("\nformat: "));
    if (common->chain[1])
        buffer_printf(out, "[%s, %s]\n", common->chain[0]->name, common->chain[1]->name);
    else
        buffer_printf(out, "%s\n", common->chain[0]->name);
    if (common->is_spread)
        buffer_append(out, SPAN("multiline: {start: '" DRAFT_RECORDS_START "'}\n"));
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

/* False, and nothing written, if no value of that role is known. */
static bool put_value(
    const char *key, const struct draft_kind *kind, enum draft_role role, struct buffer *out)
{
    if (!draft_kind_has(kind, role))
        return false;
    buffer_printf(out, "%s: '${%s}' # guess\n", key, draft_kind_name(kind, role));
    return true;
}

static void put_event(
    const struct draft_common *common, const struct draft_kind *kind, struct buffer *out)
{
    buffer_printf(out, "    event:\n      activity_type: %s # guess\n", kind->activity);
    put_value("      user_id", kind, ROLE_USER, out);
    if (!put_value("      ip_addr", kind, ROLE_ADDRESS, out))
        buffer_append(out, SPAN("      ip_addr: '${self.ip}' # no address found: this host's\n"));
    buffer_append(out, SPAN("      user_agent: "));
    if (draft_kind_has(kind, ROLE_AGENT))
        buffer_printf(out, "['${%s}', ", draft_kind_name(kind, ROLE_AGENT));
    yaml_text_write(common->product, out);
    buffer_append(out, draft_kind_has(kind, ROLE_AGENT) ? SPAN("] # guess\n") : SPAN("\n"));
}

/* with_time: the rule says where the time is. */
static void write_body(const struct draft_common *common, struct draft_rule *rule, bool with_time)
{
    struct buffer pattern = {0};

    put_where(rule->kind->where, &rule->body);
    draft_kind_write_pattern(rule->kind, rule->cluster, with_time, &pattern);
    if (pattern.len > 0) {
        buffer_append(&rule->body, SPAN("    match: "));
        yaml_text_write_quoted(buffer_span(&pattern), &rule->body);
        buffer_append_byte(&rule->body, '\n');
    }
    if (with_time)
        put_value("    time", rule->kind, ROLE_TIME, &rule->body);
    put_event(common, rule->kind, &rule->body);
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

    size_t times; /* how many of its samples say when */
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

static bool trial_open(
    struct trial *trial, const struct draft_common *common, const struct draft_rule *rule)
{
    struct errors errors = {0};

    draft_rule_write_head(common, &trial->yaml);
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

bool draft_rule_may_show(struct span text)
{
    return text.len <= EXAMPLE_BYTES && yaml_text_is_fit(text);
}

static bool has_sample(const struct draft_rule *rule, struct span line)
{
    struct buffer quoted = {0};
    bool is_there;

    yaml_text_write_quoted(line, &quoted);
    is_there = memmem(buffer_span(&rule->samples).at, rule->samples.len, quoted.bytes, quoted.len);
    buffer_finish(&quoted);
    return is_there;
}

static void put_sample_line(struct draft_rule *rule, struct span line)
{
    buffer_append(&rule->samples, SPAN("      - line: "));
    yaml_text_write_quoted(line, &rule->samples);
    rule->sample_count++;
}

static void put_positive(struct draft_rule *rule, struct span line, struct trial *trial)
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
        trial->times++;
    }
    buffer_append(&rule->samples,
        trial->has_time ? SPAN("}\n") : SPAN("} # no time is understood: see `time`\n"));
}

static void add_positives(
    const struct draft_common *common, struct draft_rule *rule, struct trial *trial)
{
    for (size_t i = 0; i < rule->cluster->example_count && rule->sample_count < POSITIVES_MOST;
         i++) {
        struct buffer line = {0};

        anonymous_write(common->anonymous, rule->cluster->examples[i], &line);
        if (draft_rule_may_show(buffer_span(&line)) && !has_sample(rule, buffer_span(&line)) &&
            trial_run(trial, buffer_span(&line)))
            put_positive(rule, buffer_span(&line), trial);
        buffer_finish(&line);
    }
}

/* Lines of failures that the rule leaves alone: of the same activity first. */
static void add_negatives(
    const struct draft_common *common, struct draft_rule *rule, struct trial *trial)
{
    size_t added = 0, clusters = clusters_count(common->clusters);

    for (size_t i = 0; i < 2 * clusters && added < NEGATIVES_MOST; i++) {
        const struct cluster *cluster = clusters_get(common->clusters, i % clusters);
        const struct draft_kind *kind = cluster->data;
        struct buffer line = {0};

        if (!kind->is_failure || draft_kind_is_same(kind, rule->kind) != (i < clusters))
            continue;
        anonymous_write(common->anonymous, cluster->examples[0], &line);
        if (draft_rule_may_show(buffer_span(&line)) && !has_sample(rule, buffer_span(&line)) &&
            !trial_run(trial, buffer_span(&line))) {
            put_sample_line(rule, buffer_span(&line));
            buffer_append(&rule->samples, SPAN("\n        event: none\n"));
            added++;
        }
        buffer_finish(&line);
    }
}

/* True if its samples hold; *has_time: and the time of each is understood. */
static bool write_rule(
    const struct draft_common *common, struct draft_rule *rule, bool with_time, bool *has_time)
{
    struct trial trial = {.file = NULL};

    buffer_clear(&rule->body);
    buffer_clear(&rule->samples);
    rule->sample_count = 0;
    write_body(common, rule, with_time);
    if (trial_open(&trial, common, rule))
        add_positives(common, rule, &trial);
    *has_time = rule->sample_count > 0 && trial.times == rule->sample_count;
    if (rule->sample_count > 0)
        add_negatives(common, rule, &trial);
    trial_close(&trial);
    return rule->sample_count > 0;
}

bool draft_rule_make(
    struct draft_rule *rule, const struct cluster *cluster, const struct draft_common *common)
{
    bool has_time, is_good;

    *rule = (struct draft_rule){.cluster = cluster, .kind = cluster->data};
    is_good = write_rule(common, rule, false, &has_time);
    if (!is_good || has_time || !draft_kind_has(rule->kind, ROLE_TIME))
        return is_good;
    /* The engine sees none where it looks by itself. */
    write_rule(common, rule, true, &has_time);
    return has_time || write_rule(common, rule, false, &has_time);
}

void draft_rule_finish(struct draft_rule *rule)
{
    buffer_finish(&rule->name);
    buffer_finish(&rule->body);
    buffer_finish(&rule->samples);
}

bool draft_rule_covers(const struct draft_rule *rule, const struct draft_rule *other,
    const struct draft_common *common)
{
    struct trial trial = {.file = NULL};
    bool takes = trial_open(&trial, common, rule);

    for (size_t i = 0; i < other->cluster->example_count && takes; i++) {
        struct buffer line = {0};

        anonymous_write(common->anonymous, other->cluster->examples[i], &line);
        takes = trial_run(&trial, buffer_span(&line)) &&
                (trial.user.len > 0) == draft_kind_has(other->kind, ROLE_USER);
        buffer_finish(&line);
    }
    trial_close(&trial);
    return takes;
}
