#!/bin/sh
# Torture 73: all processes stopped for ten minutes and continued: nothing is killed by ourselves, lost or doubled.
PAUSE=600 exec sh "$(dirname "$0")/../scenarios/173-stopped-and-continued-nothing-is-lost.sh"
