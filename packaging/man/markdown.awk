# Markdown as this project's docs have it, to the source of a manual page (man(7)).
# Takes: headings, paragraphs, lists, tables, indented and fenced blocks, `code`, **bold**,
# links; leaves comments out.

function inline(s) {
    gsub(/\\/, "\\e", s)
    gsub(/-/, "\\-", s)
    while (match(s, /\[[^]]*\]\([^)]*\)/)) {
        text = substr(s, RSTART, RLENGTH)
        sub(/\]\([^)]*\)$/, "", text)
        s = substr(s, 1, RSTART - 1) substr(text, 2) substr(s, RSTART + RLENGTH)
    }
    while (match(s, /\*\*[^*]+\*\*/))
        s = substr(s, 1, RSTART - 1) "\\fB" substr(s, RSTART + 2, RLENGTH - 4) "\\fR" substr(s, RSTART + RLENGTH)
    while (match(s, /`[^`]+`/))
        s = substr(s, 1, RSTART - 1) "\\fB" substr(s, RSTART + 1, RLENGTH - 2) "\\fR" substr(s, RSTART + RLENGTH)
    return s
}
# A line of text must not begin as a request does.
function line(s) { return s ~ /^[.']/ ? "\\&" s : s }
function code(s) {
    gsub(/\\/, "\\e", s)
    gsub(/-/, "\\-", s)
    return line(s)
}
function end_block() {
    if (in_code) print ".EE\n.RE"
    in_code = 0
}

BEGIN { blank = 1 }
/^ *<!--/ { is_comment = 1 }
is_comment { is_comment = !/-->/; next }
/^#/ && !fenced {
    end_block()
    level = match($0, /[^#]/) - 1
    text = substr($0, level + 2)
    if (level == 1) next # the page's own heading
    print (level == 2 ? ".SH " toupper(inline(text)) : ".SS " inline(text))
    blank = 1
    next
}
/^```/ {
    fenced = !fenced
    if (fenced) print ".PP\n.RS 4\n.EX"
    else print ".EE\n.RE"
    next
}
fenced { print code($0); next }
/^    / && (blank || in_code) {
    if (!in_code) print ".PP\n.RS 4\n.EX"
    else while (pending > 0) { print ""; pending-- }
    pending = 0
    in_code = 1
    print code(substr($0, 5))
    next
}
/^[ \t]*$/ {
    if (in_code) pending++
    blank = 1
    next
}
{
    end_block()
    pending = 0
}
/^\|[-| :]+\|$/ { next }
/^\|/ {
    row = substr($0, 2, length($0) - 2)
    gsub(/\\\|/, "\001", row)
    n = split(row, cells, /\|/)
    text = ""
    for (i = 2; i <= n; i++) {
        gsub(/^ +| +$/, "", cells[i])
        if (cells[i] != "") text = text (text == "" ? "" : "; ") cells[i]
    }
    gsub(/^ +| +$/, "", cells[1])
    if (cells[1] == "") next
    gsub(/\001/, "|", cells[1])
    gsub(/\001/, "|", text)
    print ".TP\n" line(inline(cells[1])) "\n" line(inline(text))
    blank = 1
    next
}
/^[ ]*[-*] / {
    sub(/^[ ]*[-*] /, "")
    print ".IP \\(bu 2\n" line(inline($0))
    blank = 0
    next
}
/^[0-9]+\. / {
    number = $1
    sub(/^[0-9]+\. /, "")
    print ".IP " number " 4\n" line(inline($0))
    blank = 0
    next
}
{
    sub(/^ +/, "")
    if (blank) print ".PP"
    print line(inline($0))
    blank = 0
}
END { end_block() }
