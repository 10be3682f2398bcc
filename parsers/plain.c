/* SPDX-License-Identifier: MIT
 *
 * Says only where a timestamp may stand; whether there is one is not its
 * question.
 */
#include "plain.h"

enum parse_result plain_parse(struct span text, struct record *record, size_t *at)
{
    (void)at;
    if (record->time.at)
        return PARSE_OK;
    if (text.len > 0 && (text.at[0] == '[' || text.at[0] == '<'))
        text = span_from(text, 1);
    if (text.len > 1 && byte_is_alpha(text.at[0]) && text.at[1] == ' ')
        text = span_from(text, 2);
    record->time = text;
    return PARSE_OK;
}
