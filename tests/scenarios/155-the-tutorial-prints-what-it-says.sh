#!/bin/sh
# The commands of docs/tutorial.md behind a $ print what stands below them.
. "$(dirname "$0")/../support/scenario.sh"
page=$(realpath "$(dirname "$0")/../../docs/tutorial.md")
cp "$(dirname "$0")/../../examples/logs/acme.log" "$work"
cd "$work"
mkdir bin
ln -s "$SHIPPER" bin/usage-shipper
PATH=$work/bin:$PATH

# All blocks with a command, one behind the other, without their indentation.
awk '/^    \$ / { in_block = 1 }
     /^[^ ]/ { in_block = 0 }
     in_block && NF { print substr($0, 5) }' "$page" >wanted
grep '^\$ ' wanted | cut -c3- >commands
[ "$(wc -l <commands)" -ge 8 ] || fail "the page has few commands"
while read -r command; do
    echo "\$ $command"
    sh -c "$command" 2>&1 || true
done <commands | sed 's/ *$//' | grep -v '^$' >got.out
cmp -s wanted got.out || fail "$(diff wanted got.out | head -n 20)"
say "$(wc -l <commands) commands"
