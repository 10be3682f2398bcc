/* SPDX-License-Identifier: MIT
 *
 * `syslog:` inputs: a socket to listen on. Addresses are numbers: a name that
 * resolves to another host tomorrow is no place to listen.
 */
#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/config_input_kind.h"
#include "shipper/config_networks.h"
#include "shipper/path.h"

#include <stdlib.h>

#define MEMBER(name) offsetof(struct syslog_config, name)

enum { DEFAULT_MODE = 0660, HIGHEST_PORT = 65535 };

/* The first are the transports, by their enum. */
static const struct key listener_keys[] = {
    {.name = "udp",
        .type = KEY_STRING,
        .offset = MEMBER(places[SYSLOG_UDP]),
        .help = "address and port, or a port of 127.0.0.1"},
    {.name = "tcp",
        .type = KEY_STRING,
        .offset = MEMBER(places[SYSLOG_TCP]),
        .help = "address and port, or a port of 127.0.0.1"},
    {.name = "unix_dgram",
        .type = KEY_STRING,
        .offset = MEMBER(places[SYSLOG_UNIX_DGRAM]),
        .help = "the path of a socket, which is made"},
    {.name = "unix_stream",
        .type = KEY_STRING,
        .offset = MEMBER(places[SYSLOG_UNIX_STREAM]),
        .help = "the path of a socket, which is made"},
    {.name = "allow",
        .type = KEY_STRINGS,
        .offset = MEMBER(allow),
        .help = "who may send, by address or range: [192.0.2.0/24, 2001:db8::/32]"},
    {.name = "mode",
        .type = KEY_STRING,
        .offset = MEMBER(mode),
        .help = "permissions of the socket's file",
        .default_text = "0660"},
    {.name = "max_connections",
        .type = KEY_INTEGER,
        .offset = MEMBER(max_connections),
        .help = "connections at a time; more are closed at once",
        .default_text = "500",
        .least = 1,
        .most = 10000},
    {.name = "max_message",
        .type = KEY_SIZE,
        .offset = MEMBER(max_message_bytes),
        .help = "a longer message is cut",
        .default_text = "64KiB",
        .least = 480,
        .most = LIMIT_LINE_BYTES},
    {.name = "rate",
        .type = KEY_INTEGER,
        .offset = MEMBER(rate),
        .help = "messages a second of one peer; over it datagrams are dropped, connections wait",
        .default_text = "0",
        .least = 0,
        .most = 10000000},
    {.name = "idle",
        .type = KEY_DURATION,
        .offset = MEMBER(idle_ms),
        .help = "a connection over which nothing came for so long is closed",
        .default_text = "1d",
        .least = 1000,
        .most = 30LL * 24 * 3600 * 1000},
    {.name = NULL},
};

static const struct key_shape listener_shape = SHAPE_OF_MAP(listener_keys);

static const struct key keys[] = {
    {.name = "syslog",
        .type = KEY_NODE,
        .offset = offsetof(struct input_config, syslog.map),
        .help = "a socket to listen on for syslog messages: {udp: 127.0.0.1:5514}, {tcp: …}, "
                "{unix_dgram: PATH}, {unix_stream: PATH}",
        .shape = &listener_shape},
    {.name = NULL},
};

static const struct node *node_of(const struct input_config *input, const char *key)
{
    return node_get(input->syslog.map, key);
}

/* --- the place --------------------------------------------------------------- */

/* "127.0.0.1:5514", "[::1]:5514", "5514". */
static bool parse_place(struct span text, struct syslog_config *syslog)
{
    const char *colon = text.len > 0 ? memrchr(text.at, ':', text.len) : NULL;
    struct span host = colon ? span_between(text.at, colon) : SPAN("127.0.0.1");
    struct span port = colon ? span_between(colon + 1, span_end(text)) : text;
    bool is_bracketed = host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    uint64_t number;

    if (is_bracketed)
        host = (struct span){host.at + 1, host.len - 2};
    if (is_bracketed != (span_find(host, ':') != NULL) ||
        !network_address_parse(host, &syslog->address) || !span_to_u64(port, &number) ||
        number == 0 || number > HIGHEST_PORT)
        return false;
    syslog->is_ipv6 = is_bracketed;
    syslog->port = (unsigned)number;
    return true;
}

static bool is_loopback(const struct syslog_config *syslog)
{
    struct network loopback;

    return network_parse(syslog->is_ipv6 ? SPAN("::1") : SPAN("127.0.0.0/8"), &loopback) &&
           network_has(&loopback, &syslog->address);
}

static void settle_address(const struct input_loading *l, struct input_config *input)
{
    struct syslog_config *syslog = &input->syslog;
    const char *transport = listener_keys[syslog->transport].name;
    const char *place = syslog->places[syslog->transport];
    const struct node *node = node_of(input, transport);
    struct buffer name = {0};

    if (!parse_place(span_of(place), syslog)) {
        error_hint(errors_add(l->errors, node->place, "\"%s\" is no address with a port", place),
            "Write it like 127.0.0.1:5514, '[::]:5514' or 5514; host names are not looked up.");
        return;
    }
    buffer_printf(&name, "%s %s%s", transport, strchr(place, ':') ? "" : "127.0.0.1:", place);
    buffer_append_byte(&name, '\0');
    syslog->name = name.bytes;
    if (!is_loopback(syslog) && syslog->allow.count == 0)
        error_hint(errors_add(&l->config->warnings, node->place,
                       "warning: \"%s\" takes messages from everybody who can reach it", place),
            "Say who may send, like allow: [192.0.2.0/24], or listen on 127.0.0.1.");
}

static void settle_path(const struct input_loading *l, struct input_config *input)
{
    struct syslog_config *syslog = &input->syslog;
    struct buffer name = {0};

    path_settle(&syslog->places[syslog->transport], l->folder);
    buffer_printf(
        &name, "%s %s", listener_keys[syslog->transport].name, syslog->places[syslog->transport]);
    buffer_append_byte(&name, '\0');
    syslog->name = name.bytes;
    if (syslog->allow.count > 0)
        error_hint(errors_add(l->errors, node_of(input, "allow")->place,
                       "a local socket has no addresses to allow"),
            "Its file's `mode` and folder say who may send.");
}

/* --- the rest ---------------------------------------------------------------- */

static void settle_ranges(const struct input_loading *l, struct input_config *input)
{
    struct syslog_config *syslog = &input->syslog;

    syslog->ranges = config_networks_read(&syslog->allow, node_of(input, "allow"), l->errors);
}

static void settle_mode(const struct input_loading *l, struct input_config *input)
{
    struct syslog_config *syslog = &input->syslog;
    const struct node *node = node_of(input, "mode");
    char *end;
    unsigned long mode = strtoul(syslog->mode, &end, 8);

    if (*end != '\0' || end == syslog->mode || mode > 0777)
        error_hint(errors_add(l->errors, node->place, "\"%s\" are no permissions", syslog->mode),
            "Write them in octal, like 0660.");
    syslog->mode_bits = (unsigned)mode;
}

static void settle(const struct input_loading *l, struct input_config *input)
{
    struct syslog_config *syslog = &input->syslog;
    size_t named = 0;

    keys_read(syslog->map, "a syslog input", listener_keys, syslog, l->errors);
    if (input->multiline)
        error_hint(errors_add(l->errors, input->multiline->place,
                       "\"multiline\" has no meaning for a syslog input"),
            "Each message is a record; newlines inside one become spaces.");
    if (syslog->map->kind != NODE_MAP)
        return;
    for (unsigned i = 0; i <= SYSLOG_UNIX_STREAM; i++)
        if (syslog->places[i]) {
            syslog->transport = (enum syslog_transport)i;
            named++;
        }
    if (named != 1) {
        error_hint(errors_add(l->errors, syslog->map->place,
                       "a syslog input needs one of \"udp\", \"tcp\", \"unix_dgram\" or "
                       "\"unix_stream\""),
            named > 1 ? "Make it an input for each." : "For example {udp: 127.0.0.1:5514}.");
        return;
    }
    settle_ranges(l, input);
    if (syslog->transport <= SYSLOG_TCP)
        settle_address(l, input);
    else
        settle_path(l, input);
    settle_mode(l, input);
}

static void finish(struct input_config *input)
{
    keys_finish(listener_keys, &input->syslog);
    free(input->syslog.name);
    free(input->syslog.ranges);
}

const struct config_input_kind config_input_syslog = {
    .name = "syslog",
    .what = "a syslog input",
    .keys = keys,
    .shape = SHAPE_OF_MAP(keys, config_input_shared_keys),
    .settle = settle,
    .finish = finish,
};
