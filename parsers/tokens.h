/* SPDX-License-Identifier: MIT
 *
 * A line of text as tokens: words, blanks and marks as they stand, and values known by
 * their look (addresses, times, numbers). For tools that compare lines; rules match with
 * patterns.
 */
#ifndef PARSERS_TOKENS_H
#define PARSERS_TOKENS_H

#include "span.h"

enum token_kind {
    TOKEN_BLANK,   /* a run of blanks */
    TOKEN_MARK,    /* one byte that is of no word: = , ; " ' ( ) [ ] { } < > | and the like */
    TOKEN_WORD,    /* letters, perhaps with - and _ in between */
    TOKEN_ADDRESS, /* an IP address, perhaps with a port */
    TOKEN_TIME,    /* a timestamp (timestamp.h), blanks in it included */
    TOKEN_NUMBER,  /* digits, perhaps with a point */
    TOKEN_EMAIL,
    TOKEN_UUID,
    TOKEN_PATH,   /* with a / at its start, or :// in it */
    TOKEN_AGENT,  /* what a browser calls itself: from Mozilla/ to a quote, a ] or the end */
    TOKEN_CODE,   /* anything else: a name with digits, a hash, a version */
    TOKEN_VARIES, /* of a cluster (clusters.h): not the same in all of its lines */
    TOKEN_KINDS
};

/* How a value of that kind is shown in place of the value: "<address>". NULL for blanks,
 * marks and words. */
extern const char *const token_kind_names[TOKEN_KINDS];

struct token {
    enum token_kind kind;
    struct span text;
};

/* At most `most` tokens, the last of which has all that is left. Returns how many; their
 * texts one behind the other are the text. */
size_t tokens_read(struct span text, struct token *tokens, size_t most);

/* Whether the word tells what was done or how it ended (login, failed, created), so that
 * lines with different ones are not alike. */
bool token_is_telling(struct span word);

#endif
