/* SPDX-License-Identifier: MIT
 *
 * By json-c, since what is on disk may have been changed by anything. What is
 * unknown in it is left alone.
 */
#include "shipper/event_body.h"

#include "parsers/limits.h"

#include <json-c/json.h>

static struct span text_of(struct json_object *payload, const char *name)
{
    struct json_object *value;

    if (!json_object_object_get_ex(payload, name, &value) ||
        !json_object_is_type(value, json_type_string))
        return (struct span){NULL, 0};
    return (struct span){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

static int64_t number_of(struct json_object *payload, const char *name)
{
    struct json_object *value;

    return json_object_object_get_ex(payload, name, &value) &&
                   json_object_is_type(value, json_type_int)
               ? json_object_get_int64(value)
               : 0;
}

bool event_body_read(struct span body, struct event_body *event)
{
    struct json_tokener *tokener = json_tokener_new_ex(LIMIT_NESTING);
    struct json_object *payload = NULL;
    bool is_body;

    *event = (struct event_body){.at_s = 0};
    if (body.len <= LIMIT_REQUEST_BYTES)
        event->tree = json_tokener_parse_ex(tokener, body.at, (int)body.len);
    json_tokener_free(tokener);
    is_body = json_object_is_type(event->tree, json_type_object) &&
              json_object_object_get_ex(event->tree, "payload", &payload) &&
              json_object_is_type(payload, json_type_object);
    if (!is_body)
        return false;
    event->product_id = text_of(payload, "product_id");
    event->environment = text_of(payload, "environment");
    event->activity_type = text_of(payload, "activity_type");
    event->user_id = text_of(payload, "user_id");
    event->ip_addr = text_of(payload, "ip_addr");
    event->at_s = number_of(payload, "event_at");
    event->count = (uint64_t)number_of(payload, "count");
    return true;
}

void event_body_finish(struct event_body *event)
{
    json_object_put(event->tree);
    event->tree = NULL;
}

void event_body_write_pretty(const struct event_body *event, struct buffer *out)
{
    const int how =
        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;

    buffer_append(out, span_of(json_object_to_json_string_ext(event->tree, how)));
}
