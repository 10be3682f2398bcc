/* SPDX-License-Identifier: MIT
 *
 * The list of findings, and the checks of files that the endpoint's part of the
 * configuration names.
 */
#include "shipper/doctor.h"

#include "parsers/memory.h"
#include "shipper/endpoint_files.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct finding *doctor_note(
    struct doctor *doctor, enum finding_grade grade, const char *check, const char *format, ...)
{
    struct finding *finding;
    va_list arguments;

    doctor->findings =
        memory_room(doctor->findings, doctor->count, &doctor->room, sizeof(*doctor->findings));
    finding = &doctor->findings[doctor->count++];
    *finding = (struct finding){.grade = grade, .check = check};
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
    return finding;
}

void doctor_hint(struct finding *finding, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(finding->hint, sizeof(finding->hint), format, arguments);
    va_end(arguments);
}

void doctor_finish(struct doctor *doctor)
{
    free(doctor->findings);
    *doctor = (struct doctor){.count = 0};
}

bool doctor_is_ill(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++)
        if (doctor->findings[i].grade == FINDING_FAIL)
            return true;
    return false;
}

/* --- files ------------------------------------------------------------------------ */

/* What `check` takes for a warning because a file may be on another host is a failure
 * on this one. */
static void note_problems(struct doctor *doctor, const struct errors *problems, bool are_warnings)
{
    static const char word[] = "warning: ";

    for (size_t i = 0; i < problems->count; i++) {
        const struct error *problem = &problems->items[i];
        bool is_warning = are_warnings && problem->code == 0;
        const char *text = problem->message;
        struct finding *finding;

        if (strncmp(text, word, sizeof(word) - 1) == 0)
            text += sizeof(word) - 1;
        finding =
            doctor_note(doctor, is_warning ? FINDING_WARN : FINDING_FAIL, "files", "%s", text);
        doctor_hint(finding, "%s", problem->hint);
    }
}

static void check_files(struct doctor *doctor)
{
    struct endpoint_config endpoint = doctor->config->endpoint;
    struct errors errors = {0}, warnings = {0};

    endpoint.api_key_file = NULL; /* is looked at with the other places of the key */
    endpoint_files_check(&endpoint, doctor->wall_s, &errors, &warnings);
    note_problems(doctor, &errors, false);
    note_problems(doctor, &warnings, true);
    if (errors.count + warnings.count == 0 &&
        (endpoint.ca_file || endpoint.client_cert || endpoint.proxy_credentials_file))
        doctor_note(doctor, FINDING_OK, "files", "certificates and credentials can be used");
    errors_finish(&errors);
    errors_finish(&warnings);
}

bool doctor_check_key(struct doctor *doctor, const char *environment, struct api_key *key)
{
    const char *file = doctor->config->endpoint.api_key_file;
    const char *place = environment ? "USAGE_SHIPPER_API_KEY" : file ? file : "the credential";
    struct error err;
    bool has_key = api_key_read(key, environment, file, &err);

    if (!has_key)
        doctor_hint(doctor_note(doctor, FINDING_FAIL, "key", "%s", err.message), "%s", err.hint);
    else if (key->is_exposed)
        doctor_hint(
            doctor_note(doctor, FINDING_WARN, "key", "everyone on this host can read %s", place),
            "`chmod 0600` it, and give it to the user that usage-shipper runs as.");
    else
        doctor_note(doctor, FINDING_OK, "key",
            "%zu character%s from %s; whether it is right, only --send-canary can tell",
            strlen(key->text), strlen(key->text) == 1 ? "" : "s", place);
    check_files(doctor);
    return has_key;
}
