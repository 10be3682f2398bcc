# Compares what was printed with what a page says, line by line: in the page's lines …
# stands for any text, and a line that is … alone for any lines. Says the first line of
# the page that was not printed, with exit code 1. With any_numbers a number stands for
# any number, and columns may be wider or narrower.
#
#     awk [-v any_numbers=1] -f tests/support/said.awk WANTED GOT
function is_like(wanted, got,    parts, count, i, at) {
    count = split(wanted, parts, "…")
    if (count <= 1) return wanted == got
    if (substr(got, 1, length(parts[1])) != parts[1]) return 0
    got = substr(got, length(parts[1]) + 1)
    for (i = 2; i < count; i++) {
        at = index(got, parts[i])
        if (!at) return 0
        got = substr(got, at + length(parts[i]))
    }
    return length(got) >= length(parts[count]) &&
        substr(got, length(got) - length(parts[count]) + 1) == parts[count]
}
function matches(w, g,    skipped) {
    if (w > furthest) furthest = w
    if (w > wanted_count) return g > got_count
    if (wanted[w] ~ /^ *…$/) {
        for (skipped = g; skipped <= got_count + 1; skipped++)
            if (matches(w + 1, skipped)) return 1
        return 0
    }
    return g <= got_count && is_like(wanted[w], got[g]) && matches(w + 1, g + 1)
}
{ line = $0 }
any_numbers { gsub(/[0-9]+/, "0"); gsub(/ +/, " "); sub(/^ /, "") }
{ sub(/ *$/, "") }
FNR == NR { lines[FNR] = line; wanted[FNR] = $0; if ($0 != "") wanted_count = FNR; next }
{ got[FNR] = $0; if ($0 != "") got_count = FNR }
END {
    if (matches(1, 1)) exit 0
    print (furthest > wanted_count ? "more is printed" : "not printed: " lines[furthest])
    exit 1
}
