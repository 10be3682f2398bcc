/* SPDX-License-Identifier: MIT
 *
 * What only the processes themselves know, asked over control.sock (control.h): lines of
 * "name value". Names that are not known are passed over, so that a newer service can be
 * asked, too.
 */
#ifndef SHIPPER_FACTS_H
#define SHIPPER_FACTS_H

#include "parsers/buffer.h"
#include "shipper/shared.h"

#include <sys/types.h>

struct process_facts {
    uint64_t pid;        /* 0: not running now */
    uint64_t is_told;    /* 0: it has not got as far as its sandbox */
    uint64_t landlock;   /* version; 0: none */
    uint64_t has_filter; /* of system calls */
    uint64_t has_memory_rule, has_jit;
    uint64_t refused;      /* system calls */
    char refused_last[32]; /* the name of the last */
};

struct facts {
    bool is_known;
    struct process_facts reader, sender;
};

void facts_write(struct shared *shared, pid_t reader, pid_t sender, struct buffer *out);

/* Asks the service of that state directory; is_known is false if it does not answer. */
void facts_ask(const char *dir, struct facts *facts);

/* The part of what facts_write wrote. */
void facts_read(struct span text, struct facts *facts);

/* For people: a line a process, on what holds it. */
void facts_write_text(const struct facts *facts, struct buffer *out);

/* A member of a JSON object: "sandbox":{…}. */
void facts_write_json(const struct facts *facts, struct buffer *out);

#endif
