/* SPDX-License-Identifier: MIT
 *
 * Another configuration, in place of the one in force: once its trial (reload.h) has found
 * it sound, the reader is started anew with it, then the sender if it is concerned.
 */
#ifndef SHIPPER_SUPERVISOR_RELOAD_H
#define SHIPPER_SUPERVISOR_RELOAD_H

#include "shipper/supervisor_parts.h"

/* Begins what is wanted, and goes on with what has begun. */
void supervisor_reload_turn(struct supervisor *s, int64_t now_ms);

/* Ends a reload, whatever came of it: those who asked are told these words. */
void supervisor_reload_answer(struct supervisor *s, const char *words);

#endif
