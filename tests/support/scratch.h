/* SPDX-License-Identifier: MIT
 *
 * A directory of a test's own, and what tests do with processes.
 */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>

/* A new empty directory, given back by scratch_remove. */
char *scratch_new(void);

/* One in memory where the system has a place for that: nothing waits for a disk. */
char *scratch_new_in_memory(void);

/* Removes the directory with all in it, and frees the name. */
void scratch_remove(char *dir);

/* dir/name, in a static buffer; four live at once. */
const char *scratch_path(const char *dir, const char *name);

/* Makes `to` a copy of the file `from`. */
void scratch_copy(const char *from, const char *to);

/* Waits for a child of ours to end and returns what waitpid said of it; -1 (with
 * the child killed) if it takes longer than the bound. */
int scratch_wait(pid_t pid, int bound_ms);

/* Calls is_true until it says so, with a bound; what it said last. */
bool scratch_until(bool (*is_true)(void *arg), void *arg, int bound_ms);

#endif
