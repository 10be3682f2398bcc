/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/identity.c and file_history.c where test_file_model.c found them
 * wrong once: which of several rows a file is read by, and when a compressed one
 * is looked at.
 */
#include "parsers/memory.h"
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/log_model.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <unistd.h>

enum { SWEEP_MS = 61000 };

/* A short log that begins like the other proves less than the other's row, even
 * where the system gave the other's copy the short one's inode. */
static void the_row_read_furthest_wins_over_the_inode(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "banner\n");
    file_world_append(w, "b.log", "banner\none\ntwo\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "both", "banner\nbanner\none\ntwo\n");
    file_world_commit(w);
    file_world_close(w);

    file_world_copy(w, "b.log", "a.log"); /* keeps the inode of a.log */
    unlink(file_world_path(w, "b.log"));
    file_world_append(w, "a.log", "three\n");
    file_world_open(w, "*.log");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "the rest", "three\n");
}

static void look_meanwhile(void *arg)
{
    struct file_world *w = arg;

    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "while it is being written", "");
}

/* What is there of it so far is less than was read, and would pass for another
 * file. */
static void a_compressed_file_is_not_looked_at_while_its_original_is_there(void **state)
{
    struct file_world *w = *state;
    struct log_model *logs = memory_new(sizeof(*logs));

    log_model_init(logs, w->logs, 40);
    file_world_open(w, MODEL_LIVE "*");
    log_model_reopen(logs, true);
    for (unsigned i = 0; i < 20; i++)
        log_model_append(logs, false);
    file_world_drain(w, 0);
    check_number("read", w->got.len, strlen(MODEL_BANNER "\n") + 20 * 41);
    buffer_clear(&w->got);
    file_world_commit(w);
    log_model_rename(logs, logs->written, MODEL_LIVE ".1");
    log_model_compress(logs, logs->written, look_meanwhile, w);
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "when it is complete", "");
    file_world_commit(w);
    file_world_close(w);
    file_world_open(w, MODEL_LIVE "*");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "after a restart", "");
    log_model_finish(logs);
    free(logs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, file_world_set_up, file_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_row_read_furthest_wins_over_the_inode),
        TEST(a_compressed_file_is_not_looked_at_while_its_original_is_there),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
