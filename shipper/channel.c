/* SPDX-License-Identifier: MIT
 *
 * One datagram a message: the kind, then the payload; a descriptor travels beside
 * it as SCM_RIGHTS. What does not look like a message of ours ends the channel:
 * the other end runs the same program, and if it doesn't, it is not to be trusted.
 */
#include "shipper/channel.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    struct cmsghdr header; /* aligns it */
    char bytes[CMSG_SPACE(sizeof(int))];
};

bool channel_open(int ends[2], struct error *err)
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0 ||
           error_system(err, "cannot make a socketpair");
}

static void attach_descriptor(struct msghdr *header, union control *control, int descriptor)
{
    struct cmsghdr *rights;

    header->msg_control = control->bytes;
    header->msg_controllen = sizeof(control->bytes);
    rights = CMSG_FIRSTHDR(header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
}

bool channel_send(int end, const struct channel_message *message, struct error *err)
{
    uint32_t kind = message->kind;
    struct iovec parts[] = {
        {&kind, sizeof(kind)},
        {(void *)(uintptr_t)message->payload, message->len},
    };
    struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
    union control control = {0};
    ssize_t sent;

    assert(message->len <= CHANNEL_PAYLOAD_BYTES);
    if (message->descriptor >= 0)
        attach_descriptor(&header, &control, message->descriptor);
    do
        sent = sendmsg(end, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
        return true;
    return sent >= 0 || error_system(err, "cannot send a message to the other process");
}

/* -1 if none came. */
static int take_descriptor(struct msghdr *header)
{
    struct cmsghdr *rights = CMSG_FIRSTHDR(header);
    int descriptor;

    if (!rights || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
        return -1;
    memcpy(&descriptor, CMSG_DATA(rights), sizeof(int));
    return descriptor;
}

enum channel_result channel_receive(int end, struct channel_message *message)
{
    uint32_t kind = 0;
    struct iovec parts[] = {
        {&kind, sizeof(kind)},
        {message->payload, sizeof(message->payload)},
    };
    union control control;
    struct msghdr header = {
        .msg_iov = parts,
        .msg_iovlen = 2,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    ssize_t got;

    do
        got = recvmsg(end, &header, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN ? CHANNEL_EMPTY : CHANNEL_CLOSED;
    if (got == 0)
        return CHANNEL_CLOSED;

    message->descriptor = take_descriptor(&header);
    if ((size_t)got < sizeof(kind) || kind >= CHANNEL_KINDS ||
        header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        if (message->descriptor >= 0)
            close(message->descriptor);
        return CHANNEL_CLOSED;
    }
    message->kind = (enum channel_kind)kind;
    message->len = (size_t)got - sizeof(kind);
    return CHANNEL_GOT;
}
