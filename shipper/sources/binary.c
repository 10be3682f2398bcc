/* SPDX-License-Identifier: MIT
 *
 * Refuses only what it is sure of: a log that is not read is worse than a file
 * that is read in vain. Random bytes have 8 % of the characters counted here,
 * logs have none.
 */
#include "shipper/sources/binary.h"

#include "shipper/sources/hole.h"

enum {
    HOLE_BYTES = 16,    /* NUL bytes in a row say nothing about the others */
    ENOUGH_BYTES = 256, /* to judge by shares */
    CONTROLS_PERCENT = 4,
    WIDE_PERCENT = 30, /* NUL bytes in UTF-16 of mostly Latin text: near 50 */
};

struct signature {
    size_t at;
    struct span bytes;
    const char *kind;
};

static const struct signature signatures[] = {
    {0,
        {"\x7F"
         "ELF",
            4},
        "a program (ELF)"},
    {0, {"PK\x03\x04", 4}, "a ZIP archive"},
    {0, {"PK\x05\x06", 4}, "a ZIP archive"},
    {257, {"ustar\0", 6}, "a tar archive"},
    {257, {"ustar  \0", 8}, "a tar archive"},
    {0,
        {"\xFD"
         "7zXZ\0",
            6},
        "an xz archive"},
    {4, {"1AY&SY", 6}, "a bzip2 archive"},
    {0, {"\x28\xB5\x2F\xFD", 4}, "a Zstandard archive"},
    {0, {"\x04\x22\x4D\x18", 4}, "an LZ4 archive"},
    {0, {"7z\xBC\xAF\x27\x1C", 6}, "a 7z archive"},
    {0, {"Rar!\x1A\x07", 6}, "a RAR archive"},
    {0, {"SQLite format 3\0", 16}, "an SQLite database"},
    {0, {"LPKSHHRH", 8}, "a journal file"},
    {0, {"\x89PNG\r\n", 6}, "a PNG image"},
    {0, {"\xFF\xD8\xFF", 3}, "a JPEG image"},
    {0, {"%PDF-", 5}, "a PDF document"},
};

static bool has_at(struct span text, const struct signature *signature)
{
    return text.len >= signature->at &&
           span_has_prefix(span_from(text, signature->at), signature->bytes);
}

/* Control characters that logs do not have. */
static bool is_odd(char c)
{
    static const uint32_t text = 1u << '\1' | 1u << '\a' | 1u << '\b' | 1u << '\t' | 1u << '\n' |
                                 1u << '\v' | 1u << '\f' | 1u << '\r' | 1u << 0x1B | 1u << 0x1C |
                                 1u << 0x1D | 1u << 0x1E | 1u << 0x1F;
    unsigned char byte = (unsigned char)c;

    return byte < 0x20 && !(text >> byte & 1);
}

const char *binary_kind(struct span beginning)
{
    size_t judged = 0, odd = 0, even_nuls = 0, odd_nuls = 0;

    for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++)
        if (has_at(beginning, &signatures[i]))
            return signatures[i].kind;
    for (size_t i = 0; i < beginning.len; i++) {
        size_t nuls = hole_bytes(span_from(beginning, i));

        if (nuls >= HOLE_BYTES) {
            i += nuls - 1;
            continue;
        }
        judged++;
        odd += is_odd(beginning.at[i]);
        even_nuls += nuls > 0 && i % 2 == 0;
        odd_nuls += nuls > 0 && i % 2 == 1;
    }
    if (judged < ENOUGH_BYTES || odd * 100 < judged * CONTROLS_PERCENT)
        return NULL;
    if ((even_nuls == 0) != (odd_nuls == 0) &&
        (even_nuls + odd_nuls) * 100 >= judged * WIDE_PERCENT)
        return "UTF-16 without a byte order mark";
    return "no text";
}
