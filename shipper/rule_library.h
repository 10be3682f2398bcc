/* SPDX-License-Identifier: MIT
 *
 * The rule files that a configuration names, each loaded once however often it
 * is named. A name is looked up as <dir>/<name>.yaml over the rule directories,
 * the first wins; what has a slash or ends in .yaml is a path.
 */
#ifndef SHIPPER_RULE_LIBRARY_H
#define SHIPPER_RULE_LIBRARY_H

#include "parsers/keys.h"
#include "parsers/rules.h"

struct rule_library;

/* dirs are borrowed. folder: what relative paths start from. */
struct rule_library *rule_library_new(const struct strings *dirs, const char *folder);
void rule_library_free(struct rule_library *library); /* accepts NULL */

/* Whether that is a path, and no name to be looked up. */
bool rule_library_is_path(const char *name);

/* The rule file called name, or NULL when it is not there or is faulty. Errors
 * are added once: at `named` when there is no such file, else at their places in
 * the rule file. The file lives as long as the library. */
const struct rule_file *rule_library_get(
    struct rule_library *library, const char *name, struct place named, struct errors *errors);

/* The same, for logs that a container's runtime writes (rule_file_parse_within); NULL is no
 * runtime. */
const struct rule_file *rule_library_get_within(const struct format *runtime,
    struct rule_library *library, const char *name, struct place named, struct errors *errors);

/* The names that rule files have in these directories, each once, in no order. */
void rule_library_names(const struct strings *dirs, struct strings *names);
void rule_library_names_free(struct strings *names);

/* How many files were read, faulty ones included, and the i-th: its text, and its
 * rules or NULL. */
size_t rule_library_count(const struct rule_library *library);
const struct text *rule_library_text(const struct rule_library *library, size_t i);
const struct rule_file *rule_library_file(const struct rule_library *library, size_t i);

#endif
