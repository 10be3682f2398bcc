/* SPDX-License-Identifier: MIT
 *
 * The samples inside rule files, run through the same engine that ships.
 *
 * In a sample this host is `sample-host` at 192.0.2.1 (`${self.name}`,
 * `${self.ip}`, and what a line without an address gets), zone-less times are
 * UTC, and a year-less date takes the year of the sample's own `event_at`, else
 * the latest year up to 2026-12-31. Users are hashed with SAMPLES_SECRET.
 */
#ifndef PARSERS_SAMPLES_H
#define PARSERS_SAMPLES_H

#include "detection.h"
#include "engine.h"
#include "rule.h"

enum { SAMPLE_REFERENCE_S = 1798675200 }; /* 2026-12-31T00:00:00Z */

/* With what samples of these rules are run. */
struct engine_settings sample_settings(const struct engine_rules *rules);

/* Known to everybody: no hash made with it hides anything. Where nothing is sent. */
#define SAMPLES_SECRET SPAN("the secret of samples, which is none")

/* Feeds one sample of the file to an engine with these settings, from nothing that was
 * before to the end of every window. */
void sample_feed(struct engine *engine, const struct rule_file *file, const struct sample *sample,
    const struct engine_output *output, struct engine_counts *counts);

/* Runs every sample of the file. Each one that does not hold adds errors at its
 * place: what was wanted, what came; *failed is how many do not. Returns how many
 * ran. */
size_t samples_run(const struct rule_file *file, size_t *failed, struct errors *errors);

/* As what `format: auto` reads the samples; nothing is added for a file of other formats. */
void samples_detect(const struct rule_file *file, struct detection *detection);

#endif
