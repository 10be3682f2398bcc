/* SPDX-License-Identifier: MIT
 *
 * Guesses from words: what a line tells of, how it ended, and which of its values is the
 * user, the address, the user agent. English, as logs are.
 */
#ifndef PARSERS_DRAFT_WORDS_H
#define PARSERS_DRAFT_WORDS_H

#include "buffer.h"
#include "tokens.h"

/* The activity that the text tells of, LOGIN, USER_CREATED or the like; NULL if none.
 * Words are told apart at anything but letters, and at humps: `UserLoggedIn` is "logged in". */
const char *draft_activity(struct span text);

/* Whether it tells that something was refused or went wrong. */
bool draft_is_failure(struct span text);

enum draft_role { ROLE_USER, ROLE_ADDRESS, ROLE_AGENT, ROLE_TIME, ROLE_EVENT, DRAFT_ROLES };

/* How well a field's name (`meta.remote_ip`) fits the role: 0 not at all, else the more the
 * better. ROLE_EVENT: what its value says is what happened (`event.action`). */
unsigned draft_fit(enum draft_role role, struct span name);

/* Whether it is a word that labels values (user, client) or tells what was done, so that it
 * can hardly be a name. */
bool draft_is_label(struct span word);

/* Whether the word before it says that the token is the name of a thing: `project acme`. */
bool draft_is_thing(const struct token *tokens, size_t i);

/* The same of a field by its name. */
bool draft_names_thing(struct span name);

/* Of a line's tokens the one that has the role, by its look and the words around it;
 * DRAFT_NO_TOKEN if there is none, as for ROLE_EVENT. */
#define DRAFT_NO_TOKEN SIZE_MAX
size_t draft_find_token(enum draft_role role, const struct token *tokens, size_t count);

#endif
