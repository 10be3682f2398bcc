/* SPDX-License-Identifier: MIT
 *
 * Opting out: DO_NOT_TRACK in the environment, or a file on the host, and nothing is
 * made into events, nothing is sent, and what waits is deleted.
 */
#ifndef SHIPPER_OPT_OUT_H
#define SHIPPER_OPT_OUT_H

#include <stdbool.h>

/* The variable counts unless it is empty, "0" or "false". On true *by says who asks for
 * it: "DO_NOT_TRACK", or the file's name; it lives as long as file does. */
bool opt_out_is_asked(const char *file, const char **by);

#endif
