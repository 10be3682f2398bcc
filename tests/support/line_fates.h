/* SPDX-License-Identifier: MIT
 *
 * What became of each numbered line that a source was given to read, and the
 * rules that its deliveries must keep: a line delivered again, even after a crash,
 * has the same place in the same source; within what is committed it comes twice
 * only if it was copied before it was committed, and then with the same
 * generation; new lines of one life of a file come in their order. A rule that is
 * broken fails the test.
 */
#ifndef TESTS_SUPPORT_LINE_FATES_H
#define TESTS_SUPPORT_LINE_FATES_H

#include "shipper/sources/file_row.h"
#include "tests/support/log_model.h"

/* What tells one line of a source from another: goes into its event's id. */
struct delivery {
    struct file_hash source_id;
    uint64_t generation, offset;
};

struct line_fate {
    bool is_seen, is_pending, is_committed;
    bool is_copied;  /* before it was committed */
    bool is_blind;   /* and nothing can show that the copy is one */
    bool is_excused; /* its last copy was destroyed before it could be committed */
    bool is_halved;  /* its first half was taken as a line, although it was finished there */
    struct delivery latest;
};

struct line_fates {
    const char *row_name; /* for failures; borrowed */
    struct line_fate lines[MODEL_LINES];
    unsigned last[MODEL_LINES], last_committed[MODEL_LINES]; /* by life: the latest, plus one */
};

void line_fates_deliver(
    struct line_fates *fates, unsigned line, unsigned life, const struct delivery *delivery);

/* Its file is copied. is_proof: so much of it that the copy shows it. */
void line_fates_copy(struct line_fates *fates, unsigned line, bool is_proof);

/* Its first half was taken as a line: what is added to it later is late. is_left: and
 * was never finished where it stood. */
void line_fates_deliver_half(struct line_fates *fates, unsigned line, bool is_left);

/* What was delivered is durable. */
void line_fates_commit(struct line_fates *fates);

/* What was delivered and not committed is forgotten. */
void line_fates_crash(struct line_fates *fates);

/* Neither delivered nor excused. */
bool line_fates_owe(const struct line_fates *fates, unsigned line);

void line_fates_check(const struct line_fates *fates, unsigned line, bool ok, const char *what);

#endif
