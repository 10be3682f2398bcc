/* SPDX-License-Identifier: MIT
 *
 * Columns of fixed width, so that rows can be shown as they come; a longer value
 * pushes its row, nothing is cut.
 */
#include "shipper/event_table.h"

#include "parsers/escape.h"
#include "parsers/timestamp.h"

enum { TIME_WIDTH = 19, ACTIVITY_WIDTH = 14, USER_WIDTH = 22, ADDRESS_WIDTH = 16, RULE_WIDTH = 18 };

static const char bold[] = "\033[1m", cyan[] = "\033[36m", green[] = "\033[32m", dim[] = "\033[2m",
                  plain[] = "\033[0m";

/* Controls, C1 among them, steer a terminal; line separators and what turns the
 * direction of writing make a row look like what it is not. */
static bool is_steering(uint32_t c)
{
    return c < ' ' || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void event_table_text(struct span s, struct buffer *out)
{
    const char *end = span_end(s);
    uint32_t c;

    for (const char *p = s.at; p < end;) {
        size_t len = escape_take_utf8(p, end, &c);

        if (len == 0 || is_steering(c))
            buffer_append_byte(out, '.');
        else
            buffer_append(out, (struct span){p, len});
        p += len > 0 ? len : 1;
    }
}

static size_t count_characters(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    return n;
}

static void put_color(const struct event_table *table, const char *color, struct buffer *out)
{
    if (table->has_color)
        buffer_append(out, span_of(color));
}

void event_table_cell(struct span text, size_t width, struct buffer *out)
{
    size_t used = count_characters(text);

    event_table_text(text, out);
    for (; used < width; used++)
        buffer_append_byte(out, ' ');
    buffer_append(out, SPAN("  "));
}

static void put_cell(const struct event_table *table, const char *color, struct span text,
    size_t width, struct buffer *out)
{
    put_color(table, color, out);
    event_table_cell(text, width, out);
    put_color(table, plain, out);
}

static void put_head(const struct event_table *table, struct buffer *out)
{
    put_cell(table, bold, SPAN("TIME (UTC)"), TIME_WIDTH, out);
    put_cell(table, bold, SPAN("ACTIVITY"), ACTIVITY_WIDTH, out);
    put_cell(table, bold, SPAN("USER"), USER_WIDTH, out);
    put_cell(table, bold, SPAN("ADDRESS"), ADDRESS_WIDTH, out);
    put_cell(table, bold, SPAN("RULE"), RULE_WIDTH, out);
    put_cell(table, bold, SPAN("AGENT, META"), 0, out);
    buffer_append_byte(out, '\n');
}

void event_table_row(
    struct event_table *table, const struct event *event, const char *note, struct buffer *out)
{
    char time[TIMESTAMP_TEXT_BYTES];
    struct buffer rule = {0};

    if (table->rows++ == 0)
        put_head(table, out);
    timestamp_write(event->at_s, time);
    time[10] = ' '; /* 2026-11-23T10:11:12Z without its T and Z */
    put_cell(table, dim, (struct span){time, TIME_WIDTH}, TIME_WIDTH, out);
    put_cell(table, green, event->activity_type, ACTIVITY_WIDTH, out);
    put_cell(table, bold, event->user_id.at ? event->user_id : SPAN("-"), USER_WIDTH, out);
    put_cell(table, cyan, event->ip_addr.at ? event->ip_addr : SPAN("-"), ADDRESS_WIDTH, out);
    buffer_append(&rule, event->product);
    buffer_append_byte(&rule, '/');
    buffer_append(&rule, event->rule);
    put_cell(table, plain, buffer_span(&rule), RULE_WIDTH, out);
    buffer_finish(&rule);
    put_color(table, dim, out);
    event_table_text(event->user_agent, out);
    for (size_t i = 0; i < event->meta_count; i++) {
        buffer_append_byte(out, ' ');
        event_table_text(event->meta[i].name, out);
        buffer_append_byte(out, '=');
        event_table_text(event->meta[i].value, out);
    }
    put_color(table, plain, out);
    if (event->count > 0)
        buffer_printf(out, " [count %llu]", (unsigned long long)event->count);
    if (*note)
        buffer_printf(out, " [%s]", note);
    buffer_append_byte(out, '\n');
}
