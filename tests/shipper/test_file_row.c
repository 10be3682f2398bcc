/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/file_row.c through its header, over bytes in memory.
 */
#include "shipper/sources/file_row.h"
#include "tests/support/test.h"

enum { TEXT_BYTES = 5000 };

static char text[TEXT_BYTES];

/* Moves a fresh row over the text in steps of that size, to `end`. */
static struct file_row read_to(size_t end, size_t step)
{
    struct file_row row = {.generation = 3};

    while (row.offset < end) {
        size_t n = end - row.offset < step ? end - row.offset : step;

        file_row_move(&row, text + row.offset, n);
    }
    return row;
}

static const size_t ends[] = {
    1, 100, 255, 256, 257, 1023, 1024, 1025, 1279, 1280, 1281, TEXT_BYTES};

static void is_the_same_however_it_got_there(void **state)
{
    static const size_t steps[] = {1, 7, 256, 1000, TEXT_BYTES};

    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        struct file_row placed = {.generation = 3};
        size_t head = ends[i] < FILE_HEAD_BYTES ? ends[i] : FILE_HEAD_BYTES;
        size_t marker = ends[i] < FILE_MARKER_BYTES ? ends[i] : FILE_MARKER_BYTES;

        file_row_place(&placed, ends[i], (struct span){text, head},
            (struct span){text + ends[i] - marker, marker});
        for (size_t k = 0; k < sizeof(steps) / sizeof(*steps); k++) {
            struct file_row row = read_to(ends[i], steps[k]);

            check_number("moved", row.offset, ends[i]);
            check_number("moved", row.head_bytes, head);
            check_row("head", file_hash_equal(&row.head, &placed.head));
            check_row("marker", file_hash_equal(&row.marker, &placed.marker));
        }
    }
}

static void fits_its_own_bytes_and_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        struct file_row row = read_to(ends[i], 999);
        size_t lead = file_row_lead(&row);
        char other[FILE_HEAD_BYTES];

        check_row("lead", lead >= FILE_MARKER_BYTES || lead == row.offset);
        check_row("same", file_row_fits(&row, text + ends[i] - lead));
        for (size_t at = 0; at < lead; at += lead / 5 + 1) {
            memcpy(other, text + ends[i] - lead, lead);
            other[at] ^= 1;
            check_row("one bit off", !file_row_fits(&row, other));
        }
    }
}

static void nothing_read_fits_anything(void **state)
{
    struct file_row row = {0};

    (void)state;
    check_number("fresh", file_row_lead(&row), 0);
    check_row("fresh", file_row_fits(&row, text));
}

static void survives_the_spool(void **state)
{
    struct file_row row = read_to(3000, 500), back;
    struct buffer value = {0}, again = {0};

    (void)state;
    row.source_id = file_hash_of(SPAN("first line"));
    row.is_skipping = true;
    row.device = UINT64_MAX;
    row.inode = 1u << 30;
    row.seen_s = -5;
    row.encoding = ENCODING_UTF_16BE;
    row.resume = (struct file_place){2000, 4000};
    row.sealed_bytes = 700;
    row.seal = file_hash_of(SPAN("the end"));
    file_row_encode(&row, &value);
    check_row("decodes", file_row_decode(buffer_span(&value), &back));
    file_row_encode(&back, &again);
    check_row("same bytes", span_equal(buffer_span(&value), buffer_span(&again)));
    check_number("generation", back.generation, 3);
    check_number("offset", back.offset, 3000);
    check_row("skipping", back.is_skipping);
    check_row("before 1970", back.seen_s == -5);
    check_number("encoding", back.encoding, ENCODING_UTF_16BE);
    check_number("resume", back.resume.raw, 4000);
    check_number("seal", back.sealed_bytes, 700);
    buffer_finish(&value);
    buffer_finish(&again);
}

/* Version 1 ended before the encoding. */
static void reads_rows_of_version_1(void **state)
{
    struct file_row row = read_to(3000, 500), back;
    struct buffer value = {0};

    (void)state;
    row.encoding = ENCODING_UTF_16LE;
    file_row_encode(&row, &value);
    value.bytes[0] = 1;
    check_row("too long", !file_row_decode(buffer_span(&value), &back));
    value.len -= 1 + 3 * 8 + FILE_HASH_BYTES;
    check_row("decodes", file_row_decode(buffer_span(&value), &back));
    check_number("offset", back.offset, 3000);
    check_row("marker", file_hash_equal(&back.marker, &row.marker));
    check_number("encoding", back.encoding, ENCODING_UTF_8);
    check_number("resume", back.resume.offset, 0);
    value.bytes[0] = 2;
    check_row("too short", !file_row_decode(buffer_span(&value), &back));
    buffer_finish(&value);
}

static void refuses_what_it_did_not_write(void **state)
{
    struct file_row row = read_to(3000, 500), back = {.generation = 77};
    struct buffer value = {0};

    (void)state;
    file_row_encode(&row, &value);
    check_row("cut", !file_row_decode((struct span){value.bytes, value.len - 1}, &back));
    check_row("empty", !file_row_decode((struct span){"", 0}, &back));
    value.bytes[0]++;
    check_row("a later version", !file_row_decode(buffer_span(&value), &back));
    value.bytes[0]--;
    value.bytes[2]++;
    check_row("a head that is not of the offset", !file_row_decode(buffer_span(&value), &back));
    check_number("untouched", back.generation, 77);
    buffer_finish(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_same_however_it_got_there),
        cmocka_unit_test(fits_its_own_bytes_and_no_others),
        cmocka_unit_test(nothing_read_fits_anything),
        cmocka_unit_test(survives_the_spool),
        cmocka_unit_test(reads_rows_of_version_1),
        cmocka_unit_test(refuses_what_it_did_not_write),
    };

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + (i * i + i / 7) % 26);
    return cmocka_run_group_tests_name("file_row", tests, NULL, NULL);
}
