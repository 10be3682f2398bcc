/* SPDX-License-Identifier: MIT
 *
 * The endpoint's keys, and what a URL may be: https, or http to this host alone,
 * since each request carries the API key. The URL is taken apart by libcurl, which
 * will use it.
 */
#include "shipper/config_endpoint.h"

#include "shipper/path.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#define MEMBER(name) offsetof(struct endpoint_config, name)

enum { SECOND_MS = 1000, HOUR_MS = 3600 * SECOND_MS };

static const struct key keys[] = {
    {.name = "url",
        .type = KEY_STRING,
        .offset = MEMBER(url),
        .is_required = true,
        .help = "where events are posted to; https, or http for a loopback address"},
    {.name = "api_key_file",
        .type = KEY_STRING,
        .offset = MEMBER(api_key_file),
        .help = "a file with the API key alone; default: USAGE_SHIPPER_API_KEY or a credential"},
    {.name = "ca_file",
        .type = KEY_STRING,
        .offset = MEMBER(ca_file),
        .help = "certificates to trust instead of the system's"},
    {.name = "max_in_flight",
        .type = KEY_INTEGER,
        .offset = MEMBER(max_in_flight),
        .help = "requests under way at once",
        .default_text = "32",
        .least = 1,
        .most = 1000},
    {.name = "connect_timeout",
        .type = KEY_DURATION,
        .offset = MEMBER(connect_timeout_ms),
        .help = "for name, connection and TLS",
        .default_text = "10s",
        .least = 100,
        .most = HOUR_MS},
    {.name = "timeout",
        .type = KEY_DURATION,
        .offset = MEMBER(timeout_ms),
        .help = "for a request in all",
        .default_text = "30s",
        .least = 100,
        .most = HOUR_MS},
    {.name = "retry_first",
        .type = KEY_DURATION,
        .offset = MEMBER(retry_first_ms),
        .help = "the first back-off after trouble, which then doubles",
        .default_text = "1s",
        .least = 10,
        .most = HOUR_MS},
    {.name = "retry_most",
        .type = KEY_DURATION,
        .offset = MEMBER(retry_most_ms),
        .help = "the longest back-off",
        .default_text = "5m",
        .least = 10,
        .most = 24 * HOUR_MS},
    {.name = "probe_every",
        .type = KEY_DURATION,
        .offset = MEMBER(probe_every_ms),
        .help = "while the key or the destination is wrong",
        .default_text = "1m",
        .least = 10,
        .most = 24 * HOUR_MS},
    {.name = NULL},
};

static bool is_loopback(const char *host)
{
    struct in_addr address;

    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

/* A part of the URL, empty when it has none; to be freed by curl_free. */
static char *part_of(CURLU *parsed, CURLUPart which)
{
    char *part = NULL;

    return curl_url_get(parsed, which, &part, 0) == CURLUE_OK ? part : NULL;
}

static void check_parts(CURLU *parsed, struct place place, struct errors *errors)
{
    char *scheme = part_of(parsed, CURLUPART_SCHEME), *host = part_of(parsed, CURLUPART_HOST);
    char *user = part_of(parsed, CURLUPART_USER), *fragment = part_of(parsed, CURLUPART_FRAGMENT);
    bool is_http = scheme && strcmp(scheme, "http") == 0;

    if (!is_http && (!scheme || strcmp(scheme, "https") != 0))
        error_hint(errors_add(errors, place, "the URL is neither https nor http"),
            "Events are posted over HTTP: write https://...");
    else if (is_http && !(host && is_loopback(host)))
        error_hint(errors_add(errors, place, "the API key would cross the network in the clear"),
            "Write https://; http:// is for 127.0.0.1, [::1] and localhost only.");
    if (user)
        error_hint(errors_add(errors, place, "the URL holds a user name or password"),
            "The API key is all that the endpoint asks for: see api_key_file.");
    if (fragment)
        errors_add(errors, place, "the URL has a #fragment, which is never sent");
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_free(fragment);
}

static void check_url(
    const struct endpoint_config *endpoint, const struct node *node, struct errors *errors)
{
    CURLU *parsed = curl_url();
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, endpoint->url, CURLU_NON_SUPPORT_SCHEME);

    if (code == CURLUE_OK)
        check_parts(parsed, node->place, errors);
    else
        error_hint(errors_add(errors, node->place, "\"%.200s\" is not a URL: %s", endpoint->url,
                       curl_url_strerror(code)),
            "Write it in full, like https://ingest.example.com/api/product/usage.");
    curl_url_cleanup(parsed);
}

void config_endpoint_read(struct endpoint_config *endpoint, const struct node *node,
    const char *folder, struct errors *errors)
{
    const struct node *retry_most = node ? node_get(node, "retry_most") : NULL;

    keys_read(node, "the endpoint", keys, endpoint, errors);
    path_settle(&endpoint->api_key_file, folder);
    path_settle(&endpoint->ca_file, folder);
    if (endpoint->url)
        check_url(endpoint, node_get(node, "url"), errors);
    if (endpoint->retry_first_ms > endpoint->retry_most_ms)
        error_hint(errors_add(errors,
                       retry_most ? retry_most->place : node_get(node, "retry_first")->place,
                       "retry_most is shorter than retry_first"),
            "Back-off starts at retry_first and doubles up to retry_most.");
}

void config_endpoint_finish(struct endpoint_config *endpoint)
{
    keys_finish(keys, endpoint);
}
