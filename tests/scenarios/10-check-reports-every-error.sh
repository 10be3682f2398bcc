#!/bin/sh
# check prints every error with place, caret and hint, and nothing crashes it
#
# tests/cases/check holds a file each with what check must print of it: NAME.yaml
# and NAME.expected, whose last line is the exit code. To add a case, write both;
# to see what check prints now:
#   cd tests/cases/check && ../../../build/usage-shipper check NAME.yaml
set -u
shipper=$(realpath "$SHIPPER")
cases=$(realpath tests/cases/check)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

# Every case, its output compared byte by byte.
cd "$cases" || exit 1
for file in *.yaml; do
    name=${file%.yaml}
    "$shipper" check "$file" >"$work/said" 2>&1
    code=$?
    sed 's/about [0-9.]* CPU/about N CPU/' "$work/said" >"$work/got" # measured
    echo "exit $code" >>"$work/got"
    diff -u "$name.expected" "$work/got" || fail "$name"
done
cd "$work" || exit 1

# want CODE PATTERN ARGUMENT...: check ends with CODE and prints a line with PATTERN.
want() {
    code=$1 pattern=$2
    shift 2
    timeout 20 "$shipper" check "$@" >out 2>&1
    got=$?
    [ $got -eq "$code" ] || fail "check $*: exit $got, wanted $code"
    grep -q -e "$pattern" out || {
        fail "check $*: no line with: $pattern"
        head -c 2000 out
    }
}

# The command line.
want 0 '^usage: usage-shipper check' --help
want 64 'no FILE or DIR given'
want 64 'unknown option "--nonsense"' --nonsense
want 64 '"--config" needs a value' --config
want 78 'cannot read none.yaml: No such file' none.yaml
want 78 'cannot read none.yaml: No such file' --config none.yaml

# Folders: sorted, below each other, each file counted once.
mkdir -p rules/more rules/.hidden none
for name in b a; do
    printf 'product: %s\nrules:\n- {name: x, match: xyz, ignore: true, samples: [{line: xyz}]}\n' $name \
        >rules/$name.yaml
done
cp rules/a.yaml rules/more/c.yaml
echo broken >rules/.hidden/d.yaml
echo 'not looked at' >rules/README
want 0 '^3 files, 3 rules, 3 samples: no problems$' rules
want 0 '^3 files, 3 rules, 3 samples: no problems$' rules rules/a.yaml ./rules/more
want 78 '^1 problem in 1 of 4 files$' rules none
want 78 'no \*.yaml file below none' none
echo 'oops: 1' >rules/more/d.yaml
want 78 '^1 problem in 1 of 4 files$' rules
rm rules/more/d.yaml

# A configuration counts with its rule files, and what is wrong is said once.
cat >c.yaml <<'YAML'
endpoint: {url: https://ingest.example.com/api}
instance: app1
rule_dirs: rules
inputs: [{file: x.log, rules: [a, b]}]
YAML
want 0 '^3 files, 2 rules, 2 samples: no problems$' --config c.yaml
want 0 '^4 files, 3 rules, 3 samples: no problems$' rules c.yaml
echo 'product: b' >rules/b.yaml
want 78 '^1 problem in 1 of 4 files$' rules c.yaml
want 78 '^1 problem in 1 of 4 files$' c.yaml rules

# Whatever a file holds, and whatever it is.
: >empty.yaml
want 78 'nothing is in this file' empty.yaml
printf 'product: a\0b\nrules: []\n' >nul.yaml
want 78 'control characters are not allowed' nul.yaml
cp "$shipper" binary.yaml
want 78 'nul.yaml\|UTF-8\|control\|larger than' binary.yaml
printf '\377\376p\000' >utf16.yaml
want 78 'UTF-8' utf16.yaml
head -c 52428800 /dev/zero >huge.yaml
want 78 'huge.yaml is larger than 4096 KiB' huge.yaml
head -c 1000 /dev/zero | tr '\0' '[' >deep.yaml
want 78 'nested more than 32 levels deep' deep.yaml
{
    echo 'product: &a0 [x, x]'
    for i in 1 2 3 4 5 6 7 8 9; do echo "k$i: &a$i [*a$((i - 1)), *a$((i - 1))]"; done
} >bomb.yaml
want 78 'aliases (\*a8) are not allowed here' bomb.yaml
seq -f 'key%.0f: value' 49000 >keys.yaml
want 78 'neither a configuration' keys.yaml
{
    echo 'rules:'
    seq -f 'key%.0f: value' 49000
} >unknown.yaml
want 78 'and [0-9]* more problems' unknown.yaml
# rules N: that many, each with ten patterns of an %{IP}.
rules() {
    awk -v n="$1" 'BEGIN {
        print "product: many\nformat: json\nrules:"
        for (i = 0; i < n; i++) {
            printf "- name: r%d\n  ignore: true\n  samples: [{line: \"{}\"}]\n  match:\n", i
            for (j = 0; j < 10; j++)
                printf "    f%d: \"%%{IP:ip}\"\n", j
        }
    }'
}
rules 2000 >patterns.yaml
want 78 "up to here this file's patterns are over 8 MiB once their names are written out" patterns.yaml
want 78 '^1 problem in 1 file$' patterns.yaml
mkdir folder.yaml
want 78 'no \*.yaml file below folder.yaml' folder.yaml
want 78 'folder.yaml is a folder' --config folder.yaml
mkfifo pipe.yaml
want 78 'pipe.yaml is a pipe or device' pipe.yaml
want 78 'is a pipe or device' /dev/zero
ln -s loop.yaml loop.yaml
want 78 'loop.yaml' loop.yaml
if [ "$(id -u)" -ne 0 ]; then
    : >secret.yaml
    chmod 0 secret.yaml
    want 78 'cannot read secret.yaml: Permission denied' secret.yaml
fi

# The user's words do not speak to the terminal.
printf 'product: a\nrules: []\n"k\\e[31m": 1\n' >escape.yaml
want 78 'unknown key "k.\[31m"' escape.yaml
if grep -q "$(printf '\033')" out; then fail "an escape character came through"; fi

exit $failed
