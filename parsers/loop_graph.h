/* SPDX-License-Identifier: MIT
 *
 * Whether a repeat in a pattern can read one text in two ways and then go on from the
 * same place: if so a text of n such pieces can be read in 2^n ways, and a match that
 * fails behind it tries all of them.
 *
 *     (a+)+        "a": as one more of the inner repeat, or of the outer
 *     (?:\w|\d)*   "0": as either
 *     (\S+ )*      nothing: a blank ends each round
 */
#ifndef PARSERS_LOOP_GRAPH_H
#define PARSERS_LOOP_GRAPH_H

#include "buffer.h"
#include "pattern_tree.h"

/* into: a text that the loop takes first; piece: what can follow it again and again.
 * False if every text has one reading, as far as that is known: what look-arounds forbid
 * and groups that give nothing back is not, nor what a loop of very many parts does. */
bool loop_graph_find(const struct tree *loop, struct buffer *into, struct buffer *piece);

#endif
