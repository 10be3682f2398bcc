/* SPDX-License-Identifier: MIT
 *
 * What journalctl is asked for names a journal: its cursor is found by that.
 */
#ifndef SHIPPER_SOURCES_JOURNAL_NAME_H
#define SHIPPER_SOURCES_JOURNAL_NAME_H

#include "shipper/config.h"

/* The key of its cursor in the spool; another namespace, directory or filter is another
 * journal. */
uint64_t journal_name_key(const struct journal_config *config);

/* For people: "journal --unit=acme.service". To be freed. */
char *journal_name_text(const struct journal_config *config);

#endif
