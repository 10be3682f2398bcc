/* SPDX-License-Identifier: MIT
 *
 * shipper/tzif.c through its header, on files that the test writes byte by byte:
 * whole ones, broken ones, and every way to cut or change a byte of one.
 */
#include "parsers/timestamp.h"
#include "shipper/tzif.h"
#include "shipper/zone_file.h"
#include "tests/support/test.h"

/* What a file is made of; the name of each offset is one NUL. */
struct contents {
    const int64_t *times;
    const unsigned char *types; /* of each time: an index in offsets */
    unsigned time_count;
    const int32_t *offsets;
    unsigned offset_count;
    const char *footer; /* NULL: version 1 */
    unsigned leaps;
};

static void put_int(struct buffer *out, int64_t n, unsigned bytes)
{
    while (bytes-- > 0)
        buffer_append_byte(out, (char)(n >> (8 * bytes)));
}

static void put_header(struct buffer *out, const struct contents *contents)
{
    buffer_append(out, SPAN("TZif"));
    buffer_append_byte(out, contents->footer ? '2' : '\0');
    put_int(out, 0, 8);
    put_int(out, 0, 7);
    put_int(out, 0, 4);
    put_int(out, 0, 4);
    put_int(out, contents->leaps, 4);
    put_int(out, contents->time_count, 4);
    put_int(out, contents->offset_count, 4);
    put_int(out, 1, 4);
}

static void put_block(struct buffer *out, const struct contents *contents, unsigned time_bytes)
{
    put_header(out, contents);
    for (unsigned i = 0; i < contents->time_count; i++)
        put_int(out, contents->times[i], time_bytes);
    for (unsigned i = 0; i < contents->time_count; i++)
        buffer_append_byte(out, (char)contents->types[i]);
    for (unsigned i = 0; i < contents->offset_count; i++) {
        put_int(out, contents->offsets[i], 4);
        put_int(out, 0, 2);
    }
    buffer_append_byte(out, '\0');
    for (unsigned i = 0; i < contents->leaps; i++) {
        put_int(out, 78796800, time_bytes);
        put_int(out, 1, 4);
    }
}

static void put_file(struct buffer *out, const struct contents *contents)
{
    buffer_clear(out);
    put_block(out, contents, 4);
    if (contents->footer) {
        put_block(out, contents, 8);
        buffer_printf(out, "\n%s\n", contents->footer);
    }
}

static const int64_t times[] = {-1693706400, 1743296400, 1761440400};
static const unsigned char types[] = {2, 2, 1};
static const int32_t offsets[] = {3208, 3600, 7200};
static const struct contents berlin = {
    times, types, 3, offsets, 3, "CET-1CEST,M3.5.0,M10.5.0/3", 0};

static void check_zone(
    const char *row, const struct contents *contents, int32_t first_s, size_t count)
{
    struct buffer file = {0};
    struct zone zone;

    put_file(&file, contents);
    check_span(row, span_of(tzif_decode(buffer_span(&file), &zone)), NULL);
    check_row(row, zone.first_offset_s == first_s);
    check_number(row, zone.count, count);
    zone_free(&zone);
    buffer_finish(&file);
}

static void reads_what_was_written(void **state)
{
    struct contents contents = berlin;
    struct buffer file = {0};
    struct zone zone;

    (void)state;
    put_file(&file, &berlin);
    check_span("fault", span_of(tzif_decode(buffer_span(&file), &zone)), NULL);
    check_row("at first", zone_offset(&zone, -1693706401) == 3208);
    check_row("first change", zone_offset(&zone, -1693706400) == 7200);
    check_row("last change", zone_offset(&zone, 1761440400) == 3600);
    check_row("by the rule", zone_offset(&zone, timestamp_from_date(2026, 7, 1)) == 7200);
    check_row("by the rule, before a change",
        zone_offset(&zone, timestamp_from_date(2099, 3, 29) + 3599) == 3600);
    check_row("by the rule, after it",
        zone_offset(&zone, timestamp_from_date(2099, 3, 29) + 3600) == 7200);
    zone_free(&zone);
    check_row("freed", zone.changes == NULL && zone.count == 0);
    buffer_finish(&file);

    check_zone("3 times and two a year", &contents, 3208, 3 + 2 * 75);
    contents.footer = "CET-1";
    check_zone("rule without summer time", &contents, 3208, 3);
    contents.footer = "";
    check_zone("no rule", &contents, 3208, 3);
    contents.footer = NULL;
    check_zone("version 1", &contents, 3208, 3);
    contents.time_count = 0;
    check_zone("no times", &contents, 3208, 0);
}

static int32_t offset_of(const struct zone *zone, const char *name)
{
    const struct zone_name *known = zone_names_find(&zone->names, span_of(name));

    return known ? known->offset_s : -1;
}

static void abbreviations_have_their_latest_offset(void **state)
{
    /* Version 1: BST was two hours, then one; +0530 is no name, and 99 no place of one. */
    static const struct span file = SPAN("TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                         "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\3\0\0\0\4\0\0\0\12"
                                         "\0\0\0\1\0\0\0\2\0\0\0\3"
                                         "\1\2\3"
                                         "\0\0\x1c\x20\0\0"
                                         "\0\0\x0e\x10\0\0"
                                         "\0\0\x4d\x58\0\4"
                                         "\0\0\x4d\x58\0\x63"
                                         "BST\0+0530\0");
    struct buffer bytes = {0};
    struct zone zone;

    (void)state;
    check_span("names", span_of(tzif_decode(file, &zone)), NULL);
    check_number("names", zone.names.count, 1);
    check_number("latest", (uint64_t)offset_of(&zone, "BST"), 3600);
    check_row("none", !zone_names_find(&zone.names, SPAN("IST")));
    zone_free(&zone);

    put_file(&bytes, &berlin);
    check_span("rule", span_of(tzif_decode(buffer_span(&bytes), &zone)), NULL);
    check_number("rule", zone.names.count, 2);
    check_number("standard", (uint64_t)offset_of(&zone, "CET"), 3600);
    check_number("summer", (uint64_t)offset_of(&zone, "CEST"), 7200);
    zone_free(&zone);
    buffer_finish(&bytes);

    check_row("of a rule alone", tzif_from_rule(SPAN("IST-5:30"), &zone));
    check_number("of a rule alone", (uint64_t)offset_of(&zone, "IST"), 19800);
    zone_free(&zone);
}

static void the_beginning_of_time_is_no_change(void **state)
{
    static const int64_t early[] = {-(INT64_C(1) << 59), 1743296400, INT64_C(1) << 59};
    const struct contents contents = {early, types, 3, offsets, 3, "", 0};

    (void)state;
    /* Version 1 can't hold these times, but nobody looks at its block. */
    check_zone("2^59", &contents, 7200, 1);
}

static void check_fault(const char *wanted, const struct contents *contents)
{
    struct buffer file = {0};
    struct zone zone;

    put_file(&file, contents);
    check_span(wanted, span_of(tzif_decode(buffer_span(&file), &zone)), wanted);
    buffer_finish(&file);
}

static void says_what_is_wrong(void **state)
{
    static const int64_t unordered[] = {1743296400, 1743296400, 1761440400};
    static const unsigned char wrong_types[] = {0, 1, 3};
    static const int32_t far_east[] = {3208, 3600, 93601}, far_west[] = {3208, 3600, -90001};
    struct contents contents = berlin;

    (void)state;
    contents.footer = "CET-1CEST,J60,J300";
    check_fault("ends in a rule that is not understood", &contents);
    contents = berlin;
    contents.leaps = 1;
    check_fault("counts leap seconds", &contents);
    contents = berlin;
    contents.offset_count = 0;
    check_fault("has no offsets", &contents);
    contents = berlin;
    contents.offsets = far_east;
    check_fault("has an impossible offset", &contents);
    contents.offsets = far_west;
    check_fault("has an impossible offset", &contents);
    contents = berlin;
    contents.types = wrong_types;
    check_fault("names an offset that it does not have", &contents);
    contents = berlin;
    contents.times = unordered;
    check_fault("is not in order of time", &contents);
}

/* From memory that ends where the bytes do. */
static const char *decode_copy(struct span bytes)
{
    char *copy = test_malloc(bytes.len + 1);
    struct zone zone = zone_utc;
    const char *fault;

    memcpy(copy, bytes.at, bytes.len);
    fault = tzif_decode((struct span){copy, bytes.len}, &zone);
    zone_free(&zone);
    test_free(copy);
    return fault;
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    struct buffer file = {0};

    (void)state;
    put_file(&file, &berlin);
    for (size_t len = 0; len < file.len; len++)
        check_row("cut", decode_copy((struct span){file.bytes, len}) != NULL);
    check_row("whole", decode_copy(buffer_span(&file)) == NULL);
    buffer_finish(&file);
}

static void no_changed_byte_does_harm(void **state)
{
    static const unsigned char values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '2', '\n'};
    struct buffer file = {0};
    size_t refused = 0;

    (void)state;
    put_file(&file, &berlin);
    for (size_t at = 0; at < file.len; at++) {
        char kept = file.bytes[at];

        for (size_t i = 0; i < sizeof(values); i++) {
            file.bytes[at] = (char)values[i];
            refused += decode_copy(buffer_span(&file)) != NULL;
        }
        file.bytes[at] = kept;
    }
    check_row("some are refused", refused > file.len);
    buffer_finish(&file);
}

static void a_rule_alone_is_a_zone(void **state)
{
    struct zone zone;

    (void)state;
    check_row("EST", tzif_from_rule(SPAN("EST5EDT,M3.2.0,M11.1.0"), &zone));
    check_row("winter", zone_offset(&zone, timestamp_from_date(2026, 1, 1)) == -18000);
    check_row("summer", zone_offset(&zone, timestamp_from_date(2026, 7, 1)) == -14400);
    zone_free(&zone);
    check_row("no rule", !tzif_from_rule(SPAN("Europe/Berlin"), &zone));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(abbreviations_have_their_latest_offset),
        cmocka_unit_test(the_beginning_of_time_is_no_change),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(no_changed_byte_does_harm),
        cmocka_unit_test(a_rule_alone_is_a_zone),
    };

    return cmocka_run_group_tests_name("tzif", tests, NULL, NULL);
}
