/* SPDX-License-Identifier: MIT
 *
 * A table of shapes, interpreted by one small matcher that goes through text
 * and shape side by side. It never goes back over an item: of two shapes with a
 * common start the longer one stands first.
 */
#include "timestamp_shape.h"

/* What the letters take. Y, M and S want all their digits; m, d and H take one
 * or two, n (month) and k (day) two.
 *
 *     Y  year, 1900 to 2099     y  year without century    b  name of a month
 *     m  month                  d  day                     a  name of a weekday, if there
 *     H  hour                   M  minute                  S  second
 *     s  ":" second and fraction, if there                 f  fraction, if there
 *     p  AM or PM, if there     z  zone, if there          E  UNIX time
 *     T  "T", "_" or blanks     " "  one or two blanks     ,  a comma, if there
 *     |  here a word ends, and no dotted or coloned name goes on
 *     L  a letter for a severity           X  a label of TAI64N, behind its @
 *
 * Only in shapes of rule files (timestamp_format.h):
 *
 *     P  AM or PM                          F  digits of a fraction
 *     U  UNIX seconds of any length, and a fraction if there
 *     ?  a blank, if there                 \  the next byte stands for itself
 *
 * Anything else stands for itself. */
static const char *const shapes[] = {
    "Y-m-dTH:Mspz",    /* ISO 8601 and its many cousins */
    "Y/m/dTH:Mspz",    /* nginx's error log, Go */
    "Y.m.dTH:Mspz",    /* ClickHouse */
    "YmdTHMSfz",       /* ISO 8601, basic */
    "YmdTH:Mspz",      /* Hadoop's and HDFS' cousins */
    "d/b/Y:H:M:Sfz",   /* common log format, HAProxy */
    "d/b/Y H:M:Sfz",   /* Webmin */
    "d-b-Y H:Mspz",    /* BIND, Tomcat */
    "ad b Y, H:Mspz",  /* e-mail, HTTP, Redis */
    "ab d, Y, H:Mspz", /* GitLab before 12, java.util.logging, Cisco */
    "ab d H:M:Sfz Y|", /* ctime, Apache's error log, date(1) */
    "ab d H:M:Sfz",    /* RFC 3164 */
    "ad b H:M:Sf",     /* Redis 2 */
    "m/d/Y, H:Mspz",   /* JavaScript's toLocaleString */
    "m/d/y, H:Mspz",   /* CUPS, Samba, Windows */
    "d-m-Y, H:Mspz",
    "d.m.Y, H:Mspz",
    "ymd H:M:Sf",  /* MySQL before 5.7 */
    "Lnk H:M:Sf|", /* glog, klog */
    "H:M:Sfz|",    /* WildFly, Sentry */
    "@X",          /* multilog, qmail */
    "E",
};

static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December", NULL};
static const char *const weekdays[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", NULL};

enum {
    SHORT_NAME_LEN = 3,
    MOST_FRACTION_DIGITS = 9,
    MOST_UNIX_DIGITS = 11,
    TAI64_DIGITS = 16,
    TAI64N_DIGITS = 24
};

static const uint64_t TAI64_UNIX_EPOCH = (UINT64_C(1) << 62) + 10;

struct cursor {
    const char *start, *p, *end;
    const struct zone_lookup *lookup;
};

/* The byte at p + n; a NUL behind the end, which matches no item. */
static char peek(const struct cursor *c, size_t n)
{
    return (size_t)(c->end - c->p) > n ? c->p[n] : '\0';
}

static bool is_word(char byte)
{
    return byte_is_digit(byte) || byte_is_alpha(byte);
}

static bool take_byte(struct cursor *c, char byte)
{
    if (peek(c, 0) != byte)
        return false;
    c->p++;
    return true;
}

/* Blanks, the unbreakable ones of Unicode too: JavaScript writes 10:11:12\u202fPM. */
static size_t take_blanks(struct cursor *c, size_t most)
{
    struct span rest = span_between(c->p, c->end);
    size_t n = 0;

    for (; n < most; n++) {
        size_t len = rest.len > 0 && byte_is_blank(*rest.at) ? 1
                     : span_has_prefix(rest, SPAN("\u202f")) ? 3
                     : span_has_prefix(rest, SPAN("\u00a0")) ? 2
                                                             : 0;

        if (len == 0)
            break;
        rest = span_from(rest, len);
    }
    c->p = rest.at;
    return n;
}

/* How many digits follow, counted up to 20. */
static size_t count_digits(const struct cursor *c)
{
    size_t n = 0;

    while (n < 20 && byte_is_digit(peek(c, n)))
        n++;
    return n;
}

static int64_t take_digits(struct cursor *c, size_t count)
{
    int64_t n = 0;

    for (; count > 0; count--)
        n = n * 10 + (*c->p++ - '0');
    return n;
}

static bool take_fixed(struct cursor *c, size_t digits, int *value)
{
    if (count_digits(c) < digits)
        return false;
    *value = (int)take_digits(c, digits);
    return true;
}

/* One digit does for two only where it does not end a run: not in 13032. */
static bool take_short(struct cursor *c, int *value)
{
    size_t digits = count_digits(c);

    if (digits == 0 || (digits == 1 && c->p > c->start && byte_is_digit(c->p[-1])))
        return false;
    *value = (int)take_digits(c, digits == 1 ? 1 : 2);
    return true;
}

static bool take_year(struct cursor *c, int *year)
{
    return take_fixed(c, 4, year) && *year >= 1900 && *year <= 2099;
}

/* POSIX: 69 to 99 are the last century's. */
static bool take_short_year(struct cursor *c, int *year)
{
    if (!take_fixed(c, 2, year))
        return false;
    *year += *year < 69 ? 2000 : 1900;
    return true;
}

static struct span peek_letters(const struct cursor *c)
{
    size_t n = 0;

    while (byte_is_alpha(peek(c, n)))
        n++;
    return (struct span){c->p, n};
}

/* Full or cut to three letters, in any case; the index in names, or -1. */
static int take_name(struct cursor *c, const char *const *names)
{
    struct span word = peek_letters(c);

    for (int i = 0; names[i]; i++) {
        struct span name;

        if (word.len == 0 || byte_lower(*word.at) != byte_lower(*names[i]))
            continue;
        name = span_of(names[i]);
        if (word.len == SHORT_NAME_LEN)
            name.len = SHORT_NAME_LEN;
        if (span_equal_nocase(word, name)) {
            c->p += word.len;
            return i;
        }
    }
    return PART_ABSENT;
}

static bool take_month_name(struct cursor *c, int *month)
{
    *month = take_name(c, months) + 1;
    return *month > 0;
}

/* With what parts it from the date. */
static bool take_weekday(struct cursor *c)
{
    if (take_name(c, weekdays) == PART_ABSENT)
        return true;
    take_byte(c, ',');
    return take_blanks(c, 2) > 0;
}

/* ".123", ",123" or ":123"; not the start of a longer dotted or coloned thing
 * (10:11:12:192.0.2.1), nor more digits than a clock gives. */
static void take_fraction(struct cursor *c)
{
    struct cursor ahead = *c;
    char mark = peek(c, 0), next;
    size_t digits;

    if (mark != '.' && mark != ',' && mark != ':')
        return;
    ahead.p++;
    digits = count_digits(&ahead);
    ahead.p += digits;
    next = peek(&ahead, 0);
    if (digits == 0 || digits > MOST_FRACTION_DIGITS ||
        ((next == '.' || (next == ':' && mark == ':')) && byte_is_digit(peek(&ahead, 1))))
        return;
    c->p = ahead.p;
}

static bool take_seconds(struct cursor *c, int *second)
{
    if (peek(c, 0) != ':' || !byte_is_digit(peek(c, 1)))
        return true;
    c->p++;
    if (!take_fixed(c, 2, second))
        return false;
    take_fraction(c);
    return true;
}

static void take_half(struct cursor *c, enum half_day *half)
{
    struct cursor ahead = *c;
    struct span word;

    take_blanks(&ahead, 1);
    word = peek_letters(&ahead);
    if (span_equal_nocase(word, SPAN("AM")))
        *half = HALF_AM;
    else if (span_equal_nocase(word, SPAN("PM")))
        *half = HALF_PM;
    else
        return;
    c->p = span_end(word);
}

static void take_zone(struct cursor *c, struct timestamp_parts *parts)
{
    size_t used = zone_text_read(span_between(c->p, c->end), c->lookup, &parts->zone);

    c->p += used;
    parts->has_zone = used > 0;
}

/* Seconds (with a fraction), milliseconds, microseconds, nanoseconds; a leading
 * zero is some other number. */
static bool take_epoch(struct cursor *c, struct timestamp_parts *parts)
{
    size_t digits = count_digits(c);

    if ((digits != 10 && digits != 13 && digits != 16 && digits != 19) || peek(c, 0) == '0')
        return false;
    parts->epoch_s = take_digits(c, 10);
    c->p += digits - 10;
    if (digits == 10 && peek(c, 0) == '.')
        take_fraction(c);
    parts->is_epoch = parts->has_zone = true;
    return peek(c, 0) != '.' || !byte_is_digit(peek(c, 1));
}

/* Of a rule file's format, which says what the digits are. */
static bool take_unix(struct cursor *c, struct timestamp_parts *parts)
{
    size_t digits = count_digits(c);

    if (digits == 0 || digits > MOST_UNIX_DIGITS)
        return false;
    parts->epoch_s = take_digits(c, digits);
    take_fraction(c);
    parts->is_epoch = parts->has_zone = true;
    return true;
}

static int hex_value(char byte)
{
    if (byte_is_digit(byte))
        return byte - '0';
    byte = byte_lower(byte);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Eight bytes of seconds, four of nanoseconds. As daemontools counts: ten seconds before
 * UNIX time, and no leap seconds since. */
static bool take_tai64n(struct cursor *c, struct timestamp_parts *parts)
{
    uint64_t label = 0;

    for (size_t i = 0; i < TAI64N_DIGITS; i++) {
        int value = hex_value(peek(c, i));

        if (value < 0)
            return false;
        if (i < TAI64_DIGITS)
            label = label << 4 | (unsigned)value;
    }
    if (label < TAI64_UNIX_EPOCH || label - TAI64_UNIX_EPOCH > UINT32_MAX)
        return false;
    c->p += TAI64N_DIGITS;
    parts->epoch_s = (int64_t)(label - TAI64_UNIX_EPOCH);
    parts->is_epoch = parts->has_zone = true;
    return true;
}

static bool take_severity(struct cursor *c)
{
    if (!span_find(SPAN("IWEF"), peek(c, 0)))
        return false;
    c->p++;
    return true;
}

static bool take_fraction_digits(struct cursor *c)
{
    size_t digits = count_digits(c);

    c->p += digits;
    return digits > 0 && digits <= MOST_FRACTION_DIGITS;
}

static bool at_word_end(const struct cursor *c)
{
    char next = peek(c, 0);

    return !is_word(next) && !((next == '.' || next == ':' || next == '-' || next == '/') &&
                                 (is_word(peek(c, 1)) || peek(c, 1) == ':'));
}

static bool take_item(struct cursor *c, char item, struct timestamp_parts *parts)
{
    switch (item) {
    case 'Y':
        return take_year(c, &parts->year);
    case 'y':
        return take_short_year(c, &parts->year);
    case 'm':
        return take_short(c, &parts->month);
    case 'b':
        return take_month_name(c, &parts->month);
    case 'd':
        return take_short(c, &parts->day);
    case 'n':
        return take_fixed(c, 2, &parts->month);
    case 'k':
        return take_fixed(c, 2, &parts->day);
    case 'a':
        return take_weekday(c);
    case 'H':
        return take_short(c, &parts->hour);
    case 'M':
        return take_fixed(c, 2, &parts->minute);
    case 'S':
        return take_fixed(c, 2, &parts->second);
    case 's':
        return take_seconds(c, &parts->second);
    case 'f':
        take_fraction(c);
        return true;
    case 'p':
        take_half(c, &parts->half);
        return true;
    case 'P':
        take_half(c, &parts->half);
        return parts->half != HALF_NONE;
    case 'z':
        take_zone(c, parts);
        return true;
    case 'E':
        return take_epoch(c, parts);
    case 'T':
        return take_byte(c, 'T') || take_byte(c, '_') || take_blanks(c, 2) > 0;
    case ' ':
        return take_blanks(c, 2) > 0;
    case ',':
        take_byte(c, ',');
        return true;
    case '?':
        take_blanks(c, 1);
        return true;
    case 'F':
        return take_fraction_digits(c);
    case 'U':
        return take_unix(c, parts);
    case 'X':
        return take_tai64n(c, parts);
    case 'L':
        return take_severity(c);
    case '|':
        return at_word_end(c);
    default:
        return take_byte(c, item);
    }
}

/* Of two numbers the one that can't be a month is the day. Between dots the day always
 * comes first. */
static void settle_order(const char *shape, struct timestamp_parts *parts)
{
    int month = parts->month;

    if (strncmp(shape, "m/d", 3) != 0 && strncmp(shape, "d-m", 3) != 0 &&
        strncmp(shape, "d.m", 3) != 0)
        return;
    parts->is_order_guess = shape[1] != '.';
    if (month > 12 && parts->day <= 12) {
        parts->month = parts->day;
        parts->day = month;
    }
}

/* Spares most shapes: all but those with names begin with a digit. */
static bool can_begin(const char *shape, char first)
{
    if (byte_is_alpha(first))
        return shape[0] == 'a' || shape[0] == 'L';
    return !(shape[0] == 'a' && shape[1] == 'b') && shape[0] != 'L';
}

bool timestamp_shape_match(const char *shape, struct span text, const struct zone_lookup *lookup,
    struct timestamp_parts *parts, size_t *used)
{
    struct cursor c = {text.at, text.at, span_end(text), lookup};
    struct timestamp_parts found = {.year = PART_ABSENT, .month = PART_ABSENT, .day = PART_ABSENT};

    for (; *shape; shape++)
        if (*shape == '\\' ? !take_byte(&c, *++shape) : !take_item(&c, *shape, &found))
            return false;
    if (is_word(peek(&c, 0)))
        return false;
    *parts = found;
    *used = (size_t)(c.p - text.at);
    return true;
}

bool timestamp_shape_find(
    struct span text, const struct zone_lookup *lookup, struct timestamp_parts *parts, size_t *used)
{
    char first = text.len > 0 ? *text.at : '\0';

    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        if (!can_begin(shapes[i], first) ||
            !timestamp_shape_match(shapes[i], text, lookup, parts, used))
            continue;
        settle_order(shapes[i], parts);
        return true;
    }
    return false;
}
