#!/bin/sh
# Killed and reloaded a hundred times while it counts 80,000 lines: the long version of scenario 140.
STEPS=200 KILLS=100 exec sh "$(dirname "$0")"/../scenarios/140-*.sh
