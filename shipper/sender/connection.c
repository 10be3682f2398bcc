/* SPDX-License-Identifier: MIT
 *
 * Options of one libcurl handle, and its failures in words. There is no option to
 * verify less: whoever has certificates of their own names a CA file.
 */
#include "shipper/sender/connection.h"

#include "parsers/limits.h"
#include "parsers/timestamp.h"
#include "shipper/sender/secret_file.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

enum { SYSTEM_CA_KEPT_S = 60 };

bool connection_is_https(const struct endpoint_config *config)
{
    return strncasecmp(config->url, "https:", 6) == 0;
}

/* Comma-separated, as libcurl wants it. */
static CURLcode set_no_proxy(CURL *easy, const struct strings *hosts)
{
    struct buffer list = {0};
    CURLcode code;

    for (size_t i = 0; i < hosts->count; i++)
        buffer_printf(&list, "%s%s", i > 0 ? "," : "", hosts->items[i]);
    buffer_append_byte(&list, '\0');
    code = curl_easy_setopt(easy, CURLOPT_NOPROXY, list.bytes);
    buffer_finish(&list);
    return code;
}

static CURLcode set_proxy(CURL *easy, const struct endpoint_config *config)
{
    CURLcode code = CURLE_OK;

    /* A proxy of the environment would get the key in the clear. */
    if (!connection_is_https(config))
        return curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (config->proxy)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy);
    if (code == CURLE_OK && config->no_proxy.count > 0)
        code = set_no_proxy(easy, &config->no_proxy);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (code == CURLE_OK && config->ca_file)
        code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, config->ca_file);
    if (code == CURLE_OK && config->ca_file)
        code = curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    return code;
}

static CURLcode set_tls(CURL *easy, const struct endpoint_config *config)
{
    const char *key = config->client_key ? config->client_key : config->client_cert;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);

    /* A file of ours is small and may be mended any moment; the system's takes long. */
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, config->ca_file ? 0L : (long)SYSTEM_CA_KEPT_S);
    if (code == CURLE_OK && config->ca_file)
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
    /* The system's folder would be trusted beside the file. */
    if (code == CURLE_OK && config->ca_file)
        code = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (code == CURLE_OK && config->client_cert)
        code = curl_easy_setopt(easy, CURLOPT_SSLCERT, config->client_cert);
    if (code == CURLE_OK && key)
        code = curl_easy_setopt(easy, CURLOPT_SSLKEY, key);
    return code;
}

bool connection_set_up(CURL *easy, const struct endpoint_config *config, struct error *err)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");

    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
        (long)(connection_is_https(config) ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_USERAGENT, "usage-shipper/" VERSION);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_URL, config->url);
    if (code == CURLE_OK)
        code = set_tls(easy, config);
    if (code == CURLE_OK)
        code = set_proxy(easy, config);
    return code == CURLE_OK ||
           error_set(err, ERROR_SYSTEM, (int)code, "cannot set up libcurl for the endpoint: %s",
               curl_easy_strerror(code));
}

/* --- the proxy's credentials --------------------------------------------------- */

bool connection_read_credentials(
    CURL *easy, const struct endpoint_config *config, struct error *err)
{
    struct secret secret;
    char *colon;

    if (!config->proxy_credentials_file)
        return true;
    if (!secret_file_read(config->proxy_credentials_file, "the proxy's credentials", &secret, err))
        return false;
    colon = strlen(secret.text) == secret.len ? strchr(secret.text, ':') : NULL;
    if (colon) {
        *colon = '\0';
        curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, secret.text);
        curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, colon + 1);
    } else {
        error_set(err, ERROR_CONFIG, 0,
            "no credentials in \"%s\": it holds no user name, colon and password",
            config->proxy_credentials_file);
        error_hint(err, "It must hold one line: the user name, a colon, the password.");
    }
    secret_wipe(&secret);
    return colon != NULL;
}

static long connect_code(CURL *easy)
{
    long code = 0;

    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &code);
    return code;
}

/* tinyproxy 1.11 answers wrong credentials with 401. */
bool connection_is_proxy_refusing(CURL *easy)
{
    return connect_code(easy) == 407 || connect_code(easy) == 401;
}

/* --- failures in words ---------------------------------------------------------- */

static void explain_certificate(
    CURL *easy, const char *words, int64_t wall_s, char text[CONNECTION_WORDS_BYTES])
{
    long proxy_fault = 0;
    char now[TIMESTAMP_TEXT_BYTES];
    bool is_about_time = strstr(words, "expired") || strstr(words, "not yet valid");

    timestamp_write(wall_s, now);
    curl_easy_getinfo(easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy_fault);
    snprintf(text, CONNECTION_WORDS_BYTES, "the certificate of endpoint.%s is refused: %s%s%s%s",
        proxy_fault ? "proxy" : "url", words, is_about_time ? " (this host's clock says " : "",
        is_about_time ? now : "", is_about_time ? ")" : "");
}

static void explain_proxy(
    const struct endpoint_config *config, long code, char text[CONNECTION_WORDS_BYTES])
{
    if (config->proxy_credentials_file)
        snprintf(text, CONNECTION_WORDS_BYTES,
            "the proxy refuses the user name or password in %s (HTTP %ld)",
            config->proxy_credentials_file, code);
    else
        snprintf(text, CONNECTION_WORDS_BYTES,
            "the proxy asks for a user name and password (HTTP %ld): see "
            "endpoint.proxy_credentials_file",
            code);
}

/* libcurl names the host that it could not reach: the proxy's, then. */
static bool is_proxy_away(const struct endpoint_config *config, const char *words)
{
    CURLU *proxy = curl_url();
    char *host = NULL;
    bool is_away;

    if (config->proxy && curl_url_set(proxy, CURLUPART_URL, config->proxy, 0) == CURLUE_OK)
        curl_url_get(proxy, CURLUPART_HOST, &host, 0);
    is_away = host && strstr(words, host) && !strstr(config->url, host);
    curl_free(host);
    curl_url_cleanup(proxy);
    return is_away;
}

void connection_explain(CURL *easy, const struct endpoint_config *config, CURLcode code,
    const char *words, int64_t wall_s, char text[CONNECTION_WORDS_BYTES])
{
    const char *setting = NULL;

    if (!*words)
        words = curl_easy_strerror(code);
    if (connection_is_proxy_refusing(easy)) {
        explain_proxy(config, connect_code(easy), text);
        return;
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
        explain_certificate(easy, words, wall_s, text);
        return;
    }
    if (code == CURLE_SSL_CONNECT_ERROR)
        setting = "no TLS with endpoint.url";
    else if (code == CURLE_SSL_CACERT_BADFILE)
        setting = config->ca_file ? "endpoint.ca_file cannot be used"
                                  : "the system's CA certificates cannot be used";
    else if (code == CURLE_SSL_CERTPROBLEM)
        setting = "endpoint.client_cert cannot be used";
    else if (is_proxy_away(config, words))
        setting = "endpoint.proxy cannot be reached";
    snprintf(
        text, CONNECTION_WORDS_BYTES, "%s%s%s", setting ? setting : "", setting ? ": " : "", words);
}
