/* SPDX-License-Identifier: MIT
 *
 * `usage-shipper spool`: the table of its verbs, their options, and the spool opened as
 * each wants it. What they do is in cmd_spool_*.c.
 */
#include "shipper/cmd_spool.h"

#include "shipper/path.h"

#include <getopt.h>
#include <stdlib.h>

static const char help[] =
    "usage: usage-shipper spool [VERB] [ID...] [OPTIONS]\n"
    "\n"
    "Looks into the spool, what waits there and what the endpoint has refused for good,\n"
    "and changes it. Works beside a running service, and on a copy.\n"
    "\n"
    "  list            how many events there are, what they have in common, the oldest\n"
    "                  (the default)\n"
    "  show ID...      whole events: the request, and of a rejected one the answer\n"
    "  export          events as JSON lines, all that are selected\n"
    "  retry [ID...]   rejected events wait again, with the same id and body; without ID\n"
    "                  all that are selected\n"
    "  drop ID...      removes events for good; drop --all removes all that are selected\n"
    "  check           looks at every page, checksum and count; changes nothing\n"
    "  repair          makes a new spool of all that is sound, if anything is not, and keeps\n"
    "                  the old one beside it; the service must be stopped\n"
    "  compact         gives free space back to the file system\n"
    "\n"
    "An ID is an event_id, or its first characters, 4 at least.\n"
    "\n"
    "Which events (all that is given must hold):\n"
    "  --waiting, --rejected, --damaged   in these states (default: any)\n"
    "  --product ID    with this product_id\n"
    "  --activity NAME with this activity_type, as it is sent\n"
    "  --user ID       with this user_id\n"
    "  --older-than T, --newer-than T     by event_at; T is like 90m, 12h or 7d\n"
    "  --status N      refused with this HTTP status\n"
    "  --answer TEXT   refused with an answer that holds this\n"
    "\n"
    "  --config FILE   the configuration, for its state_dir\n"
    "                  (default: " DEFAULT_CONFIG ")\n"
    "  --state DIR     look into DIR; without --config, no configuration is read.\n"
    "                  `run --once` keeps its state in once/ of the state_dir\n"
    "  --file FILE     a copied spool instead\n"
    "  --all           list: every event; drop: without ID\n"
    "  --json          for programs\n"
    "  --help          print this\n"
    "\n"
    "Exit code: 0 fine; 1 no such event, or check found something; 64 usage; 71 system;\n"
    "78 configuration.\n";

enum access { ACCESS_LOOK, ACCESS_CHANGE, ACCESS_NONE };

static const struct verb {
    const char *name;
    enum access access;
    bool takes_ids, needs_ids;
    bool is_rejected_only;
    int (*run)(struct spool_job *job);
} verbs[] = {
    {"list", ACCESS_LOOK, true, false, false, cmd_spool_list},
    {"show", ACCESS_LOOK, true, true, false, cmd_spool_show},
    {"export", ACCESS_LOOK, true, false, false, cmd_spool_export},
    {"retry", ACCESS_CHANGE, true, false, true, cmd_spool_retry},
    {"drop", ACCESS_CHANGE, true, true, false, cmd_spool_drop},
    {"check", ACCESS_LOOK, false, false, false, cmd_spool_check},
    {"repair", ACCESS_NONE, false, false, false, cmd_spool_repair},
    {"compact", ACCESS_CHANGE, false, false, false, cmd_spool_compact},
};
enum { VERBS = sizeof(verbs) / sizeof(*verbs) };

/* --- the command line -------------------------------------------------------------- */

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static bool refuse_verb(char **argv, const char *name, struct error *err)
{
    const char *known[VERBS], *nearest;

    for (size_t i = 0; i < VERBS; i++)
        known[i] = verbs[i].name;
    nearest = error_nearest(span_of(name), known, VERBS);
    return command_refuse(argv, err, "spool has no \"%s\"%s%s%s", name,
        nearest ? ", did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* The states that are meant if none is named. */
static bool settle_states(
    char **argv, const struct verb *verb, struct spool_selection *selection, struct error *err)
{
    bool *states = selection->states;

    if (verb->is_rejected_only && (states[ENTRY_WAITING] || states[ENTRY_DAMAGED]))
        return command_refuse(argv, err, "only rejected events can be tried again");
    if (states[ENTRY_WAITING] || states[ENTRY_REJECTED] || states[ENTRY_DAMAGED])
        return true;
    states[ENTRY_REJECTED] = true;
    states[ENTRY_WAITING] = states[ENTRY_DAMAGED] =
        !verb->is_rejected_only && selection->status == 0 && !selection->answer;
    return true;
}

static bool settle_ids(
    char **argv, const struct verb *verb, const struct spool_job *job, struct error *err)
{
    const struct spool_selection *selection = &job->selection;

    for (size_t i = 0; i < selection->id_count; i++)
        if (strlen(selection->ids[i]) < SELECTION_ID_LEAST)
            return command_refuse(argv, err, "\"%s\" is too short for an event's id: %d characters",
                selection->ids[i], SELECTION_ID_LEAST);
    if (selection->id_count > 0 && !verb->takes_ids)
        return command_refuse(argv, err, "spool %s takes no id", verb->name);
    if (selection->id_count == 0 && verb->needs_ids && !job->is_all)
        return command_refuse(
            argv, err, "spool %s needs ids, or --all for all that are selected", verb->name);
    return true;
}

/* The verb and the ids stand among the options: getopt has moved them behind. */
static bool take_command_line(
    int argc, char **argv, struct spool_job *job, const struct verb **verb, struct error *err)
{
    if (!cmd_spool_take_options(argc, argv, job, err) || job->is_help)
        return job->is_help;
    *verb = &verbs[0];
    if (optind < argc && !(*verb = find_verb(argv[optind])))
        return refuse_verb(argv, argv[optind], err);
    optind += optind < argc;
    job->verb = (*verb)->name;
    job->selection.ids = argv + optind;
    job->selection.id_count = (size_t)(argc - optind);
    return settle_states(argv, *verb, &job->selection, err) && settle_ids(argv, *verb, job, err);
}

/* --- the spool ------------------------------------------------------------------------ */

static int fail_to_open(const struct verb *verb, struct error *err)
{
    bool is_found = err->kind == ERROR_CORRUPT && verb->run == cmd_spool_check;
    int code;

    if (err->kind == ERROR_CORRUPT)
        error_hint(err,
            "`usage-shipper spool repair` makes a new one of all that can be read, with "
            "the service stopped; the service does so by itself.");
    code = command_fail("spool", err);
    return is_found ? EXIT_FOUND : code;
}

static int run(const struct verb *verb, struct spool_job *job)
{
    struct spool_options how = {
        .file = job->file,
        .is_sync_full = true,
        .is_only_looking = verb->access == ACCESS_LOOK,
    };
    struct error err;
    int code;

    if (!state_act_as_owner(job->dir, &err) || !state_look(job->dir, &job->service, &err))
        return command_fail("spool", &err);
    if (verb->access == ACCESS_NONE)
        return verb->run(job);
    if (!job->file && !state_has_run(job->dir, &err))
        return command_fail("spool", &err);
    job->spool = spool_open(job->dir, &how, &err);
    if (!job->spool)
        return fail_to_open(verb, &err);
    code = verb->run(job);
    spool_close(job->spool);
    return code;
}

static int run_configured(const struct verb *verb, struct spool_job *job)
{
    struct errors errors = {0};
    struct config *config =
        config_load(job->config_path ? job->config_path : DEFAULT_CONFIG, &errors);
    int code = EXIT_CONFIG;

    if (errors.count == 0) {
        job->config = config;
        job->dir = job->state ? job->state : config->state_dir;
        code = run(verb, job);
    } else {
        command_print_errors(&errors, stderr);
        fputs("`usage-shipper spool --state DIR` needs no configuration.\n", stderr);
    }
    errors_finish(&errors);
    config_free(config);
    return code;
}

static int run_copy(const struct verb *verb, struct spool_job *job)
{
    char *folder = path_folder(job->copy);
    const char *slash = strrchr(job->copy, '/');
    int code;

    job->dir = folder;
    job->file = slash ? slash + 1 : job->copy;
    code = run(verb, job);
    free(folder);
    return code;
}

int cmd_spool(int argc, char **argv)
{
    struct spool_job job = {.is_help = false};
    const struct verb *verb;
    struct error err = {0};

    if (!take_command_line(argc, argv, &job, &verb, &err))
        return command_fail("spool", &err);
    if (job.is_help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    if (job.copy)
        return run_copy(verb, &job);
    if (job.config_path || !job.state)
        return run_configured(verb, &job);
    job.dir = job.state;
    return run(verb, &job);
}
