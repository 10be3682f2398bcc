/* SPDX-License-Identifier: MIT
 *
 * libcurl's multi interface, in lanes. A transfer a slot, opened when it is first
 * needed and used for ever; never more in flight than slots, since libcurl pays for
 * what it queues itself.
 */
#include "shipper/sender/destination.h"

#include "parsers/memory.h"
#include "shipper/clock.h"
#include "shipper/log.h"
#include "shipper/sender/lane.h"
#include "shipper/sender/transfer.h"

#include <stdio.h>
#include <stdlib.h>

enum { STALL_LOOK_MS = 500 };

struct slot {
    struct transfer transfer; /* the first member: libcurl gives us this one */
    struct lane *lane;
    bool is_busy;
    unsigned key_version, credentials_version;
    int64_t moved_ms; /* when it began, or when a byte of its answer came */
};

struct posting {
    struct destination destination;
    const struct endpoint_config *config;
    CURLU *url, *aggregate_url;
    struct slot *slots;
    size_t slot_count, busy;
    struct sockets sockets;
    struct lane *lanes; /* each has LANE_REQUESTS slots, the last perhaps fewer */
    size_t lane_count;
    int64_t now_ms, look_at_ms;
    size_t stall_search; /* the slot to go on with; slot_count: none stalls */
    char key_header[LIMIT_API_KEY_BYTES + 16];
    unsigned key_version;
    unsigned credentials_version; /* of the proxy: one more whenever it refuses them */
    bool is_credentials_trouble;  /* said */
};

static struct posting *posting_of(struct destination *destination)
{
    return (struct posting *)destination;
}

/* --- requests ------------------------------------------------------------------ */

/* The proxy's are read before the first request, and again when it refuses them. */
static void put_credentials(struct posting *posting, struct slot *slot)
{
    struct error err;
    bool is_read = connection_read_credentials(slot->transfer.easy, posting->config, &err);

    if (!is_read && !posting->is_credentials_trouble)
        log_failure(LOG_ERROR, &err, "using those read before, if any");
    posting->is_credentials_trouble = !is_read;
    slot->credentials_version = posting->credentials_version;
}

static bool open_slot(struct posting *posting, struct slot *slot, struct error *err)
{
    slot->lane = &posting->lanes[(size_t)(slot - posting->slots) / LANE_REQUESTS];
    if (!slot->lane->multi)
        lane_open(slot->lane, &posting->sockets, !connection_is_https(posting->config));
    if (!transfer_open(&slot->transfer, posting->config, err))
        return false;
    lane_adopt(slot->lane, slot->transfer.easy);
    return true;
}

static void posting_submit(struct destination *destination, size_t index, struct span body)
{
    struct posting *posting = posting_of(destination);
    struct slot *slot = &posting->slots[index];
    struct error err;

    /* The first one was opened without trouble, and this is the same again. */
    if (!slot->transfer.easy && !open_slot(posting, slot, &err))
        abort();
    if (slot->key_version != posting->key_version)
        transfer_set_key(&slot->transfer, posting->key_header);
    slot->key_version = posting->key_version;
    if (slot->credentials_version != posting->credentials_version)
        put_credentials(posting, slot);
    /* The body tells which of the two calls it is for. */
    transfer_begin(
        &slot->transfer, event_is_aggregated(body) ? posting->aggregate_url : posting->url, body);
    slot->is_busy = true;
    slot->moved_ms = posting->now_ms;
    posting->busy++;
    lane_begin(slot->lane, slot->transfer.easy);
}

/* --- moving bytes ---------------------------------------------------------------- */

static void move_lanes(struct posting *posting)
{
    posting->now_ms = clock_now().monotonic_ms;
    for (size_t i = 0; i < posting->lane_count; i++)
        lane_move(&posting->lanes[i], posting->now_ms);
}

static int wait_ms(const struct posting *posting, int timeout_ms)
{
    if (posting->busy > 0 && timeout_ms > STALL_LOOK_MS)
        timeout_ms = STALL_LOOK_MS;
    for (size_t i = 0; i < posting->lane_count; i++) {
        const struct lane *lane = &posting->lanes[i];
        int64_t due_in_ms = lane->due_ms - posting->now_ms;

        if (!lane->multi)
            continue;
        if (lane_has_ended_ones(lane) || due_in_ms <= 0)
            return 0;
        if (due_in_ms < timeout_ms)
            timeout_ms = (int)due_in_ms;
    }
    return timeout_ms;
}

/* Looks for requests without a byte for too long now and then, not at each turn. */
static void look_for_stalls(struct posting *posting)
{
    if (posting->now_ms < posting->look_at_ms)
        return;
    posting->look_at_ms = posting->now_ms + STALL_LOOK_MS;
    for (size_t i = 0; i < posting->slot_count; i++) {
        struct slot *slot = &posting->slots[i];

        if (slot->is_busy && slot->transfer.has_bytes)
            slot->moved_ms = posting->now_ms;
        slot->transfer.has_bytes = false;
    }
    posting->stall_search = 0;
}

static void posting_poll(
    struct destination *destination, struct pollfd *also, size_t count, int timeout_ms)
{
    struct posting *posting = posting_of(destination);
    size_t ready;

    move_lanes(posting); /* what was submitted goes out */
    ready = sockets_wait(&posting->sockets, also, count, wait_ms(posting, timeout_ms));
    for (size_t i = 0; i < ready; i++)
        lane_move_socket(posting->sockets.ready[i].owner, &posting->sockets.ready[i]);
    move_lanes(posting);
    look_for_stalls(posting);
}

/* --- answers ----------------------------------------------------------------------- */

/* Once its request is out of the lane. */
static void end_slot(struct posting *posting, struct slot *slot)
{
    slot->is_busy = false;
    posting->busy--;
}

static bool reap_finished(struct posting *posting, size_t *index, struct answer *answer)
{
    CURL *easy = NULL;
    struct slot *slot;
    CURLcode code;
    long version = 0;

    for (size_t i = 0; i < posting->lane_count && !easy; i++)
        easy = lane_reap(&posting->lanes[i], &code);
    if (!easy)
        return false;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    *index = (size_t)(slot - posting->slots);
    *answer = transfer_answer(&slot->transfer, code);
    if (connection_is_proxy_refusing(easy))
        posting->credentials_version++;
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    slot->lane->is_http2 = version == CURL_HTTP_VERSION_2_0;
    end_slot(posting, slot);
    return true;
}

static bool reap_stalled(struct posting *posting, size_t *index, struct answer *answer)
{
    int64_t since_ms = posting->now_ms - posting->config->stall_timeout_ms;

    for (; posting->stall_search < posting->slot_count; posting->stall_search++) {
        struct slot *slot = &posting->slots[posting->stall_search];

        if (!slot->is_busy || slot->moved_ms > since_ms)
            continue;
        *index = posting->stall_search;
        snprintf(slot->transfer.words, sizeof(slot->transfer.words), "%s for %g s",
            slot->transfer.header_bytes > 0 ? "the answer stalled" : "no answer",
            (double)posting->config->stall_timeout_ms / 1000);
        *answer = (struct answer){.transport_error = slot->transfer.words};
        lane_drop(slot->lane, slot->transfer.easy);
        end_slot(posting, slot);
        return true;
    }
    return false;
}

static bool posting_reap(struct destination *destination, size_t *index, struct answer *answer)
{
    struct posting *posting = posting_of(destination);

    return reap_finished(posting, index, answer) || reap_stalled(posting, index, answer);
}

/* --- opening and closing ------------------------------------------------------------- */

static void posting_set_key(struct destination *destination, const char *key)
{
    struct posting *posting = posting_of(destination);

    snprintf(posting->key_header, sizeof(posting->key_header), "X-API-KEY: %s", key);
    posting->key_version++;
}

static void posting_close(struct destination *destination)
{
    struct posting *posting = posting_of(destination);

    for (size_t i = 0; i < posting->slot_count; i++) {
        struct slot *slot = &posting->slots[i];

        if (slot->is_busy)
            lane_drop(slot->lane, slot->transfer.easy);
        transfer_close(&slot->transfer);
    }
    for (size_t i = 0; i < posting->lane_count; i++)
        lane_close(&posting->lanes[i]);
    sockets_close(&posting->sockets);
    curl_url_cleanup(posting->url);
    curl_url_cleanup(posting->aggregate_url);
    explicit_bzero(posting->key_header, sizeof(posting->key_header));
    free(posting->lanes);
    free(posting->slots);
    free(posting);
}

static bool parse_url(CURLU **parsed, const char *url, struct error *err)
{
    CURLUcode code;

    *parsed = curl_url();
    if (!url)
        return true;
    code = curl_url_set(*parsed, CURLUPART_URL, url, 0);
    return code == CURLUE_OK || error_set(err, ERROR_CONFIG, (int)code,
                                    "\"%.200s\" is not a URL: %s", url, curl_url_strerror(code));
}

struct destination *destination_open(const struct endpoint_config *config, struct error *err)
{
    static const struct destination_verbs verbs = {
        posting_submit, posting_poll, posting_reap, posting_set_key, posting_close};
    struct posting *posting = memory_new(sizeof(*posting));

    if (!sockets_open(&posting->sockets, err)) {
        free(posting);
        return NULL;
    }
    posting->destination.verbs = &verbs;
    posting->config = config;
    posting->credentials_version = 1;
    posting->slot_count = posting->stall_search = (size_t)config->max_in_flight;
    posting->slots = memory_new(posting->slot_count * sizeof(*posting->slots));
    posting->now_ms = clock_now().monotonic_ms;
    posting->lane_count = (posting->slot_count + LANE_REQUESTS - 1) / LANE_REQUESTS;
    posting->lanes = memory_new(posting->lane_count * sizeof(*posting->lanes));
    if (parse_url(&posting->url, config->url, err) &&
        parse_url(&posting->aggregate_url, config->aggregate_url, err) &&
        open_slot(posting, &posting->slots[0], err))
        return &posting->destination;
    posting_close(&posting->destination);
    return NULL;
}
