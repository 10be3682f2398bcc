/* SPDX-License-Identifier: MIT
 *
 * Reads the body first and the status second, because the API says in the body
 * what happened. What is not known to be the API's own answer never delivers an
 * event. Nothing here waits, counts attempts or remembers: that is the gate's.
 */
#include "shipper/sender/verdict.h"

#include "parsers/limits.h"

#include <curl/curl.h>
#include <json-c/json.h>
#include <stdio.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[VERDICTS] = {
        [VERDICT_DELIVERED] = "delivered",
        [VERDICT_RETRY] = "retry",
        [VERDICT_REJECTED] = "rejected",
        [VERDICT_KEY] = "key",
        [VERDICT_DESTINATION] = "destination",
        [VERDICT_UNCLEAR] = "unclear",
    };

    return names[verdict];
}

enum api_says { API_NOTHING, API_SUCCESS, API_FAILURE };

/* The API's own answer, if the body is one. */
struct api_answer {
    enum api_says says;
    long code;                       /* response_code; 0 if there is none */
    char text[VERDICT_REASON_BYTES]; /* response; printable */
};

/* One line that no terminal takes for a command: runs of blanks become one, any
 * other byte that is not printable ASCII a dot. */
static void put_printable(struct span s, char *to, size_t room)
{
    size_t len = 0;

    for (size_t i = 0; i < s.len && len + 1 < room; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool is_blank = c == ' ' || (c >= '\t' && c <= '\r');

        if (is_blank && (len == 0 || to[len - 1] == ' '))
            continue;
        to[len++] = is_blank ? ' ' : c > ' ' && c < 0x7f ? (char)c : '.';
    }
    while (len > 0 && to[len - 1] == ' ')
        len--;
    to[len] = '\0';
}

static struct span string_of(struct json_object *object, const char *name)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, name, &value) ||
        !json_object_is_type(value, json_type_string))
        return (struct span){NULL, 0};
    return (struct span){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

static long code_of(struct json_object *object)
{
    struct json_object *value;
    uint64_t code = 0;

    if (!json_object_object_get_ex(object, "response_code", &value))
        return 0;
    if (json_object_is_type(value, json_type_int))
        return (long)json_object_get_int64(value);
    return span_to_u64(string_of(object, "response_code"), &code) && code < 1000 ? (long)code : 0;
}

static void read_object(struct json_object *object, struct api_answer *api)
{
    struct span status = string_of(object, "status");

    if (span_equal_nocase(status, SPAN("success")))
        api->says = API_SUCCESS;
    else if (span_equal_nocase(status, SPAN("failure")))
        api->says = API_FAILURE;
    api->code = code_of(object);
    put_printable(string_of(object, "response"), api->text, sizeof(api->text));
}

static struct api_answer read_body(struct span body)
{
    struct api_answer api = {API_NOTHING, 0, ""};
    struct json_tokener *tokener;
    struct json_object *object;

    /* json-c stops at a NUL and would not see what follows it. */
    if (body.len == 0 || body.len >= LIMIT_ANSWER_BYTES || span_find(body, '\0'))
        return api;
    tokener = json_tokener_new_ex(LIMIT_NESTING);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    object = json_tokener_parse_ex(tokener, body.at, (int)body.len);
    if (json_object_is_type(object, json_type_object))
        read_object(object, &api);
    json_object_put(object);
    json_tokener_free(tokener);
    return api;
}

/* At the start of the text only: further on it may be an event's value quoted. */
static bool is_about_key(const struct api_answer *api, long status)
{
    static const char text[] = "authentication failure";
    struct span start = {api->text, sizeof(text) - 1};

    return (strlen(api->text) >= start.len && span_equal_nocase(start, span_of(text))) ||
           api->code == 401 || api->code == 403 || status == 401 || status == 403;
}

static bool is_passing(long code)
{
    return code == 408 || code == 425 || code == 429 || (code >= 500 && code <= 599);
}

static bool is_wrong_place(long status)
{
    return status == 404 || status == 405 || status == 407 || status == 411 || status == 415 ||
           (status >= 300 && status <= 399);
}

/* nginx closes such connections with a page of its own, before it looks at a request:
 * ngx_http_special_response.c, for its codes 495 to 497. */
static bool is_about_connection(struct span body, long status)
{
    static const char *const pages[] = {
        "<html>\r\n<head><title>400 The SSL certificate error</title></head>\r\n",
        "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>\r\n",
        ("<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS "
         "port</title></head>\r\n"),
    };

    for (size_t i = 0; status == 400 && i < sizeof(pages) / sizeof(*pages); i++)
        if (span_has_prefix(body, span_of(pages[i])))
            return true;
    return false;
}

static enum verdict decide(const struct api_answer *api, long status, struct span body)
{
    bool is_failure = api->says == API_FAILURE;

    if (is_failure && is_about_key(api, status))
        return VERDICT_KEY;
    if (is_passing(status) || (is_failure && is_passing(api->code)))
        return VERDICT_RETRY;
    if (is_wrong_place(status) || is_about_connection(body, status))
        return VERDICT_DESTINATION;
    if (is_failure || status == 400 || status == 413 || status == 422)
        return VERDICT_REJECTED;
    if (api->says == API_SUCCESS && status >= 200 && status <= 299)
        return VERDICT_DELIVERED;
    if (status >= 400 && status <= 499)
        return VERDICT_UNCLEAR;
    return VERDICT_RETRY;
}

/* RFC 9110 section 10.2.3: seconds or a date. -1 for anything else. */
static int64_t read_retry_after(struct span value, int64_t wall_s)
{
    char text[64];
    uint64_t seconds;
    int64_t wait_s;

    value = span_trim(value);
    if (value.len == 0 || value.len >= sizeof(text))
        return -1;
    put_printable(value, text, sizeof(text));
    if (strspn(text, "0123456789") == value.len) {
        wait_s = span_to_u64(value, &seconds) && seconds < LIMIT_RETRY_AFTER_S
                     ? (int64_t)seconds
                     : LIMIT_RETRY_AFTER_S;
    } else {
        time_t date = byte_is_alpha(text[0]) ? curl_getdate(text, NULL) : -1;
        if (date == -1)
            return -1;
        wait_s = date - wall_s;
    }
    if (wait_s < 0)
        wait_s = 0;
    return 1000 * (wait_s < LIMIT_RETRY_AFTER_S ? wait_s : LIMIT_RETRY_AFTER_S);
}

static void explain(
    const struct answer *answer, const struct api_answer *api, char reason[VERDICT_REASON_BYTES])
{
    enum { QUOTED_BYTES = 120 };
    char quoted[QUOTED_BYTES];
    const char *more = "";

    if (answer->transport_error) {
        put_printable(span_of(answer->transport_error), reason, VERDICT_REASON_BYTES);
        return;
    }
    if (api->says != API_NOTHING) {
        put_printable(span_of(api->text), quoted, sizeof(quoted));
        snprintf(
            reason, VERDICT_REASON_BYTES, "HTTP %ld, the API says \"%s\"", answer->status, quoted);
        return;
    }
    if (answer->status >= 300 && answer->status <= 399) {
        put_printable(answer->location, quoted, sizeof(quoted));
        snprintf(reason, VERDICT_REASON_BYTES, "HTTP %ld, a redirect to \"%s\" (never followed)",
            answer->status, quoted);
        return;
    }
    put_printable(answer->body, quoted, QUOTED_BYTES / 2);
    if (strlen(quoted) == QUOTED_BYTES / 2 - 1)
        more = "…";
    snprintf(reason, VERDICT_REASON_BYTES, "HTTP %ld%s%s%s%s%s", answer->status,
        answer->status <= 299 ? " but not the API's answer: " : ", ",
        answer->body.len ? "\"" : "no body", quoted, more, answer->body.len ? "\"" : "");
}

struct judgement verdict_judge(const struct answer *answer, int64_t wall_s)
{
    struct judgement judgement = {.retry_after_ms = -1};
    struct api_answer api = {API_NOTHING, 0, ""};

    if (answer->transport_error) {
        judgement.verdict = VERDICT_RETRY;
    } else {
        api = read_body(answer->body);
        judgement.verdict = decide(&api, answer->status, answer->body);
        judgement.retry_after_ms = read_retry_after(answer->retry_after, wall_s);
    }
    explain(answer, &api, judgement.reason);
    return judgement;
}
