/* SPDX-License-Identifier: MIT
 *
 * What a template consists of: for template.c and template_parse.c only.
 */
#ifndef PARSERS_TEMPLATE_PARTS_H
#define PARSERS_TEMPLATE_PARTS_H

#include "filter.h"
#include "template.h"

struct filter_call {
    const struct filter *filter;
    struct span argument; /* absent: none */
};

/* Text, or a name with its filters and its default (absent: none). */
struct template_part {
    bool is_name;
    struct span text, fallback;
    struct filter_call *calls;
    size_t call_count, call_room;
};

struct template
{
    struct span source;
    struct template_part *parts;
    size_t count, room;
};

/* The names of this host. */
enum { SELF_IP, SELF_NAME, SELF_NAMES };
extern const char *const template_self_names[SELF_NAMES];

/* Adds the parts of text to an empty template; false with *fault filled. */
bool template_parse(struct template *template, struct span text, struct template_fault *fault);

#endif
