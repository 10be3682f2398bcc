/* SPDX-License-Identifier: MIT
 *
 * A queue of the open files in the order of their latest reading. Whether the file
 * that is opened again still has its content is proven by the next reading, which
 * compares what stands before the offset.
 */
#include "shipper/sources/awake.h"

#include "shipper/sources/rotation.h"

#include <errno.h>
#include <sys/resource.h>

enum { AWAKE_MOST = 512 };

size_t awake_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 2 * AWAKE_MOST)
        return limit.rlim_cur / 2;
    return AWAKE_MOST;
}

/* False if there is none that may sleep. */
static bool put_one_to_sleep(struct following *f)
{
    struct followed *file;

    TAILQ_FOREACH(file, &f->awake, awake)
    if (!file->is_gone && file != f->pinned && file != f->inflating) {
        awake_drop(f, file);
        file_tail_close(&file->tail);
        return true;
    }
    return false;
}

bool awake_open(struct following *f, const char *path, struct file_tail *tail, struct error *err)
{
    while (f->awake_count >= f->awake_most && put_one_to_sleep(f))
        ;
    while (!file_tail_open(tail, path, err))
        if ((err->code != EMFILE && err->code != ENFILE) || !put_one_to_sleep(f))
            return false;
    return true;
}

void awake_touch(struct following *f, struct followed *file)
{
    if (file->is_awake)
        TAILQ_REMOVE(&f->awake, file, awake);
    else
        f->awake_count++;
    file->is_awake = true;
    TAILQ_INSERT_TAIL(&f->awake, file, awake);
}

void awake_drop(struct following *f, struct followed *file)
{
    if (!file->is_awake)
        return;
    TAILQ_REMOVE(&f->awake, file, awake);
    file->is_awake = false;
    f->awake_count--;
}

enum awake_result awake_reopen(struct following *f, struct followed *file, struct error *err)
{
    struct file_tail opened;

    if (file->is_awake)
        return AWAKE_OPEN;
    if (!awake_open(f, file->path, &opened, err))
        return err->code == ENOENT || err->code == ENOTDIR || err->code == 0 ? AWAKE_LOST
                                                                             : AWAKE_FAILED;
    if (opened.stat.st_ino != file->tail.stat.st_ino ||
        opened.stat.st_dev != file->tail.stat.st_dev) {
        file_tail_close(&opened);
        return AWAKE_LOST;
    }
    awake_touch(f, file);
    return file_tail_reopen(&file->tail, &opened, err) ? AWAKE_OPEN : AWAKE_FAILED;
}

enum awake_result awake_wake(struct following *f, struct followed *file, struct error *err)
{
    enum awake_result result = awake_reopen(f, file, err);

    if (result != AWAKE_LOST)
        return result;
    rotation_look(f, file->folder, file->path);
    return awake_reopen(f, file, err);
}
