/* SPDX-License-Identifier: MIT
 *
 * What is done for each request is kept short: libcurl parses the URL once (CURLU),
 * and only headers that begin like one of ours are looked at.
 */
#include "shipper/sender/transfer.h"

#include "shipper/clock.h"

#include <stdlib.h>

enum { ANSWER_KEPT_ROOM_BYTES = 4096, KEY_MASKED_LEAST_BYTES = 8 };

/* --- what comes back -------------------------------------------------------- */

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    struct span piece = {bytes, size * count};

    transfer->has_bytes = true;
    if (piece.len > LIMIT_ANSWER_BYTES - transfer->body.len) {
        piece.len = LIMIT_ANSWER_BYTES - transfer->body.len;
        transfer->is_cut = true;
    }
    buffer_append(&transfer->body, piece);
    return transfer->is_cut ? CURL_WRITEFUNC_ERROR : size * count;
}

static void note_header(struct transfer_header *header, struct span wanted, struct span line)
{
    struct span value = line, name = span_cut(&value, ':');

    if (!value.at || !span_equal_nocase(name, wanted))
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
    struct transfer *transfer = arg;
    struct span line = {bytes, size * count};

    transfer->has_bytes = true;
    transfer->header_bytes += line.len;
    if (line.len == 0 || transfer->header_bytes > LIMIT_ANSWER_BYTES)
        return 0;
    switch (line.at[0] | 0x20) {
    case 'h': /* an interim answer or a proxy's comes before the one that counts */
        if (span_has_prefix(line, SPAN("HTTP/")))
            transfer->has_headers = transfer->retry_after.is_there = transfer->location.is_there =
                transfer->date.is_there = false;
        break;
    case 'r':
        note_header(&transfer->retry_after, SPAN("retry-after"), line);
        break;
    case 'd':
        note_header(&transfer->date, SPAN("date"), line);
        break;
    case 'l':
        note_header(&transfer->location, SPAN("location"), line);
        break;
    default:
        if (span_is(line, "\r\n") || span_is(line, "\n"))
            transfer->has_headers = true;
    }
    return line.len;
}

static struct span header_span(const struct transfer_header *header)
{
    return header->is_there ? (struct span){header->value, header->len} : (struct span){NULL, 0};
}

/* An endpoint that repeats the key must not bring it into logs and the spool. One of a
 * few letters might be a word of the answer: that is left as it is. */
static void mask_key(const struct transfer *transfer, char *bytes, size_t len)
{
    struct span value = span_of(transfer->headers ? transfer->headers->data : ""), key;
    char *found;

    span_cut(&value, ':');
    key = span_trim(value);
    if (key.len < KEY_MASKED_LEAST_BYTES)
        return;
    while ((found = memmem(bytes, len, key.at, key.len))) {
        memset(found, '*', key.len);
        len -= (size_t)(found - bytes);
        bytes = found;
    }
}

static void mask_answer(struct transfer *transfer)
{
    if (transfer->body.len > 0)
        mask_key(transfer, transfer->body.bytes, transfer->body.len);
    if (transfer->location.is_there)
        mask_key(transfer, transfer->location.value, transfer->location.len);
}

struct answer transfer_answer(struct transfer *transfer, CURLcode code)
{
    struct answer answer = {
        .body = buffer_span(&transfer->body),
        .retry_after = header_span(&transfer->retry_after),
        .location = header_span(&transfer->location),
        .date = header_span(&transfer->date),
    };
    curl_off_t took_us = 0;

    mask_answer(transfer);
    curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &took_us);
    answer.took_us = (uint64_t)took_us;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer.status);
    /* The status of an answer that we cut ourselves is as good as any. */
    if (transfer->has_headers &&
        (code == CURLE_OK || (code == CURLE_WRITE_ERROR && transfer->is_cut)))
        return answer;
    if (code == CURLE_OK) {
        answer.transport_error = "the answer broke off in its headers";
    } else if (code == CURLE_WRITE_ERROR) {
        answer.transport_error = "the answer's headers never end";
    } else {
        connection_explain(transfer->easy, transfer->config, code, transfer->error,
            clock_now().wall_s, transfer->words);
        answer.transport_error = transfer->words;
    }
    return answer;
}

/* --- the request --------------------------------------------------------------- */

static void wipe_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        explicit_bzero(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

void transfer_set_key(struct transfer *transfer, const char *key_header)
{
    wipe_list(transfer->headers);
    transfer->headers = curl_slist_append(NULL, key_header);
    curl_slist_append(transfer->headers, "Content-Type: application/json");
    curl_slist_append(transfer->headers, "Expect:");
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

void transfer_begin(struct transfer *transfer, CURLU *url, struct span body)
{
    /* A page that came once must not stay in memory for each transfer. */
    if (transfer->body.room > ANSWER_KEPT_ROOM_BYTES)
        buffer_finish(&transfer->body);
    buffer_clear(&transfer->body);
    transfer->is_cut = transfer->has_headers = transfer->has_bytes = false;
    transfer->retry_after.is_there = transfer->location.is_there = transfer->date.is_there = false;
    transfer->header_bytes = 0;
    transfer->error[0] = '\0';
    curl_easy_setopt(transfer->easy, CURLOPT_CURLU, url);
    curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, body.at);
    curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
}

/* --- opening and closing --------------------------------------------------------- */

bool transfer_open(
    struct transfer *transfer, const struct endpoint_config *config, struct error *err)
{
    CURL *easy = curl_easy_init();

    if (!easy)
        abort();
    transfer->easy = easy;
    transfer->config = config;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    /* Wait for the first handshake to tell whether connections can be shared. Without TLS it
     * is the first answer that would tell, and all would wait for it. */
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)connection_is_https(config));
    return connection_set_up(easy, config, err);
}

void transfer_close(struct transfer *transfer)
{
    if (transfer->easy)
        curl_easy_cleanup(transfer->easy);
    wipe_list(transfer->headers);
    buffer_finish(&transfer->body);
    *transfer = (struct transfer){0};
}
