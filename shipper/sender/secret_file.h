/* SPDX-License-Identifier: MIT
 *
 * A secret alone in a file: a key, a password. Whoever reads one wipes it.
 */
#ifndef SHIPPER_SENDER_SECRET_FILE_H
#define SHIPPER_SENDER_SECRET_FILE_H

#include "parsers/error.h"
#include "parsers/limits.h"

struct secret {
    char text[2 * LIMIT_API_KEY_BYTES + 1]; /* without the blanks and line ends around it; any
                                               other byte, and terminated */
    size_t len;      /* 0: there is none; more than LIMIT_API_KEY_BYTES: perhaps not all of it */
    bool is_exposed; /* everyone on this host can read the file */
};

/* what: "the API key", for messages. Fails (ERROR_CONFIG, errno in code) for what is
 * no file or cannot be read. */
bool secret_file_read(const char *path, const char *what, struct secret *secret, struct error *err);

/* A text from elsewhere as a secret: its blanks and line ends go, too. */
void secret_take(struct secret *secret, struct span text);

void secret_wipe(struct secret *secret);

#endif
