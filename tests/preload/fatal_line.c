/* SPDX-License-Identifier: MIT
 *
 * A program under LD_PRELOAD of this dies of a segmentation fault when a pattern is
 * run on text that has FATAL_TEXT (environment) in it.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <dlfcn.h>
#include <pcre2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef int match_function(const pcre2_code *, PCRE2_SPTR, PCRE2_SIZE, PCRE2_SIZE, uint32_t,
    pcre2_match_data *, pcre2_match_context *);

int pcre2_match(const pcre2_code *code, PCRE2_SPTR text, PCRE2_SIZE len, PCRE2_SIZE start,
    uint32_t options, pcre2_match_data *data, pcre2_match_context *context)
{
    const char *fatal = getenv("FATAL_TEXT");
    match_function *next;

    if (fatal && memmem(text, len, fatal, strlen(fatal)))
        raise(SIGSEGV);
    /* POSIX has it that way: a pointer of dlsym may be one to a function. */
    *(void **)&next = dlsym(RTLD_NEXT, "pcre2_match_8");
    return next(code, text, len, start, options, data, context);
}
