/* SPDX-License-Identifier: MIT
 *
 * The body is our own JSON, in which no value holds an unescaped quote: the first
 * "event_at": is the key.
 */
#include "shipper/sender/expiry.h"

bool expiry_is_due(struct span body, int64_t max_age_ms, int64_t wall_s)
{
    static const char key[] = "\"event_at\":";
    const char *at;
    struct span digits;
    uint64_t event_s = 0;

    if (max_age_ms == 0)
        return false;
    at = memmem(body.at, body.len, key, sizeof(key) - 1);
    if (!at)
        return false;
    digits.at = at + sizeof(key) - 1;
    digits.len = 0;
    while (digits.at + digits.len < body.at + body.len && digits.at[digits.len] >= '0' &&
           digits.at[digits.len] <= '9')
        digits.len++;
    return span_to_u64(digits, &event_s) && wall_s - (int64_t)event_s > max_age_ms / 1000;
}
