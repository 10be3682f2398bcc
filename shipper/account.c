/* SPDX-License-Identifier: MIT
 *
 * Names and sums. The engine's classes keep the engine's names.
 */
#include "shipper/account.h"

static const char *const own_names[ACCOUNT_CLASSES - LINE_CLASSES] = {
    "before_start", "copy", "late", "hole", "possibly_lost", "dropped", "opted_out"};

const char *account_class_name(enum account_class class)
{
    unsigned index = (unsigned)class;

    return index < LINE_CLASSES ? line_class_names[index] : own_names[index - LINE_CLASSES];
}

void account_class_write(enum account_class class, struct buffer *out)
{
    for (const char *c = account_class_name(class); *c; c++)
        buffer_append_byte(out, *c == '_' ? ' ' : *c);
}

enum account_class account_class_named(struct span name)
{
    unsigned index = 0;

    while (index < ACCOUNT_CLASSES && !span_is(name, account_class_name((enum account_class)index)))
        index++;
    return (enum account_class)index;
}

void account_add(struct account *to, const struct account *more)
{
    for (unsigned i = 0; i < ACCOUNT_CLASSES; i++) {
        to->bytes[i] += more->bytes[i];
        to->lines[i] += more->lines[i];
    }
}

uint64_t account_bytes(const struct account *account)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < ACCOUNT_CLASSES; i++)
        sum += account->bytes[i];
    return sum;
}
