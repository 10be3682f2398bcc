/* SPDX-License-Identifier: MIT
 *
 * The options of `usage-shipper spool`, the same for all verbs.
 */
#include "shipper/cmd_spool.h"

#include "shipper/clock.h"

#include <getopt.h>

enum { OPTION_WAITING = 256 }; /* and the states behind it */

static const struct option names[] = {
    {"config", required_argument, NULL, 'c'},
    {"state", required_argument, NULL, 's'},
    {"file", required_argument, NULL, 'f'},
    {"waiting", no_argument, NULL, OPTION_WAITING + ENTRY_WAITING},
    {"rejected", no_argument, NULL, OPTION_WAITING + ENTRY_REJECTED},
    {"damaged", no_argument, NULL, OPTION_WAITING + ENTRY_DAMAGED},
    {"product", required_argument, NULL, 'p'},
    {"activity", required_argument, NULL, 'A'},
    {"user", required_argument, NULL, 'u'},
    {"older-than", required_argument, NULL, 'o'},
    {"newer-than", required_argument, NULL, 'n'},
    {"status", required_argument, NULL, 'S'},
    {"answer", required_argument, NULL, 'w'},
    {"all", no_argument, NULL, 'a'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool take_age(char **argv, const char *text, int64_t *at_s, struct error *err)
{
    int64_t ms;

    if (!keys_parse_duration(span_of(text), &ms))
        return command_refuse(argv, err, "\"%s\" is not a time like 90m, 12h or 7d", text);
    *at_s = clock_now().wall_s - ms / 1000;
    return true;
}

static bool take_status(char **argv, const char *text, long *status, struct error *err)
{
    uint64_t number;

    if (!span_to_u64(span_of(text), &number) || number < 100 || number > 999)
        return command_refuse(argv, err, "\"%s\" is not an HTTP status", text);
    *status = (long)number;
    return true;
}

static bool take_option(char **argv, int option, struct spool_job *job, struct error *err)
{
    struct spool_selection *selection = &job->selection;

    if (option >= OPTION_WAITING) {
        selection->states[option - OPTION_WAITING] = true;
        return true;
    }
    switch (option) {
    case 'c':
        job->config_path = optarg;
        return true;
    case 's':
        job->state = optarg;
        return true;
    case 'f':
        job->copy = optarg;
        return true;
    case 'p':
        selection->product = optarg;
        return true;
    case 'A':
        selection->activity = optarg;
        return true;
    case 'u':
        selection->user = optarg;
        return true;
    case 'o':
        return take_age(argv, optarg, &selection->until_s, err);
    case 'n':
        return take_age(argv, optarg, &selection->from_s, err);
    case 'S':
        return take_status(argv, optarg, &selection->status, err);
    case 'w':
        selection->answer = optarg;
        return true;
    case 'a':
        job->is_all = true;
        return true;
    case 'j':
        job->is_json = true;
        return true;
    case 'h':
        job->is_help = true;
        return true;
    default:
        return command_refuse_option(argv, option, err);
    }
}

bool cmd_spool_take_options(int argc, char **argv, struct spool_job *job, struct error *err)
{
    int option;

    while ((option = getopt_long(argc, argv, ":", names, NULL)) != -1)
        if (!take_option(argv, option, job, err))
            return false;
    if (job->copy && job->state)
        return command_refuse(argv, err, "--file and --state exclude each other");
    return true;
}
