/* SPDX-License-Identifier: MIT
 *
 * Goes the way that an event would go, with one HEAD request that carries neither the
 * key nor an event: connection, TLS, answer, and what the answer's Date says of our
 * clock. A certificate that is refused is looked at once more on a connection of
 * its own, over which nothing is sent at all.
 */
#include "shipper/doctor.h"

#include "parsers/timestamp.h"
#include "shipper/certificate.h"
#include "shipper/sender/connection.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY_S = 24 * 3600, RENEW_WITHIN_DAYS = 21, SKEW_NOTED_S = 60, SKEW_BAD_S = 3600 };

struct visit {
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    char date[64], location[256];
    long status;
};

/* --- the request ---------------------------------------------------------------------- */

static void keep_value(struct span line, const char *name, char *to, size_t room)
{
    struct span value = line, found = span_cut(&value, ':');

    if (!value.at || !span_equal_nocase(found, span_of(name)))
        return;
    while (value.len > 0 && (value.at[value.len - 1] == '\n' || value.at[value.len - 1] == '\r'))
        value.len--;
    value = span_trim(value);
    snprintf(to, room, "%.*s", (int)value.len, value.at);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct visit *visit = arg;
    struct span line = {bytes, size * count};

    keep_value(line, "date", visit->date, sizeof(visit->date));
    keep_value(line, "location", visit->location, sizeof(visit->location));
    return line.len;
}

static bool open_visit(
    struct visit *visit, const struct endpoint_config *endpoint, struct error *err)
{
    *visit = (struct visit){.easy = curl_easy_init()};
    if (!visit->easy)
        abort();
    curl_easy_setopt(visit->easy, CURLOPT_ERRORBUFFER, visit->error);
    curl_easy_setopt(visit->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(visit->easy, CURLOPT_HEADERDATA, visit);
    curl_easy_setopt(visit->easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(visit->easy, CURLOPT_CERTINFO, 1L);
    return connection_set_up(visit->easy, endpoint, err) &&
           connection_read_credentials(visit->easy, endpoint, err);
}

/* The n-th certificate that the server sent, as PEM text; absent: there is none. */
static struct span certificate_text(CURL *easy, int n)
{
    struct curl_certinfo *info = NULL;

    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
        n >= info->num_of_certs)
        return (struct span){NULL, 0};
    for (const struct curl_slist *item = info->certinfo[n]; item; item = item->next)
        if (strncmp(item->data, "Cert:", 5) == 0)
            return span_of(item->data + 5);
    return (struct span){NULL, 0};
}

/* "leaf <- issuer <- root": the certificates that came, by their subjects. */
static void put_chain(CURL *easy, struct buffer *out)
{
    struct certificate certificate;
    size_t count;

    for (int i = 0; certificate_read(certificate_text(easy, i), &certificate, &count); i++)
        buffer_printf(out, "%s%s", i > 0 ? " <- " : "", certificate.subject);
}

static void describe(const struct certificate *certificate, char *text, size_t room)
{
    char from[TIMESTAMP_TEXT_BYTES], until[TIMESTAMP_TEXT_BYTES];

    timestamp_write(certificate->from_s, from);
    timestamp_write(certificate->until_s, until);
    snprintf(text, room, "it is of %s, for %s, by %s, valid from %s to %s", certificate->subject,
        certificate->names[0] ? certificate->names : "no name", certificate->issuer, from, until);
}

/* Not to speak to the server, only to see what it shows: this handle never has a
 * request, a key or a body. */
static bool look_at_refused(const struct endpoint_config *endpoint, struct certificate *certificate)
{
    struct visit visit;
    struct error err;
    size_t count;
    bool is_seen = open_visit(&visit, endpoint, &err);

    curl_easy_setopt(visit.easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(visit.easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(visit.easy, CURLOPT_SSL_VERIFYHOST, 0L);
    is_seen = is_seen && curl_easy_perform(visit.easy) == CURLE_OK &&
              certificate_read(certificate_text(visit.easy, 0), certificate, &count);
    curl_easy_cleanup(visit.easy);
    return is_seen;
}

/* --- what came of it -------------------------------------------------------------------- */

static void note_failure(struct doctor *doctor, struct visit *visit, CURLcode code)
{
    const struct endpoint_config *endpoint = &doctor->config->endpoint;
    char words[CONNECTION_WORDS_BYTES], seen[900] = "";
    struct certificate certificate;
    struct finding *finding;

    connection_explain(visit->easy, endpoint, code, visit->error, doctor->wall_s, words);
    if (code == CURLE_PEER_FAILED_VERIFICATION && look_at_refused(endpoint, &certificate))
        describe(&certificate, seen, sizeof(seen));
    finding = doctor_note(doctor, FINDING_FAIL,
        code == CURLE_PEER_FAILED_VERIFICATION ? "certificate" : "connect", "%s%s%s", words,
        *seen ? "; " : "", seen);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        doctor_hint(finding,
            "If it is of an authority of your own, name that in endpoint.ca_file. Verification "
            "cannot be turned off.");
    else if (code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT)
        doctor_hint(finding, "Does a firewall allow this host to go there, or is a proxy needed?");
}

static void note_connection(struct doctor *doctor, struct visit *visit)
{
    const char *address = "";
    long port = 0, version = 0, proxy_code = 0;
    double seconds = 0;

    curl_easy_getinfo(visit->easy, CURLINFO_PRIMARY_IP, &address);
    curl_easy_getinfo(visit->easy, CURLINFO_PRIMARY_PORT, &port);
    curl_easy_getinfo(visit->easy, CURLINFO_HTTP_VERSION, &version);
    curl_easy_getinfo(visit->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_code);
    curl_easy_getinfo(visit->easy, CURLINFO_PRETRANSFER_TIME, &seconds);
    doctor_note(doctor, FINDING_OK, "connect", "%s port %ld%s, %s, ready after %.0f ms", address,
        port, proxy_code > 0 ? " (the proxy)" : "",
        version == CURL_HTTP_VERSION_2_0 ? "HTTP/2" : "HTTP/1.1", seconds * 1000);
}

static void note_certificate(struct doctor *doctor, struct visit *visit)
{
    struct certificate certificate;
    struct buffer chain = {0};
    struct finding *finding;
    int64_t days;
    size_t count;

    if (!certificate_read(certificate_text(visit->easy, 0), &certificate, &count))
        return;
    put_chain(visit->easy, &chain);
    days = (certificate.until_s - doctor->wall_s) / DAY_S;
    finding = doctor_note(doctor, days < RENEW_WITHIN_DAYS ? FINDING_WARN : FINDING_OK,
        "certificate", "%lld days left, for %s; %.*s", (long long)days,
        certificate.names[0] ? certificate.names : certificate.subject, (int)chain.len,
        chain.bytes);
    if (days < RENEW_WITHIN_DAYS)
        doctor_hint(finding, "Events wait once it has expired: it is the endpoint's to renew.");
    buffer_finish(&chain);
}

static void note_clock(struct doctor *doctor, const struct visit *visit)
{
    time_t theirs = visit->date[0] ? curl_getdate(visit->date, NULL) : -1;
    int64_t ahead_s = doctor->wall_s - theirs;
    int64_t off_s = ahead_s < 0 ? -ahead_s : ahead_s;
    struct finding *finding;

    if (theirs == -1) {
        doctor_note(doctor, FINDING_OK, "clock", "not compared: the answer has no Date");
        return;
    }
    if (off_s < SKEW_NOTED_S) {
        doctor_note(
            doctor, FINDING_OK, "clock", "as the endpoint's, within %lld s", (long long)off_s + 1);
        return;
    }
    finding = doctor_note(doctor, off_s < SKEW_BAD_S ? FINDING_WARN : FINDING_FAIL, "clock",
        "%lld s %s the endpoint's", (long long)off_s, ahead_s > 0 ? "ahead of" : "behind");
    doctor_hint(finding, "Set this host's clock, or let it follow a time server: times of lines "
                         "without a year or a zone depend on it, and certificates.");
}

static void note_answer(struct doctor *doctor, const struct visit *visit)
{
    if (visit->status >= 300 && visit->status <= 399)
        doctor_hint(doctor_note(doctor, FINDING_FAIL, "answer",
                        "HTTP %ld, a redirect to \"%s\", which is never followed", visit->status,
                        visit->location),
            "Write the address that it leads to into endpoint.url, if that is the vendor's.");
    else if (visit->status == 404 || visit->status == 407 || visit->status >= 500)
        doctor_hint(doctor_note(doctor, FINDING_WARN, "answer", "HTTP %ld to HEAD", visit->status),
            "Is endpoint.url right? --send-canary asks as an event would.");
    else
        doctor_note(
            doctor, FINDING_OK, "answer", "HTTP %ld to HEAD, sent without the key", visit->status);
}

void doctor_check_endpoint(struct doctor *doctor)
{
    struct visit visit;
    struct error err;
    CURLcode code;

    if (!doctor_check_name(doctor))
        return;
    if (!open_visit(&visit, &doctor->config->endpoint, &err)) {
        doctor_hint(
            doctor_note(doctor, FINDING_FAIL, "connect", "%s", err.message), "%s", err.hint);
    } else if ((code = curl_easy_perform(visit.easy)) != CURLE_OK) {
        note_failure(doctor, &visit, code);
    } else {
        curl_easy_getinfo(visit.easy, CURLINFO_RESPONSE_CODE, &visit.status);
        note_connection(doctor, &visit);
        note_certificate(doctor, &visit);
        note_clock(doctor, &visit);
        note_answer(doctor, &visit);
    }
    curl_easy_cleanup(visit.easy);
}
