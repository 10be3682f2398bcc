/* SPDX-License-Identifier: MIT
 *
 * All that `doctor` has to say, as text and as JSON.
 */
#ifndef SHIPPER_DOCTOR_REPORT_H
#define SHIPPER_DOCTOR_REPORT_H

#include "shipper/canary.h"
#include "shipper/doctor.h"

struct doctor_report {
    struct doctor doctor;
    struct emitted_list emitted;
    bool has_canary;
    struct canary canary;
};

/* A line a check, with its hint below it; what can be sent as a table; the exchange. */
void doctor_report_write_text(
    const struct doctor_report *report, bool has_color, struct buffer *out);

/* One object. */
void doctor_report_write_json(const struct doctor_report *report, struct buffer *out);

#endif
