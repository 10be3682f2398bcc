/* SPDX-License-Identifier: MIT
 *
 * libyaml's parser events to a tree in one arena. What libyaml says of a broken
 * text is passed on with a place and, where the cause is a common one, a hint.
 * Marks of libyaml count characters; places count bytes.
 *
 * A fault that would make all that follows look wrong (not YAML, a cap, an
 * alias) gives no tree; any other is reported and read over.
 */
#include "document.h"

#include "arena.h"
#include "limits.h"
#include "memory.h"
#include "yaml_advice.h"

#include <assert.h>
#include <stdlib.h>
#include <yaml.h>

struct document {
    struct arena *arena;
    struct node *root;
};

/* A list or map whose end has not come yet. */
struct frame {
    struct node *node;
    size_t first; /* of its children in `pending` */
    bool is_flow; /* in brackets or braces */
};

struct builder {
    const struct text *text;
    struct errors *errors;
    struct document *document;
    yaml_parser_t yaml;
    const char *start;          /* the text without its byte order mark */
    size_t mark_index, mark_at; /* a character that was looked up last, and its byte */
    struct frame frames[LIMIT_NESTING];
    size_t depth;
    struct node **pending; /* children of all open frames, innermost last */
    size_t pending_count, pending_room;
    size_t nodes;
    size_t last_end; /* offset behind the last scalar or bracket */
    bool is_useless;
};

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Walks from the last mark, since marks come nearly in order: a whole document
 * costs one pass. */
static size_t offset_of(struct builder *b, const yaml_mark_t *mark)
{
    const char *start = b->start, *end = span_end(b->text->bytes);
    size_t size = (size_t)(end - start);

    while (b->mark_index < mark->index && b->mark_at < size) {
        b->mark_at++;
        while (b->mark_at < size && is_continuation(start[b->mark_at]))
            b->mark_at++;
        b->mark_index++;
    }
    while (b->mark_index > mark->index && b->mark_at > 0) {
        b->mark_at--;
        while (b->mark_at > 0 && is_continuation(start[b->mark_at]))
            b->mark_at--;
        b->mark_index--;
    }
    return (size_t)(start - b->text->bytes.at) + b->mark_at;
}

static struct place place_of(struct builder *b, const yaml_event_t *event)
{
    size_t start = offset_of(b, &event->start_mark), end = offset_of(b, &event->end_mark);

    return (struct place){b->text, start, end > start ? end - start : 0};
}

/* --- what libyaml refuses -------------------------------------------------- */

/* Where a quote is left open, its start tells more than the end of the file; where a key
 * lacks its colon, the key more than what comes behind it. */
static bool is_told_by_start(const yaml_parser_t *yaml)
{
    struct span context = span_of(yaml->context ? yaml->context : "");
    struct span problem = span_of(yaml->problem);

    if (span_is(context, "while scanning a simple key"))
        return true;
    return span_is(context, "while scanning a quoted scalar") &&
           (span_has_prefix(problem, SPAN("found unexpected end of stream")) ||
               span_has_prefix(problem, SPAN("found unexpected document indicator")));
}

static void add_yaml_error(struct builder *b)
{
    const yaml_parser_t *yaml = &b->yaml;
    struct place place = {.text = b->text, .len = 1};
    struct error *err;
    const char *hint;
    bool is_yaml = strstr(b->text->name, ".yaml") || strstr(b->text->name, ".yml");

    if (yaml->error == YAML_MEMORY_ERROR)
        abort();
    if (yaml->error == YAML_READER_ERROR)
        place.offset = (size_t)(b->start - b->text->bytes.at) + yaml->problem_offset;
    else
        place.offset =
            offset_of(b, is_told_by_start(yaml) ? &yaml->context_mark : &yaml->problem_mark);
    err = errors_add(b->errors, place, "not valid YAML: %s", yaml->problem);
    hint = yaml_advice(span_of(yaml->problem), b->text->bytes, place.offset);
    if (hint || !is_yaml)
        error_hint(err, "%s%s%s", hint ? hint : "", hint && !is_yaml ? " " : "",
            is_yaml ? "" : "Or is it a log? Those are for `explain` and `test --coverage`.");
}

/* --- the tree -------------------------------------------------------------- */

/* Never NULL: the caps on bytes and nodes bound what the arena holds. */
static void *take(struct builder *b, size_t bytes)
{
    void *block = arena_alloc(b->document->arena, bytes);

    assert(block);
    return block;
}

static void add_child(struct builder *b, struct node *node)
{
    if (b->depth == 0) {
        b->document->root = node;
        return;
    }
    b->pending = memory_room(b->pending, b->pending_count, &b->pending_room, sizeof(*b->pending));
    b->pending[b->pending_count++] = node;
}

static bool add_node(
    struct builder *b, const yaml_event_t *event, enum node_kind kind, struct node **added)
{
    struct place place = place_of(b, event);
    struct node *node;

    if (++b->nodes > LIMIT_DOCUMENT_NODES) {
        place.len = 1;
        errors_add(b->errors, place, "more than %u values in one file", LIMIT_DOCUMENT_NODES);
        b->is_useless = true;
        return false;
    }
    node = take(b, sizeof(*node));
    *node = (struct node){.kind = kind, .place = place, .value = SPAN("")};
    add_child(b, node);
    b->last_end = place.offset + place.len;
    *added = node;
    return true;
}

static void check_properties(
    struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct place place = place_of(b, event);

    if (anchor) {
        place.len = strlen((const char *)anchor) + 1;
        error_hint(errors_add(b->errors, place, "anchors (&%s) are not allowed here", anchor),
            "Write the value out, or put it in single quotes if the & belongs to its text.");
    }
    if (tag) {
        place.len = 1;
        error_hint(errors_add(b->errors, place, "tags (%s) are not allowed here", tag),
            "Take the tag away, or put the value in single quotes if the ! belongs to its text.");
    }
}

/* Most values stand in the text as they are, and need no copy. */
static struct span keep_value(struct builder *b, struct place place, struct span value)
{
    struct span source = {b->text->bytes.at + place.offset, place.len};

    if (source.len == value.len + 2) /* quotes, if these are the same bytes */
        source = (struct span){source.at + 1, value.len};
    return span_equal(source, value) ? source : arena_copy(b->document->arena, value);
}

static bool add_scalar(struct builder *b, const yaml_event_t *event)
{
    struct span value = {(const char *)event->data.scalar.value, event->data.scalar.length};
    struct node *node;

    check_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (!add_node(b, event, NODE_SCALAR, &node))
        return false;
    node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->value = keep_value(b, node->place, value);
    return true;
}

/* Goes on, with nothing in the alias's place, to find the other faults. */
static bool refuse_alias(struct builder *b, const yaml_event_t *event)
{
    struct node *node;

    error_hint(errors_add(b->errors, place_of(b, event), "aliases (*%s) are not allowed here",
                   event->data.alias.anchor),
        "Write the value out, or put it in single quotes if the * belongs to its text.");
    b->is_useless = true;
    return add_node(b, event, NODE_SCALAR, &node);
}

static bool refuse_document(struct builder *b, const yaml_event_t *event)
{
    error_hint(errors_add(b->errors, place_of(b, event), "a second document starts here"),
        "One file holds one document: take the line \"---\" away.");
    b->is_useless = true;
    return false;
}

static bool open_frame(
    struct builder *b, const yaml_event_t *event, enum node_kind kind, bool is_flow)
{
    struct node *node;

    if (b->depth == LIMIT_NESTING) {
        struct place place = place_of(b, event);

        place.len = 1;
        errors_add(b->errors, place, "nested more than %d levels deep", LIMIT_NESTING);
        b->is_useless = true;
        return false;
    }
    if (!add_node(b, event, kind, &node))
        return false;
    b->frames[b->depth++] = (struct frame){node, b->pending_count, is_flow};
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct node *x = ((const struct pair *)a)->key, *y = ((const struct pair *)b)->key;
    size_t shorter = x->value.len < y->value.len ? x->value.len : y->value.len;
    int order = shorter > 0 ? memcmp(x->value.at, y->value.at, shorter) : 0;

    if (order == 0 && x->value.len != y->value.len)
        order = x->value.len < y->value.len ? -1 : 1;
    if (order == 0)
        order = x->place.offset < y->place.offset ? -1 : 1;
    return order;
}

static int compare_pair_places(const void *a, const void *b)
{
    const struct node *x = ((const struct pair *)a)->key, *y = ((const struct pair *)b)->key;

    return x->place.offset < y->place.offset ? -1 : 1;
}

static void add_duplicate(struct builder *b, const struct node *first, const struct node *second)
{
    bool is_shown = b->errors->count < LIMIT_ERRORS;
    struct error *err = errors_add(b->errors, second->place, "key \"%.*s\" stands here twice",
        (int)second->value.len, second->value.at);
    size_t line, column;

    /* Finding a line costs a walk from the start of the file: not for what nobody sees. */
    if (!is_shown)
        return;
    place_find(&first->place, &line, &column);
    error_hint(err, "It stands in line %zu already: take one of the two away.", line);
}

/* Sorts, since a map can have as many keys as a document has nodes. */
static void drop_duplicates(struct builder *b, struct node *map)
{
    size_t kept = 0;

    if (map->count < 2)
        return;
    qsort(map->pairs, map->count, sizeof(*map->pairs), compare_keys);
    for (size_t i = 0; i < map->count; i++) {
        if (kept > 0 && span_equal(map->pairs[kept - 1].key->value, map->pairs[i].key->value))
            add_duplicate(b, map->pairs[kept - 1].key, map->pairs[i].key);
        else
            map->pairs[kept++] = map->pairs[i];
    }
    map->count = kept;
    qsort(map->pairs, map->count, sizeof(*map->pairs), compare_pair_places);
}

static void fill_map(struct builder *b, struct node *map, struct node **children, size_t count)
{
    map->pairs = take(b, count / 2 * sizeof(*map->pairs));
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (children[i]->kind == NODE_SCALAR)
            map->pairs[map->count++] = (struct pair){children[i], children[i + 1]};
        else
            error_hint(errors_add(b->errors, children[i]->place, "a key must be one text"),
                "Put it in single quotes if the bracket or brace belongs to its text.");
    }
    drop_duplicates(b, map);
}

static void close_frame(struct builder *b, const yaml_event_t *event)
{
    struct frame *frame = &b->frames[--b->depth];
    struct node *node = frame->node;
    size_t count = b->pending_count - frame->first;
    struct node **children = count > 0 ? b->pending + frame->first : NULL;

    /* A block ends, for libyaml, where the next thing starts. */
    if (frame->is_flow)
        b->last_end = offset_of(b, &event->end_mark);
    node->place.len = b->last_end - node->place.offset;
    if (node->kind == NODE_MAP) {
        fill_map(b, node, children, count);
    } else if (count > 0) {
        node->items = take(b, count * sizeof(*node->items));
        node->count = count;
        memcpy(node->items, children, count * sizeof(*children));
    }
    b->pending_count = frame->first;
}

/* False ends the parsing: what follows is not looked at. */
static bool add_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        check_properties(
            b, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return open_frame(
            b, event, NODE_LIST, event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    case YAML_MAPPING_START_EVENT:
        check_properties(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return open_frame(
            b, event, NODE_MAP, event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_frame(b, event);
        return true;
    case YAML_ALIAS_EVENT:
        return refuse_alias(b, event);
    case YAML_DOCUMENT_START_EVENT:
        return !b->document->root || refuse_document(b, event);
    case YAML_STREAM_END_EVENT:
        return false;
    default:
        return true;
    }
}

static void build(struct builder *b)
{
    yaml_event_t event;
    bool goes_on = true;

    while (goes_on) {
        if (!yaml_parser_parse(&b->yaml, &event)) {
            add_yaml_error(b);
            b->is_useless = true;
            return;
        }
        goes_on = add_event(b, &event);
        yaml_event_delete(&event);
    }
}

/* Nothing in the text, or nothing but comments or `---`, is an empty map. */
static void set_empty_root(struct builder *b)
{
    struct node *root = b->document->root;

    if (!root || (root->kind == NODE_SCALAR && root->value.len == 0 && !root->is_quoted)) {
        b->document->root = take(b, sizeof(*root));
        *b->document->root = (struct node){.kind = NODE_MAP, .place = {.text = b->text}};
    }
}

struct document *document_parse(const struct text *text, struct errors *errors)
{
    struct builder b = {.text = text, .errors = errors, .start = text->bytes.at};

    if (text->bytes.len > LIMIT_DOCUMENT_BYTES) {
        errors_add(errors, (struct place){.text = text}, "over %u MiB, which is the most",
            LIMIT_DOCUMENT_BYTES >> 20);
        return NULL;
    }
    if (!yaml_parser_initialize(&b.yaml))
        abort();
    if (span_has_prefix(text->bytes, SPAN("\xef\xbb\xbf")))
        b.start += 3;
    b.document = memory_new(sizeof(*b.document));
    b.document->arena = arena_new(SIZE_MAX);
    yaml_parser_set_encoding(&b.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.yaml, (const unsigned char *)(b.start ? b.start : ""),
        text->bytes.len - (size_t)(b.start - text->bytes.at));
    build(&b);
    yaml_parser_delete(&b.yaml);
    free(b.pending);
    if (b.is_useless) {
        document_free(b.document);
        return NULL;
    }
    set_empty_root(&b);
    return b.document;
}

void document_free(struct document *document)
{
    if (!document)
        return;
    arena_free(document->arena);
    free(document);
}

const struct node *document_root(const struct document *document)
{
    return document->root;
}

const struct node *node_get(const struct node *map, const char *key)
{
    for (size_t i = 0; i < map->count && map->kind == NODE_MAP; i++)
        if (span_is(map->pairs[i].key->value, key))
            return map->pairs[i].value;
    return NULL;
}
