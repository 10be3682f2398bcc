/* SPDX-License-Identifier: MIT
 *
 * Which of several texts is worth looking for: one that is long and of bytes that
 * logs are not full of. A guess; it decides cost, never what is found.
 */
#include "literal.h"

unsigned literal_byte_weight(char c)
{
    if (c == ' ' || c == '\t')
        return 0;
    if (byte_is_digit(c) || strchr("=:./-\"", c))
        return 1;
    if (strchr("etaoinsrl", c))
        return 2;
    return c >= 'a' && c <= 'z' ? 3 : 4;
}

static unsigned literal_weight(const struct literal *literal)
{
    enum { ENOUGH = 40 };
    unsigned weight = 0;

    for (size_t i = 0; i < literal->text.len; i++)
        weight += literal_byte_weight(literal->text.at[i]);
    weight += (unsigned)(literal->text.len < 12 ? literal->text.len : 12);
    return weight < ENOUGH ? weight : ENOUGH;
}

unsigned clause_weight(const struct clause *clause)
{
    unsigned least = 1000;

    for (size_t i = 0; i < clause->count; i++) {
        unsigned weight = literal_weight(&clause->any[i]);
        least = weight < least ? weight : least;
    }
    for (size_t n = clause->count; n > 1; n /= 2)
        least -= least > 3 ? 3 : least;
    return least;
}

const struct clause *clauses_best(const struct clauses *clauses)
{
    const struct clause *best = NULL;
    unsigned best_weight = 0;

    for (size_t i = 0; i < clauses->count; i++) {
        unsigned weight = clause_weight(&clauses->all[i]);

        if (!best || weight > best_weight) {
            best = &clauses->all[i];
            best_weight = weight;
        }
    }
    return best;
}

bool literal_is_in(const struct literal *literal, struct span text)
{
    size_t len = literal->text.len;

    if (!literal->is_caseless)
        return memmem(text.at, text.len, literal->text.at, len) != NULL;
    for (size_t i = 0; i + len <= text.len; i++)
        if (span_equal_nocase((struct span){text.at + i, len}, literal->text))
            return true;
    return false;
}
