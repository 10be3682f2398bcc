/* SPDX-License-Identifier: MIT
 *
 * One open regular file, read by its row: chunks of whole lines from the row's
 * offset, with proof in the same read that what stands before the offset is
 * still what was read. An unfinished last line stays in the file, and so does a last
 * record that may go on.
 */
#ifndef SHIPPER_SOURCES_FILE_TAIL_H
#define SHIPPER_SOURCES_FILE_TAIL_H

#include "parsers/error.h"
#include "shipper/sources/file_row.h"
#include "shipper/sources/file_stream.h"

#include <sys/stat.h>

/* All offsets are of the bytes that lines are cut from: decompressed, in UTF-8. */
struct file_tail {
    int descriptor;
    enum encoding encoding;     /* of a text that has no byte order mark; set after opening */
    struct file_stream *stream; /* NULL: the bytes are the file's own */
    struct stat stat;           /* as after the latest read */
    uint64_t held_bytes;        /* of an unfinished last line or record, at the latest read */
    uint64_t open_end;          /* whole lines up to here were delivered and not taken: more has
                                   to come. 0: none */
    bool is_final;              /* set by the owner: nothing will be added to what is there */
};

enum tail_result {
    TAIL_CHUNK,
    TAIL_QUIET,   /* no whole line to read now */
    TAIL_CHANGED, /* truncated or rewritten: the row is not this file's any more */
    TAIL_FAILED,  /* *err is filled */
};

/* Points into the buffer given, valid until that is written to. */
struct tail_chunk {
    struct span lines; /* may be empty when all that was read is passed over */
    size_t unfinished; /* their last bytes, of a line without its end that is taken as final:
                          what may follow is late */
    uint64_t offset;   /* of the first line */
    uint64_t passed;   /* bytes before it: the rest of an over-long line, */
    uint64_t hole;     /* then the NUL bytes of a hole (hole.h) */
    bool is_cut;       /* one line's first LIMIT_LINE_BYTES, whose rest follows as passed; or
                          whole lines not taken before, and no more fit in */
    bool is_late;      /* passed is behind a line that was taken as complete */
    bool is_final;     /* nothing will follow, or a hole will: the last line may be unfinished */
    bool has_more;     /* there is more to read at once */
    const struct file_stream *stream; /* the tail's */
};

/* Opens a regular file without ever waiting; anything else fails with its kind
 * as reason. */
bool file_tail_open(struct file_tail *tail, const char *path, struct error *err);

/* Closes the descriptor, if it is open; the rest of *tail stays as it was. */
void file_tail_close(struct file_tail *tail);

/* *tail, which is closed, goes on with the descriptor of *opened: the same file. */
bool file_tail_reopen(struct file_tail *tail, const struct file_tail *opened, struct error *err);

/* What kind of thing that is, for messages: "a directory", "a socket", … */
const char *file_kind(mode_t mode);

/* Finds out how the file is to be read, and its first line, without terminator,
 * behind a hole and cut at LIMIT_LINE_BYTES: what a file is known by. TAIL_QUIET: it
 * is not finished yet, and is_final not set. TAIL_FAILED with code 0: it is no log
 * (binary.h). */
enum tail_result file_tail_first_line(
    struct file_tail *tail, struct buffer *buffer, struct span *line, struct error *err);

/* The next lines after the row's offset: at most LIMIT_CHUNK_BYTES, or
 * LIMIT_LINE_BYTES where one line is longer than that. At the end of gzip an
 * unfinished last line is one of them. */
enum tail_result file_tail_read(struct file_tail *tail, const struct file_row *row,
    struct buffer *buffer, struct tail_chunk *chunk, struct error *err);

/* Moves the row over what was passed and the first `taken` bytes of the chunk that
 * file_tail_read has just put in its buffer. What is left is held until there is
 * more behind it, up to LIMIT_LINE_BYTES in all, or is_final is set. */
void file_tail_advance(
    struct file_tail *tail, struct file_row *row, const struct tail_chunk *chunk, uint64_t taken);

/* Like pread, at an offset: fewer bytes than wanted only at the end of the file. */
ssize_t file_tail_read_at(const struct file_tail *tail, char *to, size_t wanted, uint64_t offset);

/* The same; whether there were so many. */
bool file_tail_read_all_at(const struct file_tail *tail, char *to, size_t wanted, uint64_t offset);

/* Moves *offset over NUL bytes, to what is behind them or to the end, but not over
 * more than about `most` bytes that stand on the disk: holes are not read. */
bool file_tail_pass_hole(const struct file_tail *tail, uint64_t *offset, uint64_t most);

/* Whether the file reaches to that offset. */
bool file_tail_reaches(const struct file_tail *tail, uint64_t offset);

/* Takes the unfinished line off the chunk, to be held. */
void file_tail_hold(struct file_tail *tail, struct tail_chunk *chunk);

/* How long the file is; where that is not known yet, what was not decoded is taken
 * as it stands in the file. */
uint64_t file_tail_size(const struct file_tail *tail, const struct file_row *row);

/* Whether nothing will be added to what is there: its owner says so, or it is gzip that
 * is complete. */
bool file_tail_is_final(const struct file_tail *tail);

/* Whether it takes much memory while it is read. */
bool file_tail_is_heavy(const struct file_tail *tail);

/* After reading by the row: notes in it what spares reading all again after a
 * restart; true if that is to be saved. */
bool file_tail_seal(struct file_tail *tail, struct file_row *row);

/* Gives back memory until the turn of the file. */
void file_tail_put_aside(struct file_tail *tail, const struct file_row *row);

/* After TAIL_QUIET: gives back memory. is_settled: it will hardly grow soon. */
void file_tail_rest(struct file_tail *tail, const struct file_row *row, bool is_settled);

#endif
