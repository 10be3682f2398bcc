/* SPDX-License-Identifier: MIT
 *
 * Shows what lines have in common, with invented values, and never a line as it is.
 */
#include "draft_inside.h"

enum { UNUSED_SHOWN = 20, UNUSED_BYTES = 160 };

static bool is_dropped(const struct draft *draft, const struct cluster *cluster)
{
    for (size_t i = 0; i < draft->rule_count; i++)
        if (draft->rules[i].cluster == cluster)
            return draft->rules[i].is_dropped;
    return false;
}

/* Why no rule is made from the cluster. */
static const char *reason_of(const struct draft *draft, const struct cluster *cluster)
{
    const struct draft_kind *kind = cluster->data;

    if (kind->is_failure)
        return "a failure";
    if (!kind->activity)
        return "nothing done";
    if (!draft_kind_has(kind, ROLE_USER) && !draft_kind_has(kind, ROLE_ADDRESS))
        return "nobody";
    return is_dropped(draft, cluster) || draft_is_told_better(draft, cluster) ? "told above"
                                                                              : "left out";
}

static bool is_used(const struct draft *draft, const struct cluster *cluster)
{
    for (size_t i = 0; i < draft->rule_count; i++)
        if (draft->rules[i].cluster == cluster && !draft->rules[i].is_dropped)
            return true;
    return false;
}

/* "event: gc, level: info" */
static void write_conditions(const char *where, struct buffer *out)
{
    struct span rest = span_of(where);

    while (rest.at) {
        struct span line = span_cut(&rest, '\n');

        if (line.len > 0)
            buffer_printf(out, "%s%.*s", out->len > 0 ? ", " : "", (int)line.len, line.at);
    }
}

/* What its lines have in common: their words, else what their fields say. False if that
 * can't be shown. */
static bool write_shape(
    const struct draft *draft, const struct cluster *cluster, struct buffer *out)
{
    const struct draft_kind *kind = cluster->data;
    struct buffer shape = {0};

    cluster_write(cluster, &shape);
    if (shape.len == 0)
        write_conditions(kind->where, &shape);
    anonymous_write(draft->common.anonymous, buffer_span(&shape), out);
    buffer_finish(&shape);
    return out->len > 0 && draft_rule_may_show(buffer_span(out));
}

void draft_put_unused(
    const struct draft *draft, const struct cluster *const *sorted, struct buffer *out)
{
    size_t shown = 0;

    for (size_t i = 0; i < clusters_count(draft->common.clusters) && shown < UNUSED_SHOWN; i++) {
        struct buffer shape = {0};

        if (!is_used(draft, sorted[i]) && write_shape(draft, sorted[i], &shape)) {
            if (shown++ == 0)
                buffer_append(out, SPAN("\n# Lines that no rule here is made from, and why:\n"));
            buffer_printf(out, "# %7llu  %-12s  %.*s\n", (unsigned long long)sorted[i]->count,
                reason_of(draft, sorted[i]),
                shape.len < UNUSED_BYTES ? (int)shape.len : UNUSED_BYTES, shape.bytes);
        }
        buffer_finish(&shape);
    }
}
