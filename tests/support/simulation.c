/* SPDX-License-Identifier: MIT
 *
 * A destination whose answers are due at a simulated time. The clock jumps to
 * whatever comes first: an answer, or the loop's own deadline.
 */
#include "tests/support/simulation.h"

#include "parsers/memory.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

const struct reply reply_taken = {200,
    "{\"response_code\":\"200\",\"response\":\"Data Uploaded\",\"status\":\"success\"}", NULL, NULL,
    20};
const struct reply reply_wrong_key = {200,
    "{\"response_code\":400,\"response\":\"Authentication Failure\",\"status\":\"failure\"}", NULL,
    NULL, 20};
const struct reply reply_rejected = {200,
    "{\"response_code\":400,\"response\":\"unknown activity_type\",\"status\":\"failure\"}", NULL,
    NULL, 20};
const struct reply reply_blocked = {403, "<h1>Blocked</h1>", NULL, NULL, 20};
const struct reply reply_busy = {503, "", NULL, NULL, 20};

struct simulated_slot {
    bool is_busy;
    unsigned event;
    int64_t due_ms;
    struct reply reply;
};

struct simulated_endpoint {
    struct destination destination;
    struct simulation *simulation;
    struct simulated_slot *slots;
    size_t slot_count;
};

static struct simulated_endpoint *endpoint_of(struct destination *destination)
{
    return (struct simulated_endpoint *)destination;
}

static void submit(struct destination *destination, size_t index, struct span body)
{
    struct simulated_endpoint *e = endpoint_of(destination);
    struct simulation *s = e->simulation;
    struct simulated_slot *slot = &e->slots[index];
    unsigned event;

    assert_int_equal(sscanf(body.at, "{\"payload\":{\"n\":%u}}", &event), 1);
    assert_in_range(event, 0, s->added - 1);
    assert_false(slot->is_busy);
    *slot = (struct simulated_slot){
        .is_busy = true, .event = event, .reply = s->answer(s, event, s->now.monotonic_ms)};
    slot->due_ms = s->now.monotonic_ms + slot->reply.after_ms;
    if (slot->reply.body && strcmp(slot->reply.body, reply_taken.body) == 0 &&
        slot->reply.status == 200)
        s->accepted[event]++;
    s->asked[event]++;
    s->requests =
        memory_room(s->requests, s->request_count, &s->request_room, sizeof(*s->requests));
    s->requests[s->request_count++] = (struct request){event, s->now.monotonic_ms};
    if (++s->in_flight > s->most_in_flight)
        s->most_in_flight = s->in_flight;
}

static void no_poll(
    struct destination *destination, struct pollfd *also, size_t count, int timeout_ms)
{
    (void)destination, (void)also, (void)count, (void)timeout_ms;
}

static bool reap(struct destination *destination, size_t *index, struct answer *answer)
{
    struct simulated_endpoint *e = endpoint_of(destination);

    for (size_t i = 0; i < e->slot_count; i++) {
        struct simulated_slot *slot = &e->slots[i];

        if (!slot->is_busy || slot->due_ms > e->simulation->now.monotonic_ms)
            continue;
        slot->is_busy = false;
        e->simulation->in_flight--;
        *index = i;
        *answer = (struct answer){
            .transport_error = slot->reply.transport_error,
            .status = slot->reply.status,
            .body = span_of(slot->reply.body),
            .retry_after = span_of(slot->reply.retry_after),
        };
        return true;
    }
    return false;
}

static void no_key(struct destination *destination, const char *key)
{
    (void)destination, (void)key;
}

static void no_close(struct destination *destination)
{
    (void)destination;
}

static int64_t next_answer_ms(const struct simulated_endpoint *e)
{
    int64_t next_ms = INT64_MAX;

    for (size_t i = 0; i < e->slot_count; i++)
        if (e->slots[i].is_busy && e->slots[i].due_ms < next_ms)
            next_ms = e->slots[i].due_ms;
    return next_ms;
}

static bool renew_key(void *arg)
{
    struct simulation *s = arg;

    s->renewals++;
    if (s->renew_key)
        s->renew_key(s);
    return true;
}

static struct spool *open_spool(const char *dir)
{
    struct error err;
    struct spool *spool = spool_open(dir, &(struct spool_options){.max_bytes = 1 << 30}, &err);

    if (!spool)
        print_error("%s\n", err.message);
    assert_non_null(spool);
    return spool;
}

struct simulation *simulation_new(void)
{
    struct simulation *s = memory_new(sizeof(*s));
    struct error err;

    s->dir = scratch_new();
    assert_true(spool_prepare(s->dir, &err));
    s->reader = open_spool(s->dir);
    s->batch = spool_batch_new();
    s->shared = memory_new(sizeof(*s->shared));
    s->now.wall_s = 1795421472;
    s->config = (struct endpoint_config){
        .max_in_flight = 8,
        .retry_first_ms = SECOND_MS,
        .retry_most_ms = 5 * MINUTE_MS,
        .probe_every_ms = MINUTE_MS,
    };
    return s;
}

static void tell_holdup(void *arg, const struct holdup *holdup)
{
    struct simulation *s = arg;

    s->holdup = *holdup;
    s->told++;
}

void simulation_free(struct simulation *s)
{
    simulation_end(s);
    spool_batch_free(s->batch);
    spool_close(s->reader);
    scratch_remove(s->dir);
    free(s->shared);
    free(s->requests);
    free(s);
}

void simulation_begin(struct simulation *s)
{
    static const struct destination_verbs verbs = {submit, no_poll, reap, no_key, no_close};
    struct simulated_endpoint *e = memory_new(sizeof(*e));
    struct delivery_setup setup = {
        .endpoint = &s->config,
        .destination = &e->destination,
        .counters = &s->shared->sender,
        .answers = &s->answers,
        .seed = s->seed,
        .key_remedy = "until the key is changed",
        .renew_key = renew_key,
        .tell_holdup = tell_holdup,
        .arg = s,
    };

    e->destination.verbs = &verbs;
    e->simulation = s;
    e->slot_count = (size_t)s->config.max_in_flight;
    e->slots = memory_new(e->slot_count * sizeof(*e->slots));
    s->endpoint = e;
    s->in_flight = 0;
    s->sender = open_spool(s->dir);
    setup.spool = s->sender;
    s->delivery = delivery_new(&setup);
}

void simulation_end(struct simulation *s)
{
    if (!s->delivery)
        return;
    delivery_free(s->delivery);
    spool_close(s->sender);
    free(s->endpoint->slots);
    free(s->endpoint);
    s->delivery = NULL;
}

void simulation_add(struct simulation *s, unsigned count)
{
    struct error err;

    assert_true(s->added + count <= SIMULATED_EVENTS);
    spool_batch_clear(s->batch);
    for (; count > 0; count--) {
        char id[EVENT_ID_LEN + 1], body[64];

        snprintf(id, sizeof(id), "%032x", s->added);
        snprintf(body, sizeof(body), "{\"payload\":{\"n\":%u}}", s->added);
        spool_batch_event(s->batch, id, span_of(body));
        s->added++;
    }
    assert_int_equal(spool_commit(s->reader, s->batch, &err), SPOOL_DONE);
    if (s->delivery)
        delivery_wake(s->delivery);
}

void simulation_run(struct simulation *s, int64_t until_ms)
{
    for (;;) {
        int64_t next_ms, answer_ms;

        delivery_turn(s->delivery, &s->now);
        if (delivery_is_over(s->delivery))
            return;
        next_ms = delivery_deadline_ms(s->delivery);
        answer_ms = next_answer_ms(s->endpoint);
        if (answer_ms < next_ms)
            next_ms = answer_ms;
        assert_true(next_ms > s->now.monotonic_ms); /* a busy loop */
        if (next_ms > until_ms)
            next_ms = until_ms;
        s->now.wall_s += next_ms / 1000 - s->now.monotonic_ms / 1000;
        s->now.monotonic_ms = next_ms;
        if (next_ms == until_ms)
            return;
    }
}

bool simulation_finish(struct simulation *s, int64_t bound_ms)
{
    simulation_run(s, s->now.monotonic_ms + bound_ms);
    return delivery_is_over(s->delivery);
}

void simulation_sql(struct simulation *s, const char *sql)
{
    sqlite3 *database;
    char *message = NULL;

    assert_int_equal(sqlite3_open(scratch_path(s->dir, "spool.db"), &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(database);
}

static struct spool_stats stats_of(struct simulation *s)
{
    struct spool_stats stats = {0};
    struct error err;

    assert_true(spool_stats(s->reader, &stats, &err));
    return stats;
}

uint64_t simulation_waiting(struct simulation *s)
{
    return stats_of(s).waiting;
}

uint64_t simulation_rejected(struct simulation *s)
{
    return stats_of(s).rejected;
}
