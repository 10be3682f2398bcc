#!/bin/sh
# All unit tests and samples around New Year, on 29 February and after 2038: none depends on today.
UNITS_THEN=$(find "$(dirname "$TOOLS")/parsers" "$(dirname "$TOOLS")/shipper" -name 'test_*' -type f -perm -u+x)
export UNITS_THEN
. "$(dirname "$0")/../scenarios/85-the-suite-on-other-dates.sh"
