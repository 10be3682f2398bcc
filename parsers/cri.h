/* SPDX-License-Identifier: MIT
 *
 * cri: what Kubernetes' container runtimes (containerd, CRI-O) and podman write, a line
 * a container wrote in one line or in several parts:
 *
 *     2026-11-23T10:11:12.123456789Z stdout F a whole line
 *     2026-11-23T10:11:12.123456789Z stderr P the first part of a long l
 *     2026-11-23T10:11:12.123456789Z stderr F ine
 *
 * The tag is P or F, perhaps with more tags behind colons. A text of several such lines
 * is the parts of one record, or lines that `multiline` has joined: a part is glued to
 * what follows, behind a whole line stays its end.
 *
 * Field: log.iostream, stdout or stderr (OpenTelemetry's name for it, which no
 * product's own field hides). message: what the container wrote. time: of the first.
 * Source: Kubernetes, "CRI Logging" (design-proposals, kubelet-cri-logging.md).
 */
#ifndef PARSERS_CRI_H
#define PARSERS_CRI_H

#include "format.h"

format_parse cri_parse;
format_read_part cri_read_part;

/* The next line that is a part (format.h). */
const char *cri_find_part(struct span bytes);

#endif
