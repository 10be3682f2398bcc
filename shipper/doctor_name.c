/* SPDX-License-Identifier: MIT
 *
 * Asks the system's resolver, as libcurl will. Where a proxy is set it does not matter
 * what this host knows of the name.
 */
#include "shipper/doctor.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdlib.h>

static char *host_of(const char *url)
{
    CURLU *parsed = curl_url();
    char *host = NULL;

    if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
        curl_url_get(parsed, CURLUPART_HOST, &host, 0);
    curl_url_cleanup(parsed);
    return host;
}

static void put_addresses(const struct addrinfo *found, struct buffer *out)
{
    for (; found; found = found->ai_next) {
        char text[NI_MAXHOST];

        if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0,
                NI_NUMERICHOST) == 0)
            buffer_printf(out, "%s%s", out->len > 0 ? ", " : "", text);
    }
}

static bool has_proxy(const struct endpoint_config *endpoint)
{
    static const char *const variables[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
        if (getenv(variables[i]) && *getenv(variables[i]))
            return true;
    return endpoint->proxy != NULL;
}

bool doctor_check_name(struct doctor *doctor)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    unsigned char address[16];
    char *host = host_of(doctor->config->endpoint.url);
    struct addrinfo *found = NULL;
    struct buffer addresses = {0};
    int code;

    if (!host || *host == '[' || inet_pton(AF_INET, host, address) == 1) {
        curl_free(host);
        return true; /* an address */
    }
    code = getaddrinfo(host, NULL, &wanted, &found);
    if (code == 0) {
        put_addresses(found, &addresses);
        doctor_note(
            doctor, FINDING_OK, "name", "%s is %.*s", host, (int)addresses.len, addresses.bytes);
        freeaddrinfo(found);
    } else if (has_proxy(&doctor->config->endpoint)) {
        doctor_note(
            doctor, FINDING_OK, "name", "%s does not resolve here: the proxy does that", host);
    } else {
        doctor_hint(doctor_note(doctor, FINDING_FAIL, "name", "%s: %s", host, gai_strerror(code)),
            "See /etc/resolv.conf, or name a proxy: endpoint.proxy.");
    }
    buffer_finish(&addresses);
    curl_free(host);
    return code == 0 || has_proxy(&doctor->config->endpoint);
}
