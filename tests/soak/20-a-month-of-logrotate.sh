#!/bin/sh
# Debian's logrotate for a month in each of its modes, under a writer that goes on: every line arrives once.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/logrotate.sh"

rotate_in_every_mode 31 500
