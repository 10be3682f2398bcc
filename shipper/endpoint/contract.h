/* SPDX-License-Identifier: MIT
 *
 * The Product Usage API's contract, checked on one request: headers and body in,
 * accepted or the failure answer out. No I/O, no clock, no state.
 *
 *     POST /api/product/usage            one event
 *     POST /api/product/aggregateusage   a count of activities
 *
 * X-API-KEY must be the key, Content-Type application/json, the body one object
 * {"payload": {…}} and nothing beside it. Every field has its type, is known, is
 * there at most once, and is absent rather than empty; contract.c's table says
 * which call takes which. The answer's text names the field at fault.
 *
 * Stricter than the receiver's page: unknown and empty fields are refused, and
 * event_at must lie in 1970 to 9999, so that a slip of ours (milliseconds, a
 * misspelt name) does not pass here and fail there.
 */
#ifndef SHIPPER_ENDPOINT_CONTRACT_H
#define SHIPPER_ENDPOINT_CONTRACT_H

#include "parsers/buffer.h"

struct json_object;

struct contract_request {
    struct span method, path;
    struct span key, content_type; /* X-API-KEY and Content-Type; absent without the header */
    struct span body;              /* at most LIMIT_REQUEST_BYTES are looked at: more is refused */
};

enum contract_verdict {
    CONTRACT_ACCEPTED,
    CONTRACT_PATH,   /* 404 */
    CONTRACT_METHOD, /* 405 */
    CONTRACT_KEY,    /* 401: the page names no status, its body says 400 */
    CONTRACT_TYPE,   /* 415 */
    CONTRACT_SIZE,   /* 413 */
    CONTRACT_BODY,   /* 400 */
};
enum { CONTRACT_VERDICTS = CONTRACT_BODY + 1 };

struct contract_finding {
    enum contract_verdict verdict;
    int status;                  /* HTTP */
    char text[160];              /* the answer's "response" */
    struct json_object *payload; /* what was sent as one, also when refused; NULL if nothing was */
};

/* key: the one that is accepted; absent accepts any that is not empty. */
void contract_check(
    const struct contract_request *request, struct span key, struct contract_finding *finding);
void contract_finish(struct contract_finding *finding);

/* Appends the answer's body. */
void contract_answer(const struct contract_finding *finding, struct buffer *out);

/* The verdict's name in reports: "key", "path", … */
const char *contract_verdict_name(enum contract_verdict verdict);

/* A text field of the payload, valid as long as the finding; absent if it is not
 * there or no text. */
struct span contract_field(const struct contract_finding *finding, const char *name);

#endif
