/* SPDX-License-Identifier: MIT
 *
 * Questions to whoever sits at the terminal, or to what is piped in for them: each a
 * line on standard error, its answer a line of standard input. No line, Ctrl-D, or Ctrl-C
 * while nothing is shown, ends the conversation.
 */
#ifndef SHIPPER_ASK_H
#define SHIPPER_ASK_H

#include <stdbool.h>
#include <stddef.h>

enum { ASK_BYTES = 1024 };

/* The answer without blanks around it; an empty one is usual, or "". False: there was
 * no line. */
bool ask_text(const char *question, const char *usual, char answer[ASK_BYTES]);

/* One of the words, by its first letters; the first of them is usual. Asks until it is
 * one; count when there was no line. */
size_t ask_word(const char *question, const char *const *words, size_t count);

/* As ask_text, without showing what is typed. The caller wipes it. */
bool ask_secret(const char *question, char answer[ASK_BYTES]);

#endif
