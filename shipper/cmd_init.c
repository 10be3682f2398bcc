/* SPDX-License-Identifier: MIT
 *
 * init: a short conversation, or options alone, and a configuration is written. Looks
 * at logs, sends nothing, starts nothing, and writes over no file.
 */
#include "parsers/address.h"
#include "parsers/memory.h"
#include "shipper/command.h"
#include "shipper/config.h"
#include "shipper/event_table.h"
#include "shipper/init_talk.h"
#include "shipper/journalctl.h"
#include "shipper/opt_out.h"
#include "shipper/path.h"
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
    bool is_yes;
};

static void add_string(struct strings *strings, char *item)
{
    strings->items = memory_resize(strings->items, (strings->count + 1) * sizeof(*strings->items));
    strings->items[strings->count++] = item;
}

/* --- options ----------------------------------------------------------------- */

static bool take_private(char **argv, const char *word, struct init_options *o, struct error *err)
{
    static const char *const words[] = {"keep", "host", "drop"};

    for (unsigned i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0) {
            o->answers.private_address = (enum init_private)(INIT_PRIVATE_KEEP + i);
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
            o->answers.is_hashing = true;
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

/* --- files ----------------------------------------------------------------------- */

/* What `init_save` would fail with in the end is said before anything is asked. */
static bool can_write(const char *config_path, struct error *err)
{
    char *folder = path_folder(config_path);
    bool is_there = access(config_path, F_OK) == 0, is_good = false;

    if (is_there) {
        error_set(err, ERROR_CONFIG, 0, "%s is there already", config_path);
        error_hint(err, "It is left as it is. Move it away, or name another with --config.");
    } else if (access(folder, F_OK) != 0) {
        error_system(err, "cannot write to %s", folder);
        error_hint(err, "Make that folder, or name another file with --config.");
    } else if (access(folder, W_OK) != 0) {
        error_system(err, "cannot write to %s", folder);
        error_hint(err, "Run it as root, or name another file with --config.");
    } else {
        is_good = true;
    }
    free(folder);
    return is_good;
}

static bool save_key(const char *path, const char *key, struct error *err)
{
    if (!*key)
        return true;
    if (!init_save(path, span_of(key), 0640, err))
        return false;
    printf("wrote %s\n", path);
    return true;
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

/* NULL if it is faulty: then it is not left there. */
static struct config *load_written(const char *path, struct error *err)
{
    struct errors errors = {0};
    struct config *config = config_load(path, &errors);

    if (errors.count > 0) {
        command_print_errors(&errors, stderr);
        unlink(path);
        error_set(err, ERROR_CONFIG, 0, "%s would be faulty, and is not written", path);
        config_free(config);
        config = NULL;
    } else {
        command_print_errors(&config->warnings, stderr);
    }
    errors_finish(&errors);
    return config;
}

static struct config *write_all(const struct init_options *o, const struct init_products *products,
    const char *key, struct error *err)
{
    const struct init_answers *answers = &o->answers;
    struct buffer text = {0};
    struct config *config = NULL;

    init_write(products, answers, &text);
    if ((!answers->is_hashing || save_hash_secret(answers->hash_secret_file, err)) &&
        save_key(answers->key_file, key, err) &&
        init_save(o->config_path, buffer_span(&text), 0644, err))
        config = load_written(o->config_path, err);
    if (config)
        printf("wrote %s\n", o->config_path);
    buffer_finish(&text);
    return config;
}

/* What was found, and which of it to follow. */
static bool choose(
    const struct init_options *o, const struct init_products *products, struct error *err)
{
    if (products->faulty_count > 0)
        printf("%zu rule file%s faulty and left out: `usage-shipper check DIR` says why\n",
            products->faulty_count, products->faulty_count == 1 ? " is" : "s are");
    init_talk_products(products);
    if (products->count > 0)
        return init_talk_choose(products, &o->products, !o->is_yes, err);
    error_set(err, ERROR_CONFIG, 0, "no log of a product with rules is on this host");
    error_hint(err, "Write a rule file for it: `usage-shipper draft LOG` begins one.");
    return false;
}

static int set_up(struct init_options *o)
{
    struct zone zone = {0};
    /* Of lines without an address, too, are events: this host's is asked for later. */
    const struct engine_settings looking = {.instance = SPAN("found"),
        .host_address = SPAN("192.0.2.1"),
        .missing_address = MISSING_HOST};
    struct found_options options = {
        .lines = FOUND_LOGS_LINES, .journalctl = JOURNALCTL, .settings = &looking};
    struct init_products products = {0};
    struct init_spoken spoken = {0};
    struct config *config = NULL;
    struct error err = {0};
    bool wants_key = access(o->answers.key_file, F_OK) != 0;

    options.zone = &zone;
    if (can_write(o->config_path, &err) && zone_load_host(&zone, &err)) {
        init_look(&o->dirs, &options, &products);
        if (choose(o, &products, &err) &&
            (o->is_yes || init_talk(&o->answers, wants_key, &spoken, &err)))
            config = write_all(o, &products, spoken.key, &err);
        explicit_bzero(spoken.key, sizeof(spoken.key));
    }
    if (config) {
        options.settings = &config->inputs[0].settings;
        show_first_events(&products, &options);
        tell_next(o);
    }
    init_finish(&products);
    zone_free(&zone);
    if (!config)
        return command_fail("init", &err);
    config_free(config);
    return EXIT_FINE;
}

/* The configuration's folder, and not ours, is where its paths start. */
static void make_absolute(const char **path, struct strings *owned)
{
    char *folder = *path ? get_current_dir_name() : NULL;

    if (folder) {
        add_string(owned, path_below(folder, *path));
        *path = owned->items[owned->count - 1];
    }
    free(folder);
}

static void settle_paths(struct init_options *o, struct strings *owned)
{
    char *given = path_folder(o->config_path), *real = realpath(given, NULL);
    const char *folder = real ? real : given;

    if (!o->answers.key_file) {
        add_string(owned, path_below(folder, "api_key"));
        o->answers.key_file = owned->items[owned->count - 1];
    }
    add_string(owned, path_below(folder, "hash_secret"));
    o->answers.hash_secret_file = owned->items[owned->count - 1];
    make_absolute(&o->answers.key_file, owned);
    make_absolute(&o->answers.hash_secret_file, owned);
    make_absolute(&o->answers.state_dir, owned);
    for (size_t i = 0; i < o->dirs.count; i++)
        make_absolute((const char **)(uintptr_t)&o->dirs.items[i], owned);
    free(real);
    free(given);
}

int cmd_init(int argc, char **argv)
{
    static char etc_dir[] = "/etc/usage-shipper/rules", installed_dir[] = RULES_DIR;
    struct init_options o = {.config_path = DEFAULT_CONFIG};
    struct strings owned = {0};
    int code = read_options(argc, argv, &o);

    settle_paths(&o, &owned);
    o.answers.rule_dirs = o.dirs;
    if (o.dirs.count == 0) {
        add_string(&o.dirs, etc_dir);
        add_string(&o.dirs, installed_dir);
    }
    if (code < 0)
        code = set_up(&o);
    for (size_t i = 0; i < owned.count; i++)
        free(owned.items[i]);
    free(owned.items);
    free(o.products.items);
    free(o.dirs.items);
    return code;
}
