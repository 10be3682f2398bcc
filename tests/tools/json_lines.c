/* SPDX-License-Identifier: MIT
 *
 * Parses each line of a file with json-c and forgets it: what tests/bench compares
 * the json format with.
 *
 *     json_lines FILE
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    struct json_tokener *tokener = json_tokener_new();
    unsigned long count = 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    if (!file || !tokener) {
        fprintf(stderr, "usage: json_lines FILE\n");
        return 64;
    }
    while ((len = getline(&line, &room, file)) > 0) {
        struct json_object *tree;

        json_tokener_reset(tokener);
        tree = json_tokener_parse_ex(tokener, line, (int)len);
        count += tree != NULL;
        json_object_put(tree);
    }
    printf("%lu\n", count);
    free(line);
    json_tokener_free(tokener);
    fclose(file);
    return 0;
}
