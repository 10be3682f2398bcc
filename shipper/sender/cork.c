/* SPDX-License-Identifier: MIT
 *
 * Keeps the descriptors between libcurl's opening and closing them. A failure to
 * cork costs speed and nothing else, so it is no error.
 */
#include "shipper/sender/cork.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct cork *cork = arg;
    int s = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (s >= 0 && cork->count < CORK_SOCKETS)
        cork->sockets[cork->count++] = s;
    return s >= 0 ? s : CURL_SOCKET_BAD;
}

static int close_socket(void *arg, curl_socket_t s)
{
    struct cork *cork = arg;

    for (size_t i = 0; i < cork->count; i++)
        if (cork->sockets[i] == s)
            cork->sockets[i] = cork->sockets[--cork->count];
    return close(s);
}

void cork_watch(struct cork *cork, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, cork);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, cork);
}

static void set_all(const struct cork *cork, int is_on)
{
    for (size_t i = 0; i < cork->count; i++)
        setsockopt(cork->sockets[i], IPPROTO_TCP, TCP_CORK, &is_on, sizeof(is_on));
}

void cork_hold(const struct cork *cork)
{
    set_all(cork, 1);
}

void cork_release(const struct cork *cork)
{
    set_all(cork, 0);
}
