/* SPDX-License-Identifier: MIT
 *
 * The endpoint's keys, and what its URLs may be: https, or http to this host alone,
 * since each request carries the API key. URLs are taken apart by libcurl, which
 * will use them. Files are only named here: endpoint_files.h looks into them.
 */
#include "shipper/config_endpoint.h"

#include "parsers/memory.h"
#include "shipper/path.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <strings.h>

#define MEMBER(name) offsetof(struct endpoint_config, name)

enum { SECOND_MS = 1000, HOUR_MS = 3600 * SECOND_MS };

static const struct key keys[] = {
    {.name = "url",
        .type = KEY_STRING,
        .offset = MEMBER(url),
        .is_required = true,
        .help = "where events are posted to; https, or http for a loopback address"},
    {.name = "aggregate_url",
        .type = KEY_STRING,
        .offset = MEMBER(aggregate_url),
        .help = "where counts are posted to; default: url with aggregateusage as its last part"},
    {.name = "api_key_file",
        .type = KEY_STRING,
        .offset = MEMBER(api_key_file),
        .help = "a file with the API key alone; default: USAGE_SHIPPER_API_KEY or a credential"},
    {.name = "ca_file",
        .type = KEY_STRING,
        .offset = MEMBER(ca_file),
        .help = "certificates to trust instead of the system's"},
    {.name = "client_cert",
        .type = KEY_STRING,
        .offset = MEMBER(client_cert),
        .help = "a certificate (PEM, with its chain) to show to the endpoint"},
    {.name = "client_key",
        .type = KEY_STRING,
        .offset = MEMBER(client_key),
        .help = "its private key (PEM, not encrypted); default: in the same file"},
    {.name = "proxy",
        .type = KEY_STRING,
        .offset = MEMBER(proxy),
        .help = "http://host:port or https://host:port; default: HTTPS_PROXY of the environment"},
    {.name = "proxy_credentials_file",
        .type = KEY_STRING,
        .offset = MEMBER(proxy_credentials_file),
        .help = "a file with user:password for the proxy alone"},
    {.name = "no_proxy",
        .type = KEY_STRINGS,
        .offset = MEMBER(no_proxy),
        .help = "hosts to reach without the proxy; default: NO_PROXY of the environment"},
    {.name = "max_in_flight",
        .type = KEY_INTEGER,
        .offset = MEMBER(max_in_flight),
        .help = "requests under way at once, at most",
        .default_text = "256",
        .least = 1,
        .most = 2048},
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
    {.name = "stall_timeout",
        .type = KEY_DURATION,
        .offset = MEMBER(stall_timeout_ms),
        .help = "for the next byte of an answer, the first included",
        .default_text = "20s",
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
    {.name = "rate_limit",
        .type = KEY_INTEGER,
        .offset = MEMBER(rate_limit),
        .help = "events a second, at most; default: as fast as the endpoint takes them",
        .least = 1,
        .most = 1000000},
    {.name = "max_age",
        .type = KEY_DURATION,
        .offset = MEMBER(max_age_ms),
        .help = "older events are set aside instead of sent; default: none is too old",
        .least = 60 * SECOND_MS,
        .most = INT64_C(10) * 365 * 24 * HOUR_MS},
    {.name = NULL},
};

const struct key_shape config_endpoint_shape = SHAPE_OF_MAP(keys);

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

/* What is not http or https, has a path of its own, or a password in it. */
static void check_proxy_parts(CURLU *parsed, struct place place, struct errors *errors)
{
    char *scheme = part_of(parsed, CURLUPART_SCHEME), *path = part_of(parsed, CURLUPART_PATH);
    char *user = part_of(parsed, CURLUPART_USER);

    if (!scheme || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
        error_hint(errors_add(errors, place, "the proxy is neither http nor https"),
            "Write http://host:port, or https://host:port for TLS to the proxy itself.");
    if (user)
        error_hint(errors_add(errors, place, "the proxy holds a user name or password"),
            "Put user:password into a file of its own: see proxy_credentials_file.");
    if (path && strcmp(path, "/") != 0)
        error_hint(
            errors_add(errors, place, "the proxy has a path"), "Write only http://host:port.");
    curl_free(scheme);
    curl_free(path);
    curl_free(user);
}

static void check_url(const char *url, const struct node *node, const char *like,
    void (*check)(CURLU *parsed, struct place place, struct errors *errors), struct errors *errors)
{
    CURLU *parsed = curl_url();
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);

    if (code == CURLUE_OK)
        check(parsed, node->place, errors);
    else
        error_hint(errors_add(errors, node->place, "\"%.200s\" is not a URL: %s", url,
                       curl_url_strerror(code)),
            "Write it in full, like %s.", like);
    curl_url_cleanup(parsed);
}

/* The URL with another last part; the caller's to free, NULL for what is no URL. */
static char *sibling_url(const char *url, const char *last)
{
    CURLU *parsed = curl_url();
    char *path = NULL, *sibling = NULL, *owned = NULL;
    struct buffer changed = {0};

    if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        (path = part_of(parsed, CURLUPART_PATH))) {
        buffer_printf(&changed, "%.*s%s", (int)(strrchr(path, '/') + 1 - path), path, last);
        buffer_append_byte(&changed, '\0');
        if (curl_url_set(parsed, CURLUPART_PATH, changed.bytes, 0) == CURLUE_OK)
            sibling = part_of(parsed, CURLUPART_URL);
    }
    if (sibling)
        owned = memory_string(span_of(sibling));
    buffer_finish(&changed);
    curl_free(path);
    curl_free(sibling);
    curl_url_cleanup(parsed);
    return owned;
}

static void check_urls(struct endpoint_config *endpoint, struct errors *errors)
{
    const struct node *node = endpoint->node;
    static const char like[] = "https://ingest.example.com/api/product/usage";

    if (endpoint->url)
        check_url(endpoint->url, node_get(node, "url"), like, check_parts, errors);
    if (endpoint->aggregate_url)
        check_url(
            endpoint->aggregate_url, node_get(node, "aggregate_url"), like, check_parts, errors);
    else if (endpoint->url)
        endpoint->aggregate_url = sibling_url(endpoint->url, "aggregateusage");
    if (endpoint->proxy)
        check_url(endpoint->proxy, node_get(node, "proxy"), "http://proxy.example.com:3128",
            check_proxy_parts, errors);
    if (endpoint->client_key && !endpoint->client_cert)
        error_hint(errors_add(errors, node_get(node, "client_key")->place,
                       "a client_key without a client_cert"),
            "Name the certificate that it belongs to.");
}

static void warn_unused_proxy(const struct endpoint_config *endpoint, struct errors *warnings)
{
    if (endpoint->proxy && endpoint->url && strncasecmp(endpoint->url, "http:", 5) == 0)
        error_hint(errors_add(warnings, node_get(endpoint->node, "proxy")->place,
                       "warning: the proxy will not be used: the endpoint is on this host"),
            "To an http:// URL no proxy is used, since it would see the key.");
}

void config_endpoint_read(struct endpoint_config *endpoint, const struct node *node,
    const char *folder, struct errors *errors, struct errors *warnings)
{
    const struct node *retry_most = node ? node_get(node, "retry_most") : NULL;

    keys_read(node, "the endpoint", keys, endpoint, errors);
    endpoint->node = node;
    path_settle(&endpoint->api_key_file, folder);
    path_settle(&endpoint->ca_file, folder);
    path_settle(&endpoint->client_cert, folder);
    path_settle(&endpoint->client_key, folder);
    path_settle(&endpoint->proxy_credentials_file, folder);
    check_urls(endpoint, errors);
    warn_unused_proxy(endpoint, warnings);
    if (endpoint->retry_first_ms > endpoint->retry_most_ms)
        error_hint(errors_add(errors,
                       retry_most ? retry_most->place : node_get(node, "retry_first")->place,
                       "retry_most is shorter than retry_first"),
            "Back-off starts at retry_first and doubles up to retry_most.");
}

bool config_endpoint_equals(const struct endpoint_config *a, const struct endpoint_config *b)
{
    return keys_equal(keys, a, b);
}

void config_endpoint_finish(struct endpoint_config *endpoint)
{
    keys_finish(keys, endpoint);
}
