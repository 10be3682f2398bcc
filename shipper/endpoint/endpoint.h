/* SPDX-License-Identifier: MIT
 *
 * The local stand-in endpoint: an HTTP server on 127.0.0.1 that holds every
 * request to the contract (contract.h), tells repeated events from new ones
 * (ledger.h) and answers something else where a script says so (script.h).
 *
 * It has no loop and no thread of its own: poll its descriptor, call
 * endpoint_turn. Requests are judged strictly in the order in which they became
 * complete; an answer that is delayed delays no other.
 */
#ifndef SHIPPER_ENDPOINT_ENDPOINT_H
#define SHIPPER_ENDPOINT_ENDPOINT_H

#include "shipper/clock.h"
#include "shipper/endpoint/contract.h"

#include "parsers/error.h"

enum endpoint_outcome {
    ENDPOINT_ACCEPTED,
    ENDPOINT_REPEATED,  /* accepted: this event was here before, with the same body */
    ENDPOINT_DIFFERENT, /* accepted: this id was here before with another body */
    ENDPOINT_REFUSED,   /* the contract's verdict */
    ENDPOINT_SCRIPTED,  /* the script answered, the event does not count */
    ENDPOINT_FULL,      /* 507: no more ids can be kept */
};
enum { ENDPOINT_OUTCOMES = ENDPOINT_FULL + 1 };

/* One request and what became of it. */
struct endpoint_exchange {
    const struct contract_request *request;
    const struct contract_finding *finding; /* the contract's view, also where the script answers */
    enum endpoint_outcome outcome;
    bool is_scripted; /* the answer is the script's, whatever the outcome */
    unsigned status;  /* of the answer; 0: closed without one */
};

struct endpoint_options {
    uint16_t port;           /* 0: any that is free */
    const char *key;         /* NULL: any */
    const char *script_path; /* NULL: no script */

    /* Called for each request, before its answer is sent; all of it is valid
     * during the call only. */
    void (*each)(void *arg, const struct endpoint_exchange *exchange);
    void *arg;
};

struct endpoint;

/* options must outlive it. NULL on failure. */
struct endpoint *endpoint_open(const struct endpoint_options *options, struct error *err);
void endpoint_close(struct endpoint *endpoint); /* accepts NULL */

uint16_t endpoint_port(const struct endpoint *endpoint);

/* Distinct events accepted. */
size_t endpoint_events(const struct endpoint *endpoint);

/* Wait for this to become readable, so long at most (-1: for ever), then turn. */
int endpoint_descriptor(const struct endpoint *endpoint);
int endpoint_timeout_ms(const struct endpoint *endpoint, const struct now *now);
void endpoint_turn(struct endpoint *endpoint, const struct now *now);

/* Reads the script again even if its file looks unchanged. A script that became
 * faulty is said on our log; the one before stays. */
void endpoint_reload(struct endpoint *endpoint);

#endif
