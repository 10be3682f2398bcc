/* SPDX-License-Identifier: MIT
 *
 * The sender's process while somebody has opted out (shipper/opt_out.h): sends
 * nothing, and deletes what is in the spool, waiting or rejected.
 */
#ifndef SHIPPER_SENDER_OPTED_OUT_H
#define SHIPPER_SENDER_OPTED_OUT_H

#include "shipper/child.h"

/* Until it is told to stop (EXIT_FINE) or nobody opts out any more (CHILD_RENEW); other
 * exit codes as sender_run. */
int opted_out_run(const struct child *child);

#endif
