/* SPDX-License-Identifier: MIT
 *
 * Any lines, framed by one of a few patterns (the first byte says which): records
 * cover the bytes one behind the other, each has its text, and they end at the
 * same places when the second half of the lines comes later.
 */
#include "parsers/framing.h"
#include "parsers/limits.h"
#include "tests/fuzz/fuzz.h"

enum { FRAMINGS = 4, ENDS_MOST = 4096 };

struct tools {
    struct framing *framings[FRAMINGS];
    struct matcher *matcher;
    struct arena *arena;
};

static void set_up(struct tools *tools)
{
    static const char *const maps[FRAMINGS] = {
        "start: '^\\d'", "continues: '^\\s'", "start: '^$'", "continues: '%{QUOTEDSTRING}'"};
    static struct text texts[FRAMINGS];
    struct errors errors = {0};

    for (size_t i = 0; i < FRAMINGS; i++) {
        struct document *document;

        texts[i] = (struct text){"multiline.yaml", span_of(maps[i])};
        document = document_parse(&texts[i], &errors);
        tools->framings[i] =
            framing_parse(document_root(document), &(struct file_patterns){0}, &errors);
        assert(tools->framings[i]);
        document_free(document);
    }
    tools->matcher = matcher_new();
    tools->arena = arena_new(LIMIT_ARENA_BYTES);
}

/* Takes the records off *rest; appends the lengths that are then left. */
static void take(const struct tools *tools, const struct framing *framing, bool is_final,
    size_t left_behind, struct span *rest, size_t ends[ENDS_MOST], size_t *count)
{
    struct frame frame;
    struct span text;

    while (*count < ENDS_MOST) {
        const char *at = rest->at;

        if (!framing_next(framing, tools->matcher, tools->arena, is_final, rest, &frame))
            break;
        assert(frame.bytes.at == at && span_end(frame.bytes) == rest->at);
        assert(frame.bytes.len > 0 && frame.lines > 0 && frame.lines <= LIMIT_RECORD_LINES);
        arena_reset(tools->arena);
        if (framing_text(&frame, tools->arena, &text))
            fuzz_touch(text);
        fuzz_touch(frame.first);
        ends[(*count)++] = rest->len + left_behind;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct tools tools;
    static size_t ends[ENDS_MOST], split_ends[ENDS_MOST];
    const struct framing *framing;
    size_t count = 0, split_count = 0, second = 0;
    struct span lines, rest;

    if (!tools.matcher)
        set_up(&tools);
    if (len == 0)
        return 0;
    framing = tools.framings[bytes[0] % FRAMINGS];
    lines = (struct span){(const char *)bytes + 1, len - 1};
    rest = lines;
    take(&tools, framing, true, 0, &rest, ends, &count);
    assert(rest.len == 0 || count == ENDS_MOST);

    for (size_t i = 0; i < lines.len / 2; i++)
        if (lines.at[i] == '\n')
            second = i + 1;
    rest = (struct span){lines.at, second};
    take(&tools, framing, false, lines.len - second, &rest, split_ends, &split_count);
    rest = span_between(rest.at, span_end(lines));
    take(&tools, framing, true, 0, &rest, split_ends, &split_count);
    assert(count == split_count && memcmp(ends, split_ends, count * sizeof(*ends)) == 0);
    return 0;
}
