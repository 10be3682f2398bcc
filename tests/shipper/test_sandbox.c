/* SPDX-License-Identifier: MIT
 *
 * shipper/sandbox/: a process that enters a sandbox and tries what it must not. What
 * this kernel lacks cannot be tried; what holds without it is.
 */
#include "shipper/sandbox/landlock.h"
#include "shipper/sandbox/privileges.h"
#include "shipper/sandbox/sandbox.h"
#include "shipper/sandbox/system_calls.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000 };

static char *dir;
static struct shared *shared;
static struct granted_file files[GRANTED_FILES];

static void write_file(const char *name, const char *text)
{
    int fd = open(scratch_path(dir, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    check_row(name, fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static int set_up(void **state)
{
    struct error err;

    (void)state;
    dir = scratch_new();
    shared = shared_new(&err);
    mkdir(scratch_path(dir, "state"), 0700);
    write_file("log", "a line\n");
    write_file("key", "secret\n");
    memset(files, 0, sizeof(files));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    munmap(shared, sizeof(*shared));
    scratch_remove(dir);
    return 0;
}

/* In a process of its own: the bits of what it could do. */
static unsigned run(unsigned (*child)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit((int)child());
    status = scratch_wait(pid, BOUND_MS);
    check_row("it ended by itself", status >= 0 && WIFEXITED(status));
    return (unsigned)WEXITSTATUS(status);
}

enum {
    CAN_OPEN_LOG = 1,
    CAN_WRITE_STATE = 2,
    CAN_WRITE_ELSEWHERE = 4,
    CAN_CONNECT = 8,
    CAN_FORK = 16,
    CAN_OPEN_KEY = 32,
    CAN_MAKE_EXECUTABLE = 64,
    CAN_SEND_ANYWHERE = 128,
};

static bool can_open(const char *name, int flags)
{
    int fd = open(scratch_path(dir, name), flags, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool can_connect(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int result;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    result = connect(fd, (const struct sockaddr *)&to, sizeof(to));
    /* Nobody listens there: refused by a peer means that it could ask. */
    return fd >= 0 && (result == 0 || errno == ECONNREFUSED);
}

static bool can_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid > 0;
}

static bool can_make_executable(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return mprotect(memory, 4096, PROT_READ | PROT_EXEC) == 0;
}

static unsigned try_all(int socket)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    unsigned can = 0;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    can |= can_open("log", O_RDONLY) ? CAN_OPEN_LOG : 0;
    can |= can_open("key", O_RDONLY) ? CAN_OPEN_KEY : 0;
    can |= can_open("state/new", O_WRONLY | O_CREAT) ? CAN_WRITE_STATE : 0;
    can |= can_open("other", O_WRONLY | O_CREAT) ? CAN_WRITE_ELSEWHERE : 0;
    can |= can_connect() ? CAN_CONNECT : 0;
    can |= can_fork() ? CAN_FORK : 0;
    can |= can_make_executable() ? CAN_MAKE_EXECUTABLE : 0;
    can |= sendto(socket, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to)) == 1
               ? CAN_SEND_ANYWHERE
               : 0;
    return can;
}

static unsigned be_reader(void)
{
    int udp = socket(AF_INET, SOCK_DGRAM, 0);

    sandbox_supervisor();
    sandbox_reader(scratch_path(dir, "state"), 0, &shared->reader_sandbox);
    return try_all(udp);
}

static unsigned be_sender(void)
{
    int udp = socket(AF_INET, SOCK_DGRAM, 0);

    sandbox_supervisor();
    files[0] = (struct granted_file){.path = scratch_path(dir, "key")};
    sandbox_sender(scratch_path(dir, "state"), files, &shared->sender_sandbox);
    return try_all(udp) & ~(unsigned)CAN_SEND_ANYWHERE;
}

static unsigned be_free(void)
{
    return try_all(socket(AF_INET, SOCK_DGRAM, 0));
}

static bool has_seccomp(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

static void without_a_sandbox_all_of_it_is_possible(void **state)
{
    (void)state;
    check_number("all", run(be_free), 255);
}

static void the_reader_has_no_network_and_writes_in_the_state_directory_only(void **state)
{
    unsigned can = run(be_reader);
    unsigned wanted = CAN_OPEN_LOG | CAN_OPEN_KEY | CAN_WRITE_STATE | CAN_MAKE_EXECUTABLE;

    (void)state;
    if (landlock_version() == 0)
        wanted |= CAN_WRITE_ELSEWHERE;
    if (!has_seccomp())
        wanted |= CAN_CONNECT | CAN_FORK | CAN_SEND_ANYWHERE;
    check_number("it can", can, wanted);
    check_number("Landlock, as told", counter_get(&shared->reader_sandbox.landlock),
        (uint64_t)landlock_version());
    check_number(
        "seccomp, as told", counter_get(&shared->reader_sandbox.has_filter), has_seccomp());
    check_number("jit, as told", counter_get(&shared->reader_sandbox.has_jit), 1);
    /* socket, connect, fork, sendto */
    check_row("counted", !has_seccomp() || counter_get(&shared->reader_sandbox.refused.count) >= 3);
}

static void the_sender_opens_the_key_and_no_log(void **state)
{
    unsigned can = run(be_sender);
    unsigned wanted = CAN_OPEN_KEY | CAN_WRITE_STATE | CAN_CONNECT;

    (void)state;
    if (landlock_version() == 0)
        wanted |= CAN_OPEN_LOG | CAN_WRITE_ELSEWHERE;
    if (!has_seccomp())
        wanted |= CAN_FORK | (counter_get(&shared->sender_sandbox.has_memory_rule)
                                     ? 0
                                     : (unsigned)CAN_MAKE_EXECUTABLE);
    check_number("it can", can, wanted);
    check_row("fork and mprotect counted",
        !has_seccomp() || counter_get(&shared->sender_sandbox.refused.count) >= 1);
}

/* The last call that was refused has a name. */
static void what_was_refused_is_named(void **state)
{
    char name[32];

    (void)state;
    run(be_reader);
    if (!has_seccomp())
        return;
    system_call_name(counter_get(&shared->reader_sandbox.refused.last), name, sizeof(name));
    check_row(name, strcmp(name, "sendto") == 0);
    system_call_name(999999, name, sizeof(name));
    check_row(name, strcmp(name, "call 999999") == 0);
}

static unsigned try_in_fork(void)
{
    sandbox_supervisor();
    sandbox_reader(scratch_path(dir, "state"), 0, &shared->reader_sandbox);
    return 0;
}

/* One process's walls, or their fault, are not another's. */
static void what_one_gives_up_the_other_keeps(void **state)
{
    (void)state;
    run(try_in_fork);
    check_number("the parent can all of it still", run(be_free), 255);
    check_row("the sender can connect after the reader was tried", run(be_sender) & CAN_CONNECT);
}

static unsigned hide(void)
{
    struct rlimit core;

    sandbox_supervisor();
    getrlimit(RLIMIT_CORE, &core);
    return (prctl(PR_GET_DUMPABLE) == 0 ? 1u : 0) | (core.rlim_max == 0 ? 2u : 0) |
           (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 4u : 0);
}

static void no_core_dump_and_no_new_rights(void **state)
{
    (void)state;
    check_number("not dumpable, no core, no new rights", run(hide), 7);
}

static void a_replaced_file_is_seen(void **state)
{
    struct endpoint_config endpoint = {0};
    char path[4096];

    (void)state;
    snprintf(path, sizeof(path), "%s", scratch_path(dir, "key"));
    endpoint.api_key_file = path;
    granted_files_note(&endpoint, files);
    check_row("none yet", !granted_files_replaced(files) && !granted_files_changed(files));
    write_file("key.new", "other\n");
    check_row("renamed", rename(scratch_path(dir, "key.new"), path) == 0);
    check_row("replaced", granted_files_replaced(files) == endpoint.api_key_file);
    check_row("changed", granted_files_changed(files));
    unlink(path);
    check_row("one that is gone was not replaced", !granted_files_replaced(files));
    check_row("but changed", granted_files_changed(files));
    granted_files_note(&endpoint, files);
    write_file("key", "third\n");
    check_row("one that has come", granted_files_replaced(files) == endpoint.api_key_file);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(without_a_sandbox_all_of_it_is_possible),
        WITH_DIR(the_reader_has_no_network_and_writes_in_the_state_directory_only),
        WITH_DIR(the_sender_opens_the_key_and_no_log),
        WITH_DIR(what_was_refused_is_named),
        WITH_DIR(what_one_gives_up_the_other_keeps),
        WITH_DIR(no_core_dump_and_no_new_rights),
        WITH_DIR(a_replaced_file_is_seen),
    };

    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
