/* SPDX-License-Identifier: MIT
 *
 * The page of counters that supervisor, reader and sender share (anonymous
 * shared memory, mapped before fork; it survives the death of a child). Each
 * counter has one writer; readers may see it a moment late. Counts are totals
 * since the supervisor's start.
 */
#ifndef SHIPPER_SHARED_H
#define SHIPPER_SHARED_H

#include "parsers/limits.h"
#include "shipper/answers.h"
#include "shipper/fatal_record.h"

#include <stdatomic.h>

typedef _Atomic uint64_t counter; /* the one typedef: C has no other way to name an atomic */

struct reader_counters {
    counter lines[LINE_CLASSES], bytes[LINE_CLASSES]; /* committed, with their events */
    counter events;                                   /* committed to the spool */
    counter known;                    /* events left out: their ids were delivered before */
    counter held_lines;               /* unfinished last lines and records held back */
    counter notes;                    /* what rules keep between lines */
    counter notes_ended_early;        /* because there were too many */
    counter is_broken;                /* 1: a source has ended before its end */
    counter is_spool_full;            /* 1 while reading waits for room */
    counter unsaved[LIMIT_LISTENERS]; /* of each syslog input: messages that are taken from the
                                         socket, but not durable */
};

struct sender_counters {
    counter delivered, rejected, retried; /* events; requests that will be tried again */
    counter expired;                      /* of the rejected: older than max_age, never sent */
    counter in_flight;
    counter waiting;                  /* events in the spool at the last look */
    counter trouble;                  /* enum gate_trouble (sender/gate.h): what holds sending up */
    counter answers[VERDICTS];        /* and failed requests */
    counter latency[ANSWERS_BUCKETS]; /* of complete answers (answers.h) */
    counter latency_us;               /* their sum */
    counter last_answer_s;            /* UNIX seconds; 0: none */
    counter last_status;              /* HTTP; 0: no complete answer */
    counter back_off_until_s;         /* UNIX seconds; 0: it does not wait */
};

/* System calls that a process tried and does not have. */
struct refused_calls {
    counter count, last; /* last: its number */
};

/* What holds a child in its place, as it found it at its last start (shipper/sandbox/). */
struct sandbox_facts {
    counter is_told;                     /* 0: it has not got that far, or runs without */
    counter landlock;                    /* the kernel's version of it; 0: none */
    counter has_filter, has_memory_rule; /* seccomp; PR_SET_MDWE */
    counter has_jit;                     /* patterns run as machine code */
    struct refused_calls refused;
};

struct shared {
    struct reader_counters reader;
    struct sender_counters sender;
    struct sandbox_facts reader_sandbox, sender_sandbox;
    counter is_opted_out;               /* 1: shipper/opt_out.h; the supervisor looks */
    counter reader_pulse, sender_pulse; /* odd while a loop works, even while it waits */
    struct fatal_records fatal;
};

/* NULL on failure. Unmapped when the process ends. */
struct shared *shared_new(struct error *err);

static inline void counter_add(counter *c, uint64_t n)
{
    atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static inline void counter_set(counter *c, uint64_t n)
{
    atomic_store_explicit(c, n, memory_order_relaxed);
}

static inline uint64_t counter_get(counter *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

/* A loop is about to wait, or has waited. */
static inline void pulse_wait(counter *pulse)
{
    atomic_fetch_and_explicit(pulse, ~UINT64_C(1), memory_order_relaxed);
}

static inline void pulse_work(counter *pulse)
{
    atomic_store_explicit(pulse, (counter_get(pulse) | 1) + 2, memory_order_relaxed);
}

#endif
