/* SPDX-License-Identifier: MIT
 *
 * Maps with known keys, as tables: what may stand in a rule file or in the
 * configuration, its type, range, default and one line of help. Loading, `check` and the
 * JSON Schema (schema.h) come from the same rows.
 */
#ifndef PARSERS_KEYS_H
#define PARSERS_KEYS_H

#include "document.h"

enum key_type {
    KEY_STRING,   /* char *: a copy, owned by the target struct */
    KEY_STRINGS,  /* struct strings: one string or a list of them */
    KEY_BOOL,     /* bool: true or false, nothing else */
    KEY_INTEGER,  /* int64_t */
    KEY_DURATION, /* int64_t milliseconds: 250ms, 30s, 5m, 1h, 2d */
    KEY_SIZE,     /* int64_t bytes: 512, 64KiB, 10MiB, 1GiB */
    KEY_CHOICE,   /* int: index in choices */
    KEY_NODE,     /* const struct node *: read further by the caller */
};

struct strings {
    char **items;
    size_t count;
};

struct key;

/* What may stand where the caller reads further: for schema.h. */
struct key_shape {
    enum {
        SHAPE_TEXT,   /* a text or a number */
        SHAPE_CHOICE, /* one of choices, ended by NULL */
        SHAPE_MAP,    /* with the keys of all tables, ended by NULL */
        SHAPE_NAMED,  /* a map of any names, each with what of[0] says */
        SHAPE_LIST,   /* of what of[0] says */
        SHAPE_EITHER, /* one of those in of, ended by NULL */
    } kind;
    const struct key *const *tables;
    const struct key_shape *const *of;
    const char *const *choices;
};

/* In initialisers at file scope. */
#define SHAPE_OF_MAP(...)                                                                          \
    {                                                                                              \
        .kind = SHAPE_MAP, .tables = (const struct key *const[])                                   \
        {                                                                                          \
            __VA_ARGS__, NULL                                                                      \
        }                                                                                          \
    }
#define SHAPE_OF(shape_kind, ...)                                                                  \
    {                                                                                              \
        .kind = shape_kind, .of = (const struct key_shape *const[])                                \
        {                                                                                          \
            __VA_ARGS__, NULL                                                                      \
        }                                                                                          \
    }

/* A text; a text or a list of them; a map of any names and texts, or of texts or lists. */
extern const struct key_shape shape_text, shape_texts, shape_named_text, shape_named_texts;

struct key {
    const char *name;
    enum key_type type;
    size_t offset;    /* offsetof the target's member */
    const char *help; /* one line without a full stop, for people */
    bool is_required;
    const char *default_text;      /* as it would be written in the file; NULL: zero value */
    int64_t least, most;           /* KEY_INTEGER, KEY_DURATION (ms), KEY_SIZE; both 0: any */
    const char *const *choices;    /* KEY_CHOICE: ended by NULL */
    const struct key_shape *shape; /* KEY_NODE: what may stand there */
};

/* Reads a map into *target, which must be zeroed: defaults first, then what the
 * file says. Adds an error for a node that is not a map (naming `what`, e.g. "a
 * rule"), unknown keys (with the nearest known one as hint), missing required
 * ones, wrong types and values out of range. keys ends with a row without name.
 * node may be NULL: only the defaults. False if a key was unknown: what it was
 * meant for may look missing. */
bool keys_read(const struct node *node, const char *what, const struct key *keys, void *target,
    struct errors *errors);

/* A duration as files have it ("30s", "2d"), for command lines. */
bool keys_parse_duration(struct span text, int64_t *ms);

/* Whether two targets were given the same values; KEY_NODE is not looked at. */
bool keys_equal(const struct key *keys, const void *a, const void *b);

/* Frees what keys_read allocated in *target. */
void keys_finish(const struct key *keys, void *target);

#endif
