#!/bin/sh
# Killed at each durable step, one after the other: the long version of scenario 26.
STEPS=all exec sh "$(dirname "$0")"/../scenarios/26-*.sh
