/* SPDX-License-Identifier: MIT
 *
 * A pattern is tried from the left; behind a * that did not work out, one byte further on.
 */
#include "exclusion.h"

static bool fits(char wanted, char c)
{
    return wanted == '?' || byte_lower(wanted) == byte_lower(c);
}

static bool matches(struct span pattern, struct span text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.len && fits(pattern.at[p], text.at[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

static bool has_address(const struct exclusion *exclusion, struct span text)
{
    struct network_address address;

    if (!text.at || !network_address_parse(text, &address))
        return false;
    for (size_t i = 0; i < exclusion->addresses.count; i++)
        if (network_has(&exclusion->networks[i], &address))
            return true;
    return false;
}

static bool has_user(const struct exclusion *exclusion, struct span user)
{
    for (size_t i = 0; i < exclusion->users.count && user.at; i++)
        if (matches(span_of(exclusion->users.items[i]), user))
            return true;
    return false;
}

const char *exclusion_check(
    const struct exclusion *exclusion, struct span user, struct span address, int64_t at_s)
{
    if (at_s < exclusion->since_s || (exclusion->until_s > 0 && at_s >= exclusion->until_s))
        return "event_at";
    if (has_user(exclusion, user))
        return "user_id";
    return has_address(exclusion, address) ? "ip_addr" : NULL;
}
