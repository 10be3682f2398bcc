/* SPDX-License-Identifier: MIT
 *
 * The API key: from the environment, a file, or a systemd credential; never from
 * the command line or the configuration itself.
 */
#ifndef SHIPPER_SENDER_API_KEY_H
#define SHIPPER_SENDER_API_KEY_H

#include "parsers/error.h"
#include "parsers/limits.h"

struct api_key {
    char text[LIMIT_API_KEY_BYTES + 1]; /* visible ASCII, never empty */
    char remedy[200]; /* "until the key in FILE is changed": what to do if it is wrong */
    bool is_exposed;  /* everyone on this host can read the file */
};

/* The first that there is: environment (the value of USAGE_SHIPPER_API_KEY as the
 * supervisor kept it, or NULL), file (a path, or NULL), the credential "api_key"
 * in $CREDENTIALS_DIRECTORY. Blanks and line ends around the key go. Fails with
 * what to do, and then *key is wiped. */
bool api_key_read(
    struct api_key *key, const char *environment, const char *file, struct error *err);

/* What keeps a text from being a key: "it is empty". NULL: nothing. */
const char *api_key_fault(struct span text);

void api_key_wipe(struct api_key *key);

#endif
