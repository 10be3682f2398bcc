/* SPDX-License-Identifier: MIT
 *
 * What the stand-in answers instead of the contract's answer: a line a step.
 *
 *     # when  [has=TEXT]  [accept]  answer  [option…]
 *     3 500                                 the next three requests
 *     1/10 503 header='Retry-After: 2'      one in ten, the first included
 *     * has=alice 403 body=html             every request whose body has the text
 *     2 accept close                        the event counts, the answer is lost
 *     1 close                               the event does not count either
 *     * ok delay=200ms                      the contract's answer, but later
 *
 * Each request is taken by the first step that fits and is not used up; without
 * one the contract answers. `accept` checks and counts the event first, and a
 * request that the contract refuses gets the contract's answer. Options:
 *
 *     body=failure|auth|success|html or the text itself; without it none
 *     header='Name: value'   up to LIMIT_SCRIPT_HEADERS times
 *     delay=2s, delay=50ms   other requests do not wait meanwhile
 *
 * A text with blanks stands in single quotes.
 */
#ifndef SHIPPER_ENDPOINT_SCRIPT_H
#define SHIPPER_ENDPOINT_SCRIPT_H

#include "parsers/error.h"
#include "parsers/limits.h"

enum script_answer {
    SCRIPT_OK,     /* the contract's */
    SCRIPT_STATUS, /* the step's status, headers and body */
    SCRIPT_CLOSE,  /* none: the connection is closed */
};

struct script_step {
    bool has_end;   /* false: never used up */
    uint64_t left;  /* requests it still takes */
    uint64_t every; /* takes one in so many of those that fit */
    uint64_t seen;
    struct span has; /* absent: any body fits */

    bool is_accepted; /* the event counts before the answer; always so with SCRIPT_OK */
    enum script_answer answer;
    unsigned status;
    struct span body;
    struct span headers[LIMIT_SCRIPT_HEADERS]; /* "Name: value" */
    size_t header_count;
    int64_t delay_ms;
};

struct script;

/* Spans of the steps point into the text, which must outlive the script. Adds
 * every problem to errors; NULL if there was any. An empty text has no steps. */
struct script *script_parse(const struct text *text, struct errors *errors);
void script_free(struct script *script); /* accepts NULL */

/* The step that takes a request with this body, one use of it spent; NULL: none. */
const struct script_step *script_take(struct script *script, struct span body);

#endif
