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
} names[] = {
    {"Z", 0},
    {"UTC", 0},
    {"GMT", 0},
    {"UT", 0},
    {"WET", 0},
    {"BST", 60},
    {"CET", 60},
    {"MET", 60},
    {"MEZ", 60},
    {"WAT", 60},
    {"WEST", 60},
    {"CEST", 120},
    {"EET", 120},
    {"IST", 120},
    {"MEST", 120},
    {"MESZ", 120},
    {"SAST", 120},
    {"EEST", 180},
    {"IDT", 180},
    {"MSK", 180},
    {"TRT", 180},
    {"MSD", 240},
    {"PKT", 300},
    {"UZT", 300},
    {"YEKT", 300},
    {"NPT", 345},
    {"ICT", 420},
    {"WIB", 420},
    {"AWST", 480},
    {"HKT", 480},
    {"MYT", 480},
    {"PHT", 480},
    {"SGT", 480},
    {"WITA", 480},
    {"JST", 540},
    {"KST", 540},
    {"ACST", 570},
    {"AEST", 600},
    {"ACDT", 630},
    {"AEDT", 660},
    {"NZST", 720},
    {"NZDT", 780},
    {"NDT", -150},
    {"ADT", -180},
    {"BRT", -180},
    {"NST", -210},
    {"AST", -240},
    {"EDT", -240},
    {"CDT", -300},
    {"COT", -300},
    {"EST", -300},
    {"CST", -360},
    {"MDT", -360},
    {"MST", -420},
    {"PDT", -420},
    {"AKDT", -480},
    {"PST", -480},
    {"AKST", -540},
    {"HST", -600},
    {"SST", -660},
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

static bool find_name(struct span name, int32_t *offset_s)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (span_is(name, names[i].name)) {
            *offset_s = names[i].offset_min * 60;
            return true;
        }
    }
    return false;
}

/* JavaScript writes GMT+0200. */
static size_t read_name(struct span text, int32_t *offset_s)
{
    struct span name = {text.at, 0}, rest;
    int32_t named_s;
    size_t used;

    if (text.len == 0 || text.at[0] < 'A' || text.at[0] > 'Z')
        return 0;
    while (name.len < text.len && byte_is_alpha(text.at[name.len]))
        name.len++;
    if (!find_name(name, &named_s))
        return 0;
    rest = span_from(text, name.len);
    used = named_s == 0 ? read_offset(rest, true, offset_s) : 0;
    if (used > 0)
        return name.len + used;
    if (rest.len > 0 &&
        (byte_is_digit(rest.at[0]) || rest.at[0] == '_' ||
            ((rest.at[0] == '-' || rest.at[0] == '.') && is_word(span_from(rest, 1)))))
        return 0;
    *offset_s = named_s;
    return name.len;
}

size_t zone_text_read(struct span text, int32_t *offset_s)
{
    bool has_blank = text.len > 0 && byte_is_blank(text.at[0]);
    struct span zone = span_from(text, has_blank);
    size_t used = read_offset(zone, !has_blank, offset_s);

    if (used == 0)
        used = read_name(zone, offset_s);
    return used > 0 ? used + has_blank : 0;
}
