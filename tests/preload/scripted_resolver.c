/* SPDX-License-Identifier: MIT
 *
 * A program under LD_PRELOAD of this resolves every name as the file RESOLVER_FILE
 * (environment) says: to what is in it, a name or an address, or not for now while it
 * is empty. The file is there from the start: a sandboxed process could not open it
 * later.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int script = -1;

__attribute__((constructor)) static void open_script(void)
{
    script = open(getenv("RESOLVER_FILE"), O_RDONLY | O_CLOEXEC);
    if (script < 0)
        abort();
}

typedef int resolve(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found);

int getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    resolve *real = (resolve *)dlsym(RTLD_NEXT, "getaddrinfo");
    char answer[256] = "";

    (void)node;
    if (pread(script, answer, sizeof(answer) - 1, 0) < 0)
        abort();
    answer[strcspn(answer, "\n")] = '\0';
    return *answer ? real(answer, service, hints, found) : EAI_AGAIN;
}
