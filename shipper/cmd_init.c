/* SPDX-License-Identifier: MIT
 *
 * init: a short conversation, or options alone, and a configuration is written. Looks
 * at logs, sends nothing, starts nothing, and writes over no file.
 */
#include "parsers/address.h"
#include "parsers/memory.h"
#include "shipper/ask.h"
#include "shipper/command.h"
#include "shipper/config.h"
#include "shipper/event_table.h"
#include "shipper/init.h"
#include "shipper/journalctl.h"
#include "shipper/opt_out.h"
#include "shipper/zone_file.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

static const char help[] =
    "usage: usage-shipper init [--yes] [OPTIONS]\n"
    "\n"
    "Finds out which of the products that it has rules for log on this host, asks what it\n"
    "needs to know, and writes a configuration. Sends nothing and starts nothing.\n"
    "\n"
    "  --config FILE         the configuration to write (default: " DEFAULT_CONFIG ")\n"
    "  --product NAME        a product to follow; may be given again (default: those whose\n"
    "                        last lines make events)\n"
    "  --key-file FILE       where the API key is, or will be (default: api_key in the\n"
    "                        configuration's folder)\n"
    "  --product-id ID       product_id on the wire (default: each rule file's own)\n"
    "  --environment NAME    like PRODUCTION (default: none)\n"
    "  --host-address IP     this host's public address\n"
    "  --private-address X   what to do with addresses like 10.0.0.7: keep, host (this\n"
    "                        host's public one in their place), drop the event\n"
    "  --hash-users          send a hash in the place of each user\n"
    "  --url URL             another endpoint than the vendor's\n"
    "  --state-dir DIR       where spool and positions are kept\n"
    "  --rules-dir DIR       where rule files are; may be given again\n"
    "  --yes                 ask nothing: the options, and else what is usual\n"
    "  --help\n"
    "\n"
    "The key is asked for, or read from the key file that is there; it is never taken\n"
    "from the command line.\n";

enum { EVENTS_SHOWN = 10 };

struct init_options {
    const char *config_path;
    struct strings products, dirs;
    struct init_answers answers;
    bool has_private, is_hashing, is_yes;
};

static void add_string(struct strings *strings, char *item)
{
    strings->items = memory_resize(strings->items, (strings->count + 1) * sizeof(*strings->items));
    strings->items[strings->count++] = item;
}

/* --- options ----------------------------------------------------------------- */

static const char *const private_words[] = {"keep", "host", "drop"};

static bool take_private(char **argv, const char *word, struct init_options *o, struct error *err)
{
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(word, private_words[i]) == 0) {
            o->answers.private_address = (enum init_private)i;
            o->has_private = true;
            return true;
        }
    return command_refuse(argv, err, "--private-address is keep, host or drop, not \"%s\"", word);
}

static bool take_address(char **argv, const char *text, struct init_options *o, struct error *err)
{
    struct address address;

    if (!address_parse(span_of(text), &address))
        return command_refuse(argv, err, "\"%s\" is not an address", text);
    o->answers.host_address = text;
    return true;
}

/* -1: go on; else the exit code. */
static int read_options(int argc, char **argv, struct init_options *o)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"product", required_argument, NULL, 'p'},
        {"key-file", required_argument, NULL, 'k'},
        {"product-id", required_argument, NULL, 'i'},
        {"environment", required_argument, NULL, 'e'},
        {"host-address", required_argument, NULL, 'a'},
        {"private-address", required_argument, NULL, 'P'},
        {"hash-users", no_argument, NULL, 'H'},
        {"url", required_argument, NULL, 'u'},
        {"state-dir", required_argument, NULL, 's'},
        {"rules-dir", required_argument, NULL, 'd'},
        {"yes", no_argument, NULL, 'y'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct error err;
    bool is_good = true;
    int option;

    while (is_good && (option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        switch (option) {
        case 'c':
            o->config_path = optarg;
            break;
        case 'p':
            add_string(&o->products, optarg);
            break;
        case 'k':
            o->answers.key_file = optarg;
            break;
        case 'i':
            o->answers.product_id = optarg;
            break;
        case 'e':
            o->answers.environment = optarg;
            break;
        case 'a':
            is_good = take_address(argv, optarg, o, &err);
            break;
        case 'P':
            is_good = take_private(argv, optarg, o, &err);
            break;
        case 'H':
            o->is_hashing = true;
            break;
        case 'u':
            o->answers.url = optarg;
            break;
        case 's':
            o->answers.state_dir = optarg;
            break;
        case 'd':
            add_string(&o->dirs, optarg);
            break;
        case 'y':
            o->is_yes = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        default:
            is_good = command_refuse_option(argv, option, &err);
        }
    }
    if (is_good && optind < argc)
        is_good = command_refuse(argv, &err, "unexpected argument \"%s\"", argv[optind]);
    if (is_good && o->answers.private_address == INIT_PRIVATE_HOST && !o->answers.host_address &&
        o->is_yes)
        is_good = command_refuse(argv, &err, "--private-address host goes with --host-address");
    return is_good ? -1 : command_fail("init", &err);
}

/* --- what is there ------------------------------------------------------------- */

static void print_log(const struct found_log *log)
{
    printf("    %s%s", log->is_journal ? "journal: " : "", log->name);
    if (!log->is_readable)
        printf(": cannot be read now (%s)", log->why.message);
    putchar('\n');
}

static void print_products(const struct init_products *products)
{
    printf("Products that log on this host:\n");
    for (size_t i = 0; i < products->count; i++) {
        const struct init_product *product = &products->items[i];

        printf("  %s: %llu event%s in the last %llu lines\n", product->name,
            (unsigned long long)product->events, product->events == 1 ? "" : "s",
            (unsigned long long)product->lines);
        for (size_t j = 0; j < product->found.count; j++)
            print_log(&product->found.items[j]);
    }
}

/* Names apart by blanks or commas; false with the first that is not here in *name. */
static bool choose(const struct init_products *products, struct span names, struct span *name)
{
    while (names.len > 0) {
        size_t len = strcspn(names.at, " ,");
        struct init_product *product;

        *name = (struct span){names.at, len < names.len ? len : names.len};
        names = span_from(names, name->len < names.len ? name->len + 1 : name->len);
        if (name->len == 0)
            continue;
        for (size_t i = 0; (product = i < products->count ? &products->items[i] : NULL); i++)
            if (span_is(*name, product->name))
                break;
        if (!product)
            return false;
        product->is_chosen = true;
    }
    return true;
}

static void append_usual(const struct init_products *products, struct buffer *out)
{
    for (size_t i = 0; i < products->count; i++)
        if (products->items[i].events > 0)
            buffer_printf(out, "%s%s", out->len > 0 ? " " : "", products->items[i].name);
    buffer_append_byte(out, '\0');
}

static bool is_any_chosen(const struct init_products *products)
{
    for (size_t i = 0; i < products->count; i++)
        if (products->items[i].is_chosen)
            return true;
    return false;
}

static bool choose_products(
    const struct init_products *products, const struct init_options *o, struct error *err)
{
    struct buffer usual = {0};
    char answer[ASK_BYTES];
    struct span name = {"", 0};
    bool is_good = true;

    append_usual(products, &usual);
    for (size_t i = 0; i < o->products.count && is_good; i++)
        is_good = choose(products, span_of(o->products.items[i]), &name);
    if (o->products.count == 0 && o->is_yes)
        choose(products, span_of(usual.bytes), &name);
    while (o->products.count == 0 && !o->is_yes && !is_any_chosen(products) && is_good) {
        is_good = ask_text("Which of them", usual.bytes, answer);
        if (is_good && !choose(products, span_of(answer), &name))
            fprintf(stderr, "\"%.*s\" is none of them\n", (int)name.len, name.at);
    }
    buffer_finish(&usual);
    if (!is_good && o->products.count > 0) {
        error_set(err, ERROR_CONFIG, 0, "\"%.*s\" does not log on this host, as far as is known",
            (int)name.len, name.at);
        error_hint(err, "Name one of those above.");
        return false;
    }
    if (!is_good)
        return error_set(err, ERROR_CONFIG, 0, "no answer, nothing is written");
    if (!is_any_chosen(products)) {
        error_set(err, ERROR_CONFIG, 0, "no product's last lines make an event");
        error_hint(err, "Name the one to follow with --product.");
        return false;
    }
    return true;
}

/* --- the conversation ------------------------------------------------------------ */

/* In the configuration's folder. */
static char *beside(const char *config_path, const char *name)
{
    const char *slash = strrchr(config_path, '/');
    struct buffer path = {0};

    buffer_printf(
        &path, "%.*s%s%c", slash ? (int)(slash + 1 - config_path) : 0, config_path, name, '\0');
    return path.bytes;
}

static bool ask_address(struct init_options *o, char answer[ASK_BYTES])
{
    struct address address;

    for (;;) {
        if (!ask_text("This host's public address (empty: not known)", "", answer))
            return false;
        if (!*answer)
            return true;
        if (address_parse(span_of(answer), &address)) {
            o->answers.host_address = answer;
            return true;
        }
        fprintf(stderr, "\"%s\" is not an address\n", answer);
    }
}

struct spoken {
    char product_id[ASK_BYTES], address[ASK_BYTES];
};

static bool ask_all(struct init_options *o, struct spoken *spoken)
{
    static const char *const yes_no[] = {"no", "yes"};
    size_t word;

    if (!o->answers.product_id) {
        if (!ask_text(
                "product_id on the wire (empty: each rule file's own)", "", spoken->product_id))
            return false;
        if (*spoken->product_id)
            o->answers.product_id = spoken->product_id;
    }
    if (!o->answers.host_address && !ask_address(o, spoken->address))
        return false;
    if (!o->has_private) {
        word = ask_word("Addresses like 10.0.0.7: keep, host (this host's instead), drop",
            private_words, o->answers.host_address ? 3 : 1);
        if (word == 3)
            return false;
        o->answers.private_address = (enum init_private)word;
    }
    if (!o->is_hashing) {
        word = ask_word("Send hashes in the place of users", yes_no, 2);
        if (word == 2)
            return false;
        o->is_hashing = word == 1;
    }
    return true;
}

/* The key's file, if it is not there: asked for; what is empty comes later. */
static bool save_key(const struct init_options *o, struct error *err)
{
    char key[ASK_BYTES] = "";
    bool is_saved = true;

    if (access(o->answers.key_file, F_OK) == 0 || o->is_yes)
        return true;
    if (!ask_secret("API key (empty: it is put there later)", key))
        return error_set(err, ERROR_CONFIG, 0, "no answer, nothing is written");
    if (*key) {
        is_saved = init_save(o->answers.key_file, span_of(key), 0640, err);
        if (is_saved)
            printf("wrote %s\n", o->answers.key_file);
    }
    explicit_bzero(key, sizeof(key));
    return is_saved;
}

static bool save_hash_secret(const char *path, struct error *err)
{
    unsigned char bytes[32];
    struct buffer text = {0};
    bool is_saved;

    if (access(path, F_OK) == 0)
        return true;
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return error_system(err, "cannot draw a random number");
    for (size_t i = 0; i < sizeof(bytes); i++)
        buffer_printf(&text, "%02x", bytes[i]);
    buffer_append_byte(&text, '\n');
    is_saved = init_save(path, buffer_span(&text), 0640, err);
    if (is_saved)
        printf(
            "wrote %s: keep a copy, and give the same to hosts whose users are the same\n", path);
    explicit_bzero(text.bytes, text.len);
    explicit_bzero(bytes, sizeof(bytes));
    buffer_finish(&text);
    return is_saved;
}

/* --- writing, and what comes next ------------------------------------------------- */

struct first_events {
    struct event_table table;
    size_t left;
};

static void show_event(void *arg, const struct event *event)
{
    struct first_events *first = arg;
    struct buffer line = {0};

    if (first->left == 0)
        return;
    first->left--;
    event_table_row(&first->table, event, "", &line);
    fwrite(line.bytes, 1, line.len, stdout);
    buffer_finish(&line);
}

static void show_first_events(
    const struct init_products *products, const struct found_options *options)
{
    struct first_events first = {.left = EVENTS_SHOWN};
    struct found_options showing = *options;

    showing.event = show_event;
    showing.arg = &first;
    puts("What the logs hold now would give events like these:");
    for (size_t i = 0; i < products->count; i++)
        if (products->items[i].is_chosen) {
            struct found_logs found;

            found_logs_look(products->items[i].file, &showing, &found);
            found_logs_finish(&found);
        }
    if (first.left == EVENTS_SHOWN)
        puts("  none yet");
}

static void tell_next(const struct init_options *o)
{
    bool is_usual = strcmp(o->config_path, DEFAULT_CONFIG) == 0;
    const char *by;

    puts("\nNext:");
    if (access(o->answers.key_file, F_OK) != 0)
        printf("  put the API key into %s (mode 0640, group usage-shipper)\n", o->answers.key_file);
    printf("  usage-shipper doctor%s%s\n", is_usual ? "" : " --config ",
        is_usual ? "" : o->config_path);
    if (is_usual)
        puts("  systemctl enable --now usage-shipper");
    else
        printf("  usage-shipper run --config %s\n", o->config_path);
    if (opt_out_is_asked("/etc/usage-shipper/opt-out", &by))
        printf("This host has opted out (%s): nothing will be sent.\n", by);
}

static bool write_all(
    struct init_options *o, const struct init_products *products, struct error *err)
{
    struct buffer text = {0};
    char *hash_file = beside(o->config_path, "hash_secret");
    bool is_written;

    if (o->is_hashing)
        o->answers.hash_secret_file = hash_file;
    init_write(products, &o->answers, &text);
    is_written = save_key(o, err) && (!o->is_hashing || save_hash_secret(hash_file, err)) &&
                 init_save(o->config_path, buffer_span(&text), 0644, err);
    if (is_written)
        printf("wrote %s\n", o->config_path);
    buffer_finish(&text);
    free(hash_file);
    o->answers.hash_secret_file = NULL;
    return is_written;
}

static int set_up(struct init_options *o)
{
    struct zone zone = {0};
    struct found_options options = {.lines = FOUND_LOGS_LINES, .journalctl = JOURNALCTL};
    struct init_products products;
    struct spoken spoken;
    struct error err = {0};
    bool is_good = zone_load_host(&zone, &err);

    options.zone = &zone;
    if (!is_good)
        return command_fail("init", &err);
    init_look(&o->dirs, &options, &products);
    if (products.count == 0) {
        is_good =
            error_set(&err, ERROR_CONFIG, 0, "no log of a product with rules is on this host");
        error_hint(&err, "Write a rule file for it: `usage-shipper draft LOG` begins one.");
    } else {
        print_products(&products);
        is_good = choose_products(&products, o, &err) &&
                  (o->is_yes || ask_all(o, &spoken) ||
                      error_set(&err, ERROR_CONFIG, 0, "no answer, nothing is written"));
    }
    if (is_good) {
        options.host_address =
            o->answers.host_address ? span_of(o->answers.host_address) : (struct span){NULL, 0};
        options.missing_address = o->answers.host_address ? MISSING_HOST : MISSING_INCOMPLETE;
        is_good = write_all(o, &products, &err);
    }
    if (is_good) {
        show_first_events(&products, &options);
        tell_next(o);
    }
    init_finish(&products);
    zone_free(&zone);
    return is_good ? EXIT_FINE : command_fail("init", &err);
}

int cmd_init(int argc, char **argv)
{
    static char etc_dir[] = "/etc/usage-shipper/rules", installed_dir[] = RULES_DIR;
    struct init_options o = {.config_path = DEFAULT_CONFIG};
    struct error err;
    char *key_file;
    int code = read_options(argc, argv, &o);

    key_file = beside(o.config_path, "api_key");
    if (!o.answers.key_file)
        o.answers.key_file = key_file;
    o.answers.rule_dirs = o.dirs;
    if (o.dirs.count == 0) {
        add_string(&o.dirs, etc_dir);
        add_string(&o.dirs, installed_dir);
    }
    if (code < 0 && access(o.config_path, F_OK) == 0) {
        error_set(&err, ERROR_CONFIG, 0, "%s is there already", o.config_path);
        error_hint(&err, "It is left as it is. Move it away, or name another with --config.");
        code = command_fail("init", &err);
    }
    if (code < 0)
        code = set_up(&o);
    free(key_file);
    free(o.products.items);
    free(o.dirs.items);
    return code;
}
