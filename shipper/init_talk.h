/* SPDX-License-Identifier: MIT
 *
 * The conversation of `init`: asks for what the options do not say.
 */
#ifndef SHIPPER_INIT_TALK_H
#define SHIPPER_INIT_TALK_H

#include "shipper/ask.h"
#include "shipper/init.h"

/* What was said. Answers point into it. */
struct init_spoken {
    char product_id[ASK_BYTES], host_address[ASK_BYTES];
    char key[ASK_BYTES]; /* to be wiped; empty: it comes later */
};

void init_talk_products(const struct init_products *products);

/* Marks the products to follow: those with these names; without any the ones whose last
 * lines make events, after a question if may_ask. */
bool init_talk_choose(const struct init_products *products, const struct strings *names,
    bool may_ask, struct error *err);

/* All else; of the key only if it is to be asked for. */
bool init_talk(
    struct init_answers *answers, bool wants_key, struct init_spoken *spoken, struct error *err);

#endif
