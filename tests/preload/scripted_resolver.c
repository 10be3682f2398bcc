/* SPDX-License-Identifier: MIT
 *
 * A program under LD_PRELOAD of this resolves every name as the file RESOLVER_FILE
 * (environment) says: to what is in it, a name or an address, or not for now while it
 * is empty or not there.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int resolve(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **found);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **found)
{
    resolve *real = (resolve *)dlsym(RTLD_NEXT, "getaddrinfo");
    FILE *file = fopen(getenv("RESOLVER_FILE"), "re");
    char answer[256] = "";

    (void)node;
    if (file && fgets(answer, sizeof(answer), file))
        answer[strcspn(answer, "\n")] = '\0';
    if (file)
        fclose(file);
    return *answer ? real(answer, service, hints, found) : EAI_AGAIN;
}
