/* SPDX-License-Identifier: MIT
 *
 * Reads byte by byte, so that nothing of a secret stays in a stream's buffer.
 */
#include "shipper/ask.h"

#include "parsers/span.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { CTRL_C = 3 };

/* What does not fit is read, and dropped. */
static bool read_line(char answer[ASK_BYTES])
{
    size_t len = 0;
    ssize_t got;
    char c = '\0';

    while (((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n' && c != CTRL_C) ||
           (got < 0 && errno == EINTR))
        if (got == 1 && len < ASK_BYTES - 1)
            answer[len++] = c;
    answer[len] = '\0';
    return c != CTRL_C && (got == 1 || len > 0);
}

static void trim(char answer[ASK_BYTES])
{
    struct span text = span_of(answer);

    while (text.len > 0 && text.at[text.len - 1] == '\r')
        text.len--;
    text = span_trim(text);
    memmove(answer, text.at, text.len);
    answer[text.len] = '\0';
}

bool ask_text(const char *question, const char *usual, char answer[ASK_BYTES])
{
    fprintf(stderr, *usual ? "%s [%s]: " : "%s: ", question, usual);
    fflush(stderr);
    if (!read_line(answer)) {
        fputc('\n', stderr);
        return false;
    }
    trim(answer);
    if (!*answer)
        snprintf(answer, ASK_BYTES, "%s", usual);
    return true;
}

size_t ask_word(const char *question, const char *const *words, size_t count)
{
    char answer[ASK_BYTES];
    size_t i;

    do {
        if (!ask_text(question, words[0], answer))
            return count;
        for (i = 0; i < count && strncmp(words[i], answer, strlen(answer)) != 0;)
            i++;
        if (i == count) {
            fputs("one of", stderr);
            for (size_t j = 0; j < count; j++)
                fprintf(stderr, "%s %s", j > 0 ? "," : "", words[j]);
            fputs(", please\n", stderr);
        }
    } while (i == count);
    return i;
}

bool ask_secret(const char *question, char answer[ASK_BYTES])
{
    struct termios before, silent;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    bool is_there;

    if (is_terminal) {
        silent = before;
        /* As a signal, Ctrl-C would leave the terminal as it is now. */
        silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
        silent.c_cc[VEOL] = CTRL_C; /* ends a line, or it would only be seen with the next end */
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    is_there = ask_text(question, "", answer);
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputs(is_there ? "\n" : "", stderr);
    }
    return is_there;
}
