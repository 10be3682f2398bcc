/* SPDX-License-Identifier: MIT
 *
 * Level-triggered: libcurl reads what it likes of a socket and expects to hear of the
 * rest again.
 *
 * What is closed leaves epoll by itself, and its number may come again as another
 * socket. So only sockets whose end we are told of stay in unwanted, and what epoll
 * says of them is believed more than the table.
 */
#include "shipper/sender/sockets.h"

#include "parsers/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sockets_entry {
    void *owner;
    uint32_t wanted, watched; /* events: by the owner, by epoll */
    bool is_connection;       /* sockets_remove will tell of its end */
};

bool sockets_open(struct sockets *sockets, struct error *err)
{
    *sockets = (struct sockets){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    return sockets->epoll >= 0 || error_system(err, "cannot wait for connections");
}

void sockets_close(struct sockets *sockets)
{
    close(sockets->epoll);
    free(sockets->entries);
    *sockets = (struct sockets){0};
}

static struct sockets_entry *entry_of(struct sockets *sockets, int s)
{
    size_t room = sockets->room, wanted = (size_t)s + 1;

    if (wanted > room) {
        sockets->room = wanted < 2 * room ? 2 * room : wanted;
        sockets->entries =
            memory_resize(sockets->entries, sockets->room * sizeof(*sockets->entries));
        memset(sockets->entries + room, 0, (sockets->room - room) * sizeof(*sockets->entries));
    }
    return &sockets->entries[s];
}

static void watch(struct sockets *sockets, int s, struct sockets_entry *entry, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = s};

    if (events == 0)
        epoll_ctl(sockets->epoll, EPOLL_CTL_DEL, s, NULL);
    else if (epoll_ctl(sockets->epoll, EPOLL_CTL_MOD, s, &event) < 0 && errno == ENOENT)
        epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, s, &event);
    entry->watched = events;
}

void sockets_add(struct sockets *sockets, int s)
{
    *entry_of(sockets, s) = (struct sockets_entry){.is_connection = true};
}

void sockets_remove(struct sockets *sockets, int s)
{
    *entry_of(sockets, s) = (struct sockets_entry){0};
}

void sockets_want(struct sockets *sockets, int s, uint32_t events, void *owner)
{
    struct sockets_entry *entry = entry_of(sockets, s);
    bool may_stay = events == 0 && entry->is_connection;

    entry->owner = owner;
    entry->wanted = events;
    if (events != entry->watched && !may_stay)
        watch(sockets, s, entry, events);
}

static bool is_among(int s, uint32_t events, struct pollfd *also, size_t count)
{
    bool is_found = false;

    for (size_t i = 0; i < count; i++)
        if (also[i].fd == s) {
            also[i].revents = events & EPOLLIN ? POLLIN : POLLHUP;
            is_found = true;
        }
    return is_found;
}

size_t sockets_wait(struct sockets *sockets, struct pollfd *also, size_t count, int timeout_ms)
{
    struct epoll_event events[SOCKETS_READY_MOST];
    size_t found = 0;
    int got;

    for (size_t i = 0; i < count; i++) {
        also[i].revents = 0;
        if (also[i].fd >= 0)
            sockets_want(sockets, also[i].fd, EPOLLIN, NULL);
    }
    got = epoll_wait(sockets->epoll, events, SOCKETS_READY_MOST, timeout_ms);
    for (int i = 0; i < got; i++) {
        int s = events[i].data.fd;
        struct sockets_entry *entry = entry_of(sockets, s);

        if (entry->wanted != 0 && entry->owner)
            sockets->ready[found++] = (struct sockets_ready){s, events[i].events, entry->owner};
        else if (!is_among(s, events[i].events, also, count))
            watch(sockets, s, entry, 0);
    }
    return found;
}
