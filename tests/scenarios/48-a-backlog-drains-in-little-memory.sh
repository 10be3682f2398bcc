#!/bin/sh
# 50,000 events pile up while nobody listens, then drain in less than 32 MiB of memory, and the spool shrinks.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/memory.sh"
. "$(dirname "$0")/../support/backlog.sh"

drain_backlog 50000 32768 $((12 << 20)) 60
