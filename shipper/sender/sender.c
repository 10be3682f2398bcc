/* SPDX-License-Identifier: MIT
 *
 * The sender process: opens spool, key and destination, then turns the delivery
 * whenever the network, the supervisor or the reader have something for it. It
 * opens nothing else, and never a log.
 */
#include "shipper/channel.h"
#include "shipper/child.h"
#include "shipper/command.h"
#include "shipper/log.h"
#include "shipper/sender/api_key.h"
#include "shipper/sender/delivery.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

enum { WAIT_MOST_MS = 60000 };

struct sender {
    const struct child *child;
    struct api_key key;
    bool is_key_missing;    /* said */
    bool is_spool_closed;   /* it could not be opened */
    bool is_channel_closed; /* no longer polled: it would never be quiet */
    struct spool *spool;
    struct destination *destination;
    struct delivery *delivery;
};

static bool read_key(struct sender *s, struct api_key *key, struct error *err)
{
    return api_key_read(key, s->child->api_key, s->child->config->endpoint.api_key_file, err);
}

/* Before a probe: somebody may have changed the key. */
static void renew_key(void *arg)
{
    struct sender *s = arg;
    struct api_key key;
    struct error err;

    if (!read_key(s, &key, &err)) {
        if (!s->is_key_missing)
            log_failure(LOG_ERROR, &err, "using the one read before");
        s->is_key_missing = true;
        return;
    }
    s->is_key_missing = false;
    if (strcmp(key.text, s->key.text) != 0) {
        log_write(LOG_INFO, "the API key was changed, trying the new one");
        memcpy(s->key.text, key.text, sizeof(s->key.text));
        s->destination->verbs->set_key(s->destination, key.text);
    }
    api_key_wipe(&key);
}

static bool open_key(struct sender *s, struct error *err)
{
    if (!read_key(s, &s->key, err))
        return false;
    if (s->key.is_exposed)
        log_write(LOG_WARNING,
            "everyone on this host can read the API key in %s, using it nevertheless; "
            "`chmod 0600` it",
            s->child->config->endpoint.api_key_file ? s->child->config->endpoint.api_key_file
                                                    : "the systemd credential");
    return true;
}

static bool set_up(struct sender *s, struct error *err)
{
    const struct config *config = s->child->config;
    struct spool_options options = {
        .max_bytes = (uint64_t)config->spool.max_bytes, .is_sync_full = config->spool.sync == 0};
    struct delivery_setup setup = {
        .endpoint = &config->endpoint,
        .counters = &s->child->shared->sender,
        .key_remedy = s->key.remedy,
        .renew_key = renew_key,
        .arg = s,
    };

    /* A peer that closes while TLS writes to it must not end the process. */
    signal(SIGPIPE, SIG_IGN);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return error_set(err, ERROR_SYSTEM, 0, "cannot set up libcurl");
    if (getrandom(&setup.seed, sizeof(setup.seed), 0) < 0)
        return error_system(err, "cannot draw a random number");
    if (!open_key(s, err))
        return false;
    s->spool = spool_open(s->child->state_dir, &options, err);
    s->is_spool_closed = !s->spool;
    if (!s->spool)
        return false;
    s->destination = destination_open(&config->endpoint, err);
    if (!s->destination)
        return false;
    s->destination->verbs->set_key(s->destination, s->key.text);
    setup.spool = s->spool;
    setup.destination = s->destination;
    s->delivery = delivery_new(&setup);
    return channel_send(
        s->child->channel, &(struct channel_message){CHANNEL_READY, .descriptor = -1}, err);
}

static void tear_down(struct sender *s)
{
    if (s->destination)
        s->destination->verbs->close(s->destination);
    delivery_free(s->delivery);
    spool_close(s->spool);
    api_key_wipe(&s->key);
    curl_global_cleanup();
}

static void read_channel(struct sender *s, const struct now *now)
{
    struct channel_message message;

    for (;;) {
        switch (channel_receive(s->child->channel, &message)) {
        case CHANNEL_EMPTY:
            return;
        case CHANNEL_CLOSED:
            s->is_channel_closed = true;
            delivery_stop(s->delivery, now);
            return;
        case CHANNEL_GOT:
            break;
        }
        if (message.descriptor >= 0)
            close(message.descriptor);
        if (message.kind == CHANNEL_STOP)
            delivery_stop(s->delivery, now);
        else if (message.kind == CHANNEL_DRAIN)
            delivery_drain(s->delivery);
    }
}

static void read_wake(struct sender *s)
{
    uint64_t commits;

    if (read(s->child->wake, &commits, sizeof(commits)) == sizeof(commits))
        delivery_wake(s->delivery);
}

static int wait_ms(const struct sender *s, const struct now *now)
{
    int64_t ms = delivery_deadline_ms(s->delivery) - now->monotonic_ms;

    return ms < 0 ? 0 : ms > WAIT_MOST_MS ? WAIT_MOST_MS : (int)ms;
}

static void loop(struct sender *s)
{
    struct pollfd descriptors[] = {{s->child->channel, POLLIN, 0}, {s->child->wake, POLLIN, 0}};
    struct now now = clock_now();

    for (;;) {
        delivery_turn(s->delivery, &now);
        if (delivery_is_over(s->delivery))
            return;
        s->destination->verbs->poll(s->destination, descriptors, 2, wait_ms(s, &now));
        now = clock_now();
        if (descriptors[0].revents)
            read_channel(s, &now);
        if (s->is_channel_closed)
            descriptors[0].fd = -1;
        if (descriptors[1].revents)
            read_wake(s);
    }
}

/* Why it could not even begin. */
static int exit_code_of(const struct sender *s, const struct error *err)
{
    if (err->kind == ERROR_CONFIG)
        return EXIT_CONFIG;
    if (err->kind == ERROR_CORRUPT)
        return CHILD_SPOOL_DAMAGED;
    return s->is_spool_closed ? CHILD_SPOOL_CLOSED : EXIT_SYSTEM;
}

int sender_run(const struct child *child)
{
    struct sender s = {.child = child};
    struct error err;
    int code = EXIT_FINE;

    if (set_up(&s, &err)) {
        loop(&s);
        if (delivery_found_damage(s.delivery))
            code = CHILD_SPOOL_DAMAGED;
        else if (delivery_unsettled(s.delivery) > 0)
            code = EXIT_SYSTEM;
    } else {
        log_failure(LOG_ERROR, &err, "sending nothing");
        code = exit_code_of(&s, &err);
    }
    tear_down(&s);
    return code;
}
