/* SPDX-License-Identifier: MIT
 *
 * Identity and bytes of an event. The one place that writes JSON: whatever a
 * log line contained, what comes out is one line of valid UTF-8 that can neither
 * end a string early nor steer a terminal.
 */
#include "event.h"

#include "escape.h"
#include "limits.h"
#include "memory.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* libcrypto fails here only when it has no memory or no SHA-256. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

struct event_hasher {
    EVP_MD *sha256;
    EVP_MD_CTX *context;
    struct buffer hashed; /* all of it: handing over piece by piece costs more */
};

struct event_hasher *event_hasher_new(void)
{
    struct event_hasher *hasher = memory_new(sizeof(*hasher));

    hasher->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hasher->context = EVP_MD_CTX_new();
    must(hasher->sha256 && hasher->context);
    return hasher;
}

void event_hasher_free(struct event_hasher *hasher)
{
    if (!hasher)
        return;
    EVP_MD_CTX_free(hasher->context);
    EVP_MD_free(hasher->sha256);
    buffer_finish(&hasher->hashed);
    free(hasher);
}

static void put_u64(struct buffer *to, uint64_t n)
{
    char *bytes = buffer_reserve(to, 8);

    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(n >> (8 * i));
    to->len += 8;
}

static void put_span(struct buffer *to, struct span s)
{
    put_u64(to, s.len);
    buffer_append(to, s);
}

static void put_number(struct buffer *to, uint64_t n)
{
    put_u64(to, 8);
    put_u64(to, n);
}

static struct buffer *begin_id(
    struct event_hasher *hasher, struct span instance, struct span product, struct span rule)
{
    struct buffer *hashed = &hasher->hashed;

    buffer_clear(hashed);
    put_span(hashed, SPAN("usage-shipper/1"));
    put_span(hashed, instance);
    put_span(hashed, product);
    put_span(hashed, rule);
    return hashed;
}

static void end_id(struct event_hasher *hasher, char id[EVENT_ID_LEN + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    must(EVP_DigestInit_ex(hasher->context, hasher->sha256, NULL));
    must(EVP_DigestUpdate(hasher->context, hasher->hashed.bytes, hasher->hashed.len));
    must(EVP_DigestFinal_ex(hasher->context, digest, NULL));
    for (int i = 0; i < EVENT_ID_LEN; i++)
        id[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
    id[EVENT_ID_LEN] = '\0';
}

void event_identify(
    struct event_hasher *hasher, const struct event_identity *identity, char id[EVENT_ID_LEN + 1])
{
    struct buffer *hashed = begin_id(hasher, identity->instance, identity->product, identity->rule);
    struct span line = identity->line;

    if (line.len > LIMIT_ID_LINE_BYTES)
        line.len = LIMIT_ID_LINE_BYTES;
    put_span(hashed, identity->source_id);
    put_number(hashed, identity->offset);
    put_span(hashed, line);
    if (identity->has_generation)
        put_number(hashed, identity->generation);
    end_id(hasher, id);
}

void event_identify_window(
    struct event_hasher *hasher, const struct window_identity *identity, char id[EVENT_ID_LEN + 1])
{
    struct buffer *hashed = begin_id(hasher, identity->instance, identity->product, identity->rule);

    put_number(hashed, (uint64_t)identity->start_s);
    put_span(hashed, identity->key);
    put_number(hashed, identity->part);
    end_id(hasher, id);
}

/* Beside what JSON demands: DEL and the C1 controls, which steer terminals, and
 * the two separators that JavaScript takes for line ends. */
static bool is_escaped(uint32_t c)
{
    return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
           c == 0x2029;
}

/* Most bytes of most texts. */
static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void write_escape(uint32_t c, struct buffer *out)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
        if ((uint32_t)letters[i] == c) {
            buffer_append_byte(out, '\\');
            buffer_append_byte(out, letters[i + 1]);
            return;
        }
    }
    buffer_printf(out, "\\u%04x", (unsigned)c);
}

void event_write_string(struct span s, struct buffer *out)
{
    const char *p = s.at, *end = span_end(s), *plain = p;
    char *to;

    while (p < end && is_plain(*p))
        p++;
    if (p == end) {
        to = buffer_reserve(out, s.len + 2);
        to[0] = to[s.len + 1] = '"';
        if (s.len > 0)
            memcpy(to + 1, s.at, s.len);
        out->len += s.len + 2;
        return;
    }
    buffer_append_byte(out, '"');
    while (p < end) {
        uint32_t c = 0xFFFD;
        size_t len;

        if (is_plain(*p)) {
            p++;
            continue;
        }
        len = escape_take_utf8(p, end, &c);

        if (len > 0 && !is_escaped(c)) {
            p += len;
            continue;
        }
        buffer_append(out, span_between(plain, p));
        if (len > 0) {
            write_escape(c, out);
            p += len;
        } else {
            out->len += escape_put_utf8(buffer_reserve(out, 4), c);
            p++;
        }
        plain = p;
    }
    buffer_append(out, span_between(plain, p));
    buffer_append_byte(out, '"');
}

static void part_from_last(struct buffer *out)
{
    if (out->bytes[out->len - 1] != '{')
        buffer_append_byte(out, ',');
}

/* start: the name in quotes and a colon. Nothing for an absent value. */
static void write_field(struct span start, struct span value, struct buffer *out)
{
    if (!value.at)
        return;
    part_from_last(out);
    buffer_append(out, start);
    event_write_string(value, out);
}

static void write_number(int64_t n, struct buffer *out)
{
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    char digits[24], *end = digits + sizeof(digits), *p = end;

    do
        *--p = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (n < 0)
        *--p = '-';
    buffer_append(out, span_between(p, end));
}

/* First of all, so that a body tells which call it is for. */
static void write_mode(const struct event *event, struct buffer *out)
{
    write_field(SPAN("\"mode\":"), event->user_id.at ? SPAN("USER") : SPAN("DOMAIN"), out);
    buffer_printf(out, ",\"count\":%llu", (unsigned long long)event->count);
}

void event_write(const struct event *event, struct buffer *out)
{
    buffer_append(out, SPAN("{\"payload\":{"));
    if (event->count > 0)
        write_mode(event, out);
    write_field(SPAN("\"source\":"), event->source, out);
    write_field(SPAN("\"activity_type\":"), event->activity_type, out);
    write_field(SPAN("\"environment\":"), event->environment, out);
    write_field(SPAN("\"user_id_type\":"), event->user_id_type, out);
    write_field(SPAN("\"user_id\":"), event->user_id, out);
    write_field(SPAN("\"ip_addr\":"), event->ip_addr, out);
    write_field(SPAN("\"event_id\":"), span_of(event->id), out);
    buffer_append(out, SPAN(",\"event_at\":"));
    write_number(event->at_s, out);
    write_field(SPAN("\"product_id\":"), event->product_id, out);
    write_field(SPAN("\"user_agent\":"), event->user_agent, out);
    if (event->meta_count > 0) {
        buffer_append(out, SPAN(",\"meta\":{"));
        for (size_t i = 0; i < event->meta_count; i++) {
            if (!event->meta[i].value.at)
                continue;
            part_from_last(out);
            event_write_string(event->meta[i].name, out);
            buffer_append_byte(out, ':');
            event_write_string(event->meta[i].value, out);
        }
        buffer_append_byte(out, '}');
    }
    buffer_append(out, SPAN("}}"));
}

bool event_is_aggregated(struct span body)
{
    return span_has_prefix(body, SPAN("{\"payload\":{\"mode\":"));
}
