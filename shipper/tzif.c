/* SPDX-License-Identifier: MIT
 *
 * Trusts nothing: each count is checked against the bytes that are there before
 * any is looked at, offsets and times against what a clock can show. Files that
 * count leap seconds (right/) are refused, since UNIX time does not.
 */
#include "shipper/tzif.h"

#include "parsers/memory.h"
#include "shipper/zone_rule.h"

#include <stdlib.h>

enum { HEADER_BYTES = 44, TYPE_BYTES = 6, LAST_YEAR = 2100, FIRST_RULE_YEAR = 1970 };

/* Offsets as in RFC 8536 section 3.2; zic marks the beginning of time with
 * moments near -2^59, before which no log was written. */
static const int32_t least_offset_s = -90000, most_offset_s = 93600;
static const int64_t first_moment_s = -(INT64_C(1) << 40), last_moment_s = INT64_C(1) << 40;

struct header {
    char version; /* NUL for 1, else a digit */
    uint64_t ut_flags, std_flags, leaps, times, types, name_bytes;
};

/* What becomes of a file, or of a rule. */
struct changes {
    struct zone_change *items;
    size_t count, room;
    struct zone_name *names;
    size_t name_count, name_room;
};

static int64_t read_int(const char *at, size_t bytes)
{
    const unsigned char *p = (const unsigned char *)at;
    uint64_t n = p[0] & 0x80 ? UINT64_MAX : 0;

    for (size_t i = 0; i < bytes; i++)
        n = n << 8 | p[i];
    return (int64_t)n;
}

static uint64_t read_count(const char *at)
{
    return (uint64_t)read_int(at, 4) & UINT32_MAX;
}

static bool take_header(struct span *rest, struct header *header)
{
    const char *counts;

    if (rest->len < HEADER_BYTES || !span_has_prefix(*rest, SPAN("TZif")))
        return false;
    counts = rest->at + 20;
    *header = (struct header){
        .version = rest->at[4],
        .ut_flags = read_count(counts),
        .std_flags = read_count(counts + 4),
        .leaps = read_count(counts + 8),
        .times = read_count(counts + 12),
        .types = read_count(counts + 16),
        .name_bytes = read_count(counts + 20),
    };
    *rest = span_from(*rest, HEADER_BYTES);
    return true;
}

/* Cuts the block behind a header off; counts are 32 bits, so no sum overflows. */
static bool take_block(
    struct span *rest, const struct header *header, size_t time_bytes, struct span *block)
{
    uint64_t bytes = header->times * (time_bytes + 1) + header->types * TYPE_BYTES +
                     header->name_bytes + header->leaps * (time_bytes + 4) + header->std_flags +
                     header->ut_flags;

    if (bytes > rest->len)
        return false;
    *block = (struct span){rest->at, bytes};
    *rest = span_from(*rest, bytes);
    return true;
}

static void add_change(struct changes *changes, struct zone_change change)
{
    changes->items =
        memory_room(changes->items, changes->count, &changes->room, sizeof(*changes->items));
    changes->items[changes->count++] = change;
}

/* Of an abbreviation with several offsets the latest counts. Names that are none (-03) are
 * left out, as no log writes them. */
static void add_name(struct changes *changes, struct span name, int32_t offset_s)
{
    size_t i = 0;

    if (name.len == 0 || name.len >= ZONE_NAME_BYTES)
        return;
    for (size_t n = 0; n < name.len; n++)
        if (name.at[n] < 'A' || name.at[n] > 'Z')
            return;
    while (i < changes->name_count && !span_is(name, changes->names[i].name))
        i++;
    if (i == changes->name_count) {
        changes->names = memory_room(
            changes->names, changes->name_count, &changes->name_room, sizeof(*changes->names));
        changes->names[changes->name_count++] = (struct zone_name){.name = ""};
        memcpy(changes->names[i].name, name.at, name.len);
    }
    changes->names[i].offset_s = offset_s;
}

/* The name of a type of local time: from its index to a NUL. */
static struct span name_of(const char *type, struct span names)
{
    size_t at = (unsigned char)type[5];
    struct span rest = span_from(names, at < names.len ? at : names.len);

    return span_cut(&rest, '\0');
}

static const char *decode_block(struct span block, const struct header *header, size_t time_bytes,
    int32_t *first_offset_s, struct changes *changes)
{
    const char *times = block.at, *indexes = times + header->times * time_bytes;
    const char *types = indexes + header->times;
    const struct span names = {types + header->types * TYPE_BYTES, header->name_bytes};
    int64_t before_s = INT64_MIN;

    if (header->types == 0)
        return "has no offsets";
    for (uint64_t i = 0; i < header->types; i++) {
        int64_t offset_s = read_int(types + i * TYPE_BYTES, 4);

        if (offset_s < least_offset_s || offset_s > most_offset_s)
            return "has an impossible offset";
    }
    *first_offset_s = (int32_t)read_int(types, 4);
    add_name(changes, name_of(types, names), *first_offset_s);
    for (uint64_t i = 0; i < header->times; i++) {
        int64_t at_s = read_int(times + i * time_bytes, time_bytes);
        unsigned char type = (unsigned char)indexes[i];
        int32_t offset_s;

        if (type >= header->types)
            return "names an offset that it does not have";
        if (at_s <= before_s && i > 0)
            return "is not in order of time";
        before_s = at_s;
        offset_s = (int32_t)read_int(types + type * TYPE_BYTES, 4);
        add_name(changes, name_of(types + type * TYPE_BYTES, names), offset_s);
        if (at_s < first_moment_s)
            *first_offset_s = offset_s;
        else if (at_s <= last_moment_s)
            add_change(changes, (struct zone_change){at_s, offset_s});
    }
    return NULL;
}

/* Adds what the rule says for the years behind the last change. */
static void extend(const struct zone_rule *rule, struct changes *changes)
{
    add_name(changes, rule->standard, rule->standard_s);
    if (rule->has_summer)
        add_name(changes, rule->summer, rule->summer_s);
    for (int64_t year = FIRST_RULE_YEAR; rule->has_summer && year <= LAST_YEAR; year++) {
        struct zone_change both[2];

        zone_rule_changes(rule, year, both);
        for (int i = 0; i < 2; i++)
            if (changes->count == 0 || both[i].at_s > changes->items[changes->count - 1].at_s)
                add_change(changes, both[i]);
    }
}

/* A newline, the rule or nothing, a newline. */
static const char *decode_footer(struct span rest, struct changes *changes)
{
    struct zone_rule rule;
    struct span text;

    if (rest.len < 2 || rest.at[0] != '\n' || !span_find(span_from(rest, 1), '\n'))
        return "ends early";
    rest = span_from(rest, 1);
    text = span_cut(&rest, '\n');
    if (text.len == 0)
        return NULL;
    if (!zone_rule_parse(text, &rule))
        return "ends in a rule that is not understood";
    extend(&rule, changes);
    return NULL;
}

static const char *decode(struct span rest, int32_t *first_offset_s, struct changes *changes)
{
    size_t time_bytes = 4;
    struct header header;
    struct span block;
    const char *fault;
    bool has_footer;

    if (!take_header(&rest, &header))
        return "is no time zone file";
    has_footer = header.version >= '2';
    if (!take_block(&rest, &header, time_bytes, &block))
        return "ends early";
    if (has_footer) {
        time_bytes = 8;
        if (!take_header(&rest, &header) || !take_block(&rest, &header, time_bytes, &block))
            return "ends early";
    }
    if (header.leaps > 0)
        return "counts leap seconds";
    fault = decode_block(block, &header, time_bytes, first_offset_s, changes);
    if (!fault && has_footer)
        fault = decode_footer(rest, changes);
    return fault;
}

static struct zone zone_of(int32_t first_offset_s, const struct changes *changes)
{
    return (struct zone){
        .first_offset_s = first_offset_s,
        .changes = changes->items,
        .count = changes->count,
        .names = {changes->names, changes->name_count},
    };
}

const char *tzif_decode(struct span bytes, struct zone *zone)
{
    struct changes changes = {0};
    int32_t first_offset_s;
    const char *fault = decode(bytes, &first_offset_s, &changes);

    if (!fault) {
        *zone = zone_of(first_offset_s, &changes);
        return NULL;
    }
    free(changes.items);
    free(changes.names);
    return fault;
}

bool tzif_from_rule(struct span text, struct zone *zone)
{
    struct changes changes = {0};
    struct zone_rule rule;

    if (!zone_rule_parse(text, &rule))
        return false;
    extend(&rule, &changes);
    *zone = zone_of(rule.standard_s, &changes);
    return true;
}
