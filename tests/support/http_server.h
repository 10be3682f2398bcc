/* SPDX-License-Identifier: MIT
 *
 * A scripted server on loopback, in a process of its own: takes whole requests
 * on any number of connections, and answers the n-th with the n-th piece of a
 * script, byte for byte. It knows no more of HTTP than Content-Length.
 */
#ifndef TESTS_SUPPORT_HTTP_SERVER_H
#define TESTS_SUPPORT_HTTP_SERVER_H

#include "parsers/buffer.h"

#include <sys/types.h>

enum http_then {
    HTTP_KEEP,    /* keep the connection open */
    HTTP_CLOSE,   /* send what there is, then close */
    HTTP_RESET,   /* close with a reset */
    HTTP_FOREVER, /* send the bytes again and again */
};

struct http_step {
    const char *bytes; /* "" sends nothing */
    enum http_then then;
};

struct http_server {
    pid_t pid;
    int log; /* pipe of what it received */
    char url[64];
};

/* The last step serves all further requests. steps live until http_server_stop. */
void http_server_start(struct http_server *server, const struct http_step *steps, size_t count);

/* Ends it, and gives all requests as they came, each after a line "connection N". */
void http_server_stop(struct http_server *server, struct buffer *received);

/* A whole answer with that status line, headers (each ended by CR LF) and body, in
 * a static buffer; four live at once. */
const char *http_answer(const char *status, const char *headers, const char *body);

#endif
