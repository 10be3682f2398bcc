#!/bin/sh
# Debian's logrotate under a writer that goes on, in each of its modes: every line arrives once.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/logrotate.sh"

rotate_in_every_mode 6 200
