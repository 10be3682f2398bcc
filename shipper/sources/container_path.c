/* SPDX-License-Identifier: MIT
 *
 * By shape alone: nothing is looked up. A name that does not have the shape gives no
 * field rather than a wrong one.
 */
#include "shipper/sources/container_path.h"

#include <string.h>

enum { ID_BYTES = 64, PARTS = 4 /* of a path, from its end */ };

/* parts[0] is the file's name. Absent where the path has fewer. */
static void split_path(const char *path, struct span parts[PARTS])
{
    struct span rest = span_of(path);

    for (unsigned i = 0; i < PARTS; i++) {
        const char *slash = rest.len > 0 ? memrchr(rest.at, '/', rest.len) : NULL;

        parts[i] = slash ? span_between(slash + 1, span_end(rest)) : rest;
        rest = slash ? span_between(rest.at, slash) : (struct span){rest.at, 0};
    }
}

/* Three names with an underscore between them, none of them empty. */
static bool split_names(struct span text, struct span names[3])
{
    for (unsigned i = 0; i < 3; i++) {
        const char *end = i < 2 ? span_find(text, '_') : span_end(text);

        if (!end || end == text.at)
            return false;
        names[i] = span_between(text.at, end);
        if (i < 2)
            text = span_between(end + 1, span_end(text));
    }
    return !span_find(names[2], '_');
}

static bool is_id(struct span text)
{
    if (text.len != ID_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0123456789abcdef", text.at[i]))
            return false;
    return true;
}

static size_t read_pod_folder(const struct span parts[PARTS], struct field *fields)
{
    struct span names[3];

    if (!span_is(parts[3], "pods") || parts[1].len == 0 || !split_names(parts[2], names))
        return 0;
    fields[0] = (struct field){SPAN("k8s.namespace.name"), names[0]};
    fields[1] = (struct field){SPAN("k8s.pod.name"), names[1]};
    fields[2] = (struct field){SPAN("k8s.pod.uid"), names[2]};
    fields[3] = (struct field){SPAN("k8s.container.name"), parts[1]};
    return 4;
}

static size_t read_link_name(const struct span parts[PARTS], struct field *fields)
{
    struct span names[3], id;
    const char *dot, *dash;

    if (!span_is(parts[1], "containers") || !split_names(parts[0], names))
        return 0;
    dot = span_find(names[2], '.');
    if (!dot || dot - names[2].at < ID_BYTES + 2)
        return 0;
    dash = dot - ID_BYTES - 1;
    id = span_between(dash + 1, dot);
    if (*dash != '-' || !is_id(id))
        return 0;
    fields[0] = (struct field){SPAN("k8s.namespace.name"), names[1]};
    fields[1] = (struct field){SPAN("k8s.pod.name"), names[0]};
    fields[2] = (struct field){SPAN("k8s.container.name"), span_between(names[2].at, dash)};
    fields[3] = (struct field){SPAN("container.id"), id};
    return 4;
}

static size_t read_docker_folder(const struct span parts[PARTS], struct field *fields)
{
    if (!span_is(parts[2], "containers") || !is_id(parts[1]))
        return 0;
    fields[0] = (struct field){SPAN("container.id"), parts[1]};
    return 1;
}

size_t container_path_read(const char *path, struct field fields[CONTAINER_FIELDS_MOST])
{
    struct span parts[PARTS];
    size_t count;

    split_path(path, parts);
    if ((count = read_pod_folder(parts, fields)) > 0 || (count = read_link_name(parts, fields)) > 0)
        return count;
    return read_docker_folder(parts, fields);
}

static bool has_byte_of(struct span text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(bytes, text.at[i]))
            return true;
    return false;
}

const struct format *container_path_runtime(const char *path)
{
    struct span parts[PARTS];

    split_path(path, parts);
    if ((span_is(parts[3], "pods") && has_byte_of(parts[2], "_*")) ||
        (span_is(parts[1], "containers") && span_is(parts[2], "log")) ||
        (span_is(parts[1], "userdata") && span_is(parts[0], "ctr.log")))
        return format_find(SPAN("cri"));
    if (span_is(parts[2], "containers") && strstr(path, "-json.log"))
        return format_find(SPAN("docker"));
    return NULL;
}
