/* SPDX-License-Identifier: MIT
 *
 * One table of fields, each with what the three shapes of an event say about it;
 * the few rules that tie two fields together follow as code. json-c reads the
 * body; what it lets pass although told to be strict is looked for in the text.
 */
#include "shipper/endpoint/contract.h"

#include "parsers/limits.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>

enum shape { SHAPE_SINGLE, SHAPE_DOMAIN, SHAPE_USER, SHAPES };
enum presence { NEVER, MAY, MUST };
enum kind { TEXT, ADDRESS, SECONDS, COUNT, META };

enum { MOST_VALUES = 6, SHOWN_NAME_BYTES = 60 };
static const int64_t last_second = 253402300799; /* the end of the year 9999 */

struct field {
    const char *name;
    enum kind kind;
    enum presence presence[SHAPES];
    const char *values[MOST_VALUES]; /* none: any */
};

static const struct field fields[] = {
    {"source", TEXT, {MUST, MUST, MUST}, {"TELEMETRY", "SAAS_PRODUCT", "PRODUCT_CLOUD"}},
    {"activity_type", TEXT, {MUST, MUST, MUST}, {0}},
    {"environment", TEXT, {MAY, MAY, MAY}, {0}},
    {"user_id", TEXT, {MAY, NEVER, MUST}, {0}},
    {"user_id_type", TEXT, {MAY, NEVER, MUST},
        {"EMAIL", "SOCIAL", "LINKEDIN", "GITHUB", "USERNAME"}},
    {"ip_addr", ADDRESS, {MUST, MAY, MAY}, {0}},
    {"domain", TEXT, {MAY, MAY, MAY}, {0}},
    {"event_id", TEXT, {MUST, MUST, MUST}, {0}},
    {"event_at", SECONDS, {MUST, MUST, MUST}, {0}},
    {"product_id", TEXT, {MUST, MUST, MUST}, {0}},
    {"user_agent", TEXT, {MAY, MAY, MAY}, {0}},
    {"meta", META, {MAY, MAY, MAY}, {0}},
    {"mode", TEXT, {NEVER, MUST, MUST}, {"DOMAIN", "USER"}},
    {"count", COUNT, {NEVER, MUST, MUST}, {0}},
};
enum { FIELDS = sizeof(fields) / sizeof(*fields) };

__attribute__((format(printf, 4, 5))) static bool refuse(struct contract_finding *finding,
    enum contract_verdict verdict, int status, const char *format, ...)
{
    va_list arguments;

    finding->verdict = verdict;
    finding->status = status;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
    return false;
}

static bool refuse_field(struct contract_finding *finding, const char *name, const char *why)
{
    size_t len = strnlen(name, SHOWN_NAME_BYTES);

    while (len > 0 && ((unsigned char)name[len] & 0xC0) == 0x80)
        len--;
    return refuse(finding, CONTRACT_BODY, 400, "payload.%.*s: %s", (int)len, name, why);
}

static struct span text_of(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string))
        return (struct span){0};
    return (struct span){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

struct span contract_field(const struct contract_finding *finding, const char *name)
{
    struct json_object *value;

    if (!finding->payload || !json_object_object_get_ex(finding->payload, name, &value))
        return (struct span){0};
    return text_of(value);
}

static bool is_address(struct span text)
{
    unsigned char bytes[16];

    /* inet_pton wants a terminated string: json-c's is one, unless a NUL hides in it. */
    return strlen(text.at) == text.len &&
           (inet_pton(AF_INET, text.at, bytes) == 1 || inet_pton(AF_INET6, text.at, bytes) == 1);
}

static bool is_one_of(struct span text, const char *const values[MOST_VALUES])
{
    for (size_t i = 0; i < MOST_VALUES && values[i]; i++)
        if (span_is(text, values[i]))
            return true;
    return false;
}

static bool is_flat_text_map(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_object))
        return false;
    json_object_object_foreach(value, key, member)
    {
        (void)key;
        if (!json_object_is_type(member, json_type_string))
            return false;
    }
    return true;
}

static bool is_whole_number(struct json_object *value, int64_t least, int64_t most)
{
    return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= least &&
           json_object_get_int64(value) <= most;
}

/* What is wrong with the value; NULL if nothing is. */
static const char *fault_of(const struct field *field, struct json_object *value)
{
    switch (field->kind) {
    case SECONDS:
        return is_whole_number(value, 0, last_second) ? NULL : "must be an integer of UNIX seconds";
    case COUNT:
        return is_whole_number(value, 1, INT64_MAX) ? NULL : "must be an integer of at least 1";
    case META:
        return is_flat_text_map(value) ? NULL : "must be a flat object of strings";
    case TEXT:
    case ADDRESS:
        break;
    }
    if (!json_object_is_type(value, json_type_string))
        return "must be a string";
    if (text_of(value).len == 0)
        return "must be absent rather than empty";
    if (field->kind == ADDRESS && !is_address(text_of(value)))
        return "must be an IPv4 or IPv6 address and nothing else";
    if (field->values[0] && !is_one_of(text_of(value), field->values))
        return "not one of the allowed values";
    return NULL;
}

static const struct field *find_field(const char *name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

static bool check_fields(struct contract_finding *finding, enum shape shape)
{
    json_object_object_foreach(finding->payload, name, value)
    {
        const struct field *field = find_field(name);
        const char *fault = NULL;

        if (!field)
            return refuse_field(finding, name, "unknown field");
        if (field->presence[shape] == NEVER)
            return refuse_field(finding, name, "not a field of this call");
        fault = fault_of(field, value);
        if (fault)
            return refuse_field(finding, name, fault);
    }
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].presence[shape] == MUST &&
            !json_object_object_get_ex(finding->payload, fields[i].name, NULL))
            return refuse_field(finding, fields[i].name, "required");
    return true;
}

/* Rules that tie two fields together. */
static bool check_ties(struct contract_finding *finding, enum shape shape)
{
    struct span source = contract_field(finding, "source");
    bool has_user = contract_field(finding, "user_id").at;

    if (!has_user && contract_field(finding, "user_id_type").at)
        return refuse_field(finding, "user_id_type", "must be absent without user_id");
    if (!has_user && !contract_field(finding, "user_agent").at)
        return refuse_field(finding, "user_agent", "required without user_id");
    if (shape == SHAPE_DOMAIN && !contract_field(finding, "domain").at &&
        !contract_field(finding, "ip_addr").at)
        return refuse_field(finding, "ip_addr", "either this or domain is required");
    if (shape == SHAPE_DOMAIN && span_is(source, "SAAS_PRODUCT"))
        return refuse_field(finding, "source", "must be TELEMETRY or PRODUCT_CLOUD in this call");
    if (shape == SHAPE_USER && !span_is(source, "PRODUCT_CLOUD"))
        return refuse_field(finding, "source", "must be PRODUCT_CLOUD for the mode USER");
    return true;
}

static size_t count_pairs(struct json_object *value)
{
    size_t n = 0;

    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            n += 1 + count_pairs(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            n += count_pairs(json_object_array_get_idx(value, i));
    }
    return n;
}

/* What json-c lets pass even when strict; NULL if there is nothing of it. In valid
 * JSON each colon outside a string belongs to one pair. */
static const char *find_laxness(struct span json, size_t pairs)
{
    bool is_text = false;

    for (size_t i = 0; i < json.len; i++) {
        if (json.at[i] == '"')
            is_text = !is_text;
        else if (json.at[i] == '\\' && is_text)
            i++;
        else if (is_text && (unsigned char)json.at[i] < ' ')
            return "a control character in a string";
        else if (!is_text && json.at[i] == '\'')
            return "single quotes";
        else if (!is_text && json.at[i] == ':' && pairs-- == 0)
            return "a name is there twice";
    }
    return NULL;
}

/* The body as a tree, or NULL with *why. */
static struct json_object *parse_json(struct span body, const char **why)
{
    struct json_tokener *tokener = json_tokener_new_ex(LIMIT_NESTING);
    struct json_object *tree;
    size_t end;

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    tree = json_tokener_parse_ex(tokener, body.at, (int)body.len);
    *why = json_tokener_get_error(tokener) == json_tokener_continue
               ? "it ends too early"
               : json_tokener_error_desc(json_tokener_get_error(tokener));
    end = json_tokener_get_parse_end(tokener);
    json_tokener_free(tokener);
    while (end < body.len && memchr(" \t\r\n", body.at[end], 4))
        end++;
    if (!tree)
        return NULL;
    *why = end < body.len ? "text after the object" : find_laxness(body, count_pairs(tree));
    if (!*why)
        return tree;
    json_object_put(tree);
    return NULL;
}

static bool take_payload(struct span body, struct contract_finding *finding)
{
    const char *why;
    struct json_object *tree = parse_json(body, &why), *payload = NULL;

    if (!tree)
        return refuse(finding, CONTRACT_BODY, 400, "not JSON: %s", why);
    if (json_object_is_type(tree, json_type_object) && json_object_object_length(tree) == 1 &&
        json_object_object_get_ex(tree, "payload", &payload) &&
        json_object_is_type(payload, json_type_object))
        finding->payload = json_object_get(payload);
    json_object_put(tree);
    return finding->payload ||
           refuse(finding, CONTRACT_BODY, 400, "the body must be {\"payload\": {…}}");
}

static bool check_payload(bool is_aggregated, struct contract_finding *finding)
{
    struct span mode = contract_field(finding, "mode");
    enum shape shape = !is_aggregated          ? SHAPE_SINGLE
                       : span_is(mode, "USER") ? SHAPE_USER
                                               : SHAPE_DOMAIN;

    return check_fields(finding, shape) && check_ties(finding, shape);
}

void contract_check(
    const struct contract_request *request, struct span key, struct contract_finding *finding)
{
    bool is_aggregated = span_is(request->path, "/api/product/aggregateusage");
    bool has_payload;

    *finding = (struct contract_finding){.status = 200, .text = "Data Uploaded"};
    /* Read first: whatever is refused below, a report can still name the event. */
    if (request->body.len > LIMIT_REQUEST_BYTES)
        has_payload = refuse(finding, CONTRACT_SIZE, 413, "the body is over 1 MiB");
    else
        has_payload = take_payload(request->body, finding);

    if (!is_aggregated && !span_is(request->path, "/api/product/usage"))
        refuse(finding, CONTRACT_PATH, 404, "no such path");
    else if (!span_is(request->method, "POST"))
        refuse(finding, CONTRACT_METHOD, 405, "the method must be POST");
    else if (request->key.len == 0 || (key.at && !span_equal(request->key, key)))
        refuse(finding, CONTRACT_KEY, 401, "Authentication Failure");
    else if (!request->content_type.at ||
             !span_equal_nocase(request->content_type, SPAN("application/json")))
        refuse(finding, CONTRACT_TYPE, 415, "the Content-Type must be application/json");
    else if (has_payload)
        check_payload(is_aggregated, finding);
}

void contract_finish(struct contract_finding *finding)
{
    json_object_put(finding->payload);
    finding->payload = NULL;
}

void contract_answer(const struct contract_finding *finding, struct buffer *out)
{
    struct json_object *text;

    if (finding->verdict == CONTRACT_ACCEPTED) {
        buffer_append(out, SPAN("{\"response_code\":\"200\",\"response\":\"Data Uploaded\","
                                "\"status\":\"success\"}"));
        return;
    }
    text = json_object_new_string(finding->text);
    /* The page's body for a wrong key says 400, whatever the HTTP status. */
    buffer_printf(out, "{\"response_code\":%d,\"response\":%s,\"status\":\"failure\"}",
        finding->verdict == CONTRACT_KEY ? 400 : finding->status,
        json_object_to_json_string_ext(text, JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(text);
}

const char *contract_verdict_name(enum contract_verdict verdict)
{
    static const char *const names[CONTRACT_VERDICTS] = {
        [CONTRACT_ACCEPTED] = "accepted",
        [CONTRACT_PATH] = "path",
        [CONTRACT_METHOD] = "method",
        [CONTRACT_KEY] = "key",
        [CONTRACT_TYPE] = "content type",
        [CONTRACT_SIZE] = "size",
        [CONTRACT_BODY] = "body",
    };

    return names[verdict];
}
