/* SPDX-License-Identifier: MIT
 *
 * Asks again until an answer can be used, so that what is written passes `check`. An end
 * of the answers is an end of it all: nothing is guessed.
 */
#include "shipper/init_talk.h"

#include "parsers/address.h"
#include "shipper/sender/api_key.h"

#include <stdio.h>

static bool is_over(struct error *err)
{
    return error_set(err, ERROR_CONFIG, 0, "no answer, nothing is written");
}

/* --- products ---------------------------------------------------------------- */

static void print_log(const struct found_log *log)
{
    printf("    %s%s", log->is_journal ? "journal: " : "", log->name);
    if (!log->is_readable)
        printf(": cannot be read now (%s)", log->why.message);
    putchar('\n');
}

/* Of many products that log into one file most have nothing in it. */
static bool is_silent(const struct init_product *product)
{
    for (size_t i = 0; i < product->found.count; i++)
        if (!product->found.items[i].is_readable)
            return false;
    return product->events == 0;
}

static void print_product(const struct init_product *product)
{
    printf("  %s: %llu event%s in the last %llu line%s\n", product->name,
        (unsigned long long)product->events, product->events == 1 ? "" : "s",
        (unsigned long long)product->lines, product->lines == 1 ? "" : "s");
    for (size_t i = 0; i < product->found.count; i++)
        print_log(&product->found.items[i]);
}

void init_talk_products(const struct init_products *products)
{
    size_t silent = 0;

    if (products->count > 0)
        puts("Products that log on this host:");
    for (size_t i = 0; i < products->count; i++)
        if (!is_silent(&products->items[i]))
            print_product(&products->items[i]);
    for (size_t i = 0; i < products->count; i++)
        if (is_silent(&products->items[i]))
            printf("%s%s", silent++ == 0 ? "  no event in the last lines: " : ", ",
                products->items[i].name);
    fputs(silent > 0 ? "\n" : "", stdout);
    fflush(stdout);
}

static void append_usual(const struct init_products *products, struct buffer *out)
{
    for (size_t i = 0; i < products->count; i++)
        if (products->items[i].events > 0)
            buffer_printf(out, "%s%s", out->len > 0 ? " " : "", products->items[i].name);
    buffer_append_byte(out, '\0');
}

/* Those of names apart by blanks or commas; none if there is one that is not here, which
 * is *name then. */
static bool choose(const struct init_products *products, struct span names, struct span *name)
{
    while (names.len > 0) {
        size_t len = strcspn(names.at, " ,");
        struct init_product *product = NULL;

        *name = (struct span){names.at, len < names.len ? len : names.len};
        names = span_from(names, name->len < names.len ? name->len + 1 : name->len);
        if (name->len == 0)
            continue;
        for (size_t i = 0; i < products->count && !product; i++)
            if (span_is(*name, products->items[i].name))
                product = &products->items[i];
        if (!product) {
            for (size_t i = 0; i < products->count; i++)
                products->items[i].is_chosen = false;
            return false;
        }
        product->is_chosen = true;
    }
    return true;
}

static bool is_any_chosen(const struct init_products *products)
{
    for (size_t i = 0; i < products->count; i++)
        if (products->items[i].is_chosen)
            return true;
    return false;
}

static bool ask_products(const struct init_products *products, const char *usual)
{
    char answer[ASK_BYTES];
    struct span name;

    while (!is_any_chosen(products)) {
        if (!ask_text("Which of them", usual, answer))
            return false;
        if (!choose(products, span_of(answer), &name))
            fprintf(stderr, "\"%.*s\" is none of them\n", (int)name.len, name.at);
        else if (!is_any_chosen(products))
            fputs("at least one, please; Ctrl-D ends this\n", stderr);
    }
    return true;
}

bool init_talk_choose(const struct init_products *products, const struct strings *names,
    bool may_ask, struct error *err)
{
    struct buffer usual = {0};
    struct span name = {"", 0};
    bool is_answered = true;

    for (size_t i = 0; i < names->count; i++)
        if (!choose(products, span_of(names->items[i]), &name)) {
            error_set(err, ERROR_CONFIG, 0,
                "\"%.*s\" does not log on this host, as far as is known", (int)name.len, name.at);
            error_hint(err, "Name one of those above.");
            return false;
        }
    append_usual(products, &usual);
    if (names->count == 0 && may_ask)
        is_answered = ask_products(products, usual.bytes);
    else if (names->count == 0)
        choose(products, span_of(usual.bytes), &name);
    buffer_finish(&usual);
    if (!is_answered)
        return is_over(err);
    if (is_any_chosen(products))
        return true;
    error_set(err, ERROR_CONFIG, 0, "no product's last lines make an event");
    error_hint(err, "Name the one to follow with --product.");
    return false;
}

/* --- all else ----------------------------------------------------------------- */

static bool ask_product_id(struct init_answers *answers, struct init_spoken *spoken)
{
    if (answers->product_id)
        return true;
    if (!ask_text("product_id on the wire (empty: each rule file's own)", "", spoken->product_id))
        return false;
    if (*spoken->product_id)
        answers->product_id = spoken->product_id;
    return true;
}

static bool ask_address(struct init_answers *answers, struct init_spoken *spoken)
{
    bool is_needed = answers->private_address == INIT_PRIVATE_HOST;
    struct address address;

    while (!answers->host_address) {
        if (!ask_text(is_needed ? "This host's public address"
                                : "This host's public address (empty: not known)",
                "", spoken->host_address))
            return false;
        if (!*spoken->host_address && !is_needed)
            return true;
        if (address_parse(span_of(spoken->host_address), &address))
            answers->host_address = spoken->host_address;
        else
            fprintf(stderr, "\"%s\" is not an address\n", spoken->host_address);
    }
    return true;
}

/* `host` is offered where there is an address to send. */
static bool ask_private(struct init_answers *answers)
{
    static const char *const all[] = {"keep", "drop", "host"};
    static const enum init_private meanings[] = {
        INIT_PRIVATE_KEEP, INIT_PRIVATE_DROP, INIT_PRIVATE_HOST};
    size_t count = answers->host_address ? 3 : 2, word;

    if (answers->private_address != INIT_PRIVATE_UNSAID)
        return true;
    word = ask_word(answers->host_address
                        ? "Addresses like 10.0.0.7: keep, drop, or host (this host's instead)"
                        : "Addresses like 10.0.0.7: keep or drop",
        all, count);
    if (word == count)
        return false;
    answers->private_address = meanings[word];
    return true;
}

static bool ask_hashing(struct init_answers *answers)
{
    static const char *const yes_no[] = {"no", "yes"};
    size_t word;

    if (answers->is_hashing)
        return true;
    word = ask_word("Send hashes in the place of users", yes_no, 2);
    answers->is_hashing = word == 1;
    return word < 2;
}

static bool ask_key(struct init_spoken *spoken)
{
    const char *fault;

    do {
        if (!ask_secret("API key (empty: it is put there later)", spoken->key))
            return false;
        fault = *spoken->key ? api_key_fault(span_of(spoken->key)) : NULL;
        if (fault)
            fprintf(stderr, "that is no key: %s\n", fault);
    } while (fault);
    return true;
}

bool init_talk(
    struct init_answers *answers, bool wants_key, struct init_spoken *spoken, struct error *err)
{
    return (ask_product_id(answers, spoken) && ask_address(answers, spoken) &&
               ask_private(answers) && ask_hashing(answers) && (!wants_key || ask_key(spoken))) ||
           is_over(err);
}
