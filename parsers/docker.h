/* SPDX-License-Identifier: MIT
 *
 * docker: the lines of Docker's json-file log driver:
 *
 *     {"log":"what the container wrote\n","stream":"stdout","time":"2026-11-23T10:11:12.1Z"}
 *
 * A line of more than 16 KiB is written in parts of that length, all but the last
 * without "\n" at the end of `log`. A shorter one without it is the last that a
 * container wrote, and is whole. A text of several such lines is the parts of one
 * record, or lines that `multiline` has joined.
 *
 * Fields: log.iostream, stdout or stderr, and attrs.NAME of `--log-opt labels` and its
 * like. message: what the container wrote. time: of the first part.
 * Source: Docker, "JSON File logging driver"; daemon/logger/copier.go for the parts.
 */
#ifndef PARSERS_DOCKER_H
#define PARSERS_DOCKER_H

#include "format.h"

format_parse docker_parse;
format_read_part docker_read_part;

/* The next line in which something is hidden (format.h): an escape, or a part. */
const char *docker_find_hidden(struct span bytes);

#endif
