/* SPDX-License-Identifier: MIT
 *
 * A table of fields, found by hashing product, rule and name. Of a field's values
 * only hashes are kept, to count the distinct ones, and a few in masked form.
 */
#include "shipper/review.h"

#include "parsers/memory.h"
#include "parsers/value_kind.h"
#include "shipper/event_table.h"

#include <stdlib.h>

enum { CONSTANTS = 5, FIRST_META = 9 };

/* The wire's fields in its order; the first CONSTANTS stand in rules and configuration. */
static const char *const names[FIRST_META] = {"activity_type", "source", "environment",
    "product_id", "user_id_type", "user_id", "ip_addr", "user_agent", "count"};

/* A set of hashes, never 0: open addressing, a power of two. */
struct hashes {
    uint64_t *items;
    size_t count, room;
};

struct field_review {
    struct span product, rule, name;
    unsigned order; /* of the name on the wire */
    bool is_constant;
    uint64_t events;
    uint64_t kinds[VALUE_KINDS];
    struct hashes values;
    struct buffer samples[REVIEW_SAMPLES];
    size_t sample_count;
};

struct review {
    struct field_review *fields;
    size_t count, room;
    uint64_t events, left_out;
};

struct review *review_new(void)
{
    return memory_new(sizeof(struct review));
}

void review_free(struct review *review)
{
    if (!review)
        return;
    for (size_t i = 0; i < review->count; i++) {
        free(review->fields[i].values.items);
        for (size_t j = 0; j < REVIEW_SAMPLES; j++)
            buffer_finish(&review->fields[i].samples[j]);
    }
    free(review->fields);
    free(review);
}

/* --- taking ---------------------------------------------------------------- */

/* FNV-1a with the top bits folded in. */
static uint64_t hash_of(struct span value)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (size_t i = 0; i < value.len; i++)
        hash = (hash ^ (unsigned char)value.at[i]) * 0x100000001B3u;
    hash ^= hash >> 29;
    return hash ? hash : 1;
}

static bool put(uint64_t *items, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);

    while (items[at] && items[at] != hash)
        at = (at + 1) & (room - 1);
    if (items[at] == hash)
        return false;
    items[at] = hash;
    return true;
}

static bool is_new(struct hashes *hashes, uint64_t hash)
{
    if (hashes->count >= REVIEW_DISTINCT_MOST)
        return false;
    if (hashes->count * 2 >= hashes->room) {
        size_t room = hashes->room ? 2 * hashes->room : 16;
        uint64_t *items = memory_new(room * sizeof(*items));

        for (size_t i = 0; i < hashes->room; i++)
            if (hashes->items[i])
                put(items, room, hashes->items[i]);
        free(hashes->items);
        hashes->items = items;
        hashes->room = room;
    }
    if (!put(hashes->items, hashes->room, hash))
        return false;
    hashes->count++;
    return true;
}

static struct field_review *find(
    struct review *review, const struct event *event, struct span name, unsigned order)
{
    for (size_t i = 0; i < review->count; i++) {
        struct field_review *field = &review->fields[i];

        if (field->order == order && span_equal(field->name, name) &&
            span_equal(field->rule, event->rule) && span_equal(field->product, event->product))
            return field;
    }
    if (review->count >= REVIEW_FIELDS_MOST)
        return NULL;
    review->fields =
        memory_room(review->fields, review->count, &review->room, sizeof(*review->fields));
    review->fields[review->count] = (struct field_review){.product = event->product,
        .rule = event->rule,
        .name = name,
        .order = order,
        .is_constant = order < CONSTANTS};
    return &review->fields[review->count++];
}

static void take_field(struct review *review, const struct event *event, struct span name,
    unsigned order, struct span value)
{
    struct field_review *field = value.at ? find(review, event, name, order) : NULL;
    enum value_kind kind;

    if (!field) {
        review->left_out += value.at != NULL;
        return;
    }
    kind = value_kind_of(value);
    field->events++;
    field->kinds[kind]++;
    if (!is_new(&field->values, hash_of(value)) || field->sample_count >= REVIEW_SAMPLES)
        return;
    if (field->is_constant)
        event_table_text(value, &field->samples[field->sample_count++]);
    else
        value_mask(value, kind, &field->samples[field->sample_count++]);
}

void review_take(struct review *review, const struct event *event)
{
    struct buffer count = {0};
    const struct span values[FIRST_META] = {event->activity_type, event->source, event->environment,
        event->product_id, event->user_id_type, event->user_id, event->ip_addr, event->user_agent};

    review->events++;
    for (unsigned i = 0; i < FIRST_META; i++)
        take_field(review, event, span_of(names[i]), i, values[i]);
    if (event->count > 0) {
        buffer_printf(&count, "%llu", (unsigned long long)event->count);
        take_field(
            review, event, span_of(names[FIRST_META - 1]), FIRST_META - 1, buffer_span(&count));
        buffer_finish(&count);
    }
    for (size_t i = 0; i < event->meta_count; i++)
        take_field(review, event, event->meta[i].name, FIRST_META, event->meta[i].value);
}

/* --- writing --------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct field_review *one = a, *other = b;
    int order = span_compare(one->product, other->product);

    if (order == 0)
        order = span_compare(one->rule, other->rule);
    if (order == 0)
        order = one->order < other->order ? -1 : one->order > other->order;
    return order ? order : span_compare(one->name, other->name);
}

static bool begins_rule(const struct review *review, size_t i)
{
    const struct field_review *field = &review->fields[i];

    return i == 0 || !span_equal(field->rule, field[-1].rule) ||
           !span_equal(field->product, field[-1].product);
}

static void write_kinds(const struct field_review *field, struct buffer *out)
{
    const char *separator = "";

    for (unsigned i = 0; i < VALUE_KINDS; i++)
        if (field->kinds[i] > 0) {
            buffer_printf(out, "%s%s", separator, value_kind_names[i]);
            separator = ", ";
        }
}

static void write_name(const struct field_review *field, struct buffer *out)
{
    if (field->order == FIRST_META)
        buffer_append(out, SPAN("meta."));
    event_table_text(field->name, out);
}

/* events: of the rule; its first field, activity_type, is in every one. */
static void write_row(const struct field_review *field, uint64_t events, struct buffer *out)
{
    struct buffer cell = {0};

    buffer_append(out, SPAN("  "));
    write_name(field, &cell);
    event_table_cell(buffer_span(&cell), 20, out);
    buffer_printf(out, "%5.1f %%  %8zu%s  ", 100.0 * (double)field->events / (double)events,
        field->values.count, field->values.count >= REVIEW_DISTINCT_MOST ? "+" : " ");
    buffer_clear(&cell);
    write_kinds(field, &cell);
    event_table_cell(buffer_span(&cell), 20, out);
    for (size_t i = 0; i < field->sample_count; i++) {
        buffer_append(out, i > 0 ? SPAN("  ") : SPAN(""));
        buffer_append(out, buffer_span(&field->samples[i]));
    }
    buffer_append_byte(out, '\n');
    buffer_finish(&cell);
}

static void write_secrets(const struct review *review, struct buffer *out)
{
    for (size_t i = 0; i < review->count; i++) {
        const struct field_review *field = &review->fields[i];

        if (field->kinds[VALUE_SECRET] == 0)
            continue;
        buffer_printf(out, "look at %.*s/%.*s, ", (int)field->product.len, field->product.at,
            (int)field->rule.len, field->rule.at);
        write_name(field, out);
        buffer_printf(out, ": %llu of %llu values may be keys, tokens or hashes\n",
            (unsigned long long)field->kinds[VALUE_SECRET], (unsigned long long)field->events);
    }
}

void review_write_text(struct review *review, struct buffer *out)
{
    uint64_t events = 0;

    if (review->count > 0)
        qsort(review->fields, review->count, sizeof(*review->fields), compare);
    for (size_t i = 0; i < review->count; i++) {
        const struct field_review *field = &review->fields[i];

        if (begins_rule(review, i)) {
            events = field->events;
            buffer_printf(out, "%s%.*s/%.*s: %llu event%s, %.1f %% of all\n", i > 0 ? "\n" : "",
                (int)field->product.len, field->product.at, (int)field->rule.len, field->rule.at,
                (unsigned long long)events, events == 1 ? "" : "s",
                100.0 * (double)events / (double)review->events);
            buffer_append(out, SPAN("  field                 filled   distinct   looks like"
                                    "            values, masked\n"));
        }
        write_row(field, events, out);
    }
    if (review->count > 0)
        buffer_append(out, SPAN("\nEach event also has event_id (a hash) and event_at (UNIX "
                                "seconds). Nothing else is sent.\n"));
    write_secrets(review, out);
    if (review->left_out > 0)
        buffer_printf(out,
            "%llu values of further fields are left out: there are too many fields\n",
            (unsigned long long)review->left_out);
}

static void write_string(const char *key, struct span value, struct buffer *out)
{
    buffer_printf(out, "\"%s\":", key);
    event_write_string(value, out);
    buffer_append_byte(out, ',');
}

static void write_field(const struct field_review *field, struct buffer *out)
{
    struct buffer name = {0};
    const char *separator = "";

    write_name(field, &name);
    buffer_append_byte(out, '{');
    write_string("field", buffer_span(&name), out);
    buffer_printf(out, "\"events\":%llu,\"distinct\":%zu,\"kinds\":{",
        (unsigned long long)field->events, field->values.count);
    for (unsigned i = 0; i < VALUE_KINDS; i++)
        if (field->kinds[i] > 0) {
            buffer_printf(out, "%s\"%s\":%llu", separator, value_kind_names[i],
                (unsigned long long)field->kinds[i]);
            separator = ",";
        }
    buffer_append(out, SPAN("},\"masked\":["));
    for (size_t i = 0; i < field->sample_count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        event_write_string(buffer_span(&field->samples[i]), out);
    }
    buffer_append(out, SPAN("]}"));
    buffer_finish(&name);
}

void review_write_json(struct review *review, struct buffer *out)
{
    if (review->count > 0)
        qsort(review->fields, review->count, sizeof(*review->fields), compare);
    buffer_printf(out, "{\"events\":%llu,\"values_left_out\":%llu,\"rules\":[",
        (unsigned long long)review->events, (unsigned long long)review->left_out);
    for (size_t i = 0; i < review->count; i++) {
        const struct field_review *field = &review->fields[i];

        if (begins_rule(review, i)) {
            buffer_append(out, i > 0 ? SPAN("]},{") : SPAN("{"));
            write_string("product", field->product, out);
            write_string("rule", field->rule, out);
            buffer_printf(out, "\"events\":%llu,\"fields\":[", (unsigned long long)field->events);
        } else {
            buffer_append_byte(out, ',');
        }
        write_field(field, out);
    }
    buffer_append(out, review->count > 0 ? SPAN("]}]}\n") : SPAN("]}\n"));
}
