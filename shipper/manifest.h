/* SPDX-License-Identifier: MIT
 *
 * The manifest: all that a configuration can ever send, and where to, as lines that
 * can be kept under version control and compared:
 *
 *     endpoint  https://ingest.example.com/api/product/usage
 *     openssh/login  from  file /var/log/auth.log
 *     openssh/login  user_id  ${user}
 *
 * The same configuration and rule files give the same bytes on every host. Nothing
 * about when and how fast is in it, nor which lines a rule picks.
 */
#ifndef SHIPPER_MANIFEST_H
#define SHIPPER_MANIFEST_H

#include "shipper/config.h"

void manifest_write(const struct config *config, struct buffer *out);

/* Appends the lines that only one of them has, "-" before those of `then`, "+"
 * before those of `now`, in their order. False if there are none. Lines that begin
 * with # do not count. */
bool manifest_compare(struct span then, struct span now, struct buffer *out);

#endif
