/* SPDX-License-Identifier: MIT
 *
 * Offsets and a table of abbreviations. A name is taken at its word: CET in July
 * is still an hour ahead of UTC. A word that goes on, as a host's name does
 * (MST-web1, est.example.com), is no zone.
 */
#include "zone_text.h"

static const struct {
    char name[6];
    int16_t offset_min;
    bool is_guess; /* elsewhere it is another one */
} names[] = {
    {"Z", 0, false},
    {"UTC", 0, false},
    {"GMT", 0, false},
    {"UT", 0, false},
    {"WET", 0, false},
    {"BST", 60, true},
    {"CET", 60, false},
    {"MET", 60, false},
    {"MEZ", 60, false},
    {"WAT", 60, false},
    {"WEST", 60, false},
    {"CEST", 120, false},
    {"EET", 120, false},
    {"IST", 120, true},
    {"MEST", 120, false},
    {"MESZ", 120, false},
    {"SAST", 120, false},
    {"EEST", 180, false},
    {"IDT", 180, false},
    {"MSK", 180, false},
    {"TRT", 180, false},
    {"MSD", 240, false},
    {"PKT", 300, false},
    {"UZT", 300, false},
    {"YEKT", 300, false},
    {"NPT", 345, false},
    {"ICT", 420, false},
    {"WIB", 420, false},
    {"AWST", 480, false},
    {"HKT", 480, false},
    {"MYT", 480, false},
    {"PHT", 480, false},
    {"SGT", 480, false},
    {"WITA", 480, false},
    {"JST", 540, false},
    {"KST", 540, false},
    {"ACST", 570, false},
    {"AEST", 600, false},
    {"ACDT", 630, false},
    {"AEDT", 660, false},
    {"NZST", 720, false},
    {"NZDT", 780, false},
    {"NDT", -150, false},
    {"ADT", -180, false},
    {"BRT", -180, false},
    {"NST", -210, false},
    {"AST", -240, true},
    {"EDT", -240, false},
    {"CDT", -300, true},
    {"COT", -300, false},
    {"EST", -300, false},
    {"CST", -360, true},
    {"MDT", -360, false},
    {"MST", -420, false},
    {"PDT", -420, false},
    {"AKDT", -480, false},
    {"PST", -480, true},
    {"AKST", -540, false},
    {"HST", -600, false},
    {"SST", -660, true},
};

enum { MOST_OFFSET_HOURS = 15 };

static bool is_word(struct span s)
{
    return s.len > 0 && (byte_is_digit(s.at[0]) || byte_is_alpha(s.at[0]));
}

static bool is_digits(struct span s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (i == s.len || !byte_is_digit(s.at[i]))
            return false;
    return true;
}

static int two_digits(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* +hhmm, +hh:mm, and +hh if it may be short. */
static size_t read_offset(struct span text, bool may_be_short, int32_t *offset_s)
{
    size_t used = 3;
    int hours, minutes = 0;

    if (text.len < used || (text.at[0] != '+' && text.at[0] != '-') ||
        !is_digits(span_from(text, 1), 2))
        return 0;
    hours = two_digits(text.at + 1);
    if (text.len > used && text.at[used] == ':' && is_digits(span_from(text, used + 1), 2))
        used++;
    if (is_digits(span_from(text, used), 2)) {
        minutes = two_digits(text.at + used);
        used += 2;
    } else if (!may_be_short) {
        return 0;
    }
    if (hours > MOST_OFFSET_HOURS || minutes > 59 || is_word(span_from(text, used)))
        return 0;
    *offset_s = (hours * 60 + minutes) * (text.at[0] == '-' ? -60 : 60);
    return used;
}

static bool find_name(struct span name, const struct zone_lookup *lookup, struct zone_text *zone)
{
    const struct zone_name *known = lookup ? zone_names_find(lookup->said, name) : NULL;

    if (!known && lookup)
        known = zone_names_find(lookup->own, name);
    if (known) {
        *zone = (struct zone_text){known->offset_s, false};
        return true;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (span_is(name, names[i].name)) {
            *zone = (struct zone_text){names[i].offset_min * 60, names[i].is_guess};
            return true;
        }
    }
    return false;
}

/* JavaScript writes GMT+0200. */
static size_t read_name(struct span text, const struct zone_lookup *lookup, struct zone_text *zone)
{
    struct span name = {text.at, 0}, rest;
    struct zone_text named;
    size_t used;

    if (text.len == 0 || text.at[0] < 'A' || text.at[0] > 'Z')
        return 0;
    while (name.len < text.len && byte_is_alpha(text.at[name.len]))
        name.len++;
    if (!find_name(name, lookup, &named))
        return 0;
    rest = span_from(text, name.len);
    used = named.offset_s == 0 ? read_offset(rest, true, &named.offset_s) : 0;
    if (used == 0 && rest.len > 0 &&
        (byte_is_digit(rest.at[0]) || rest.at[0] == '_' ||
            ((rest.at[0] == '-' || rest.at[0] == '.') && is_word(span_from(rest, 1)))))
        return 0;
    *zone = named;
    return name.len + used;
}

size_t zone_text_read(struct span text, const struct zone_lookup *lookup, struct zone_text *zone)
{
    bool has_blank = text.len > 0 && byte_is_blank(text.at[0]);
    struct span rest = span_from(text, has_blank);
    size_t used;
    int32_t offset_s;

    used = read_offset(rest, !has_blank, &offset_s);
    if (used > 0)
        *zone = (struct zone_text){offset_s, false};
    else
        used = read_name(rest, lookup, zone);
    return used > 0 ? used + has_blank : 0;
}

bool zone_text_is_offset(struct span text, int32_t *offset_s)
{
    return text.len > 0 && read_offset(text, true, offset_s) == text.len;
}

bool zone_text_fixed(struct span text, struct zone *zone)
{
    int32_t offset_s = 0;

    if (!span_is(text, "UTC") && !zone_text_is_offset(text, &offset_s))
        return false;
    *zone = (struct zone){.first_offset_s = offset_s};
    return true;
}
