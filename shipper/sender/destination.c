/* SPDX-License-Identifier: MIT
 *
 * libcurl's multi interface with curl_multi_poll. A transfer a slot, opened when it
 * is first needed and used for ever; never more in flight than slots, since libcurl
 * pays for what it queues itself.
 *
 * libcurl looks at every transfer under way whenever it moves any. So while answers
 * take long and many are awaited, a moment's wait brings several of them together.
 */
#include "shipper/sender/destination.h"

#include "parsers/memory.h"
#include "shipper/clock.h"
#include "shipper/log.h"
#include "shipper/sender/cork.h"
#include "shipper/sender/transfer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    EXTRA_DESCRIPTORS = 4,
    STALL_LOOK_MS = 500,
    GATHER_FROM = 32,  /* as few transfers cost nothing to look at */
    GATHER_SHARE = 32, /* of the time that an answer takes */
    GATHER_LEAST_US = 100,
    GATHER_MOST_US = 2000,
};

struct slot {
    struct transfer transfer; /* the first member: libcurl gives us this one */
    bool is_busy;
    unsigned key_version, credentials_version;
    int64_t moved_ms; /* when it began, or when a byte of its answer came */
};

struct posting {
    struct destination destination;
    const struct endpoint_config *config;
    CURLM *multi;
    CURLU *url, *aggregate_url;
    struct slot *slots;
    size_t slot_count, busy, begun; /* begun: since bytes were last moved */
    struct cork cork;
    bool is_http2;
    int64_t now_ms, look_at_ms;
    int64_t answer_us;   /* what an answer takes, on the average of the last ones */
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
    if (!transfer_open(&slot->transfer, posting->config, err))
        return false;
    cork_watch(&posting->cork, slot->transfer.easy);
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
    posting->begun++;
    curl_multi_add_handle(posting->multi, slot->transfer.easy);
}

/* --- moving bytes ---------------------------------------------------------------- */

static void gather(const struct posting *posting)
{
    int64_t wait_us = posting->answer_us / GATHER_SHARE;

    if (posting->busy < GATHER_FROM || posting->begun > 0 || wait_us < GATHER_LEAST_US)
        return;
    if (wait_us > GATHER_MOST_US)
        wait_us = GATHER_MOST_US;
    nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000}, NULL);
}

static void move(struct posting *posting)
{
    bool is_corked = posting->is_http2 && posting->begun > 0;
    int running;

    if (is_corked)
        cork_hold(&posting->cork);
    curl_multi_perform(posting->multi, &running);
    if (is_corked)
        cork_release(&posting->cork);
    posting->begun = 0;
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
    struct curl_waitfd waits[EXTRA_DESCRIPTORS];

    assert(count <= EXTRA_DESCRIPTORS);
    for (size_t i = 0; i < count; i++)
        waits[i] = (struct curl_waitfd){.fd = also[i].fd, .events = CURL_WAIT_POLLIN};
    if (posting->busy > 0 && timeout_ms > STALL_LOOK_MS)
        timeout_ms = STALL_LOOK_MS;
    curl_multi_poll(posting->multi, waits, (unsigned)count, timeout_ms, NULL);
    for (size_t i = 0; i < count; i++)
        also[i].revents = waits[i].revents;
    gather(posting);
    move(posting);
    posting->now_ms = clock_now().monotonic_ms;
    look_for_stalls(posting);
}

/* --- answers ----------------------------------------------------------------------- */

static void measure(struct posting *posting, CURL *easy)
{
    curl_off_t sent_us = 0, came_us = 0;
    long version = 0;

    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &came_us);
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    if (came_us > sent_us)
        posting->answer_us += (came_us - sent_us - posting->answer_us) / 16;
    posting->is_http2 = version == CURL_HTTP_VERSION_2_0;
}

static void end_slot(struct posting *posting, struct slot *slot)
{
    curl_multi_remove_handle(posting->multi, slot->transfer.easy);
    slot->is_busy = false;
    posting->busy--;
}

static bool reap_finished(struct posting *posting, size_t *index, struct answer *answer)
{
    struct CURLMsg *message;
    struct slot *slot;
    CURLcode code;
    int left;

    do {
        message = curl_multi_info_read(posting->multi, &left);
        if (!message)
            return false;
    } while (message->msg != CURLMSG_DONE);
    code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
    *index = (size_t)(slot - posting->slots);
    *answer = transfer_answer(&slot->transfer, code);
    if (connection_is_proxy_refusing(slot->transfer.easy))
        posting->credentials_version++;
    measure(posting, slot->transfer.easy);
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
            curl_multi_remove_handle(posting->multi, slot->transfer.easy);
        transfer_close(&slot->transfer);
    }
    curl_multi_cleanup(posting->multi);
    curl_url_cleanup(posting->url);
    curl_url_cleanup(posting->aggregate_url);
    explicit_bzero(posting->key_header, sizeof(posting->key_header));
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

    posting->destination.verbs = &verbs;
    posting->config = config;
    posting->credentials_version = 1;
    posting->slot_count = posting->stall_search = (size_t)config->max_in_flight;
    posting->slots = memory_new(posting->slot_count * sizeof(*posting->slots));
    posting->now_ms = clock_now().monotonic_ms;
    posting->multi = curl_multi_init();
    if (!posting->multi)
        abort();
    curl_multi_setopt(posting->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)posting->slot_count);
    curl_multi_setopt(posting->multi, CURLMOPT_MAXCONNECTS, (long)posting->slot_count);
    if (parse_url(&posting->url, config->url, err) &&
        parse_url(&posting->aggregate_url, config->aggregate_url, err) &&
        open_slot(posting, &posting->slots[0], err))
        return &posting->destination;
    posting_close(&posting->destination);
    return NULL;
}
