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
#include "shipper/sender/gate.h"
#include "shipper/sender/opted_out.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_MOST_MS = 60000, LOOK_AT_FILES_MS = 1000, TELL_EVERY_MS = 1000 };

struct sender {
    const struct child *child;
    struct api_key key;
    bool is_key_missing;  /* said */
    struct stat key_file; /* when it was last looked at */
    int64_t look_at_files_ms;
    bool is_renewal;        /* it ends, for a sandbox that knows one which was replaced */
    bool is_spool_closed;   /* it could not be opened */
    bool is_channel_closed; /* no longer polled: it would never be quiet */
    struct spool *spool;
    struct destination *destination;
    struct delivery *delivery;
    struct bulletin holdup, answers_file;
    struct answers answers;
    uint64_t told;   /* of answers.added: written to the file */
    int64_t told_ms; /* when */
    int changes;     /* inotify: somebody who could write to the spool is done; -1: none */
};

static bool read_key(struct sender *s, struct api_key *key, struct error *err)
{
    return api_key_read(key, s->child->api_key, s->child->config->endpoint.api_key_file, err);
}

/* A file that was replaced under its name is out of this sandbox's reach. */
static bool is_out_of_reach(struct sender *s)
{
    bool has_key = s->key.text[0] != '\0';
    const char *key_file = s->child->config->endpoint.api_key_file;
    const char *path;

    if (s->is_renewal || counter_get(&s->child->shared->sender_sandbox.landlock) == 0)
        return s->is_renewal;
    path = granted_files_replaced(s->child->files);
    if (path && path == key_file)
        log_write(LOG_INFO, has_key ? "the API key was changed, trying the new one"
                                    : "there is an API key now, trying it");
    else if (path)
        log_write(LOG_INFO, "%s was replaced, trying the new one", path);
    s->is_renewal = path != NULL;
    return s->is_renewal;
}

/* Before a probe: somebody may have changed the key. */
static bool renew_key(void *arg)
{
    struct sender *s = arg;
    bool has_key = s->key.text[0] != '\0';
    struct api_key key;
    struct error err;

    if (is_out_of_reach(s))
        return false;
    if (!read_key(s, &key, &err)) {
        if (!s->is_key_missing)
            log_failure(LOG_ERROR, &err,
                has_key ? "using the one read before" : "sending nothing until there is one");
        s->is_key_missing = true;
        return has_key;
    }
    if (strcmp(key.text, s->key.text) != 0) {
        log_write(LOG_INFO, has_key ? "the API key was changed, trying the new one"
                                    : "there is an API key now, trying it");
        s->key = key;
        s->destination->verbs->set_key(s->destination, key.text);
    }
    s->is_key_missing = false;
    api_key_wipe(&key);
    return true;
}

static void tell_answers(struct sender *s, const struct now *now)
{
    if (s->told == s->answers.added)
        return;
    bulletin_write(&s->answers_file, &s->answers, sizeof(s->answers), now->wall_s);
    s->told = s->answers.added;
    s->told_ms = now->monotonic_ms;
}

/* With the answer that it is about. */
static void tell_holdup(void *arg, const struct holdup *holdup)
{
    struct sender *s = arg;
    struct now now = clock_now();

    tell_answers(s, &now);
    holdup_note(&s->holdup, holdup, now.wall_s);
}

/* `usage-shipper spool` closes the spool's lock when it has changed something. Where
 * that cannot be watched, it is found at the next look. */
static void watch_spool(struct sender *s)
{
    struct buffer path = {0};

    buffer_printf(&path, "%s/spool.lock", s->child->state_dir);
    buffer_append_byte(&path, '\0');
    s->changes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (s->changes >= 0)
        inotify_add_watch(s->changes, path.bytes, IN_CLOSE_WRITE);
    buffer_finish(&path);
}

static void read_changes(struct sender *s)
{
    char events[4096];

    while (read(s->changes, events, sizeof(events)) > 0)
        delivery_wake(s->delivery);
}

/* `run` does not start without a key. One that is gone when the sender is started
 * again may come back: it is being replaced, or its file system is away. */
static void open_key(struct sender *s, struct error *missing)
{
    const char *file = s->child->config->endpoint.api_key_file;

    s->is_key_missing = !read_key(s, &s->key, missing);
    if (s->is_key_missing)
        log_failure(LOG_ERROR, missing, "sending nothing until there is one");
    else if (s->key.is_exposed)
        log_write(LOG_WARNING,
            "everyone on this host can read the API key in %s, using it nevertheless; "
            "`chmod 0600` it",
            file ? file : "the systemd credential");
}

/* While something may be wrong with a file: a new one counts at once, not at the next
 * probe. */
static void look_at_files(struct sender *s, const struct now *now)
{
    const char *path = s->child->config->endpoint.api_key_file;
    uint64_t trouble = counter_get(&s->child->shared->sender.trouble);
    struct stat status;

    if (trouble == GATE_FINE || now->monotonic_ms < s->look_at_files_ms)
        return;
    s->look_at_files_ms = now->monotonic_ms + LOOK_AT_FILES_MS;
    if (is_out_of_reach(s)) {
        delivery_stop(s->delivery, now);
        return;
    }
    if (!path || trouble < GATE_UNCLEAR || stat(path, &status) < 0)
        return;
    if (status.st_ino != s->key_file.st_ino || status.st_size != s->key_file.st_size ||
        status.st_mtim.tv_sec != s->key_file.st_mtim.tv_sec ||
        status.st_mtim.tv_nsec != s->key_file.st_mtim.tv_nsec)
        delivery_try_key(s->delivery, now);
    s->key_file = status;
}

static bool set_up(struct sender *s, struct error *err)
{
    enum gate_trouble before = (enum gate_trouble)counter_get(&s->child->shared->sender.trouble);
    struct now now = clock_now();
    const struct config *config = s->child->config;
    struct spool_options options = {
        .max_bytes = (uint64_t)config->spool.max_bytes, .is_sync_full = config->spool.sync == 0};
    struct delivery_setup setup = {
        .endpoint = &config->endpoint,
        .counters = &s->child->shared->sender,
        .answers = &s->answers,
        .key_remedy = s->key.remedy,
        .renew_key = renew_key,
        .tell_holdup = tell_holdup,
        .arg = s,
    };
    struct error missing;

    holdup_open(&s->holdup, s->child->state_dir, "sender");
    answers_look(s->child->state_dir, &s->answers, &(int64_t){0});
    s->told = s->answers.added;
    bulletin_open(&s->answers_file, s->child->state_dir, ANSWERS_FILE, "how the endpoint answers");
    child_allow_many_files();
    /* A peer that closes while TLS writes to it must not end the process. */
    signal(SIGPIPE, SIG_IGN);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return error_set(err, ERROR_SYSTEM, 0, "cannot set up libcurl");
    if (getrandom(&setup.seed, sizeof(setup.seed), 0) < 0)
        return error_system(err, "cannot draw a random number");
    open_key(s, &missing);
    s->spool = spool_open(s->child->state_dir, &options, err);
    s->is_spool_closed = !s->spool;
    if (!s->spool)
        return false;
    watch_spool(s);
    s->destination = destination_open(&config->endpoint, err);
    if (!s->destination)
        return false;
    s->destination->verbs->set_key(s->destination, s->key.text);
    setup.spool = s->spool;
    setup.destination = s->destination;
    s->delivery = delivery_new(&setup);
    if (s->is_key_missing)
        delivery_lack_key(s->delivery, missing.message);
    else if (before != GATE_FINE)
        delivery_begin_in(s->delivery, before, &now);
    return channel_send(
        s->child->channel, &(struct channel_message){CHANNEL_READY, .descriptor = -1}, err);
}

static void tear_down(struct sender *s)
{
    if (s->destination)
        s->destination->verbs->close(s->destination);
    delivery_free(s->delivery);
    spool_close(s->spool);
    bulletin_close(&s->holdup);
    bulletin_close(&s->answers_file);
    if (s->changes >= 0)
        close(s->changes);
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

    if (s->told != s->answers.added && ms > TELL_EVERY_MS)
        ms = TELL_EVERY_MS;
    if (counter_get(&s->child->shared->sender.trouble) >= GATE_UNCLEAR && ms > LOOK_AT_FILES_MS)
        ms = LOOK_AT_FILES_MS;
    return ms < 0 ? 0 : ms > WAIT_MOST_MS ? WAIT_MOST_MS : (int)ms;
}

static void loop(struct sender *s)
{
    struct pollfd descriptors[] = {
        {s->child->channel, POLLIN, 0}, {s->child->wake, POLLIN, 0}, {s->changes, POLLIN, 0}};
    size_t count = s->changes >= 0 ? 3 : 2;
    struct now now = clock_now();

    for (;;) {
        delivery_turn(s->delivery, &now);
        if (now.monotonic_ms >= s->told_ms + TELL_EVERY_MS || delivery_is_over(s->delivery))
            tell_answers(s, &now);
        pulse_wait(&s->child->shared->sender_pulse);
        if (delivery_is_over(s->delivery))
            return;
        s->destination->verbs->poll(s->destination, descriptors, count, wait_ms(s, &now));
        pulse_work(&s->child->shared->sender_pulse);
        now = clock_now();
        look_at_files(s, &now);
        if (!s->is_renewal && counter_get(&s->child->shared->is_opted_out) != 0) {
            s->is_renewal = true;
            delivery_stop(s->delivery, &now);
        }
        if (descriptors[0].revents)
            read_channel(s, &now);
        if (s->is_channel_closed)
            descriptors[0].fd = -1;
        if (descriptors[1].revents)
            read_wake(s);
        if (descriptors[2].revents)
            read_changes(s);
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
    struct sender s = {.child = child, .changes = -1};
    struct error err;
    int code = EXIT_FINE;

    if (counter_get(&child->shared->is_opted_out) != 0)
        return opted_out_run(child);
    if (set_up(&s, &err)) {
        loop(&s);
        if (delivery_found_damage(s.delivery))
            code = CHILD_SPOOL_DAMAGED;
        else if (delivery_unsettled(s.delivery) > 0)
            code = EXIT_SYSTEM;
        else if (s.is_renewal)
            code = CHILD_RENEW;
    } else {
        log_failure(LOG_ERROR, &err, "sending nothing");
        code = exit_code_of(&s, &err);
    }
    tear_down(&s);
    return code;
}
