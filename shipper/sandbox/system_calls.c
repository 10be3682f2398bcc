/* SPDX-License-Identifier: MIT
 *
 * Tables of names for libseccomp, which knows the numbers of every architecture; names
 * that it does not know are calls that this system does not have.
 *
 * The kernel answers a refused call with SIGSYS (SECCOMP_RET_TRAP); its handler counts
 * and puts ENOSYS in the place of the result. A process that was taken over may well
 * end the counting, but not the refusing.
 */
#include "shipper/sandbox/system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

/* Where a trapped call's result is. */
#if defined(__x86_64__)
#define RESULT_OF(context) ((context)->uc_mcontext.gregs[REG_RAX])
#elif defined(__i386__)
#define RESULT_OF(context) ((context)->uc_mcontext.gregs[REG_EAX])
#elif defined(__aarch64__)
#define RESULT_OF(context) ((context)->uc_mcontext.regs[0])
#elif defined(__arm__)
#define RESULT_OF(context) ((context)->uc_mcontext.arm_r0)
#elif defined(__riscv)
#define RESULT_OF(context) ((context)->uc_mcontext.__gregs[REG_A0])
#endif

/* Not in the headers of older systems. */
enum { SET_VMA = 0x53564d41, F2FS_GET_FEATURES = (int)0x8004f50c };

/* What libc, SQLite and our loops need of files, memory, time and themselves. */
static const char *const common[] = {
    /* files */
    "read", "pread64", "readv", "preadv", "write", "pwrite64", "writev", "pwritev", "open",
    "openat", "close", "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64", "newfstatat",
    "fstatat64", "statx", "statfs", "statfs64", "fstatfs", "fstatfs64", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "lseek", "_llseek", "getdents", "getdents64", "flock",
    "fsync", "fdatasync", "ftruncate", "ftruncate64", "fallocate", "fadvise64", "fadvise64_64",
    "arm_fadvise64_64", "unlink", "unlinkat", "fchmod", "fchown", "fchown32", "umask", "getcwd",
    "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
    /* memory */
    "munmap", "mremap", "madvise", "brk", "membarrier",
    /* time */
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "clock_nanosleep",
    "clock_nanosleep_time64", "nanosleep", "gettimeofday", "time", "times",
    /* waiting, and descriptors that are waited for */
    "poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2", "pipe2",
    "futex", "futex_time64", "sched_yield", "restart_syscall",
    /* sockets that are there */
    "recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64", "getsockopt", "setsockopt",
    "getsockname", "getpeername", "shutdown",
    /* itself */
    "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getuid32",
    "geteuid32", "getgid32", "getegid32", "getrlimit", "ugetrlimit", "setrlimit", "prlimit64",
    "getrusage", "uname", "sysinfo", "getrandom", "sched_getaffinity", "getcpu", "set_robust_list",
    "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "sigreturn",
    "sigaltstack", "exit", "exit_group", NULL};

static const char *const readers[] = {"mmap", "mmap2", "mprotect", "accept", "accept4", NULL};

static const char *const senders[] = {"connect", "socketpair", "bind", "send", "sendto", "sendmsg",
    "sendmmsg", "set_tid_address", NULL};

/* Calls that are kept for one value of an argument: of those of its bits that are in
 * mask. */
struct condition {
    const char *name;
    unsigned argument;
    uint64_t mask, value;
};

#define WHOLE UINT32_MAX

static const struct condition common_conditions[] = {
    {"ioctl", 1, WHOLE, FIONREAD},
    {"ioctl", 1, WHOLE, FIONBIO},
    {"ioctl", 1, WHOLE, TCGETS},
    {"ioctl", 1, WHOLE, (uint32_t)F2FS_GET_FEATURES}, /* SQLite asks */
    {"prctl", 0, WHOLE, PR_SET_NAME},
    {"prctl", 0, WHOLE, SET_VMA},
    {NULL, 0, 0, 0},
};

/* No copies of descriptors: a number that is trusted with sending stays what it is. */
static const int fcntl_commands[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, 5, 6, 7, /* locks of 32 */
    12, 13, 14, /* and of 64 bits */ F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_GETPIPE_SZ,
    F_SETPIPE_SZ};

static const struct condition sender_conditions[] = {
    {"socket", 0, WHOLE, AF_INET},
    {"socket", 0, WHOLE, AF_INET6},
    {"socket", 0, WHOLE, AF_UNIX},    /* of name services */
    {"socket", 0, WHOLE, AF_NETLINK}, /* getaddrinfo: which addresses are of use here */
    {"fcntl", 1, WHOLE, F_DUPFD_CLOEXEC},
    {"fcntl64", 1, WHOLE, F_DUPFD_CLOEXEC},
    /* A thread, not a process; clone3 would hide which. */
    {"clone", 0, CLONE_THREAD, CLONE_THREAD},
    /* Never writable and executable. */
    {"mmap", 2, PROT_EXEC, 0},
    {"mmap2", 2, PROT_EXEC, 0},
    {"mmap", 2, PROT_WRITE, 0},
    {"mmap2", 2, PROT_WRITE, 0},
    {"mprotect", 2, PROT_EXEC, 0},
    {NULL, 0, 0, 0},
};

/* --- the filter ---------------------------------------------------------------- */

/* Of one being made: the first fault stops it. */
struct filter {
    scmp_filter_ctx context;
    int fault;
};

static void allow_if(
    struct filter *filter, const char *name, unsigned count, const struct scmp_arg_cmp *conditions)
{
    int number = seccomp_syscall_resolve_name(name);

    if (number == __NR_SCMP_ERROR || filter->fault < 0)
        return;
    filter->fault =
        seccomp_rule_add_array(filter->context, SCMP_ACT_ALLOW, number, count, conditions);
}

static void allow_all(struct filter *filter, const char *const *names)
{
    for (; *names; names++)
        allow_if(filter, *names, 0, NULL);
}

static void allow_conditions(struct filter *filter, const struct condition *c)
{
    for (; c->name; c++)
        allow_if(filter, c->name, 1,
            &(struct scmp_arg_cmp){c->argument, SCMP_CMP_MASKED_EQ, c->mask, c->value});
}

static void allow_equal(struct filter *filter, const char *name, unsigned argument, uint64_t value)
{
    allow_if(filter, name, 1, &(struct scmp_arg_cmp){argument, SCMP_CMP_EQ, value, 0});
}

static void allow_common(struct filter *filter)
{
    allow_all(filter, common);
    allow_conditions(filter, common_conditions);
    for (size_t i = 0; i < sizeof(fcntl_commands) / sizeof(*fcntl_commands); i++) {
        const struct condition both[] = {
            {"fcntl", 1, WHOLE, (uint64_t)fcntl_commands[i]},
            {"fcntl64", 1, WHOLE, (uint64_t)fcntl_commands[i]},
            {NULL, 0, 0, 0},
        };

        allow_conditions(filter, both);
    }
    /* abort() */
    allow_equal(filter, "tgkill", 0, (uint64_t)getpid());
}

/* To whom it is connected already, and by the channel: not from a listener to anywhere. */
static void allow_reader(struct filter *filter, int channel)
{
    allow_all(filter, readers);
    allow_equal(filter, "sendto", 4, 0);
    allow_equal(filter, "send", 0, (uint64_t)channel);
    allow_equal(filter, "sendmsg", 0, (uint64_t)channel);
}

static void allow_sender(struct filter *filter)
{
    allow_all(filter, senders);
    allow_conditions(filter, sender_conditions);
    /* libc then asks for a thread in the way that shows it. */
    if (filter->fault == 0)
        filter->fault =
            seccomp_rule_add(filter->context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/* --- what is refused ------------------------------------------------------------- */

#ifdef RESULT_OF
static struct refused_calls *counted; /* of this process */

static void note_refused(int signal, siginfo_t *info, void *context)
{
    ucontext_t *state = context;

    (void)signal;
    counter_set(&counted->last, (uint64_t)(unsigned)info->si_syscall);
    counter_add(&counted->count, 1);
    RESULT_OF(state) = -ENOSYS;
}

static uint32_t prepare_refusing(struct refused_calls *refused)
{
    struct sigaction action = {.sa_sigaction = note_refused, .sa_flags = SA_SIGINFO | SA_NODEFER};

    counted = refused;
    return sigaction(SIGSYS, &action, NULL) == 0 ? SCMP_ACT_TRAP : SCMP_ACT_ERRNO(ENOSYS);
}
#else
static uint32_t prepare_refusing(struct refused_calls *refused)
{
    (void)refused;
    return SCMP_ACT_ERRNO(ENOSYS);
}
#endif

bool system_calls_keep(
    enum system_call_set set, int channel, struct refused_calls *refused, struct error *err)
{
    struct filter filter = {.context = seccomp_init(prepare_refusing(refused))};

    if (!filter.context)
        return error_set(err, ERROR_SYSTEM, 0, "cannot make a seccomp filter");
    /* A binary search instead of a list; libseccomp before 2.5 only has the list. */
    seccomp_attr_set(filter.context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    allow_common(&filter);
    if (set == SYSTEM_CALLS_READER)
        allow_reader(&filter, channel);
    else
        allow_sender(&filter);
    if (filter.fault == 0)
        filter.fault = seccomp_load(filter.context);
    seccomp_release(filter.context);
    return filter.fault == 0 ||
           error_set(err, ERROR_SYSTEM, -filter.fault, "cannot load a seccomp filter: %s",
               strerrordesc_np(-filter.fault));
}

void system_call_name(uint64_t number, char *name, size_t room)
{
    char *known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);

    if (known)
        snprintf(name, room, "%s", known);
    else
        snprintf(name, room, "call %llu", (unsigned long long)number);
    free(known);
}
