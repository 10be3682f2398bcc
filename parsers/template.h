/* SPDX-License-Identifier: MIT
 *
 * Templates: text with `${name}` for a capture or a record field. Behind a bar the
 * value passes filters (filter.h) in their order; `${name:-default}` has a default for
 * an absent or empty one, also behind filters, which it does not pass; `$$` is a dollar
 * sign. `${self.ip}` and `${self.name}` stand for this host. A `$` before anything but
 * `{`, `$` and a letter is itself; `$name` is a fault, and so is grok's `%{name}`.
 */
#ifndef PARSERS_TEMPLATE_H
#define PARSERS_TEMPLATE_H

#include "record.h"

struct filter;
struct template; /* compiled, immutable */

/* Where names are looked up: captures first, then the record's fields. */
struct scope {
    const struct field *captures;
    size_t capture_count;
    const struct record *record;
    struct span self_ip, self_name; /* absent if not known */
    struct span hash_secret;        /* of the filter `hash`; absent: it has no value */
    bool is_raw;                    /* values as they are before `hash` and `truncate` */
};

/* What is wrong with a template's text. */
struct template_fault {
    size_t offset, len;
    char message[160], hint[160];
};

/* text must outlive the template. NULL with *fault filled. */
struct template *template_compile(struct span text, struct template_fault *fault);
void template_free(struct template *template); /* accepts NULL */

/* As it stands in the rule file, quotes taken off. */
struct span template_text(const struct template *template);

/* The names that it refers to (self.ip included), for `check`: how many, and the
 * i-th with its offset in the text. */
size_t template_name_count(const struct template *template);
struct span template_name(const struct template *template, size_t i, size_t *offset);

/* Whether a name has that filter, or any that hides (filter.h). */
bool template_has_filter(const struct template *template, const struct filter *filter);
bool template_hides(const struct template *template);

/* The text with every name filled in; false when one is absent and has no
 * default, or the arena is full. A template that is one `${name}` yields the
 * value itself, else the result lives in the arena. */
bool template_expand(const struct template *template, const struct scope *scope,
    struct arena *arena, struct span *value);

/* The value of one name, absent if there is none. */
struct span scope_get(const struct scope *scope, struct span name);

#endif
