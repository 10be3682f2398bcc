/* SPDX-License-Identifier: MIT
 *
 * parsers/ reads no files: what it leaves open is filled in before anybody runs a rule.
 */
#include "shipper/rule_zones.h"

#include "parsers/rule.h"
#include "shipper/zone_file.h"

static bool load(struct rule *rule, struct errors *errors)
{
    char name[128] = "";
    struct zone zone;
    struct error why;

    if (rule->time.zone_name.len < sizeof(name))
        memcpy(name, rule->time.zone_name.at, rule->time.zone_name.len);
    if (zone_load(name, &zone, &why)) {
        rule_set_zone(rule, zone);
        return true;
    }
    error_hint(errors_add(errors, rule->time.zone_place, "%s", why.message), "%s", why.hint);
    return false;
}

struct rule_file *rule_zones_parse(const struct text *text, struct errors *errors)
{
    return rule_zones_parse_within(NULL, text, errors);
}

struct rule_file *rule_zones_parse_within(
    const struct format *runtime, const struct text *text, struct errors *errors)
{
    struct rule_file *file = rule_file_parse_within(runtime, text, errors);
    bool is_fine = true;

    for (size_t i = 0; file && i < file->count; i++)
        if (rule_wants_zone(&file->rules[i]))
            is_fine = load(&file->rules[i], errors) && is_fine;
    if (is_fine)
        return file;
    rule_file_free(file);
    return NULL;
}
