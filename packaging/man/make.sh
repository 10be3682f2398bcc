#!/bin/sh
# Writes the manual pages: of the program from what its commands say of themselves, of the
# two file formats from the docs and the complete example, so that none can be out of date.
#
# usage: make.sh PROGRAM VERSION FOLDER
set -eu
program=$1 version=$2 folder=$3
here=$(dirname "$0")
docs=$here/../../docs examples=$here/../../examples
mkdir -p "$folder"

# Literal text, safe from being taken for requests.
literal() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/"; }
head_of() { # name, section, line
    printf '.TH %s %s "" "usage\\-shipper %s" "usage\\-shipper"\n' "$(echo "$1" | tr 'a-z-' 'A-Z-' | literal)" "$2" "$version"
    printf '.SH NAME\n%s \\- %s\n' "$(echo "$1" | literal)" "$3"
}
see_also() {
    printf '.SH SEE ALSO\n'
    printf '.BR usage\\-shipper (1),\n.BR usage\\-shipper.yaml (5),\n.BR usage\\-shipper\\-rules (5)\n'
}

{
    head_of usage-shipper 1 "turn the logs of a product into product\\-usage events"
    printf '.SH SYNOPSIS\n.B usage\\-shipper\n.I COMMAND\n.RI [ OPTIONS ]\n'
    printf '.SH DESCRIPTION\nFollows log files, the journal, syslog sockets or standard input; rule files pick the lines\n'
    printf 'that mean usage; each event is posted to a Product Usage API. The commands are these.\n'
    printf '.SH COMMANDS\n'
    "$program" --help | sed -n 's/^  \([a-z][a-z]*\)  *[a-z].*/\1/p' | while read -r command; do
        printf '.SS %s\n.EX\n' "$command"
        "$program" "$command" --help | literal
        printf '.EE\n'
    done
    printf '.SH FILES\n'
    printf '.TP\n.I /etc/usage\\-shipper/usage\\-shipper.yaml\nthe configuration\n'
    printf '.TP\n.I /etc/usage\\-shipper/api_key\nthe API key, for the group of the service only\n'
    printf '.TP\n.I /etc/usage\\-shipper/rules/\nrule files of this host; they take the place of packaged ones\n'
    printf '.TP\n.I /var/lib/usage\\-shipper/\nwhat waits to be sent, and how far each source was read\n'
    printf '.SH EXIT STATUS\n0 fine, 1 something wrong was found, 64 usage, 70 a bug of ours, 71 the system, 78 configuration.\n'
    see_also
} >"$folder/usage-shipper.1"

{
    head_of usage-shipper.yaml 5 "configuration of usage\\-shipper"
    printf '.SH DESCRIPTION\nA YAML file, by default\n.IR /etc/usage\\-shipper/usage\\-shipper.yaml .\n'
    printf '.B usage\\-shipper check\nsays what is wrong with one, with line and column. Relative paths start from its own folder.\n'
    awk -f "$here/markdown.awk" "$docs/configuration.md"
    printf '.SH EXAMPLE\nWith every key.\n.PP\n.EX\n'
    literal <"$examples/usage-shipper.yaml"
    printf '.EE\n'
    awk -f "$here/markdown.awk" "$docs/operating.md"
    see_also
} >"$folder/usage-shipper.yaml.5"

{
    head_of usage-shipper-rules 5 "rule files of usage\\-shipper"
    printf '.SH DESCRIPTION\n'
    awk -f "$here/markdown.awk" "$docs/rules.md"
    see_also
} >"$folder/usage-shipper-rules.5"
