#!/bin/sh
# docs/configuration.md, from the program's own table of keys (`usage-shipper schema config`).
#
#   reference.sh check     fails when the page is not up to date
#   reference.sh write     brings it up to date
#
# SHIPPER says which program is asked.
set -eu
cd "$(dirname "$0")/.."
shipper=${SHIPPER:-build/usage-shipper}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# shellcheck disable=SC2016  # of jq
rows='
def kind:
    if .enum then [.enum[] | "`\(.)`"] | join(", ")
    elif .anyOf then (if any(.anyOf[]; .type == "object") then "list or map" else "text, or a list" end)
    elif .pattern == "^[0-9]+(ms|s|m|h|d)$" then "time, like `90s`, `5m`, `7d`"
    elif .pattern then "size, like `64KiB`, `1GiB`"
    elif .type == "integer" then "\(.minimum) to \(.maximum)"
    elif .type == "boolean" then "`true`, `false`"
    elif .type == "array" then "list"
    elif .type == "object" then "map"
    else "text" end;
def head: "| key | value | default | meaning |\n|---|---|---|---|";
def cell: gsub("\\|"; "\\|");
def row(path): "| `\(path)` | \(kind | cell) | \(if .default != null then "`\(.default)`" else "" end) | \((.description // "") | cell) |";
def rows(path): .properties | to_entries[] | (path + .key) as $path | .value |
    row($path), (if .properties then rows($path + ".") else empty end);
# The kinds of inputs, each by the key that only it has.
def inputs: [.properties.inputs.items.anyOf[].properties] as $kinds |
    ["file", "journal", "stdin", "syslog"] as $names |
    ($kinds | map(keys) | add | group_by(.) | map({key: .[0], value: length}) | from_entries) as $uses |
    ("", "### Every input", "", head, ({properties: ($kinds[0] | with_entries(select($uses[.key] == ($kinds | length))))} | rows(""))),
    (range($kinds | length) as $i | "", "### `\($names[$i]):`", "", head,
        ({properties: ($kinds[$i] | with_entries(select($uses[.key] < ($kinds | length))))} | rows("")));
head, (del(.properties.inputs.items) | rows("")), "", "## Inputs", inputs
'
cat >"$out" <<'PAGE'
# Every key of the configuration

Made from the program's own table by `sh tests/reference.sh write`; `usage-shipper schema config` gives the same to editors, and [examples/usage-shipper.yaml](../examples/usage-shipper.yaml) has it all in one file. What the keys are for is in [operating.md](operating.md). A key below another is written `spool.max_bytes` here; relative paths start from the configuration's own folder.

PAGE
"$shipper" schema config | jq -r "$rows" >>"$out"
case ${1-} in
write) cat "$out" >docs/configuration.md ;;
check) diff docs/configuration.md "$out" || { echo "run: sh tests/reference.sh write" && exit 1; } ;;
*) sed -n '2,5p' "$0" && exit 64 ;;
esac
