# Cuts the blocks of code out of a page of Markdown, each taken off its indentation,
# into the folder `out`, named after the page and the number of its first line:
#
#   PAGE-LINE.text    the block
#   PAGE-LINE.info    what stands behind ``` (of an indented block nothing), and for a
#                     comment that begins with <!-- run: "sh run unseen"
#   PAGE-LINE.before  the last line of text before it
#
#     awk -v out=FOLDER -f tests/support/blocks.awk PAGE
function begin_block(info) {
    name = sprintf("%s/%s-%04d", out, page, FNR)
    print info >(name ".info")
    print text >(name ".before")
    printf "" >(name ".text")
    is_open = 1
}
function end_block() {
    close(name ".info")
    close(name ".before")
    close(name ".text")
    is_open = is_fenced = is_unseen = 0
}
function line_of_block() {
    match($0, /^ */)
    print substr($0, (RLENGTH < indent ? RLENGTH : indent) + 1) >(name ".text")
}
FNR == 1 {
    page = FILENAME
    gsub(/\.md$/, "", page)
    gsub(/\//, "-", page)
    was_empty = 1
}
is_fenced && /^ *```$/ || is_unseen && /^ *-->$/ { end_block(); next }
is_fenced || is_unseen { line_of_block(); next }
/^ *<!-- run$/ {
    match($0, /^ */)
    indent = RLENGTH
    begin_block("sh run unseen")
    is_unseen = 1
    next
}
/^ *```/ {
    match($0, /^ */)
    indent = RLENGTH
    info = $0
    sub(/^ *```/, "", info)
    begin_block(info)
    is_fenced = 1
    next
}
/^ *$/ { if (is_open) print "" >(name ".text"); was_empty = 1; next }
{
    match($0, /^ */)
    if (is_open && RLENGTH < indent) end_block()
    if (!is_open && RLENGTH >= 4 && was_empty && $0 !~ /^ *([-*]|[0-9]+\.) /) {
        indent = RLENGTH
        begin_block("")
    }
    if (is_open) line_of_block()
    else text = $0
    was_empty = 0
}
END { if (is_open) end_block() }
