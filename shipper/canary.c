/* SPDX-License-Identifier: MIT
 *
 * Uses the sender's own transfer, and libcurl's debug callback to see the bytes. What
 * is kept of them has stars where the key stood, wherever that was: an endpoint may
 * repeat it.
 */
#include "shipper/canary.h"

#include "shipper/sender/transfer.h"

#include <stdio.h>

static const char stars[] = "********";

/* With a user, so that no user_agent is needed, and an address that is nobody's. */
static void write_event(struct canary *canary, const struct config *config,
    const struct emitted *as, int64_t wall_s, struct buffer *body)
{
    static const struct field meta[] = {{SPAN("canary"), SPAN("usage-shipper doctor")}};
    struct event event = {
        .at_s = wall_s,
        .source = as->source,
        .activity_type = as->activity_type,
        .environment = as->environment,
        .product_id = as->product_id,
        .user_id = SPAN("usage-shipper-canary"),
        .user_id_type = SPAN("USERNAME"),
        .ip_addr = config->host_address ? span_of(config->host_address) : SPAN("192.0.2.1"),
        .user_agent = SPAN("usage-shipper/" VERSION),
        .meta = meta,
        .meta_count = 1,
    };
    const struct event_identity identity = {
        .instance = span_of(config->instance),
        .rule = SPAN("canary"),
        .offset = (uint64_t)wall_s,
    };
    struct event_hasher *hasher = event_hasher_new();

    event_identify(hasher, &identity, event.id);
    event_hasher_free(hasher);
    memcpy(canary->id, event.id, sizeof(canary->id));
    event_write(&event, body);
}

static int take_bytes(CURL *easy, curl_infotype kind, char *bytes, size_t len, void *arg)
{
    struct canary *canary = arg;
    struct span piece = {bytes, len};

    (void)easy;
    if (kind == CURLINFO_HEADER_OUT || kind == CURLINFO_DATA_OUT)
        buffer_append(&canary->request, piece);
    else if ((kind == CURLINFO_HEADER_IN || kind == CURLINFO_DATA_IN) &&
             canary->answer.len < 2 * LIMIT_ANSWER_BYTES)
        buffer_append(&canary->answer, piece);
    return 0;
}

/* --- the mask ------------------------------------------------------------------------ */

static bool is_secret_header(struct span line)
{
    struct span name = span_cut(&line, ':');

    return span_equal_nocase(name, SPAN("X-API-KEY")) ||
           span_equal_nocase(name, SPAN("Proxy-Authorization"));
}

/* Without the values of headers that are secret. A body has no such lines: it is one
 * line of JSON. */
static void mask_headers(struct buffer *text)
{
    struct span rest = buffer_span(text);
    struct buffer masked = {0};

    while (rest.len > 0) {
        bool has_end = memchr(rest.at, '\n', rest.len) != NULL;
        struct span line = span_cut(&rest, '\n');

        if (is_secret_header(line)) {
            line = span_cut(&line, ':');
            buffer_append(&masked, line);
            buffer_printf(&masked, ": %s\r", stars);
        } else {
            buffer_append(&masked, line);
        }
        if (has_end)
            buffer_append_byte(&masked, '\n');
    }
    explicit_bzero(text->bytes, text->len);
    buffer_finish(text);
    *text = masked;
}

static void mask_key(struct buffer *text, struct span key)
{
    struct span rest = buffer_span(text);
    struct buffer masked = {0};

    while (rest.len > 0) {
        if (span_has_prefix(rest, key)) {
            buffer_append(&masked, span_of(stars));
            rest = span_from(rest, key.len);
        } else {
            buffer_append_byte(&masked, rest.at[0]);
            rest = span_from(rest, 1);
        }
    }
    explicit_bzero(text->bytes, text->len);
    buffer_finish(text);
    *text = masked;
}

/* --- the request ---------------------------------------------------------------------- */

static bool post(struct canary *canary, struct transfer *transfer, const struct config *config,
    struct span body, int64_t wall_s, struct error *err)
{
    CURLU *url = curl_url();
    struct answer answer;

    curl_url_set(url, CURLUPART_URL, config->endpoint.url, 0);
    curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(transfer->easy, CURLOPT_DEBUGFUNCTION, take_bytes);
    curl_easy_setopt(transfer->easy, CURLOPT_DEBUGDATA, canary);
    transfer_begin(transfer, url, body);
    answer = transfer_answer(transfer, curl_easy_perform(transfer->easy));
    canary->judgement = verdict_judge(&answer, wall_s);
    curl_url_cleanup(url);
    return canary->request.len > 0 ||
           error_set(err, ERROR_REMOTE, 0, "%s", canary->judgement.reason);
}

bool canary_send(struct canary *canary, const struct config *config, const struct emitted *as,
    const struct api_key *key, int64_t wall_s, struct error *err)
{
    struct transfer transfer = {.easy = NULL};
    struct buffer body = {0};
    char key_header[LIMIT_API_KEY_BYTES + 16];
    bool is_posted;

    *canary = (struct canary){.id = ""};
    write_event(canary, config, as, wall_s, &body);
    snprintf(key_header, sizeof(key_header), "X-API-KEY: %s", key->text);
    is_posted = transfer_open(&transfer, &config->endpoint, err) &&
                connection_read_credentials(transfer.easy, &config->endpoint, err);
    if (is_posted) {
        transfer_set_key(&transfer, key_header);
        is_posted = post(canary, &transfer, config, buffer_span(&body), wall_s, err);
    }
    transfer_close(&transfer);
    explicit_bzero(key_header, sizeof(key_header));
    mask_headers(&canary->request);
    mask_key(&canary->request, span_of(key->text));
    mask_key(&canary->answer, span_of(key->text));
    buffer_finish(&body);
    return is_posted;
}

void canary_finish(struct canary *canary)
{
    buffer_finish(&canary->request);
    buffer_finish(&canary->answer);
}
