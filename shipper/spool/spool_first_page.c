/* SPDX-License-Identifier: MIT
 *
 * The header as in "Database File Format", section 1.3, of SQLite's documentation. What
 * tables hold is not known to be sound: who reads them checks each row.
 */
#include "shipper/spool/spool_first_page.h"

#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PAGE_BYTES = 8192,
    PAGE_COUNT_AT = 28,
    FREE_AT = 32, /* the first page of free ones, and their number */
    FREE_BYTES = 8,
};

bool spool_first_page_is_sound(sqlite3 *database)
{
    static const char all[] = "SELECT 1 FROM event, cursor, source, ledger, rejected, corrupt,"
                              " totals, delivered";
    sqlite3_stmt *statement = NULL;
    bool is_sound =
        database && sqlite3_prepare_v2(database, all, -1, &statement, NULL) == SQLITE_OK;

    sqlite3_finalize(statement);
    return is_sound;
}

static bool read_page(const char *path, unsigned char page[PAGE_BYTES])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool is_read = file >= 0 && pread(file, page, PAGE_BYTES, 0) == PAGE_BYTES;

    if (file >= 0)
        close(file);
    return is_read;
}

bool spool_first_page_mend(const char *path, const char *like)
{
    unsigned char page[PAGE_BYTES];
    struct stat status;
    uint32_t pages;
    int file;
    bool is_mended;

    if (!read_page(like, page) || stat(path, &status) < 0 || status.st_size < 2 * PAGE_BYTES)
        return false;
    pages = htobe32((uint32_t)(status.st_size / PAGE_BYTES));
    memcpy(page + PAGE_COUNT_AT, &pages, sizeof(pages));
    memset(page + FREE_AT, 0, FREE_BYTES);
    file = open(path, O_WRONLY | O_CLOEXEC);
    is_mended = file >= 0 && pwrite(file, page, PAGE_BYTES, 0) == PAGE_BYTES;
    if (file >= 0)
        close(file);
    return is_mended;
}
