#!/bin/sh
# A hundred reloads during load, every fourth broken: the long version of scenario 171.
RELOADS=100 exec sh "$(dirname "$0")"/../scenarios/171-*.sh
