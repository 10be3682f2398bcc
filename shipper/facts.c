/* SPDX-License-Identifier: MIT
 *
 * One table of names for writing and reading.
 */
#include "shipper/facts.h"

#include "shipper/control.h"
#include "shipper/sandbox/system_calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ASK_MS = 2000 };

#define FACT(process, member)                                                                      \
    {                                                                                              \
#process "." #member, offsetof(struct facts, process.member)                               \
    }

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
    FACT(reader, pid),
    FACT(reader, is_told),
    FACT(reader, landlock),
    FACT(reader, has_filter),
    FACT(reader, has_jit),
    FACT(reader, refused),
    FACT(sender, pid),
    FACT(sender, is_told),
    FACT(sender, landlock),
    FACT(sender, has_filter),
    FACT(sender, has_memory_rule),
    FACT(sender, refused),
};

static struct process_facts take(struct sandbox_facts *shared, pid_t pid)
{
    struct process_facts facts = {
        .pid = (uint64_t)pid,
        .is_told = counter_get(&shared->is_told),
        .landlock = counter_get(&shared->landlock),
        .has_filter = counter_get(&shared->has_filter),
        .has_memory_rule = counter_get(&shared->has_memory_rule),
        .has_jit = counter_get(&shared->has_jit),
        .refused = counter_get(&shared->refused.count),
    };

    if (facts.refused > 0)
        system_call_name(
            counter_get(&shared->refused.last), facts.refused_last, sizeof(facts.refused_last));
    return facts;
}

static void put_last(const char *name, const struct process_facts *process, struct buffer *out)
{
    if (process->refused > 0)
        buffer_printf(out, "%s.refused_last %s\n", name, process->refused_last);
}

void facts_write(struct shared *shared, pid_t reader, pid_t sender, struct buffer *out)
{
    struct facts facts = {
        true, take(&shared->reader_sandbox, reader), take(&shared->sender_sandbox, sender)};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        buffer_printf(out, "%s %" PRIu64 "\n", numbers[i].name,
            *(uint64_t *)(void *)((char *)&facts + numbers[i].offset));
    put_last("reader", &facts.reader, out);
    put_last("sender", &facts.sender, out);
}

static void take_value(struct facts *facts, struct span name, struct span value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.*s", (int)value.len, value.at);
    if (span_is(name, "reader.refused_last"))
        memcpy(facts->reader.refused_last, text, sizeof(text));
    else if (span_is(name, "sender.refused_last"))
        memcpy(facts->sender.refused_last, text, sizeof(text));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (span_is(name, numbers[i].name))
            *(uint64_t *)(void *)((char *)facts + numbers[i].offset) = strtoull(text, NULL, 10);
}

void facts_read(struct span text, struct facts *facts)
{
    while (text.len > 0) {
        struct span line = span_cut(&text, '\n');
        struct span name = span_cut(&line, ' ');

        take_value(facts, name, line);
    }
    facts->is_known = facts->reader.is_told && facts->sender.is_told;
}

void facts_ask(const char *dir, struct facts *facts)
{
    struct buffer answer = {0};
    struct error err;

    *facts = (struct facts){0};
    if (control_ask(dir, "facts", ASK_MS, &answer, &err))
        facts_read(buffer_span(&answer), facts);
    buffer_finish(&answer);
}

/* --- for people and machines ------------------------------------------------------ */

static void put_process(const char *name, const struct process_facts *process, const char *files,
    const char *calls, struct buffer *out)
{
    buffer_printf(out, "%s: ", name);
    if (process->landlock > 0)
        buffer_printf(out, "%s (Landlock %" PRIu64 ")", files, process->landlock);
    else
        buffer_append(out, SPAN("NOT held by Landlock, which this kernel lacks"));
    buffer_printf(
        out, ", %s", process->has_filter ? calls : "NOT held by seccomp, which this kernel lacks");
    if (process->refused > 0)
        buffer_printf(out, "; %" PRIu64 " system calls REFUSED, the last was %s", process->refused,
            process->refused_last);
}

void facts_write_text(const struct facts *facts, struct buffer *out)
{
    if (!facts->is_known)
        return;
    put_process("reader", &facts->reader, "writes in the state directory only",
        "no network, no programs (seccomp)", out);
    buffer_printf(out, "; jit: %s\n", facts->reader.has_jit ? "yes" : "NO, matching is slow");
    put_process("sender", &facts->sender, "opens no logs", "no programs (seccomp)", out);
    buffer_append_byte(out, '\n');
}

static void put_json(const char *name, const struct process_facts *process, struct buffer *out)
{
    buffer_printf(out,
        "\"%s\":{\"pid\":%" PRIu64 ",\"landlock\":%" PRIu64 ",\"seccomp\":%s,\"refused\":%" PRIu64,
        name, process->pid, process->landlock, process->has_filter ? "true" : "false",
        process->refused);
}

void facts_write_json(const struct facts *facts, struct buffer *out)
{
    if (!facts->is_known)
        return;
    buffer_append(out, SPAN("\"sandbox\":{"));
    put_json("reader", &facts->reader, out);
    buffer_printf(out, ",\"jit\":%s},", facts->reader.has_jit ? "true" : "false");
    put_json("sender", &facts->sender, out);
    buffer_printf(out, ",\"memory_deny_write_execute\":%s}},\n",
        facts->sender.has_memory_rule || facts->sender.has_filter ? "true" : "false");
}
