/* SPDX-License-Identifier: MIT
 *
 * A program under LD_PRELOAD of this, and what it forks, cannot make memory executable
 * that was written to: what systemd's MemoryDenyWriteExecute= does to it. Needs Linux
 * 6.3; before, nothing changes.
 */
#include <sys/prctl.h>

enum { SET_MDWE = 65, MDWE_REFUSE_EXEC_GAIN = 1 }; /* not in the headers of older systems */

__attribute__((constructor)) static void deny(void)
{
    prctl(SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
}
