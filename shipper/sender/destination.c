/* SPDX-License-Identifier: MIT
 *
 * libcurl's multi interface with curl_multi_poll. One easy handle a slot, set up
 * once and used for ever; never more in flight than slots, since libcurl pays
 * for what it queues itself. No redirect is followed, no cookie kept, nothing
 * but http and https spoken, and the key is not shown to a proxy's CONNECT.
 */
#include "shipper/sender/destination.h"

#include "parsers/limits.h"
#include "parsers/memory.h"

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
    struct curl_slist *headers; /* with the key of this version */
    unsigned key_version;
    struct buffer body; /* of the answer */
    bool is_cut;        /* the answer was longer than LIMIT_ANSWER_BYTES */
    size_t header_bytes;
    bool has_headers; /* all of them */
    struct header retry_after, location;
    char error[CURL_ERROR_SIZE];
    char tls_error[CURL_ERROR_SIZE + 32];
};

struct posting {
    struct destination destination;
    CURLM *multi;
    struct slot *slots;
    size_t slot_count;
    char key_header[LIMIT_API_KEY_BYTES + 16];
    unsigned key_version;
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

static struct answer read_answer(struct slot *slot, CURLcode code)
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
        answer.transport_error = slot->error[0] ? slot->error : curl_easy_strerror(code);
    /* OpenSSL's words alone do not say what was tried. */
    if (code == CURLE_SSL_CONNECT_ERROR) {
        snprintf(slot->tls_error, sizeof(slot->tls_error), "no TLS with endpoint.url: %s",
            answer.transport_error);
        answer.transport_error = slot->tls_error;
    }
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
    *answer = read_answer(slot, code);
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
    CURLcode code;

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
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "usage-shipper/" VERSION);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* http is for this host alone: a proxy of the environment would get the key in the clear. */
    if (!is_https)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
    /* Wait for the first handshake to tell whether connections can be shared. Without TLS it
     * is the first answer that would tell, and all would wait for it. */
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)is_https);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
        (long)(is_https ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));

    if ((code = curl_easy_setopt(easy, CURLOPT_URL, config->url)) != CURLE_OK ||
        (code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https")) != CURLE_OK ||
        (code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2)) !=
            CURLE_OK ||
        (config->ca_file &&
            (code = curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file)) != CURLE_OK))
        return error_set(err, ERROR_SYSTEM, (int)code, "cannot set up libcurl for the endpoint: %s",
            curl_easy_strerror(code));
    return true;
}

struct destination *destination_open(const struct endpoint_config *config, struct error *err)
{
    static const struct destination_verbs verbs = {
        posting_submit, posting_poll, posting_reap, posting_set_key, posting_close};
    struct posting *posting = memory_new(sizeof(*posting));

    posting->destination.verbs = &verbs;
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
