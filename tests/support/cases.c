/* SPDX-License-Identifier: MIT
 *
 * json-c reads the lines; spans point into its objects.
 */
#include "tests/support/cases.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_YEAR = 2026 };

static struct json_object *get(struct json_object *object, const char *key)
{
    return json_object_object_get(object, key);
}

static struct span get_text(struct json_object *object, const char *key)
{
    struct json_object *value = get(object, key);

    if (!json_object_is_type(value, json_type_string))
        return (struct span){NULL, 0};
    return (struct span){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

/* Appends the values of `key`, a text or a list of them. */
static void add(struct json_object *expect, const char *key, struct span *values)
{
    struct json_object *value = get(expect, key);
    size_t count = 0;

    while (count < CASE_ANY_MOST && values[count].at)
        count++;
    if (json_object_is_type(value, json_type_string) && count < CASE_ANY_MOST)
        values[count] = get_text(expect, key);
    if (!json_object_is_type(value, json_type_array))
        return;
    for (size_t i = 0; i < json_object_array_length(value) && count < CASE_ANY_MOST; i++)
        values[count++] = span_of(json_object_get_string(json_object_array_get_idx(value, i)));
}

/* A year's last second; such a reference leaves a year-less date in that year. */
static int64_t end_of_year(int64_t year)
{
    int64_t next = year + 1, leap_days = (next - 1) / 4 - (next - 1) / 100 + (next - 1) / 400;

    return (365 * (next - 1970) + leap_days - 477) * 86400 - 1;
}

static void fill(struct json_object *object, struct log_case *one)
{
    struct json_object *expect = get(object, "expect");
    struct json_object *year = get(object, "assume_year"), *time = get(expect, "time_epoch");

    *one = (struct log_case){
        .id = get_text(object, "id"),
        .product = get_text(object, "product"),
        .line = get_text(object, "line"),
        .outcome = get_text(object, "outcome"),
        .is_match = json_object_get_boolean(get(object, "match")),
        .is_negative = json_object_get_boolean(get(object, "neg_usable")),
        .agent = get_text(expect, "user_agent"),
        .day = get_text(expect, "time_noyear"),
        .has_time = time != NULL,
        .time_s = json_object_get_double(time),
        .reference_s = end_of_year(year ? json_object_get_int64(year) : REFERENCE_YEAR),
    };
    add(expect, "ip", one->addresses);
    add(expect, "ip_any", one->addresses);
    add(expect, "user", one->users);
    add(expect, "email", one->users);
    add(expect, "user_id", one->users);
    add(expect, "users_any", one->users);
}

bool cases_read(const char *path, void (*take)(void *arg, const struct log_case *one), void *arg)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0, number = 0;
    bool is_good = true;

    if (!file) {
        perror(path);
        return false;
    }
    while (is_good && getline(&line, &room, file) > 0) {
        struct json_object *object = json_tokener_parse(line);
        struct log_case one;

        number++;
        is_good = json_object_is_type(object, json_type_object) && get_text(object, "line").at;
        if (is_good) {
            fill(object, &one);
            take(arg, &one);
        } else {
            fprintf(stderr, "%s:%zu: no case\n", path, number);
        }
        json_object_put(object);
    }
    free(line);
    fclose(file);
    return is_good && number > 0;
}
