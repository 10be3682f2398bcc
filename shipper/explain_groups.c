/* SPDX-License-Identifier: MIT
 *
 * To look for the nearest rule takes a thousand times as long as to match, so of lines
 * that are alike only the first are looked at.
 */
#include "shipper/explain_groups.h"

#include "parsers/memory.h"

#include <stdlib.h>

/* What is kept with a cluster. */
struct looks {
    unsigned count;
    struct explain_group *last;
};

void explain_groups_init(struct explain_groups *groups)
{
    *groups = (struct explain_groups){.clusters = clusters_new(EXPLAIN_SHAPES_MOST)};
}

void explain_groups_finish(struct explain_groups *groups)
{
    for (size_t i = 0; i < clusters_count(groups->clusters); i++)
        free(clusters_get(groups->clusters, i)->data);
    clusters_free(groups->clusters);
    for (size_t i = 0; i < groups->count; i++) {
        free(groups->items[i]->shapes);
        free(groups->items[i]->line);
        free((char *)(uintptr_t)groups->items[i]->miss.value.at);
        free((char *)(uintptr_t)groups->items[i]->miss.alike.at);
        free(groups->items[i]);
    }
    free(groups->items);
}

static bool is_same(const struct explain_group *a, const struct explain_group *b)
{
    return a->fate == b->fate && a->rules == b->rules && a->rule == b->rule &&
           a->missing == b->missing && a->excluded == b->excluded && a->format == b->format &&
           a->miss.step == b->miss.step && a->miss.place.offset == b->miss.place.offset;
}

/* The group like that one, begun with the record if there is none. */
static struct explain_group *find_group(struct explain_groups *groups,
    const struct explain_group *like, const struct explained *explained)
{
    struct explain_group *group;

    for (size_t i = 0; i < groups->count; i++)
        if (is_same(groups->items[i], like))
            return groups->items[i];
    group = memory_new(sizeof(*group));
    *group = *like;
    group->line = memory_string(explained->record.text);
    group->line_number = explained->line_number;
    group->path = explained->path;
    if (group->miss.value.at)
        group->miss.value.at = memory_string(group->miss.value);
    if (group->miss.alike.at)
        group->miss.alike.at = memory_string(group->miss.alike);
    groups->items =
        memory_room(groups->items, groups->count, &groups->room, sizeof(*groups->items));
    groups->items[groups->count++] = group;
    return group;
}

/* Where a record that nothing took belongs. */
static struct explain_group *find_end(
    struct explain_groups *groups, struct explain *explain, const struct explained *explained)
{
    const struct explained_file *files = explain_look(explain, explained);
    const struct explained_file *nearest = explain_nearest(files, explain_file_count(explain));
    struct explain_group like = {.fate = FATE_FAR};

    if (nearest && nearest->nearest.nearness >= NEAR_ENOUGH) {
        like.fate = FATE_NEAR;
        like.rules = nearest->rules;
        like.rule = nearest->nearest.rule;
        like.miss = nearest->nearest;
    } else if (!nearest && !files[0].is_decoded) {
        const struct explained_format *format = &files[0].formats[files[0].format_count - 1];

        like.fate = FATE_NOT_DECODED;
        like.rules = files[0].rules;
        like.format = format->name;
        like.ends_early = explain_ends_early(format);
    }
    return find_group(groups, &like, explained);
}

static void add_shape(
    struct explain_group *group, const struct cluster *cluster, const struct explained *explained)
{
    for (size_t i = 0; i < group->shape_count; i++)
        if (group->shapes[i].cluster == cluster) {
            group->shapes[i].count++;
            return;
        }
    group->shapes =
        memory_room(group->shapes, group->shape_count, &group->shape_room, sizeof(*group->shapes));
    group->shapes[group->shape_count++] =
        (struct explain_shape){cluster, 1, explained->line_number, explained->path};
}

static void add_untaken(
    struct explain_groups *groups, struct explain *explain, const struct explained *explained)
{
    struct span text = explained->record.text;
    struct span rest = explain_read(explain, explained)->record.message;
    struct cluster *cluster = clusters_add(groups->clusters, SPAN(""), span_cut(&rest, '\n'), text);
    struct looks *looks = cluster->data;

    if (!looks)
        cluster->data = looks = memory_new(sizeof(*looks));
    if (looks->count < EXPLAIN_LOOKS_MOST) {
        looks->count++;
        looks->last = find_end(groups, explain, explained);
    }
    looks->last->count++;
    add_shape(looks->last, cluster, explained);
}

/* Of several files that leave their format open all say the same. */
static void add_detected(
    struct explain_groups *groups, struct explain *explain, const struct explained *explained)
{
    const struct explained_file *file;
    size_t count = explain_file_count(explain), i = 0;

    while (i < count && !explain_is_auto(explain, i))
        i++;
    if (i == count)
        return;
    file = &explain_read(explain, explained)[i];
    for (size_t j = 0; j < file->format_count; j++)
        detection_add(
            &groups->detection, file->formats[j].detected, file->formats[j].detected_count);
}

void explain_groups_add(
    struct explain_groups *groups, struct explain *explain, const struct explained *explained)
{
    groups->lines++;
    add_detected(groups, explain, explained);
    for (size_t i = 0; i < explained->taker_count; i++) {
        const struct explained_taker *taker = &explained->takers[i];
        struct explain_group like = {
            .fate = FATE_TAKEN,
            .rules = taker->rules,
            .rule = taker->rule,
            .missing = taker->missing,
            .excluded = taker->excluded,
            .reason = taker->reason,
        };

        memcpy(like.value, taker->value, sizeof(like.value));
        find_group(groups, &like, explained)->count++;
    }
    if (explained->taker_count == 0)
        add_untaken(groups, explain, explained);
}

static int compare_groups(const void *a, const void *b)
{
    const struct explain_group *one = *(const struct explain_group *const *)a;
    const struct explain_group *other = *(const struct explain_group *const *)b;

    if (one->fate != other->fate)
        return one->fate < other->fate ? -1 : 1;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    if (one->miss.nearness != other->miss.nearness)
        return one->miss.nearness > other->miss.nearness ? -1 : 1;
    return one->line_number < other->line_number ? -1 : one->line_number > other->line_number;
}

static int compare_shapes(const void *a, const void *b)
{
    const struct explain_shape *one = a, *other = b;

    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return one->line_number < other->line_number ? -1 : one->line_number > other->line_number;
}

void explain_groups_sort(struct explain_groups *groups)
{
    if (groups->count > 0)
        qsort(groups->items, groups->count, sizeof(*groups->items), compare_groups);
    for (size_t i = 0; i < groups->count; i++)
        if (groups->items[i]->shape_count > 0)
            qsort(groups->items[i]->shapes, groups->items[i]->shape_count,
                sizeof(*groups->items[i]->shapes), compare_shapes);
}
