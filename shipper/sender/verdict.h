/* SPDX-License-Identifier: MIT
 *
 * What an endpoint's answer means: a pure function of status, headers and body.
 * The HTTP status alone decides nothing: a 200 may carry a failure, and a wrong
 * key may come with any status. The first line that fits decides:
 *
 *     no complete answer                                           RETRY
 *     the API's failure, "Authentication Failure" or code 401/403  KEY
 *     408, 425, 429, 5xx, also as the code of the API's failure    RETRY
 *     404, 405, 407, 411, 415; any 3xx                             DESTINATION
 *     400 with nginx's page about the connection's certificate     DESTINATION
 *     400, 413, 422; the API's failure with any other status       REJECTED
 *     2xx and the API's success                                    DELIVERED
 *     any other 4xx (401 and 403 above all)                        UNCLEAR
 *     anything else: 2xx with another body, 1xx                    RETRY
 *
 * The API's answer is one JSON object whose `status` is "success" or "failure"
 * (in any case); its code is `response_code`, a number or a string of digits, or
 * else the HTTP status.
 */
#ifndef SHIPPER_SENDER_VERDICT_H
#define SHIPPER_SENDER_VERDICT_H

#include "parsers/span.h"

enum verdict {
    VERDICT_DELIVERED,
    VERDICT_RETRY,       /* try again later */
    VERDICT_REJECTED,    /* this event is refused for good: set it aside with the answer */
    VERDICT_KEY,         /* the key is wrong, not the event */
    VERDICT_DESTINATION, /* the address or its settings are wrong, not the event */
    VERDICT_UNCLEAR,     /* refused by something that is not the API: event or key? */
};

enum { VERDICTS = VERDICT_UNCLEAR + 1 };

/* "delivered": in JSON and metrics. */
const char *verdict_name(enum verdict verdict);

enum { VERDICT_REASON_BYTES = 200 };

struct answer {
    const char *transport_error; /* libcurl's words when no complete answer came; NULL: it did */
    long status;                 /* 0 without an answer */
    struct span body;        /* cut at LIMIT_ANSWER_BYTES: one of that length is not the API's */
    uint64_t took_us;        /* from the start of the request */
    struct span retry_after; /* the header's value; absent if there was none */
    struct span location;    /* of a redirect */
    struct span date;        /* when it was made */
};

struct judgement {
    enum verdict verdict;
    int64_t retry_after_ms;            /* 0 to LIMIT_RETRY_AFTER_S; -1: it did not ask */
    char reason[VERDICT_REASON_BYTES]; /* for the log: what came back, safe to print */
};

/* wall_s: UNIX seconds, to read a Retry-After that is a date. */
struct judgement verdict_judge(const struct answer *answer, int64_t wall_s);

#endif
