/* SPDX-License-Identifier: MIT
 *
 * `usage-shipper endpoint`: runs the stand-in and shows what arrives, a line an
 * event and a summary at the end. What clients sent is shown cut to its column
 * and without control characters, so that it cannot break out of a terminal.
 */
#include "shipper/command.h"
#include "shipper/endpoint/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper endpoint [OPTIONS]\n"
    "\n"
    "A stand-in for the Product Usage API on 127.0.0.1. It holds every request to\n"
    "the API's contract and prints each event; interrupt it for a summary. It exits\n"
    "with 1 if an event_id ever came with two different bodies.\n"
    "\n"
    "  --port N       listen on this port (default 8088; 0: any that is free)\n"
    "  --key KEY      the only X-API-KEY that is accepted (default: any)\n"
    "  --script FILE  answer as the file says, a line a step; read again when it changes:\n"
    "                     3 500                          the next three requests\n"
    "                     1/10 429 header='Retry-After: 2'   one in ten\n"
    "                     * has=alice 403 body=html      every request with that text\n"
    "                     2 accept close                 the event counts, no answer\n"
    "                     * ok delay=200ms               the usual answer, later\n"
    "                 body= takes failure, auth, success, html or a text in 'quotes'\n"
    "  --record FILE  append a JSON line for each request, before it is answered\n"
    "  --quiet        print no line an event\n"
    "  --help         this\n";

enum { DEFAULT_PORT = 8088, SHORT_ID_BYTES = 8 };

/* Everything the callback needs, and what the summary counts. */
struct desk {
    bool is_quiet, is_help;
    int record; /* -1: none */
    uint64_t outcomes[ENDPOINT_OUTCOMES], refusals[CONTRACT_VERDICTS], scripted;
};

/* The next character of *rest, "." for what a terminal would obey: controls of
 * ASCII and, in UTF-8, those of U+0080 to U+009F. */
static struct span take_character(struct span *rest)
{
    unsigned char first = (unsigned char)rest->at[0];
    size_t len = 1;

    while (len < rest->len && len < 4 && first >= 0xC0 &&
           ((unsigned char)rest->at[len] & 0xC0) == 0x80)
        len++;
    struct span character = {rest->at, len};

    *rest = span_from(*rest, len);
    if (first < ' ' || first == 0x7f || (first >= 0x80 && len == 1) ||
        (first == 0xC2 && (unsigned char)character.at[1] < 0xA0))
        return SPAN(".");
    return character;
}

static void append_column(struct buffer *line, struct span value, size_t width)
{
    size_t used = 0;

    if (value.len == 0)
        value = SPAN("-");
    for (; value.len > 0 && used < width; used++) {
        struct span character = take_character(&value);

        buffer_append(line, used + 1 == width && value.len > 0 ? SPAN("\u2026") : character);
    }
    for (; used < width; used++)
        buffer_append_byte(line, ' ');
    buffer_append(line, SPAN("  "));
}

static void append_time(struct buffer *line, struct json_object *payload)
{
    struct json_object *value = NULL;
    struct tm parts;
    time_t at_s;
    char text[32] = "-";

    if (payload && json_object_object_get_ex(payload, "event_at", &value) &&
        json_object_is_type(value, json_type_int)) {
        at_s = json_object_get_int64(value);
        if (gmtime_r(&at_s, &parts))
            strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
    }
    append_column(line, span_of(text), 19);
}

/* With how often it happened, of an aggregated event. */
static void append_activity(struct buffer *line, const struct contract_finding *finding)
{
    struct json_object *count = NULL;
    struct buffer text = {0};

    buffer_append(&text, contract_field(finding, "activity_type"));
    if (finding->payload && json_object_object_get_ex(finding->payload, "count", &count) &&
        json_object_is_type(count, json_type_int))
        buffer_printf(&text, " x%lld", (long long)json_object_get_int64(count));
    append_column(line, buffer_span(&text), 14);
    buffer_finish(&text);
}

static void append_answer(struct buffer *line, const struct endpoint_exchange *exchange)
{
    static const char *const words[ENDPOINT_OUTCOMES] = {
        [ENDPOINT_ACCEPTED] = "",
        [ENDPOINT_REPEATED] = " again",
        [ENDPOINT_DIFFERENT] = " ERROR: ANOTHER BODY UNDER AN ID THAT WAS HERE BEFORE",
        [ENDPOINT_REFUSED] = " ",
        [ENDPOINT_SCRIPTED] = "",
        [ENDPOINT_FULL] = " no more ids can be kept",
    };

    if (exchange->status)
        buffer_printf(line, "%u", exchange->status);
    else
        buffer_append(line, SPAN("closed"));
    buffer_append(line, span_of(words[exchange->outcome]));
    if (exchange->outcome == ENDPOINT_REFUSED)
        buffer_append(line, span_of(exchange->finding->text));
    if (exchange->is_scripted)
        buffer_append(line, SPAN(" (script)"));
    buffer_append_byte(line, '\n');
}

/* Enough to tell events apart by eye. */
static struct span short_id(struct span id)
{
    return id.len > SHORT_ID_BYTES ? (struct span){id.at, SHORT_ID_BYTES} : id;
}

static void print_line(const struct endpoint_exchange *exchange)
{
    const struct contract_finding *finding = exchange->finding;
    struct span user = contract_field(finding, "user_id");
    struct span address = contract_field(finding, "ip_addr");
    struct buffer line = {0};

    append_time(&line, finding->payload);
    append_activity(&line, finding);
    append_column(&line, user.at ? user : contract_field(finding, "user_agent"), 20);
    append_column(&line, address.at ? address : contract_field(finding, "domain"), 15);
    append_column(&line, contract_field(finding, "product_id"), 12);
    append_column(&line, short_id(contract_field(finding, "event_id")), SHORT_ID_BYTES);
    append_answer(&line, exchange);
    fwrite(line.bytes, 1, line.len, stdout);
    buffer_finish(&line);
}

static void add_text(struct json_object *object, const char *name, struct span text)
{
    json_object_object_add(
        object, name, text.at ? json_object_new_string_len(text.at, (int)text.len) : NULL);
}

static bool write_record(int descriptor, const struct endpoint_exchange *exchange)
{
    static const char *const outcomes[ENDPOINT_OUTCOMES] = {
        "accepted", "repeated", "different", "refused", "scripted", "full"};
    struct json_object *object = json_object_new_object();
    struct timespec now;
    struct buffer line = {0};
    bool is_written;

    clock_gettime(CLOCK_REALTIME, &now);
    add_text(object, "outcome", span_of(outcomes[exchange->outcome]));
    add_text(object, "id", contract_field(exchange->finding, "event_id"));
    json_object_object_add(object, "status", json_object_new_int((int)exchange->status));
    json_object_object_add(
        object, "at_ms", json_object_new_int64((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000));
    add_text(object, "method", exchange->request->method);
    add_text(object, "path", exchange->request->path);
    add_text(object, "contract", span_of(contract_verdict_name(exchange->finding->verdict)));
    add_text(object, "body", exchange->request->body);
    buffer_append(&line, span_of(json_object_to_json_string_ext(
                             object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
    buffer_append_byte(&line, '\n');
    json_object_put(object);
    is_written = write(descriptor, line.bytes, line.len) == (ssize_t)line.len;
    buffer_finish(&line);
    return is_written;
}

static void on_exchange(void *arg, const struct endpoint_exchange *exchange)
{
    struct desk *desk = arg;

    desk->outcomes[exchange->outcome]++;
    desk->scripted += exchange->is_scripted;
    if (exchange->outcome == ENDPOINT_REFUSED)
        desk->refusals[exchange->finding->verdict]++;
    if (desk->record >= 0 && !write_record(desk->record, exchange)) {
        perror("usage-shipper endpoint: cannot write the record, going on without it");
        close(desk->record);
        desk->record = -1;
    }
    if (!desk->is_quiet || exchange->outcome == ENDPOINT_DIFFERENT)
        print_line(exchange);
}

static void print_summary(const struct desk *desk, size_t distinct)
{
    const uint64_t *outcomes = desk->outcomes;
    uint64_t requests = 0;

    for (size_t i = 0; i < ENDPOINT_OUTCOMES; i++)
        requests += outcomes[i];
    printf("\n%8lu requests\n%8lu events accepted, %zu of them distinct\n", requests,
        outcomes[ENDPOINT_ACCEPTED] + outcomes[ENDPOINT_REPEATED] + outcomes[ENDPOINT_DIFFERENT],
        distinct);
    printf("%8lu repeated, byte for byte\n%8lu repeated with another body%s\n",
        outcomes[ENDPOINT_REPEATED], outcomes[ENDPOINT_DIFFERENT],
        outcomes[ENDPOINT_DIFFERENT] ? ": AN ERROR" : "");
    printf("%8lu refused\n", outcomes[ENDPOINT_REFUSED] + outcomes[ENDPOINT_FULL]);
    for (size_t v = 0; v < CONTRACT_VERDICTS; v++)
        if (desk->refusals[v] > 0)
            printf("%12lu for the %s\n", desk->refusals[v],
                contract_verdict_name((enum contract_verdict)v));
    if (desk->scripted > 0)
        printf("%8lu answered by the script, %lu of them without taking the event\n",
            desk->scripted, outcomes[ENDPOINT_SCRIPTED]);
}

/* True until a signal says to stop. */
static bool take_signal(int signals, struct endpoint *endpoint)
{
    struct signalfd_siginfo signal;

    if (read(signals, &signal, sizeof(signal)) != sizeof(signal))
        return true;
    if (signal.ssi_signo != SIGHUP)
        return false;
    endpoint_reload(endpoint);
    return true;
}

static void serve(struct endpoint *endpoint, int signals)
{
    struct pollfd waits[] = {
        {.fd = endpoint_descriptor(endpoint), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
    };
    struct now now = clock_now();

    while (take_signal(signals, endpoint)) {
        poll(waits, 2, endpoint_timeout_ms(endpoint, &now));
        now = clock_now();
        endpoint_turn(endpoint, &now);
    }
}

static int run(const struct endpoint_options *options, struct desk *desk)
{
    struct endpoint *endpoint;
    struct error err;
    sigset_t set;
    int signals;

    /* From the first moment, so that whoever started us may stop us at any. */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);

    endpoint = endpoint_open(options, &err);
    if (!endpoint) {
        close(signals);
        return command_fail("endpoint", &err);
    }
    printf("listening on http://127.0.0.1:%u/api/product/usage\n", endpoint_port(endpoint));
    if (!desk->is_quiet)
        printf("%-19s  %-14s  %-20s  %-15s  %-12s  %-8s  %s\n", "TIME (UTC)", "ACTIVITY", "USER",
            "ADDRESS", "PRODUCT", "ID", "ANSWER");
    serve(endpoint, signals);
    print_summary(desk, endpoint_events(endpoint));
    endpoint_close(endpoint);
    close(signals);
    return desk->outcomes[ENDPOINT_DIFFERENT] > 0 ? EXIT_FOUND : EXIT_FINE;
}

static bool take_port(const char *text, uint16_t *port, struct error *err)
{
    uint64_t number;

    if (!span_to_u64(span_of(text), &number) || number > UINT16_MAX)
        return error_set(err, ERROR_USAGE, 0, "\"%s\" is not a port: 0 to 65535", text);
    *port = (uint16_t)number;
    return true;
}

static bool take_options(
    int argc, char **argv, struct endpoint_options *options, struct desk *desk, struct error *err)
{
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'},
        {"key", required_argument, NULL, 'k'},
        {"script", required_argument, NULL, 's'},
        {"record", required_argument, NULL, 'r'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *record = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "+:", names, NULL)) != -1) {
        if (option == 'p' && !take_port(optarg, &options->port, err))
            return false;
        else if (option == 'k')
            options->key = optarg;
        else if (option == 's')
            options->script_path = optarg;
        else if (option == 'r')
            record = optarg;
        else if (option == 'q')
            desk->is_quiet = true;
        else if (option == 'h')
            desk->is_help = true;
        else if (option == '?' || option == ':')
            return command_refuse_option(argv, option, err);
    }
    if (optind < argc)
        return command_refuse(argv, err, "unexpected argument \"%s\"", argv[optind]);
    if (record)
        desk->record = open(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return !record || desk->record >= 0 ||
           error_system(err, "cannot open the record \"%s\"", record);
}

int cmd_endpoint(int argc, char **argv)
{
    struct desk desk = {.record = -1};
    struct endpoint_options options = {.port = DEFAULT_PORT, .each = on_exchange, .arg = &desk};
    struct error err;
    int code;

    /* Whoever reads our lines through a pipe sees each when it happens. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!take_options(argc, argv, &options, &desk, &err))
        return command_fail("endpoint", &err);
    if (desk.is_help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    code = run(&options, &desk);
    if (desk.record >= 0)
        close(desk.record);
    return code;
}
