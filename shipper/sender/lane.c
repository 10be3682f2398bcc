/* SPDX-License-Identifier: MIT
 *
 * curl_multi_socket_action: only requests are looked at whose socket is ready, or whose
 * time has come.
 */
#include "shipper/sender/lane.h"

#include "shipper/clock.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- what libcurl tells us -------------------------------------------------------- */

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct lane *lane = arg;
    int s = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (s < 0)
        return CURL_SOCKET_BAD;
    cork_add(&lane->cork, s);
    sockets_add(lane->sockets, s);
    return s;
}

static int close_socket(void *arg, curl_socket_t s)
{
    struct lane *lane = arg;

    cork_remove(&lane->cork, s);
    sockets_remove(lane->sockets, s);
    return close(s);
}

static int want_socket(CURL *easy, curl_socket_t s, int what, void *arg, void *unused)
{
    struct lane *lane = arg;
    uint32_t events = 0;

    (void)easy, (void)unused;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= EPOLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= EPOLLOUT;
    sockets_want(lane->sockets, s, events, lane);
    return 0;
}

static int set_timer(CURLM *multi, long wait_ms, void *arg)
{
    struct lane *lane = arg;

    (void)multi;
    lane->due_ms = wait_ms < 0 ? INT64_MAX : wait_ms == 0 ? 0 : clock_now().monotonic_ms + wait_ms;
    return 0;
}

/* --- opening and closing ---------------------------------------------------------- */

void lane_open(struct lane *lane, struct sockets *sockets, bool is_plain)
{
    lane->multi = curl_multi_init();
    if (!lane->multi)
        abort();
    lane->sockets = sockets;
    lane->is_plain = is_plain;
    lane->due_ms = INT64_MAX;
    curl_multi_setopt(lane->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)LANE_REQUESTS);
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)LANE_REQUESTS);
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
}

void lane_close(struct lane *lane)
{
    curl_multi_cleanup(lane->multi);
    *lane = (struct lane){0};
}

void lane_adopt(struct lane *lane, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, lane);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, lane);
}

/* --- requests ---------------------------------------------------------------------- */

void lane_begin(struct lane *lane, CURL *easy)
{
    lane->begun++;
    lane->busy++;
    lane->running++;
    lane->due_ms = 0;
    curl_multi_add_handle(lane->multi, easy);
}

void lane_drop(struct lane *lane, CURL *easy)
{
    curl_multi_remove_handle(lane->multi, easy);
    lane->busy--;
    lane->running--;
}

/* Over HTTP/2 libcurl would take what we say of a socket for all that the next request on
 * it may do, and leave its body for later: 0 makes it look for itself. */
void lane_move_socket(struct lane *lane, const struct sockets_ready *ready)
{
    int events = 0;

    if (lane->is_plain && !(ready->events & (EPOLLERR | EPOLLHUP)))
        events = (ready->events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                 (ready->events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(lane->multi, ready->s, events, &lane->running);
}

void lane_move(struct lane *lane, int64_t now_ms)
{
    bool is_corked = lane->is_http2 && lane->begun > 0;

    if (!lane->multi || lane->due_ms > now_ms)
        return;
    if (is_corked)
        cork_hold(&lane->cork);
    lane->due_ms = INT64_MAX; /* libcurl says so again where there is more */
    curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &lane->running);
    if (is_corked)
        cork_release(&lane->cork);
    lane->begun = 0;
}

CURL *lane_reap(struct lane *lane, CURLcode *code)
{
    struct CURLMsg *message;
    CURL *easy;
    int left;

    if (lane->busy == 0)
        return NULL;
    do {
        message = curl_multi_info_read(lane->multi, &left);
        if (!message) {
            lane->running = lane->busy; /* should libcurl count otherwise, we must not spin */
            return NULL;
        }
    } while (message->msg != CURLMSG_DONE);
    *code = message->data.result;
    easy = message->easy_handle;
    curl_multi_remove_handle(lane->multi, easy);
    lane->busy--;
    return easy;
}
