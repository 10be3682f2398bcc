/* SPDX-License-Identifier: MIT
 *
 * parsers/timestamp.c through its header: tables of texts with the moment that
 * they name, of texts that are no timestamp, and of impossible ones.
 */
#include "parsers/timestamp.h"
#include "tests/support/test.h"

/* 2026-11-23T10:11:12Z */
enum { REFERENCE_S = 1795428672 };

static const struct time_context in_utc = {.reference_s = REFERENCE_S, .zone = &zone_utc};

/* What a reader would write into the table: "2026-11-23T10:11:12Z", then what
 * was in the text, D for a full date and Z for a zone, then what was left. */
static void describe(struct span text, const struct time_context *context, struct buffer *out)
{
    struct timestamp timestamp;
    char moment[TIMESTAMP_TEXT_BYTES];
    size_t used = SIZE_MAX;
    enum parse_result result = timestamp_parse(text, context, &timestamp, &used);

    buffer_clear(out);
    if (result != PARSE_OK) {
        buffer_append(out, result == PARSE_NO ? SPAN("no") : SPAN("bad"));
        return;
    }
    timestamp_write(timestamp.unix_s, moment);
    buffer_printf(out, "%s %s%s|%.*s", moment, timestamp.has_full_date ? "D" : "",
        timestamp.has_zone ? "Z" : "", (int)(text.len - used), text.at + used);
}

struct row {
    const char *text, *wanted;
};

static const struct row rows[] = {
    /* ISO 8601 */
    {"2026-11-23T10:11:12Z", "2026-11-23T10:11:12Z DZ|"},
    {"2026-11-23T10:11:12.123456789Z rest", "2026-11-23T10:11:12Z DZ| rest"},
    {"2026-11-23T10:11:12.999+02:00 rest", "2026-11-23T08:11:12Z DZ| rest"},
    {"2026-11-23T10:11:12,999-0530", "2026-11-23T15:41:12Z DZ|"},
    {"2026-11-23T10:11:12+02", "2026-11-23T08:11:12Z DZ|"},
    {"2026-11-23T10:11:12", "2026-11-23T10:11:12Z D|"},
    {"2026-11-23T10:11", "2026-11-23T10:11:00Z D|"},
    {"2026-11-23T10:11Z", "2026-11-23T10:11:00Z DZ|"},
    {"2026-11-23 10:11:12", "2026-11-23T10:11:12Z D|"},
    {"2026-11-23_10:11:12.12345 x", "2026-11-23T10:11:12Z D| x"},
    {"2026-11-09  5:13:12 8 [Warning]", "2026-11-09T05:13:12Z D| 8 [Warning]"},
    {"2026-11-23 10:11:12.123:INFO:root", "2026-11-23T10:11:12Z D|:INFO:root"},
    {"2026-11-23 10:11:12:123 x", "2026-11-23T10:11:12Z D| x"},
    {"2026-11-23 10:11:12.1234567890123 x", "2026-11-23T10:11:12Z D|.1234567890123 x"},
    {"2026-11-23 10:11:12 +0000 m", "2026-11-23T10:11:12Z DZ| m"},
    {"2026-11-23 10:11:12 +0800", "2026-11-23T02:11:12Z DZ|"},
    {"2026-11-23 10:11:12 -12 m", "2026-11-23T10:11:12Z D| -12 m"},
    {"2026-11-23 10:11:12-123 m", "2026-11-23T10:11:12Z D|-123 m"},
    {"2026-11-23 10:11:12 -9999", "2026-11-23T10:11:12Z D| -9999"},
    {"2026-11-23 10:11:12.729 Z", "2026-11-23T10:11:12Z DZ|"},
    {"2026-11-23 10:11:12 UTC:192.0.2.1(55)", "2026-11-23T10:11:12Z DZ|:192.0.2.1(55)"},
    {"2026-11-23 10:11:12.123 CEST [1]", "2026-11-23T08:11:12Z DZ| [1]"},
    {"2026-11-23 10:11:12 IST", "2026-11-23T08:11:12Z DZ|"},
    {"2026-11-23 10:11:12 SST", "2026-11-23T21:11:12Z DZ|"},
    {"2026-11-23 10:11:12 EST", "2026-11-23T15:11:12Z DZ|"},
    {"2026-11-23 10:11:12 INFO x", "2026-11-23T10:11:12Z D| INFO x"},
    {"2026-11-23 10:11:12 PM", "2026-11-23T22:11:12Z D|"},
    {"2026-11-23T10:11:12+01:00[Europe/Berlin]", "2026-11-23T09:11:12Z DZ|[Europe/Berlin]"},
    {"2026-1-3 4:05:06", "2026-01-03T04:05:06Z D|"},
    {"20261123T101112Z", "2026-11-23T10:11:12Z DZ|"},
    {"20261123T101112.5", "2026-11-23T10:11:12Z D|"},
    {"20261123 10:11:12", "2026-11-23T10:11:12Z D|"},
    {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z DZ|"},
    {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z DZ|"},
    {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z DZ|"},

    /* Other orders of the year first */
    {"2026/11/23 10:11:12 [error]", "2026-11-23T10:11:12Z D| [error]"},
    {"2026/11/23 10:11:12.123456", "2026-11-23T10:11:12Z D|"},
    {"2026.11.23 10:11:12.668062 [ 9 ]", "2026-11-23T10:11:12Z D| [ 9 ]"},
    {"261123 10:11:12", "2026-11-23T10:11:12Z D|"},
    {"261123  1:11:12", "2026-11-23T01:11:12Z D|"},
    {"691123 10:11:12", "1969-11-23T10:11:12Z D|"},

    /* Names of months */
    {"23/Nov/2026:10:11:12 -0700] \"", "2026-11-23T17:11:12Z DZ|] \""},
    {"23/Nov/2026:10:11:12.127] x", "2026-11-23T10:11:12Z D|] x"},
    {"23/Nov/2026 10:11:12] alice", "2026-11-23T10:11:12Z D|] alice"},
    {"23-Nov-2026 10:11:12.123 x", "2026-11-23T10:11:12Z D| x"},
    {"23-NOV-2026 10:11:12", "2026-11-23T10:11:12Z D|"},
    {"Mon, 23 Nov 2026 10:11:12 GMT", "2026-11-23T10:11:12Z DZ|"},
    {"23 Nov 2026 10:11:12.123 # x", "2026-11-23T10:11:12Z D| # x"},
    {"Nov 23 10:11:12 web1 sshd[9]:", "2026-11-23T10:11:12Z | web1 sshd[9]:"},
    {"Nov  3 10:11:12.123456 web1", "2026-11-03T10:11:12Z | web1"},
    {"Nov 23 10:11:12 UTC: %SYS", "2026-11-23T10:11:12Z Z|: %SYS"},
    {"Nov 23 10:11:12 EST-web1 x", "2026-11-23T10:11:12Z | EST-web1 x"},
    {"Nov 23 10:11:12 gmt.example.com", "2026-11-23T10:11:12Z | gmt.example.com"},
    {"Nov 23 10:11:12 192.0.2.1 x", "2026-11-23T10:11:12Z | 192.0.2.1 x"},
    {"Nov 23 10:11:12 2001:db8::1 x", "2026-11-23T10:11:12Z | 2001:db8::1 x"},
    {"Nov 23 2025 10:11:12: x", "2025-11-23T10:11:12Z D|: x"},
    {"Nov 23 10:11:12 2025 x", "2025-11-23T10:11:12Z D| x"},
    {"Nov 23, 2026 10:11:12 AM", "2026-11-23T10:11:12Z D|"},
    {"Mon Nov 23 10:11:12.880562 2026] [", "2026-11-23T10:11:12Z D|] ["},
    {"Mon Nov 23 10:11:12 2026", "2026-11-23T10:11:12Z D|"},
    {"Mon Nov 23 10:11:12 CET 2026", "2026-11-23T09:11:12Z DZ|"},
    {"Mon Nov 23 2026 10:11:12 GMT+0200 (CEST)", "2026-11-23T08:11:12Z DZ| (CEST)"},
    {"November 23, 2026 10:11: x", "2026-11-23T10:11:00Z D|: x"},
    {"23 Nov 10:11:12.119 * x", "2026-11-23T10:11:12Z | * x"},

    /* Numbers with the year last */
    {"11/23/2026, 7:34:03 PM    WARN", "2026-11-23T19:34:03Z D|    WARN"},
    {"11/23/2026, 7:34:03\u202fPM x", "2026-11-23T19:34:03Z D| x"},
    {"11/23/2026, 7:34:03\u00a0pm", "2026-11-23T19:34:03Z D|"},
    {"11/23/2026, 12:34:03 AM", "2026-11-23T00:34:03Z D|"},
    {"11/23/2026, 12:34:03 pm", "2026-11-23T12:34:03Z D|"},
    {"11/23/26 16:08:03", "2026-11-23T16:08:03Z D|"},
    {"23/11/2026 16:08:03", "2026-11-23T16:08:03Z D|"},
    {"08/02/2026 16:08:03", "2026-08-02T16:08:03Z D|"},
    {"08-02-2026 16:08", "2026-02-08T16:08:00Z D|"},
    {"11-23-2026 16:08", "2026-11-23T16:08:00Z D|"},
    {"23.11.2026 16:08:03", "2026-11-23T16:08:03Z D|"},

    /* UNIX time */
    {"1795428672", "2026-11-23T10:11:12Z DZ|"},
    {"1795428672.123 45 192.0.2.1", "2026-11-23T10:11:12Z DZ| 45 192.0.2.1"},
    {"1795428672.123:99): x", "2026-11-23T10:11:12Z DZ|:99): x"},
    {"1795428672123,x", "2026-11-23T10:11:12Z DZ|,x"},
    {"1795428672123456", "2026-11-23T10:11:12Z DZ|"},
    {"1795428672123456789", "2026-11-23T10:11:12Z DZ|"},
    {"@400000006b04114a1dcd6500 tcpserver", "2026-11-23T10:11:12Z DZ| tcpserver"},
    {"@400000006B04114A1DCD6500", "2026-11-23T10:11:12Z DZ|"},
    {"@400000006b04114a1dcd650", "no"},
    {"@400000006b04114a1dcd65000", "no"},
    {"@000000006b04114a1dcd6500", "no"},
    {"@ffffffffffffffffffffffff", "no"},
    {"@alice", "no"},

    /* glog, klog */
    {"I1123 10:11:12.357890   12345 main.go:7] x", "2026-11-23T10:11:12Z |   12345 main.go:7] x"},
    {"E1123 10:11:12.357890 1 x", "2026-11-23T10:11:12Z | 1 x"},
    {"X1123 10:11:12.357890 1 x", "no"},
    {"I123 10:11:12.357890 1 x", "no"},
    {"W1331 10:11:12.357890 1 x", "bad"},

    /* A time of day takes the latest day that puts it at most an hour ahead */
    {"10:11:12,357 INFO", "2026-11-23T10:11:12Z | INFO"},
    {"11:11:12", "2026-11-23T11:11:12Z |"},
    {"11:11:13", "2026-11-22T11:11:13Z |"},
    {"00:00:00 x", "2026-11-23T00:00:00Z | x"},
    {"10:11:12+02:00", "2026-11-23T08:11:12Z Z|"},

    /* No shape of ours */
    {"", "no"},
    {" 2026-11-23T10:11:12Z", "no"},
    {"server started", "no"},
    {"1", "no"},
    {"123456789", "no"},
    {"12345678901", "no"},
    {"17954286721234567", "no"},
    {"17954286721234567890", "no"},
    {"0123456789", "no"},
    {"1795428672.5.1", "no"},
    {"1795428672abc", "no"},
    {"1.2.3", "no"},
    {"1.2.3 10:11:12", "no"},
    {"192.0.2.1", "no"},
    {"192.0.2.1:10:11:12", "no"},
    {"2001:db8::1", "no"},
    {"10:11:12:33:44:55", "no"},
    {"10:11:12::1", "no"},
    {"10:11", "no"},
    {"2026-11-23", "no"},
    {"2026-11-23T", "no"},
    {"2026-11-23T10", "no"},
    {"2026-11-23T10:1", "no"},
    {"2026-11-23T10:11:1", "no"},
    {"2026-11-23T10:11:12x", "no"},
    {"0001-01-01T00:00:00Z", "no"},
    {"13032 11:26:54", "no"},
    {"Nov", "no"},
    {"Nov 23", "no"},
    {"Novel 23 10:11:12", "no"},
    {"Nov 23 10:11", "no"},
    {"23/Nov/2026:10:11", "no"},

    /* Known shapes of impossible times */
    {"2026-02-30T10:11:12Z", "bad"},
    {"2026-13-01T10:11:12Z", "bad"},
    {"2026-00-01T10:11:12Z", "bad"},
    {"2026-01-00T10:11:12Z", "bad"},
    {"2025-02-29T10:11:12Z", "bad"},
    {"1900-02-29T10:11:12Z", "bad"},
    {"2026-11-23T24:00:00Z", "bad"},
    {"2026-11-23T25:00:00Z", "bad"},
    {"2026-11-23T10:60:00Z", "bad"},
    {"2026-11-23T10:11:61Z", "bad"},
    {"Nov 31 10:11:12", "bad"},
    {"Feb 30 10:11:12", "bad"},
    {"13/13/2026 10:11:12", "bad"},
    {"11/23/2026, 13:34:03 PM", "bad"},
    {"11/23/2026, 0:34:03 AM", "bad"},
    {"25:00:00", "bad"},
};

static void reads_every_row(void **state)
{
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        describe(span_of(rows[i].text), &in_utc, &out);
        check_span(rows[i].text, buffer_span(&out), rows[i].wanted);
    }
    buffer_finish(&out);
}

/* Each row from memory that ends where the text does, so that a sanitizer or
 * valgrind sees one byte too many. */
static void looks_at_nothing_behind_the_text(void **state)
{
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t whole = strlen(rows[i].text);

        for (size_t len = 0; len <= whole; len++) {
            char *copy = test_malloc(len + 1);

            memcpy(copy + 1, rows[i].text, len);
            describe((struct span){copy + 1, len}, &in_utc, &out);
            check_row(rows[i].text, out.len > 0);
            test_free(copy);
        }
    }
    buffer_finish(&out);
}

struct open_row {
    const char *text, *reference, *wanted;
};

static const struct open_row open_rows[] = {
    {"Nov 24 10:11:12", "2026-11-23T10:11:12Z", "2026-11-24T10:11:12Z |"},
    {"Nov 24 10:11:13", "2026-11-23T10:11:12Z", "2025-11-24T10:11:13Z |"},
    {"Dec 31 23:59:59", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59Z |"},
    {"Jan  1 00:00:01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z |"},
    {"Feb 29 10:11:12", "2026-11-23T10:11:12Z", "2024-02-29T10:11:12Z |"},
    {"Feb 29 10:11:12", "2028-02-28T10:11:12Z", "2028-02-29T10:11:12Z |"},
    {"Feb 29 10:11:12", "2028-02-28T10:11:11Z", "2024-02-29T10:11:12Z |"},
    {"Feb 29 10:11:12", "1903-11-23T10:11:12Z", "1896-02-29T10:11:12Z |"},
    {"Jan  1 10:11:12 +1400", "2025-12-30T21:00:00Z", "2025-12-31T20:11:12Z Z|"},
    {"23:59:59", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59Z |"},
    {"00:00:01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z |"},
    {"00:00:01 UTC", "2025-12-31T22:59:59Z", "2025-12-31T00:00:01Z Z|"},
};

static int64_t moment(const char *text)
{
    struct timestamp timestamp;
    size_t used;

    check_row(text, timestamp_parse(span_of(text), &in_utc, &timestamp, &used) == PARSE_OK);
    return timestamp.unix_s;
}

static void open_dates_are_settled_by_the_reference(void **state)
{
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(open_rows) / sizeof(*open_rows); i++) {
        struct time_context context = {
            .reference_s = moment(open_rows[i].reference), .zone = &zone_utc};

        describe(span_of(open_rows[i].text), &context, &out);
        check_span(open_rows[i].text, buffer_span(&out), open_rows[i].wanted);
    }
    buffer_finish(&out);
}

static void times_without_a_zone_take_the_inputs(void **state)
{
    static const struct zone_change changes[] = {{1774746000, 7200}, {1792890000, 3600}};
    static const struct zone berlin = {.first_offset_s = 3600, .changes = changes, .count = 2};
    static const struct time_context context = {.reference_s = REFERENCE_S, .zone = &berlin};
    static const struct row zoned[] = {
        {"2026-07-01 10:11:12", "2026-07-01T08:11:12Z D|"},
        {"2026-11-23 10:11:12", "2026-11-23T09:11:12Z D|"},
        {"2026-11-23 10:11:12 UTC", "2026-11-23T10:11:12Z DZ|"},
        {"Jul  1 10:11:12", "2026-07-01T08:11:12Z |"},
        {"11:11:12", "2026-11-23T10:11:12Z |"},
        {"00:11:12", "2026-11-22T23:11:12Z |"},
        {"1795428672", "2026-11-23T10:11:12Z DZ|"},
    };
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(zoned) / sizeof(*zoned); i++) {
        describe(span_of(zoned[i].text), &context, &out);
        check_span(zoned[i].text, buffer_span(&out), zoned[i].wanted);
    }
    buffer_finish(&out);
}

/* What the text leaves to a guess is said; what somebody said is none. */
static void guesses_are_marked(void **state)
{
    static const struct zone_name indian[] = {{"IST", 19800}};
    static const struct zone kolkata = {.first_offset_s = 19800, .names = {indian, 1}};
    static const struct zone_name said[] = {{"IST", 3600}, {"CAT", 7200}};
    static const struct zone_names names = {said, 2};
    static const struct {
        const char *text;
        const struct zone *zone;
        const struct zone_names *names;
        const char *wanted; /* the moment, then O for the order and Z for the zone */
    } guesses[] = {
        {"2026-11-23 10:11:12 IST", &zone_utc, NULL, "2026-11-23T08:11:12Z Z"},
        {"2026-11-23 10:11:12 IST", &kolkata, NULL, "2026-11-23T04:41:12Z "},
        {"2026-11-23 10:11:12 IST", &kolkata, &names, "2026-11-23T09:11:12Z "},
        {"2026-11-23 10:11:12 CST", &kolkata, &names, "2026-11-23T16:11:12Z Z"},
        {"2026-11-23 10:11:12 CET", &kolkata, NULL, "2026-11-23T09:11:12Z "},
        {"Mon Nov 23 10:11:12 CAT 2026", &zone_utc, &names, "2026-11-23T08:11:12Z "},
        {"2026-11-23 10:11:12 CAT", &zone_utc, NULL, "2026-11-23T10:11:12Z "},
        {"2026-11-23 10:11:12", &kolkata, NULL, "2026-11-23T04:41:12Z "},
        {"11/12/2026 10:11:12", &zone_utc, NULL, "2026-11-12T10:11:12Z O"},
        {"23/11/2026 10:11:12", &zone_utc, NULL, "2026-11-23T10:11:12Z O"},
        {"01/02/03 10:11:12", &zone_utc, NULL, "2003-01-02T10:11:12Z O"},
        {"11-12-2026 10:11", &zone_utc, NULL, "2026-12-11T10:11:00Z O"},
        {"11/12/2026 10:11:12 IST", &zone_utc, NULL, "2026-11-12T08:11:12Z OZ"},
        {"11.12.2026 10:11:12", &zone_utc, NULL, "2026-12-11T10:11:12Z "},
        {"2026/11/12 10:11:12", &zone_utc, NULL, "2026-11-12T10:11:12Z "},
        {"12/Nov/2026:10:11:12 +0000", &zone_utc, NULL, "2026-11-12T10:11:12Z "},
        {"1795428672", &zone_utc, NULL, "2026-11-23T10:11:12Z "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(guesses) / sizeof(*guesses); i++) {
        const struct time_context context = {REFERENCE_S, guesses[i].zone, guesses[i].names};
        char text[TIMESTAMP_TEXT_BYTES + 4];
        struct timestamp timestamp;
        size_t used;

        check_row(guesses[i].text,
            timestamp_parse(span_of(guesses[i].text), &context, &timestamp, &used) == PARSE_OK);
        timestamp_write(timestamp.unix_s, text);
        strcat(text, timestamp.is_order_guess ? " O" : " ");
        strcat(text, timestamp.is_zone_guess ? "Z" : "");
        check_span(guesses[i].text, span_of(text), guesses[i].wanted);
    }
}

static void a_failed_parse_leaves_its_outputs_alone(void **state)
{
    static const char *const texts[] = {"no", "2026-02-30T10:11:12Z", "Feb 30 10:11:12"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct timestamp timestamp = {.unix_s = 42};
        size_t used = 42;

        check_row(
            texts[i], timestamp_parse(span_of(texts[i]), &in_utc, &timestamp, &used) != PARSE_OK);
        check_number(texts[i], timestamp.unix_s, 42);
        check_number(texts[i], used, 42);
    }
}

static void dates_survive_the_way_out_and_back(void **state)
{
    char text[TIMESTAMP_TEXT_BYTES];

    (void)state;
    /* Every 13 days and some seconds from 1900 to 2099. */
    for (int64_t s = -2208988800; s < 4102444799; s += 1123457) {
        timestamp_write(s, text);
        check_row(text, moment(text) == s);
    }
    check_number("1970", timestamp_from_date(1970, 1, 1), 0);
    check_number("2000", timestamp_from_date(2000, 3, 1), 951868800);
    timestamp_write(INT64_MIN, text);
    check_row(text, strlen(text) < sizeof(text));
    timestamp_write(INT64_MAX, text);
    check_span("largest", span_of(text), "292277026596-12-04T15:30:07Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_row),
        cmocka_unit_test(looks_at_nothing_behind_the_text),
        cmocka_unit_test(open_dates_are_settled_by_the_reference),
        cmocka_unit_test(times_without_a_zone_take_the_inputs),
        cmocka_unit_test(guesses_are_marked),
        cmocka_unit_test(a_failed_parse_leaves_its_outputs_alone),
        cmocka_unit_test(dates_survive_the_way_out_and_back),
    };

    return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
