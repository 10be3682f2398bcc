/* SPDX-License-Identifier: MIT
 *
 * libcurl's multi interface with curl_multi_poll. One easy handle a slot, set up
 * once and used for ever; never more in flight than slots, since libcurl pays
 * for what it queues itself. How it connects is connection.c's; no cookie is kept.
 */
#include "shipper/sender/destination.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/clock.h"
#include "shipper/log.h"
#include "shipper/sender/connection.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { SHORT_VALUE_BYTES = 256, ANSWER_KEPT_ROOM_BYTES = 4096, EXTRA_DESCRIPTORS = 4 };

/* A header's value that is of interest. */
struct header {
    struct span name;
    char value[SHORT_VALUE_BYTES];
    size_t len;
    bool is_there;
};

struct slot {
    CURL *easy;
    bool is_aggregated;         /* its URL is that of the aggregated call */
    struct curl_slist *headers; /* with the key of this version */
    unsigned key_version, credentials_version;
    struct buffer body; /* of the answer */
    bool is_cut;        /* the answer was longer than LIMIT_ANSWER_BYTES */
    size_t header_bytes;
    bool has_headers; /* all of them */
    struct header retry_after, location;
    char error[CURL_ERROR_SIZE];
    char words[CONNECTION_WORDS_BYTES]; /* of a failure */
};

struct posting {
    struct destination destination;
    const struct endpoint_config *config;
    CURLM *multi;
    struct slot *slots;
    size_t slot_count;
    char key_header[LIMIT_API_KEY_BYTES + 16];
    unsigned key_version;
    unsigned credentials_version; /* of the proxy: one more whenever it refuses them */
    bool is_credentials_trouble;  /* said */
};

static struct posting *posting_of(struct destination *destination)
{
    return (struct posting *)destination;
}

/* --- what comes back -------------------------------------------------------- */

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct slot *slot = arg;
    struct span piece = {bytes, size * count};

    if (piece.len > LIMIT_ANSWER_BYTES - slot->body.len) {
        piece.len = LIMIT_ANSWER_BYTES - slot->body.len;
        slot->is_cut = true;
    }
    buffer_append(&slot->body, piece);
    return slot->is_cut ? CURL_WRITEFUNC_ERROR : size * count;
}

static void note_header(struct header *header, struct span line)
{
    struct span value = line, name = span_cut(&value, ':');

    if (!value.at || !span_equal_nocase(name, header->name))
        return;
    while (value.len > 0 && (value.at[value.len - 1] == '\n' || value.at[value.len - 1] == '\r'))
        value.len--;
    value = span_trim(value);
    header->is_there = true;
    header->len = value.len < sizeof(header->value) ? value.len : sizeof(header->value);
    memcpy(header->value, value.at, header->len);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct slot *slot = arg;
    struct span line = {bytes, size * count};

    /* An interim answer or a proxy's comes before the one that counts. */
    if (span_has_prefix(line, SPAN("HTTP/")))
        slot->has_headers = slot->retry_after.is_there = slot->location.is_there = false;
    if (span_is(line, "\r\n") || span_is(line, "\n"))
        slot->has_headers = true;
    slot->header_bytes += line.len;
    if (slot->header_bytes > LIMIT_ANSWER_BYTES)
        return 0;
    note_header(&slot->retry_after, line);
    note_header(&slot->location, line);
    return line.len;
}

static struct span header_span(const struct header *header)
{
    return header->is_there ? (struct span){header->value, header->len} : (struct span){NULL, 0};
}

static const char *explain(const struct posting *posting, struct slot *slot, CURLcode code)
{
    connection_explain(
        slot->easy, posting->config, code, slot->error, clock_now().wall_s, slot->words);
    return slot->words;
}

static struct answer read_answer(const struct posting *posting, struct slot *slot, CURLcode code)
{
    struct answer answer = {
        .body = buffer_span(&slot->body),
        .retry_after = header_span(&slot->retry_after),
        .location = header_span(&slot->location),
    };

    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &answer.status);
    /* The status of an answer that we cut ourselves is as good as any. */
    if (slot->has_headers && (code == CURLE_OK || (code == CURLE_WRITE_ERROR && slot->is_cut)))
        return answer;
    if (code == CURLE_OK)
        answer.transport_error = "the answer broke off in its headers";
    else if (code == CURLE_WRITE_ERROR)
        answer.transport_error = "the answer's headers never end";
    else
        answer.transport_error = explain(posting, slot, code);
    return answer;
}

/* --- the verbs --------------------------------------------------------------- */

static void wipe_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        explicit_bzero(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

static void put_key(const struct posting *posting, struct slot *slot)
{
    wipe_list(slot->headers);
    slot->headers = curl_slist_append(NULL, posting->key_header);
    curl_slist_append(slot->headers, "Content-Type: application/json");
    curl_slist_append(slot->headers, "Expect:");
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
    slot->key_version = posting->key_version;
}

/* The proxy's are read before the first request, and again when it refuses them. */
static void put_credentials(struct posting *posting, struct slot *slot)
{
    struct error err;
    bool is_read = connection_read_credentials(slot->easy, posting->config, &err);

    if (!is_read && !posting->is_credentials_trouble)
        log_failure(LOG_ERROR, &err, "using those read before, if any");
    posting->is_credentials_trouble = !is_read;
    slot->credentials_version = posting->credentials_version;
}

/* The body tells which of the two calls it is for. */
static void put_url(const struct posting *posting, struct slot *slot, struct span body)
{
    bool is_aggregated = event_is_aggregated(body);

    if (slot->is_aggregated != is_aggregated)
        curl_easy_setopt(slot->easy, CURLOPT_URL,
            is_aggregated ? posting->config->aggregate_url : posting->config->url);
    slot->is_aggregated = is_aggregated;
}

static void posting_submit(struct destination *destination, size_t index, struct span body)
{
    struct posting *posting = posting_of(destination);
    struct slot *slot = &posting->slots[index];

    /* A page that came once must not stay in memory for each slot. */
    if (slot->body.room > ANSWER_KEPT_ROOM_BYTES)
        buffer_finish(&slot->body);
    buffer_clear(&slot->body);
    slot->is_cut = slot->has_headers = slot->retry_after.is_there = slot->location.is_there = false;
    slot->header_bytes = 0;
    slot->error[0] = '\0';
    if (slot->key_version != posting->key_version)
        put_key(posting, slot);
    if (slot->credentials_version != posting->credentials_version)
        put_credentials(posting, slot);
    put_url(posting, slot, body);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, body.at);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    curl_multi_add_handle(posting->multi, slot->easy);
}

static void posting_poll(
    struct destination *destination, struct pollfd *also, size_t count, int timeout_ms)
{
    struct posting *posting = posting_of(destination);
    struct curl_waitfd waits[EXTRA_DESCRIPTORS];
    int running;

    assert(count <= EXTRA_DESCRIPTORS);
    for (size_t i = 0; i < count; i++)
        waits[i] = (struct curl_waitfd){.fd = also[i].fd, .events = CURL_WAIT_POLLIN};
    curl_multi_poll(posting->multi, waits, (unsigned)count, timeout_ms, NULL);
    for (size_t i = 0; i < count; i++)
        also[i].revents = waits[i].revents;
    curl_multi_perform(posting->multi, &running);
}

static bool posting_reap(struct destination *destination, size_t *index, struct answer *answer)
{
    struct posting *posting = posting_of(destination);
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
    *answer = read_answer(posting, slot, code);
    if (connection_is_proxy_refusing(slot->easy))
        posting->credentials_version++;
    curl_multi_remove_handle(posting->multi, slot->easy);
    return true;
}

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
        if (slot->easy) {
            curl_multi_remove_handle(posting->multi, slot->easy);
            curl_easy_cleanup(slot->easy);
        }
        wipe_list(slot->headers);
        buffer_finish(&slot->body);
    }
    curl_multi_cleanup(posting->multi);
    explicit_bzero(posting->key_header, sizeof(posting->key_header));
    free(posting->slots);
    free(posting);
}

/* --- setting up -------------------------------------------------------------- */

static bool set_up_slot(struct slot *slot, const struct endpoint_config *config, struct error *err)
{
    bool is_https = strncasecmp(config->url, "https:", 6) == 0;
    CURL *easy = curl_easy_init();

    if (!easy)
        abort();
    slot->easy = easy;
    slot->retry_after.name = SPAN("retry-after");
    slot->location.name = SPAN("location");
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    /* Wait for the first handshake to tell whether connections can be shared. Without TLS it
     * is the first answer that would tell, and all would wait for it. */
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)is_https);
    return connection_set_up(easy, config, err);
}

struct destination *destination_open(const struct endpoint_config *config, struct error *err)
{
    static const struct destination_verbs verbs = {
        posting_submit, posting_poll, posting_reap, posting_set_key, posting_close};
    struct posting *posting = memory_new(sizeof(*posting));

    posting->destination.verbs = &verbs;
    posting->config = config;
    posting->credentials_version = 1;
    posting->slot_count = (size_t)config->max_in_flight;
    posting->slots = memory_new(posting->slot_count * sizeof(*posting->slots));
    posting->multi = curl_multi_init();
    if (!posting->multi)
        abort();
    curl_multi_setopt(posting->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)posting->slot_count);
    curl_multi_setopt(posting->multi, CURLMOPT_MAXCONNECTS, (long)posting->slot_count);
    for (size_t i = 0; i < posting->slot_count; i++) {
        if (!set_up_slot(&posting->slots[i], config, err)) {
            posting_close(&posting->destination);
            return NULL;
        }
    }
    return &posting->destination;
}
