/* SPDX-License-Identifier: MIT
 *
 * One easy handle of libcurl, set up once and used for ever: a request at a time,
 * and its answer. How it connects is connection.c's; no cookie is kept.
 */
#ifndef SHIPPER_SENDER_TRANSFER_H
#define SHIPPER_SENDER_TRANSFER_H

#include "parsers/limits.h"
#include "shipper/sender/connection.h"
#include "shipper/sender/verdict.h"

enum { TRANSFER_HEADER_BYTES = 256 };

/* A header's value that is of interest. */
struct transfer_header {
    char value[TRANSFER_HEADER_BYTES];
    size_t len;
    bool is_there;
};

struct transfer {
    CURL *easy; /* NULL: not open */
    const struct endpoint_config *config;
    struct curl_slist *headers; /* of the request */

    struct buffer body; /* of the answer */
    bool is_cut;        /* it was longer than LIMIT_ANSWER_BYTES */
    size_t header_bytes;
    bool has_headers; /* all of them */
    bool has_bytes;   /* any, since somebody last looked and set this to false */
    struct transfer_header retry_after, location, date;
    char error[CURL_ERROR_SIZE];
    char words[CONNECTION_WORDS_BYTES]; /* of a failure */
};

/* *transfer must be zeroed; it and config must stay where they are. CURLINFO_PRIVATE
 * of the handle is the transfer. */
bool transfer_open(
    struct transfer *transfer, const struct endpoint_config *config, struct error *err);

/* The handle must be in no multi. One that is not open is fine. */
void transfer_close(struct transfer *transfer);

/* From the next request on: the header "X-API-KEY: ...", copied. */
void transfer_set_key(struct transfer *transfer, const char *key_header);

/* Makes the handle ready for a POST; url and body must live until it is done. */
void transfer_begin(struct transfer *transfer, CURLU *url, struct span body);

/* The answer to a request that ended with that code, with stars where it repeats the key;
 * lives until transfer_begin. */
struct answer transfer_answer(struct transfer *transfer, CURLcode code);

#endif
