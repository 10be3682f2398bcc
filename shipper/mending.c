/* SPDX-License-Identifier: MIT
 *
 * Trouble that may pass is said once, and waited for; all other ends the program.
 */
#include "shipper/mending.h"

#include "shipper/command.h"
#include "shipper/log.h"

#include <errno.h>

bool mending_look(struct mending *m, bool is_running, int64_t now_ms)
{
    bool was_missing = m->is_missing;
    const char *missing;

    if (now_ms < m->look_at_ms)
        return false;
    m->look_at_ms = now_ms + m->look_every_ms;
    if (!m->guard || m->is_on || !is_running)
        return false;
    missing = spool_guard_missing(m->guard, true);
    m->is_missing = missing != NULL;
    if (!missing)
        return false;
    /* A second look: the last child to end takes the log along. */
    if (!was_missing) {
        m->look_at_ms = now_ms + m->look_every_ms / 8;
        return false;
    }
    log_write(LOG_ERROR,
        "%s/%s was deleted or replaced while it is in use, stopping reader and sender to put it "
        "back",
        m->state_dir, missing);
    return true;
}

/* A disk that is full or cannot be written to at the moment. */
static bool may_pass(const struct error *err)
{
    return err->kind == ERROR_SYSTEM &&
           (err->code == ENOSPC || err->code == EDQUOT || err->code == EROFS || err->code == EIO);
}

static enum mending_result note_failed(
    struct mending *m, const struct error *err, int64_t now_ms, int *exit_code)
{
    if (err->kind == ERROR_CONFIG || err->code == EWOULDBLOCK ||
        (!m->is_mended && (m->is_once || !may_pass(err)))) {
        log_failure(LOG_ERROR, err, "giving up");
        *exit_code = err->kind == ERROR_CONFIG ? EXIT_CONFIG : EXIT_SYSTEM;
        return MENDING_GIVEN_UP;
    }
    if (m->pause_ms == 0)
        log_failure(LOG_ERROR, err, "reading and sending nothing until that is over");
    m->pause_ms = m->look_every_ms;
    m->at_ms = now_ms + m->pause_ms;
    return MENDING_LATER;
}

enum mending_result mending_try(struct mending *m, int64_t now_ms, int *exit_code)
{
    struct error err;

    m->is_on = true;
    if (now_ms < m->at_ms)
        return MENDING_LATER;
    if (!spool_guard_mend(m->guard, m->is_damaged, &err))
        return note_failed(m, &err, now_ms, exit_code);
    if (m->pause_ms > 0)
        log_write(LOG_INFO, "the spool can be worked with again");
    m->is_on = m->is_damaged = m->is_missing = false;
    m->is_mended = true;
    m->at_ms = m->pause_ms = 0;
    return MENDING_DONE;
}

void mending_put_back(struct mending *m)
{
    struct error err;

    if (m->guard && spool_guard_missing(m->guard, false) &&
        !spool_guard_mend(m->guard, false, &err))
        log_failure(LOG_ERROR, &err, "what was in the spool is lost");
}
