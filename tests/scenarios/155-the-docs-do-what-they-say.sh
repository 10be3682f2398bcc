#!/bin/sh
# Each block of the docs that is marked `run` is run as a reader would, and prints what stands there.
#
# CONTRIBUTING.md says how blocks are marked. In bash, as readers have it: `kill %1`.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$(dirname "$0")/../support/scenario.sh"
cd "$(dirname "$0")/../.."
support=$PWD/tests/support
export examples=$PWD/examples # for the pages

mkdir "$work/blocks" "$work/bin"
pages=$(ls README.md CONTRIBUTING.md docs/*.md rules/README.md)
for page in $pages; do awk -v out="$work/blocks" -f "$support/blocks.awk" "$page"; done

# The program finds configuration and rules in the page's own folder.
cat >"$work/bin/usage-shipper" <<BIN
#!/bin/sh
etc=\$root/etc/usage-shipper
case "\$*" in
*--config* | *--state* | *--file*) ;;
run* | status* | reload* | doctor* | spool*) set -- "\$@" --config "\$etc/usage-shipper.yaml" ;;
*'--rules openssh'*) set -- "\$@" --rules-dir "\$etc/rules" ;;
esac
exec "$SHIPPER" "\$@"
BIN
chmod +x "$work/bin/usage-shipper"
PATH=$work/bin:$PATH

start_endpoint # for a free port
stop endpoint

# What a page says, for this host, and back: its folders are below $root, its port is free.
here() { sed -E "s,/(etc/usage-shipper|var/lib/usage-shipper|var/log)\>,$root/\1,g; s/\<8088\>/$port/g"; }
there() { sed "s,$root,,g; s/\<$port\>/8088/g"; }

write_file() { # path, block
    path=$(echo "$1" | here)
    mkdir -p "$(dirname "$path")"
    here <"$2.text" >"$path"
}
# Commands behind a $, each with what it prints below it.
run_dialogue() { # block
    command=
    mapfile -t lines <"$1.text"
    for line in "${lines[@]}" '$ '; do
        case $line in
        '$ '*)
            [ -z "$command" ] || run_command
            command=${line#"$ "}
            : >"$work/wanted"
            ;;
        *) echo "$line" >>"$work/wanted" ;;
        esac
    done
}
run_command() {
    eval "$(echo "$command" | here)" >"$work/got" 2>&1 </dev/null || true
    there <"$work/got" >"$work/got.out"
    awk -v any_numbers="$any_numbers" -f "$support/said.awk" "$work/wanted" "$work/got.out" >"$work/why" || {
        echo "$at: $command: $(cat "$work/why")" >"$work/at"
        exit 1
    }
}
run_page() { # block...
    cd "$root"
    trap 'kill $(jobs -p) 2>/dev/null || true; wait || true' EXIT
    for block; do
        read -r info <"$block.info"
        at=$(basename "$block")
        echo "$at" >"$work/at"
        case " $info " in
        *' file='*) write_file "${info##*file=}" "$block" ;;
        *' run & '*) eval "$(here <"$block.text") &" >>"$work/said.out" 2>&1 </dev/null ;;
        *' run '*)
            if grep -q '^\$ ' "$block.text"; then
                any_numbers=$(echo "$info" | grep -c any-numbers) || true
                run_dialogue "$block"
            else
                eval "$(here <"$block.text")" >>"$work/said.out" 2>&1 </dev/null
            fi
            ;;
        esac
    done
}

total=0
for page in $pages; do
    page=$(echo "${page%.md}" | tr / -)
    blocks=$(grep -lE '(^| )(run|file=)' "$work/blocks/$page"-*.info 2>/dev/null | sort)
    [ -n "$blocks" ] || continue
    root=$work/$page
    export root
    mkdir -p "$root/build" "$root/etc/usage-shipper" "$root/var/lib" "$root/var/log"
    ln -s "$work/bin/usage-shipper" "$root/build/usage-shipper"
    : >"$work/said.out"
    set +e
    # shellcheck disable=SC2086  # names without blanks
    (set -e && run_page ${blocks//.info/})
    code=$?
    set -e
    [ $code = 0 ] || fail "$(cat "$work/at") (exit $code)"
    count=$(echo "$blocks" | wc -l)
    say "$page: $count blocks"
    total=$((total + count))
done
[ $total -ge 60 ] || fail "the docs have few blocks that are run"
