#!/bin/sh
# A spool of 5 GB starts in seconds, with 64 MiB of memory a process: the long version of scenario 28.
MIB=5000 exec sh "$(dirname "$0")"/../scenarios/28-*.sh
