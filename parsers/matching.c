/* SPDX-License-Identifier: MIT
 *
 * Decoding happens once for neighbouring files with the same chain of formats, and
 * not at all for files of which no rule is picked, or once the chain has refused the
 * record.
 */
#include "matching.h"

#include "fill.h"
#include "memory.h"

#include <stdlib.h>

enum { MINUTE_MS = 60000 };

struct matching {
    const struct engine_settings *settings;
    struct roster *roster;
    struct matcher *matcher;
    struct record record;
    uint64_t records;  /* that were matched, with the one at hand */
    uint64_t *refused; /* by decoding: the last one that it refused */
    struct field captures[LIMIT_CAPTURES];
    struct fill_room room;
    struct event_hasher *hasher;
    struct keeping *keeping; /* NULL: no rule keeps anything */
    size_t *near;            /* numbers of rules that came near the record under way */
    size_t near_count;
};

/* One record on its way through the rule files. */
struct pass {
    struct matching *matching;
    const struct matching_input *input;
    const struct picks *picks;
    uint64_t *events;
};

struct matching *matching_new(const struct engine_settings *settings, struct roster *roster)
{
    struct matching *matching = memory_new(sizeof(*matching));

    matching->settings = settings;
    matching->roster = roster;
    matching->refused = memory_new(roster->file_count * sizeof(*matching->refused));
    matching->matcher = matcher_new();
    matching->hasher = event_hasher_new();
    matching->near = memory_new(roster->count * sizeof(*matching->near));
    record_init(&matching->record);
    return matching;
}

void matching_free(struct matching *matching)
{
    if (!matching)
        return;
    free(matching->refused);
    matcher_free(matching->matcher);
    record_finish(&matching->record);
    event_hasher_free(matching->hasher);
    keeping_free(matching->keeping);
    free(matching->near);
    free(matching);
}

void matching_set_notes(struct matching *matching, struct notes *notes)
{
    keeping_free(matching->keeping);
    matching->keeping = keeping_new(notes);
}

struct matcher *matching_matcher(struct matching *matching)
{
    return matching->matcher;
}

/* A field's pattern on an absent field says no. */
static enum pattern_result run_match(struct matching *matching, const struct rule_match *match,
    struct field *captures, size_t *count)
{
    const struct record *record = &matching->record;
    struct span subject = match->field.at ? record_get(record, match->field) : record->message;

    if (!subject.at)
        return PATTERN_NO;
    return pattern_match(
        match->pattern, matching->matcher, subject, captures, captures ? LIMIT_CAPTURES : 0, count);
}

static bool has_required(const struct rule *rule, struct span text)
{
    for (size_t i = 0; i < rule->require_count; i++)
        if (!memmem(text.at, text.len, rule->requires[i].at, rule->requires[i].len))
            return false;
    return true;
}

/* Whether the rule takes the record; captures are left in the matching. Of a suspended
 * rule only what no pattern decides is looked at. *is_near: see engine_tally. */
static enum pattern_result run_rule(struct matching *matching, const struct rule *rule,
    bool is_suspended, size_t *capture_count, bool *is_near)
{
    enum pattern_result result = PATTERN_MATCH;
    size_t unused = 0, met = 0;

    *capture_count = 0;
    *is_near = false;
    if (!has_required(rule, matching->record.line))
        return PATTERN_NO;
    for (size_t i = 0; i < rule->where_count && result == PATTERN_MATCH; i++)
        if (!is_suspended || rule->where[i].kind != CONDITION_MATCHES) {
            result = condition_check(&rule->where[i], &matching->record, matching->matcher);
            met += result == PATTERN_MATCH;
        }
    if (result == PATTERN_MATCH && is_suspended)
        return PATTERN_LIMIT;
    for (size_t i = 0; i < rule->match_count && result == PATTERN_MATCH; i++)
        result = run_match(matching, &rule->matches[i], matching->captures, capture_count);
    *is_near = result == PATTERN_NO && (rule->where_count > 0 ? met : rule->needs.count) > 0;
    if (result != PATTERN_MATCH || !rule->unless.pattern)
        return result;
    switch (run_match(matching, &rule->unless, NULL, &unused)) {
    case PATTERN_MATCH:
        return PATTERN_NO;
    case PATTERN_NO:
        return PATTERN_MATCH;
    case PATTERN_LIMIT:
        break;
    }
    return PATTERN_LIMIT;
}

static bool is_excluded(const struct pass *pass, const struct event *event)
{
    const struct matching *matching = pass->matching;
    const struct engine_output *output = pass->input->output;
    const char *field =
        matching->settings->exclusion
            ? exclusion_check(matching->settings->exclusion, matching->room.seen_user,
                  span_of(matching->room.seen_address.text), event->at_s)
            : NULL;

    if (field && output->excluded)
        output->excluded(output->arg, field);
    return field;
}

/* What the rule says is remembered and filled; incomplete if something cannot be. */
static enum line_class make_event(
    const struct pass *pass, struct fill *fill, struct incomplete *incomplete)
{
    struct matching *matching = pass->matching;
    const struct engine_output *output = pass->input->output;
    struct event event;

    if (!fill_time(fill, &fill->moment, &incomplete->field, &incomplete->reason))
        return LINE_INCOMPLETE;
    if (output->guessed && (fill->moment.time.is_order_guess || fill->moment.time.is_zone_guess))
        output->guessed(output->arg, fill->rule, fill->moment.text, &fill->moment.time);
    if (matching->keeping)
        keeping_begin(matching->keeping, fill, output, pass->events, matching->captures,
            &fill->scope.capture_count);
    if (fill->rule->remember.key.count > 0 && !keeping_remember(matching->keeping, fill)) {
        incomplete->field = "remember";
        incomplete->reason = "its key can't be filled";
        return LINE_INCOMPLETE;
    }
    if (!fill->rule->has_event)
        return LINE_MATCHED;
    if (!fill_event(fill, &matching->room, &event, &incomplete->field, &incomplete->reason))
        return LINE_INCOMPLETE;
    if (is_excluded(pass, &event))
        return LINE_EXCLUDED;
    if (!rule_is_keeping(fill->rule) || keeping_take(matching->keeping, fill, &event)) {
        (*pass->events)++;
        output->event(output->arg, &event);
    }
    return LINE_MATCHED;
}

static enum line_class take_record(const struct pass *pass, const struct engine_rules *rules,
    const struct rule *rule, size_t capture_count)
{
    const struct matching_input *input = pass->input;
    struct matching *matching = pass->matching;
    struct fill fill = {
        .settings = matching->settings,
        .rules = rules,
        .source = input->source,
        .rule = rule,
        .scope =
            {
                .captures = matching->captures,
                .capture_count = capture_count,
                .record = &matching->record,
                .self_ip = matching->settings->host_address,
                .self_name = matching->settings->host_name,
                .hash_secret = matching->settings->hash_secret,
            },
        .arena = matching->record.arena,
        .hasher = matching->hasher,
        .line = input->first,
        .offset = input->offset,
    };
    struct incomplete incomplete = {
        .rule = rule,
        .product = rules->file->product,
        .rule_name = rule->name,
        .line = input->first,
        .offset = input->offset,
    };
    enum line_class class = make_event(pass, &fill, &incomplete);

    if (class == LINE_INCOMPLETE && input->output->incomplete) {
        fill_refused(&fill, incomplete.field, incomplete.value);
        input->output->incomplete(input->output->arg, &incomplete);
    }
    return class;
}

/* --- rules in trouble ------------------------------------------------------ */

static bool is_still_suspended(struct roster_trouble *trouble, int64_t now_ms)
{
    if (trouble->suspended_until_ms > now_ms)
        return true;
    if (trouble->suspended_until_ms > 0)
        *trouble = (struct roster_trouble){0};
    return false;
}

static void note_error(const struct pass *pass, const struct engine_rules *rules, size_t number)
{
    struct roster_trouble *trouble = &pass->matching->roster->troubles[number];
    const struct engine_output *output = pass->input->output;
    int64_t now_ms = pass->input->source->now_ms;

    if (trouble->errors == 0 || now_ms - trouble->started_ms >= MINUTE_MS)
        *trouble = (struct roster_trouble){.started_ms = now_ms};
    if (++trouble->errors < LIMIT_RULE_ERRORS)
        return;
    trouble->suspended_until_ms = now_ms + MINUTE_MS;
    if (output->suspended)
        output->suspended(
            output->arg, rules->file->product, pass->matching->roster->rules[number]->name);
}

/* --- files ----------------------------------------------------------------- */

static enum line_class run_picked(
    const struct pass *pass, const struct engine_rules *rules, size_t number)
{
    struct matching *matching = pass->matching;
    struct roster *roster = matching->roster;
    const struct rule *rule = roster->rules[number];
    struct engine_tally *tally = &roster->tallies[number];
    size_t capture_count;
    bool is_out = is_still_suspended(&roster->troubles[number], pass->input->source->now_ms);
    bool is_near;

    roster->is_tallied = true;
    tally->candidates++;
    switch (run_rule(matching, rule, is_out, &capture_count, &is_near)) {
    case PATTERN_NO:
        if (is_near)
            matching->near[matching->near_count++] = number;
        return LINE_NO_RULE;
    case PATTERN_LIMIT:
        tally->errors++;
        if (!is_out)
            note_error(pass, rules, number);
        return LINE_RULE_ERROR;
    case PATTERN_MATCH:
        break;
    }
    tally->matched++;
    if (pass->input->output->taken)
        pass->input->output->taken(pass->input->output->arg, rules, rule);
    return rule->is_ignore ? LINE_IGNORED : take_record(pass, rules, rule, capture_count);
}

static void tally_near_misses(struct matching *matching)
{
    for (size_t i = 0; i < matching->near_count; i++)
        matching->roster->tallies[matching->near[i]].near_misses++;
}

/* The record is decoded for this file; runs its picked rules in order. */
static enum line_class run_file(const struct pass *pass, const struct roster_file *file)
{
    enum line_class class = LINE_NO_RULE;

    pass->matching->near_count = 0;
    for (size_t i = picks_next(pass->picks, file->first, file->end); i < file->end;
         i = picks_next(pass->picks, i + 1, file->end)) {
        enum line_class made = run_picked(pass, file->rules, i);

        if (made < class)
            class = made;
        /* A rule that ran into its limits has not taken the line. */
        if (made != LINE_NO_RULE && made != LINE_RULE_ERROR &&
            !pass->matching->roster->rules[i]->is_continue)
            break;
    }
    if (class == LINE_NO_RULE)
        tally_near_misses(pass->matching);
    return class;
}

/* The fields of the source first: what the line says of the same name comes behind. */
static enum parse_result decode(const struct pass *pass, const struct engine_rules *rules)
{
    const struct format *const *chain = rules->file->chain;
    const struct engine_source *source = pass->input->source;
    struct record *record = &pass->matching->record;
    enum parse_result result;
    size_t at;

    record_reset(record, pass->input->text);
    for (size_t i = 0; i < source->field_count; i++)
        record_add(record, source->fields[i].name, source->fields[i].value);
    result = format_chain(chain, record, &at);
    if (result == PARSE_OK && record->detected_count > 0 && pass->input->output->detected)
        pass->input->output->detected(pass->input->output->arg, rules, record);
    return result;
}

enum line_class matching_run(struct matching *matching, const struct matching_input *input,
    const struct picks *picks, uint64_t *events)
{
    const struct pass pass = {matching, input, picks, events};
    const struct roster *roster = matching->roster;
    enum line_class class = LINE_NO_RULE, made;
    size_t decoding = SIZE_MAX; /* the record is decoded like this; SIZE_MAX: not yet */
    const struct roster_file *file;

    matching->records++;
    for (size_t i = picks_next(picks, 0, roster->count); i < roster->count;
         i = picks_next(picks, file->end, roster->count)) {
        file = &roster->files[roster->owners[i]];
        if (matching->refused[file->decoding] == matching->records)
            continue;
        if (decoding != file->decoding) {
            decoding = file->decoding;
            if (decode(&pass, file->rules) != PARSE_OK) {
                matching->refused[decoding] = matching->records;
                continue;
            }
        }
        made = run_file(&pass, file);
        if (made < class)
            class = made;
    }
    return class;
}
