/* SPDX-License-Identifier: MIT
 *
 * Puts the parts together: capabilities first, then Landlock, and the filter of system
 * calls last, which has no room for the other two.
 */
#include "shipper/sandbox/sandbox.h"

#include "parsers/pattern.h"
#include "shipper/log.h"
#include "shipper/sandbox/landlock.h"
#include "shipper/sandbox/privileges.h"
#include "shipper/sandbox/system_calls.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

/* What libraries read on their own. /etc whole: files in it are replaced, not rewritten,
 * and a rule that names a file would lose it with that. */
static const char *const for_libraries[] = {"/etc", "/dev/urandom", "/dev/random", "/dev/null",
    /* what is loaded when it is needed: name services, providers of OpenSSL */
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/gnu/store",
    /* certificates; where those of /etc lead */
    "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/pki",
    "/var/lib/ca-certificates",
    /* where /etc/resolv.conf and hosts lead, and what name services keep */
    "/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf", "/run/connman",
    "/mnt/wsl/resolv.conf", "/var/lib/sss/mc", "/proc/sys/crypto", "/sys/devices/system/cpu",
    "/usr/share/zoneinfo", NULL};

void sandbox_supervisor(void)
{
    privileges_freeze();
    privileges_hide_memory();
}

/* Root works in a directory of somebody else, too. */
static unsigned as_root(void)
{
    return geteuid() == 0 ? PRIVILEGE_OWN : PRIVILEGE_NONE;
}

/* Takes the rules. */
static void give_up_files(
    struct landlock_rules *rules, const struct error *why, struct sandbox_facts *facts)
{
    struct error err = *why;

    if (rules && landlock_enforce(rules, &err))
        counter_set(&facts->landlock, (uint64_t)landlock_version());
    landlock_free(rules);
}

static void keep_calls(enum system_call_set set, int channel, struct sandbox_facts *facts)
{
    struct error err;

    counter_set(&facts->has_filter, system_calls_keep(set, channel, &facts->refused, &err));
    counter_set(&facts->is_told, 1);
}

static void say_what_lacks(struct sandbox_facts *facts, const char *files, const char *calls)
{
    if (counter_get(&facts->landlock) == 0)
        log_write(LOG_INFO, "%s: %s",
            landlock_version() == 0 ? "this kernel has no Landlock, or it is off"
                                    : "Landlock's rules were refused",
            files);
    if (counter_get(&facts->has_filter) == 0)
        log_write(
            LOG_INFO, "this kernel has no seccomp filters, or they are not allowed: %s", calls);
}

void sandbox_reader(const char *state_dir, int channel, struct sandbox_facts *facts)
{
    struct error err = {0};
    struct landlock_rules *rules = landlock_new(LANDLOCK_CHANGE, LANDLOCK_NO_TCP, &err);

    privileges_keep(PRIVILEGE_READ_ALL | as_root());
    if (rules)
        landlock_allow(rules, state_dir, LANDLOCK_CHANGE);
    give_up_files(rules, &err, facts);
    keep_calls(SYSTEM_CALLS_READER, channel, facts);
    counter_set(&facts->has_jit, pattern_has_jit());
    say_what_lacks(facts, "only permissions say where it could write",
        "only its own code keeps it from the network");
}

static void allow_endpoint_files(
    struct landlock_rules *rules, const struct granted_file files[GRANTED_FILES])
{
    const char *const paths[] = {getenv("CREDENTIALS_DIRECTORY"), getenv("SSL_CERT_FILE"),
        getenv("SSL_CERT_DIR"), X509_get_default_cert_file(), X509_get_default_cert_dir()};

    for (size_t i = 0; i < GRANTED_FILES; i++)
        if (files[i].path)
            landlock_allow(rules, files[i].path, LANDLOCK_LOOK);
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        if (paths[i])
            landlock_allow(rules, paths[i], LANDLOCK_LOOK);
}

void sandbox_sender(const char *state_dir, const struct granted_file files[GRANTED_FILES],
    struct sandbox_facts *facts)
{
    struct error err = {0};
    struct landlock_rules *rules =
        landlock_new(LANDLOCK_LOOK | LANDLOCK_CHANGE, LANDLOCK_CONNECT_ONLY, &err);

    privileges_keep(as_root());
    counter_set(&facts->has_memory_rule, privileges_deny_write_execute());
    if (rules) {
        landlock_allow(rules, state_dir, LANDLOCK_LOOK | LANDLOCK_CHANGE);
        for (const char *const *path = for_libraries; *path; path++)
            landlock_allow(rules, *path, LANDLOCK_LOOK);
        allow_endpoint_files(rules, files);
    }
    give_up_files(rules, &err, facts);
    keep_calls(SYSTEM_CALLS_SENDER, -1, facts);
    say_what_lacks(facts, "only permissions keep it from the logs",
        "only its own code keeps it from other programs");
}
