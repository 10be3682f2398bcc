/* SPDX-License-Identifier: MIT
 *
 * What became of each rule's matches, as `status` shows it: the rows of
 * rule_figures.h, and those rules of the configuration that have none yet.
 */
#ifndef SHIPPER_STATUS_RULES_H
#define SHIPPER_STATUS_RULES_H

#include "shipper/config.h"
#include "shipper/rule_figures.h"

struct status_rule {
    struct buffer row;         /* behind the spans of figure */
    struct rule_figure figure; /* events 0 and last_s 0: it made none yet */
    bool is_running;           /* some input of the configuration uses it */
};

struct status_rules {
    struct status_rule *items; /* by product and name */
    size_t count, room;
    bool is_configured; /* is_running means something */
};

/* For spool_each_cursor; arg is the rules. */
void status_rules_take(void *arg, uint64_t key, struct span row);
void status_rules_configure(struct status_rules *rules, const struct config *config);
void status_rules_sort(struct status_rules *rules);
void status_rules_finish(struct status_rules *rules);

/* A table; rules that do not run any more are left out unless is_all, as are those that made
 * nothing where there are many. Nothing where there are
 * none. */
void status_rules_text(const struct status_rules *rules, bool is_all, struct buffer *out);

/* "rules":[…],\n */
void status_rules_json(const struct status_rules *rules, int64_t now_s, struct buffer *out);

#endif
