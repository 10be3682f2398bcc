/* SPDX-License-Identifier: MIT
 *
 * What may keep a configuration from working on this host, looked at one by one. Data
 * first: cmd_doctor.c prints it. Nothing is sent but a HEAD request without the key,
 * and nothing changed.
 */
#ifndef SHIPPER_DOCTOR_H
#define SHIPPER_DOCTOR_H

#include "shipper/config.h"
#include "shipper/sender/api_key.h"

enum finding_grade { FINDING_OK, FINDING_WARN, FINDING_FAIL };

struct finding {
    enum finding_grade grade;
    const char *check; /* "key", "certificate", …: a static text */
    char text[500];
    char hint[600]; /* empty: none */
};

struct doctor {
    const struct config *config;
    int64_t wall_s; /* UNIX seconds of now */
    struct finding *findings;
    size_t count, room;
};

/* Adds a finding and returns it, for a hint; valid until the next call. */
struct finding *doctor_note(struct doctor *doctor, enum finding_grade grade, const char *check,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
void doctor_hint(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void doctor_finish(struct doctor *doctor);

/* Whether any has failed. */
bool doctor_is_ill(const struct doctor *doctor);

/* The user, the state directory and what is in it, the logs. */
void doctor_check_host(struct doctor *doctor);

/* Whether the journal of an input can be read: runs journalctl for a moment. */
void doctor_check_journal(struct doctor *doctor, const struct journal_config *journal);

/* The key and the other files of the endpoint. True if the key can be used: it is then
 * in *key, to be wiped. environment: the value of USAGE_SHIPPER_API_KEY or NULL. */
bool doctor_check_key(struct doctor *doctor, const char *environment, struct api_key *key);

/* Whether the endpoint's name resolves. False if there is no use in trying to connect. */
bool doctor_check_name(struct doctor *doctor);

/* The name, the way to it, its certificate, its clock. */
void doctor_check_endpoint(struct doctor *doctor);

#endif
