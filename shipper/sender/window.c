/* SPDX-License-Identifier: MIT
 *
 * Doubly linked lists over one array that never grows: the spool is what holds
 * a backlog, not this.
 */
#include "shipper/sender/window.h"

#include "parsers/limits.h"
#include "parsers/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void append(struct window_list *list, struct window_item *item)
{
    item->list = list;
    item->next = NULL;
    item->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = item;
    list->last = item;
    list->count++;
}

static void take_out(struct window_item *item)
{
    struct window_list *list = item->list;

    *(item->previous ? &item->previous->next : &list->first) = item->next;
    *(item->next ? &item->next->previous : &list->last) = item->previous;
    list->count--;
}

void window_init(struct window *window)
{
    *window =
        (struct window){.items = memory_new(LIMIT_EVENTS_LEASED * sizeof(struct window_item))};
    for (size_t i = 0; i < LIMIT_EVENTS_LEASED; i++)
        append(&window->unused, &window->items[i]);
}

void window_finish(struct window *window)
{
    for (size_t i = 0; i < LIMIT_EVENTS_LEASED; i++)
        window_pardon(&window->items[i]);
    free(window->items);
    *window = (struct window){0};
}

void window_add(struct window *window, const struct spool_event *event)
{
    struct window_item *item = window->unused.last;

    assert(item);
    take_out(item);
    *item = (struct window_item){.event = *event, .gate.row = event->row};
    append(&window->ready, item);
}

void window_refuse(
    struct window_item *item, int64_t at_s, long status, struct span answer, const char *reason)
{
    struct window_refusal *refusal = memory_new(sizeof(*refusal));

    if (answer.len > LIMIT_ANSWER_KEPT_BYTES)
        answer.len = LIMIT_ANSWER_KEPT_BYTES;
    refusal->at_s = at_s;
    refusal->status = status;
    buffer_append(&refusal->answer, answer);
    snprintf(refusal->reason, sizeof(refusal->reason), "%s", reason);
    window_pardon(item);
    item->refusal = refusal;
}

void window_pardon(struct window_item *item)
{
    if (item->refusal)
        buffer_finish(&item->refusal->answer);
    free(item->refusal);
    item->refusal = NULL;
}

void window_drop(struct window *window, struct window_item *item)
{
    window_pardon(item);
    window_move(item, &window->unused);
}

void window_move(struct window_item *item, struct window_list *list)
{
    take_out(item);
    append(list, item);
}

void window_move_all(struct window_list *from, struct window_list *to)
{
    while (from->first)
        window_move(from->first, to);
}

int64_t window_wake(struct window *window, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    struct window_item *next;

    for (struct window_item *item = window->later.first; item; item = next) {
        next = item->next;
        if (item->gate.not_before_ms <= now_ms)
            window_move(item, &window->ready);
        else if (item->gate.not_before_ms < next_ms)
            next_ms = item->gate.not_before_ms;
    }
    return next_ms;
}

static struct window_item *best(
    const struct window_list *list, struct window_item *chosen, const struct gate *gate)
{
    for (struct window_item *item = list->first; item; item = item->next)
        if (!chosen || gate_prefers(gate, &item->gate, &chosen->gate))
            chosen = item;
    return chosen;
}

struct window_item *window_probe(const struct window *window, const struct gate *gate)
{
    return best(&window->later, best(&window->ready, NULL, gate), gate);
}
