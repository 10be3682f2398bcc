/* SPDX-License-Identifier: MIT
 *
 * The oracle of the file model. It knows nothing of files, only of lines.
 */
#include "tests/support/line_fates.h"

#include "tests/support/test.h"

void line_fates_check(const struct line_fates *fates, unsigned line, bool ok, const char *what)
{
    if (!ok)
        print_error("line %u %s\n", line, what);
    check_row(fates->row_name, ok);
}

static bool is_same_place(const struct delivery *a, const struct delivery *b)
{
    return file_hash_equal(&a->source_id, &b->source_id) && a->offset == b->offset;
}

void line_fates_deliver(
    struct line_fates *fates, unsigned line, unsigned life, const struct delivery *delivery)
{
    struct line_fate *fate = &fates->lines[line];
    bool is_again = fate->is_pending || fate->is_committed;

    line_fates_check(
        fates, line, !fate->is_seen || is_same_place(delivery, &fate->latest), "has two ids");
    if (is_again) {
        line_fates_check(fates, line, fate->is_copied, "came twice");
        line_fates_check(fates, line,
            fate->is_blind || delivery->generation == fate->latest.generation,
            "has two generations");
        return;
    }
    line_fates_check(fates, line, !fate->is_halved || fate->is_blind, "came whole after its half");
    fate->is_seen = fate->is_pending = true;
    fate->latest = *delivery;
    line_fates_check(fates, line, line >= fates->last[life], "is out of order");
    fates->last[life] = line + 1;
}

void line_fates_copy(struct line_fates *fates, unsigned line, bool is_proof)
{
    struct line_fate *fate = &fates->lines[line];

    fate->is_copied = fate->is_copied || !fate->is_committed;
    fate->is_blind = fate->is_blind || !is_proof;
}

void line_fates_deliver_half(struct line_fates *fates, unsigned line, bool is_left)
{
    struct line_fate *fate = &fates->lines[line];

    line_fates_check(fates, line,
        is_left || fate->is_blind || !(fate->is_pending || fate->is_committed),
        "came whole, then its half");
    fate->is_excused = true;
    fate->is_halved |= !is_left;
}

void line_fates_commit(struct line_fates *fates)
{
    for (unsigned i = 0; i < MODEL_LINES; i++) {
        fates->lines[i].is_committed |= fates->lines[i].is_pending;
        fates->lines[i].is_pending = false;
    }
    memcpy(fates->last_committed, fates->last, sizeof(fates->last));
}

void line_fates_crash(struct line_fates *fates)
{
    for (unsigned i = 0; i < MODEL_LINES; i++)
        if (!fates->lines[i].is_committed) {
            fates->lines[i].is_pending = false;
            /* Nothing is known of the original any more. */
            fates->lines[i].is_blind = fates->lines[i].is_copied;
        }
    memcpy(fates->last, fates->last_committed, sizeof(fates->last));
}

bool line_fates_owe(const struct line_fates *fates, unsigned line)
{
    const struct line_fate *fate = &fates->lines[line];

    return !fate->is_pending && !fate->is_committed && !fate->is_excused;
}
