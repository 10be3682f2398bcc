/* SPDX-License-Identifier: MIT
 *
 * The structured data of RFC 5424 (section 6.3):
 *
 *     [meta sequenceId="7"][origin@32473 ip="192.0.2.1"]
 *
 * Each parameter becomes a field `meta.sequenceId`, its value with \" \\ and \]
 * undone. The NILVALUE `-` and elements without parameters give none.
 */
#ifndef PARSERS_STRUCTURED_DATA_H
#define PARSERS_STRUCTURED_DATA_H

#include "record.h"

/* Takes the data off *rest, up to the blank before MSG or the end. False when
 * it is broken, or a cap was reached; *rest then stands at that place. */
bool structured_data_take(struct span *rest, struct record *record);

#endif
