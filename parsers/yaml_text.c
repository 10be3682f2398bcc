/* SPDX-License-Identifier: MIT
 *
 * Single quotes know one escape: two of them are one.
 */
#include "yaml_text.h"

#include "escape.h"

void yaml_text_write_quoted(struct span text, struct buffer *out)
{
    buffer_append_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        buffer_append_byte(out, text.at[i]);
        if (text.at[i] == '\'')
            buffer_append_byte(out, '\'');
    }
    buffer_append_byte(out, '\'');
}

void yaml_text_write(struct span text, struct buffer *out)
{
    bool is_bare = text.len > 0 && byte_is_alpha(*text.at);

    for (size_t i = 0; i < text.len; i++)
        is_bare &= byte_is_alpha(text.at[i]) || byte_is_digit(text.at[i]) ||
                   (text.at[i] != '\0' && strchr("_.-", text.at[i]));
    if (is_bare)
        buffer_append(out, text);
    else
        yaml_text_write_quoted(text, out);
}

bool yaml_text_is_fit(struct span text)
{
    uint32_t c;
    size_t n;

    for (; text.len > 0; text = span_from(text, n)) {
        n = escape_take_utf8(text.at, span_end(text), &c);
        if (n == 0 || (c < ' ' && c != '\t') || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
            c == 0x2029 || c == 0xFEFF || (c >= 0xFFFE && c <= 0xFFFF))
            return false;
    }
    return true;
}
