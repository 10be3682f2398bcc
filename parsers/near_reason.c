/* SPDX-License-Identifier: MIT
 *
 * Sentences for people; what reads misses by program has the struct.
 */
#include "near_reason.h"

enum { QUOTED_BYTES = 110 };

static void put_quoted(struct span s, struct buffer *out)
{
    size_t len = s.len;

    if (len > QUOTED_BYTES)
        for (len = QUOTED_BYTES; len > 0 && ((unsigned char)s.at[len] & 0xC0) == 0x80;)
            len--;
    buffer_append_byte(out, '"');
    buffer_append(out, (struct span){s.at, len});
    buffer_append(out, len < s.len ? SPAN("…\"") : SPAN("\""));
}

static void put_alike(const struct near_miss *miss, struct buffer *out)
{
    if (!miss->alike.at)
        return;
    buffer_append(out, SPAN(", but "));
    put_quoted(miss->alike, out);
}

/* What a pattern made of the value. */
static void put_death(const struct near_miss *miss, struct buffer *out)
{
    buffer_printf(out, "its %s", near_step_names[miss->step]);
    if (miss->field.at) {
        buffer_append(out, SPAN(" on "));
        buffer_append(out, miss->field);
    }
    if (!miss->value.at) {
        buffer_append(out, SPAN(" looks at a field that this record does not have"));
        put_alike(miss, out);
        return;
    }
    if (miss->is_untraced) {
        buffer_append(out, SPAN(" does not match, and is too large to tell where it dies"));
        return;
    }
    buffer_append(out, SPAN(" wants "));
    put_quoted(miss->wanted, out);
    if (miss->is_sought) {
        buffer_append(out, miss->to == 0 ? SPAN(", which is nowhere in it")
                                         : SPAN(", which is nowhere from there on"));
    } else if (miss->until == miss->to) {
        buffer_append(out, SPAN(" where the text ends"));
    } else {
        buffer_append(out, SPAN(" where "));
        put_quoted(span_between(miss->value.at + miss->to, miss->value.at + miss->until), out);
        buffer_append(out, SPAN(" stands"));
    }
    if (miss->fits > miss->to) {
        buffer_append(out, SPAN(", of which "));
        put_quoted(span_between(miss->value.at + miss->to, miss->value.at + miss->fits), out);
        buffer_append(out, SPAN(" fits"));
    }
}

static void put_condition(const struct near_miss *miss, struct buffer *out)
{
    buffer_append(out, SPAN("its where wants "));
    buffer_append(out, miss->field);
    buffer_append(out, SPAN(": "));
    buffer_append(out, miss->wanted);
    if (!miss->value.at) {
        buffer_append(out, SPAN(", and the record has no such field"));
        put_alike(miss, out);
        return;
    }
    buffer_append(out, SPAN(", and it is "));
    put_quoted(miss->value, out);
}

bool near_reason_has_place(const struct near_miss *miss)
{
    return miss->value.at && !miss->is_untraced &&
           (miss->step == NEAR_MATCH || miss->until > 0 || miss->is_sought);
}

void near_reason_write(const struct near_miss *miss, struct buffer *out)
{
    switch (miss->step) {
    case NEAR_REQUIRES:
        buffer_append(out, SPAN("its requires wants "));
        put_quoted(miss->wanted, out);
        buffer_append(out, SPAN(", which is not in the line"));
        return;
    case NEAR_UNLESS:
        buffer_append(out, SPAN("all of it fits, but its unless finds something"));
        return;
    case NEAR_WHERE:
        if (!miss->is_untraced && !near_reason_has_place(miss)) {
            put_condition(miss, out);
            return;
        }
        break;
    case NEAR_MATCH:
    case NEAR_STEPS:
        break;
    }
    put_death(miss, out);
}
