/* SPDX-License-Identifier: MIT
 *
 * A YAML text as a tree of values that know their place. Anchors and aliases,
 * tags and more than one document are errors: rule files and configurations
 * need none of them, and aliases can explode.
 */
#ifndef PARSERS_DOCUMENT_H
#define PARSERS_DOCUMENT_H

#include "error.h"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node;

struct pair {
    struct node *key, *value; /* the key is a scalar */
};

struct node {
    enum node_kind kind;
    struct place place;  /* the value in the text, quotes included */
    struct span value;   /* scalar: its decoded text; empty for a missing value */
    bool is_quoted;      /* scalar: quoted or a block, so "true" and "12" are strings */
    struct node **items; /* list */
    struct pair *pairs;  /* map, in the order of the file, no key twice */
    size_t count;        /* of items or pairs */
};

struct document;

/* Parses text, which must outlive the document. Adds every problem to errors
 * (duplicate keys, anchors, tags, …). NULL where reading on would only add errors
 * that follow from one: not YAML, an alias, a second document, over
 * LIMIT_DOCUMENT_BYTES, LIMIT_DOCUMENT_NODES or LIMIT_NESTING. An empty text is an
 * empty map. Of a key that stands twice the first counts. */
struct document *document_parse(const struct text *text, struct errors *errors);
void document_free(struct document *document); /* accepts NULL */

/* Borrowed, never NULL. */
const struct node *document_root(const struct document *document);

/* The value of a key, or NULL. */
const struct node *node_get(const struct node *map, const char *key);

/* The place of bytes offset..offset+len of a scalar's decoded value in the
 * file, through quoting, escapes, folding and block indentation: so that a fault
 * inside a pattern gets its own line, column and caret. */
struct place node_place_within(const struct node *scalar, size_t offset, size_t len);

#endif
