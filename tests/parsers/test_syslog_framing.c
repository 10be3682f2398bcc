/* SPDX-License-Identifier: MIT
 *
 * parsers/syslog_framing.c through its header: honest streams and those that lie,
 * each whole, split in two at every byte, and byte by byte.
 */
#include "parsers/syslog_framing.h"
#include "tests/support/test.h"

enum { MOST_BYTES = 40 };

struct row {
    struct span stream;
    const char *lines;
    uint64_t messages, cut, cut_bytes, unfinished, out_of_sync, skipped;
};

/* A literal may hold NULs. */
#define STREAM(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

#define FORTY "0123456789012345678901234567890123456789"

static const struct row rows[] = {
    {STREAM(""), "", 0, 0, 0, 0, 0, 0},
    /* Lines, also those that begin like a count. */
    {STREAM("<38>one\n<38>two\r\n"), "<38>one\n<38>two\r\n", 2, 0, 0, 0, 0, 0},
    {STREAM("<38>one\0<38>two\n\0"), "<38>one\n<38>two\n\n", 3, 0, 0, 0, 0, 0},
    {STREAM("\n\n<38>one\n"), "<38>one\n", 1, 0, 0, 0, 0, 0},
    {STREAM("one\n\ntwo\n"), "one\n\ntwo\n", 3, 0, 0, 0, 0, 0},
    {STREAM("<38>without an end"), "<38>without an end\n", 1, 0, 0, 0, 0, 0},
    {STREAM("2026-11-23T10:11:12Z one\n7 <38>two\n"), "2026-11-23T10:11:12Z one\n7 <38>two\n", 2, 0,
        0, 0, 0, 0},
    {STREAM("12\n"), "12\n", 1, 0, 0, 0, 0, 0},
    {STREAM("12 "), "12 \n", 1, 0, 0, 0, 0, 0},
    {STREAM("12 <x>\n"), "12 <x>\n", 1, 0, 0, 0, 0, 0},
    {STREAM("012 <38>\n"), "012 <38>\n", 1, 0, 0, 0, 0, 0},
    {STREAM("12 <1234>\n"), "12 <1234>\n", 1, 0, 0, 0, 0, 0},
    {STREAM("1048577 <38>\n"), "1048577 <38>\n", 1, 0, 0, 0, 0, 0},
    {STREAM("10485760 <38>\n"), "10485760 <38>\n", 1, 0, 0, 0, 0, 0},
    {STREAM("3 <38>\n"), "3 <38>\n", 1, 0, 0, 0, 0, 0},
    {STREAM(FORTY "\none\n"), FORTY "\none\n", 2, 0, 0, 0, 0, 0},
    {STREAM("x" FORTY "\none\n"), "x012345678901234567890123456789012345678\none\n", 2, 1, 2, 0, 0,
        0},
    {STREAM("x" FORTY FORTY "\0one"), "x012345678901234567890123456789012345678\none\n", 2, 1, 42,
        0, 0, 0},
    /* Counted. */
    {STREAM("7 <38>one8 <38>two2"), "<38>one\n<38>two2\n", 2, 0, 0, 0, 0, 0},
    {STREAM("7 <38>one\n7 <38>two\r\n\0"), "<38>one\n<38>two\n", 2, 0, 0, 0, 0, 0},
    {STREAM("8 <38>one\n10 <38>\0two\r\n"), "<38>one\n<38>", 2, 0, 0, 0, 0, 0},
    {STREAM("17 <38>one\n7 <38>two7 <38>end"), "<38>one 7 <38>two\n<38>end\n", 2, 0, 0, 0, 0, 0},
    {STREAM("7 <38>one\n4 <38>"), "<38>one\n<38>\n", 2, 0, 0, 0, 0, 0},
    {STREAM("44 <38>" FORTY "7 <38>one"), "<38>012345678901234567890123456789012345\n<38>one\n", 2,
        1, 4, 0, 0, 0},
    /* Ends in the middle. */
    {STREAM("7 <38>one9 <38>two"), "<38>one\n<38>two\n", 2, 0, 0, 1, 0, 0},
    {STREAM("44 <38>" FORTY), "<38>012345678901234567890123456789012345\n", 1, 1, 4, 0, 0, 0},
    {STREAM("7 <38>one7 <3"), "<38>one\n", 1, 0, 0, 0, 1, 4},
    /* Counts that lie: too small, too big, none at all. */
    {STREAM("5 <38>one7 <38>two"), "<38>o\n<38>two\n", 2, 0, 0, 0, 1, 2},
    {STREAM("6 <38>one\n7 <38>two"), "<38>on\n<38>two\n", 2, 0, 0, 0, 1, 2},
    {STREAM("12 <38>one7 <38>two7 <38>end"), "<38>one7 <38\n<38>end\n", 2, 0, 0, 0, 1, 4},
    {STREAM("40 <38>one7 <38>two7 <38>end"), "<38>one7 <38>two7 <38>end\n", 1, 0, 0, 1, 0, 0},
    {STREAM("7 <38>one<38>two\n7 <38>end"), "<38>one\n<38>end\n", 2, 0, 0, 0, 1, 8},
    {STREAM("7 <38>one1048580 <38>two7 <38>end"), "<38>one\n<38>end\n", 2, 0, 0, 0, 1, 15},
    {STREAM("7 <38>one tail 50227 <38>end"), "<38>one\n<38>end\n", 2, 0, 0, 1, 1, 9},
    {STREAM("7 <38>one tail without end 12 <3"), "<38>one\n", 1, 0, 0, 0, 1, 23},
};

static void check_outcome(
    const struct row *row, const struct syslog_framing *framing, const struct buffer *lines)
{
    const char *name = row->stream.at;

    /* The one row whose line has a NUL in it, which may stand inside a message. */
    if (memchr(lines->bytes ? lines->bytes : "", '\0', lines->len))
        check_row(name, span_equal(buffer_span(lines), SPAN("<38>one\n<38>\0two\n")));
    else
        check_span(name, buffer_span(lines), row->lines);
    check_number(name, framing->messages, row->messages);
    check_number(name, framing->cut, row->cut);
    check_number(name, framing->cut_bytes, row->cut_bytes);
    check_number(name, framing->unfinished, row->unfinished);
    check_number(name, framing->out_of_sync, row->out_of_sync);
    check_number(name, framing->skipped, row->skipped);
}

/* The stream in pieces of `piece` bytes, the first of `first`, as a reader that keeps
 * what was not taken. */
static void check_in_pieces(const struct row *row, size_t first, size_t piece)
{
    struct syslog_framing framing = {.max_message_bytes = MOST_BYTES};
    struct buffer kept = {0}, lines = {0};
    size_t at = 0, taken;

    while (at < row->stream.len) {
        size_t len = at == 0 ? first : piece;

        if (len > row->stream.len - at)
            len = row->stream.len - at;
        buffer_append(&kept, (struct span){row->stream.at + at, len});
        at += len;
        taken = syslog_framing_take(&framing, buffer_span(&kept), false, &lines);
        check_row(row->stream.at, taken <= kept.len);
        memmove(kept.bytes, kept.bytes + taken, kept.len - taken);
        kept.len -= taken;
        check_row(row->stream.at, kept.len <= MOST_BYTES + SYSLOG_FRAMING_HEADER_BYTES);
    }
    taken = syslog_framing_take(&framing, buffer_span(&kept), true, &lines);
    check_number(row->stream.at, taken, kept.len);
    check_outcome(row, &framing, &lines);
    buffer_finish(&kept);
    buffer_finish(&lines);
}

static void gives_the_same_lines_however_the_stream_is_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        check_in_pieces(&rows[i], SIZE_MAX, SIZE_MAX);
        check_in_pieces(&rows[i], 1, 1);
        for (size_t first = 1; first < rows[i].stream.len; first++)
            check_in_pieces(&rows[i], first, SIZE_MAX);
    }
}

static void a_message_is_given_out_with_its_last_byte(void **state)
{
    struct syslog_framing counted = {.max_message_bytes = MOST_BYTES}, line = counted;
    struct buffer lines = {0};

    (void)state;
    check_number("counted", syslog_framing_take(&counted, SPAN("7 <38>on"), false, &lines), 0);
    check_number("counted", syslog_framing_take(&counted, SPAN("7 <38>one"), false, &lines), 9);
    check_number("line", syslog_framing_take(&line, SPAN("<38>two"), false, &lines), 0);
    check_number("line", syslog_framing_take(&line, SPAN("<38>two\n<3"), false, &lines), 8);
    check_span("both", buffer_span(&lines), "<38>one\n<38>two\n");
    buffer_finish(&lines);
}

static void the_first_bytes_decide_for_the_whole_stream(void **state)
{
    struct syslog_framing framing = {.max_message_bytes = MOST_BYTES};
    struct buffer lines = {0};

    (void)state;
    check_number("count", syslog_framing_take(&framing, SPAN("7 "), false, &lines), 0);
    check_number("count", framing.mode, SYSLOG_FRAMING_UNKNOWN);
    syslog_framing_take(&framing, SPAN("7 <3>"), false, &lines);
    check_number("PRI", framing.mode, SYSLOG_FRAMING_COUNTED);
    framing = (struct syslog_framing){.max_message_bytes = MOST_BYTES};
    syslog_framing_take(&framing, SPAN("7:"), false, &lines);
    check_number("text", framing.mode, SYSLOG_FRAMING_LINES);
    buffer_finish(&lines);
}

static void a_datagram_is_one_line(void **state)
{
    static const struct {
        struct span datagram;
        const char *line;
    } datagrams[] = {
        {STREAM("<38>one"), "<38>one\n"},
        {STREAM("<38>one\n"), "<38>one\n"},
        {STREAM("<38>one\r\n\0"), "<38>one\n"},
        {STREAM("<38>one\n<38>two"), "<38>one <38>two\n"},
        {STREAM("7 <38>one"), "<38>one\n"},
        {STREAM("8 <38>one"), "8 <38>one\n"},
        {STREAM("7 one"), "7 one\n"},
        {STREAM(" "), " \n"},
        {STREAM("\n\0"), ""},
        {STREAM(""), ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(datagrams) / sizeof(*datagrams); i++) {
        struct buffer lines = {0};
        bool is_put = syslog_framing_datagram(datagrams[i].datagram, &lines);

        check_span(datagrams[i].datagram.at, buffer_span(&lines), datagrams[i].line);
        check_row(datagrams[i].datagram.at, is_put == (lines.len > 0));
        buffer_finish(&lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_same_lines_however_the_stream_is_split),
        cmocka_unit_test(a_message_is_given_out_with_its_last_byte),
        cmocka_unit_test(the_first_bytes_decide_for_the_whole_stream),
        cmocka_unit_test(a_datagram_is_one_line),
    };

    return cmocka_run_group_tests_name("syslog_framing", tests, NULL, NULL);
}
