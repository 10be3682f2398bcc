/* SPDX-License-Identifier: MIT
 *
 * How libcurl gets to the endpoint: TLS, proxy and time-outs, the same for events
 * and for `doctor`.
 *
 * TLS is 1.2 or newer and always verified, against the system's certificates or
 * those of config->ca_file alone; that holds for a proxy spoken to over https, too.
 * The way leads through config->proxy, else that of the environment (HTTPS_PROXY,
 * ALL_PROXY), but for hosts in config->no_proxy, else NO_PROXY. To http://, which is
 * this host alone, it never leads through one. No redirect is followed, nothing but
 * http and https spoken, and a proxy's CONNECT carries none of the request's headers.
 *
 * Files are read at each new connection, so that renewed ones count without a
 * restart; the system's certificates within a minute.
 */
#ifndef SHIPPER_SENDER_CONNECTION_H
#define SHIPPER_SENDER_CONNECTION_H

#include "shipper/config.h"

#include <curl/curl.h>

enum { CONNECTION_WORDS_BYTES = CURL_ERROR_SIZE + 200 };

/* Whether events go to https://. */
bool connection_is_https(const struct endpoint_config *config);

/* config must outlive the handle. */
bool connection_set_up(CURL *easy, const struct endpoint_config *config, struct error *err);

/* Reads config->proxy_credentials_file, if there is one, again; connection_set_up
 * does not. While that fails, the handle keeps those it had. */
bool connection_read_credentials(
    CURL *easy, const struct endpoint_config *config, struct error *err);

/* Whether the proxy wanted (other) credentials of the transfer that ended last. */
bool connection_is_proxy_refusing(CURL *easy);

/* Writes why a transfer failed, naming the setting that it may be about. words: what
 * CURLOPT_ERRORBUFFER has, or empty. wall_s: UNIX seconds, since certificates and a
 * wrong clock look alike. */
void connection_explain(CURL *easy, const struct endpoint_config *config, CURLcode code,
    const char *words, int64_t wall_s, char text[CONNECTION_WORDS_BYTES]);

#endif
