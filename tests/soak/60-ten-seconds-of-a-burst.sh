#!/bin/sh
# 50,000 datagrams a second for ten seconds: each is read, or counted among those that the kernel dropped.
SECONDS_OF_BURST=10
export SECONDS_OF_BURST
. "$(dirname "$0")/../scenarios/95-a-burst-of-datagrams-is-taken.sh"
