#!/bin/sh
# A million events pile up while nobody listens, then drain in less than 32 MiB of memory, and the spool shrinks.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/memory.sh"
. "$(dirname "$0")/../support/backlog.sh"

drain_backlog 1000000 32768 $((32 << 20)) 600
