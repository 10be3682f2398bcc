/* SPDX-License-Identifier: MIT
 *
 * A bit a rule. Only the words between the lowest and the highest pick are looked at.
 */
#include "picks.h"

#include "memory.h"

#include <stdlib.h>

void picks_init(struct picks *picks, size_t count)
{
    *picks = (struct picks){
        .words = memory_new((count / 64 + 1) * sizeof(*picks->words)),
        .count = count,
        .low = count / 64 + 1,
    };
}

void picks_finish(struct picks *picks)
{
    free(picks->words);
    *picks = (struct picks){0};
}

void picks_clear(struct picks *picks)
{
    if (picks->low < picks->top)
        memset(picks->words + picks->low, 0, (picks->top - picks->low) * sizeof(*picks->words));
    picks->low = picks->count / 64 + 1;
    picks->top = 0;
}

void picks_add_all(struct picks *picks)
{
    picks->low = 0;
    picks->top = picks->count / 64 + 1;
    memset(picks->words, 0xFF, picks->top * sizeof(*picks->words));
}

void picks_merge(struct picks *picks, const struct picks *more)
{
    for (size_t i = more->low; i < more->top; i++)
        picks->words[i] |= more->words[i];
    if (more->low < picks->low)
        picks->low = more->low;
    if (more->top > picks->top)
        picks->top = more->top;
}

size_t picks_next(const struct picks *picks, size_t from, size_t until)
{
    size_t word = from / 64 > picks->low ? from / 64 : picks->low;

    for (; word < picks->top && word * 64 < until; word++) {
        uint64_t bits = picks->words[word];

        if (word == from / 64)
            bits &= ~(uint64_t)0 << from % 64;
        if (bits) {
            size_t found = word * 64 + (size_t)__builtin_ctzll(bits);

            return found < until ? found : until;
        }
    }
    return until;
}
