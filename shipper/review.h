/* SPDX-License-Identifier: MIT
 *
 * The review: what would leave the host, field by field, from the events that a
 * preview makes. For whoever must sign off: values are masked (value_kind.h), except
 * those that no line can change.
 */
#ifndef SHIPPER_REVIEW_H
#define SHIPPER_REVIEW_H

#include "parsers/event.h"

enum {
    REVIEW_FIELDS_MOST = 20000, /* fields of rules; what comes beyond is counted as left out */
    REVIEW_SAMPLES = 3,
    REVIEW_DISTINCT_MOST = 65536, /* values of a field that are told apart */
};

struct review;

struct review *review_new(void);
void review_free(struct review *review); /* accepts NULL */

/* The product, rule and names of meta fields must outlive the review. */
void review_take(struct review *review, const struct event *event);

/* Rules by product and name, fields in the order of the wire. */
void review_write_text(struct review *review, struct buffer *out);

/* One object: {"events":N,"rules":[{"product":…,"rule":…,"events":N,"fields":[…]}]} */
void review_write_json(struct review *review, struct buffer *out);

#endif
