/*
 * The plan of a run: final data, made from a bound job and from what the store
 * said of its inputs. `--dry-run` prints it, a run carries it out, the receipt
 * records it.
 */
#ifndef JOB_PLAN_H
#define JOB_PLAN_H

#include "base/base.h"
#include "base/diag.h"
#include "job/artifact.h"
#include "job/job.h"

struct arena;

enum supply_state {
    SUPPLY_THERE,  /* a receipt, and all its files */
    SUPPLY_ABSENT, /* no receipt */
    SUPPLY_LOCAL,  /* --input, --no-fetch or `else`: from a path on this machine */
    SUPPLY_UNKNOWN /* nobody looked, or it could not be read: planned as one that will be there */
};

/* What was found for one element of an input; filled in by run/fetch. */
struct supply {
    const struct bound_input *input;
    const struct element *element;
    enum supply_state state;
    struct address address;    /* where it was found: the environment may be another one */
    struct str receipt_sha256; /* SUPPLY_THERE: of the receipt's bytes */
    struct str content;        /* SUPPLY_THERE */
    struct str dirty;          /* SUPPLY_THERE: the fingerprint it was made from */
    struct str local_path;     /* SUPPLY_LOCAL: absolute */
    struct str otherwise;      /* SUPPLY_LOCAL: the input is absent, and this is its `else`; or
                                * .s NULL */
    struct entry *entries;     /* of this output only */
    size_t entry_count;
    struct str *urls; /* where job_needs_urls(): the address of each entry, .s NULL for what has
                       * none: a link, an empty folder */
};

/* Whether the addresses of the input's files are asked for: a link that opens in
 * a browser where the store has one, else the store's address, which for a folder
 * is an absolute path; of a local input the path of the file. */
bool job_needs_urls(const struct job *job, const struct input *input);

/* One thing that lands in the workspace. */
struct landing {
    const struct supply *supply;
    const struct entry *entry;
    struct str destination; /* from the workspace root */
    /* Of an archive: what it is, and `destination` is the folder that it is unpacked
     * into. What is in it is found when it is fetched (run/fetch.h). */
    enum pack_format unpack;
};

/* One step, ready to be executed. */
struct command {
    const struct bound_step *step;
    struct str name;   /* of the step; empty where the job has no `steps` */
    const char **argv; /* NULL-terminated; of a script: the shell, without the file */
    size_t argc;
    struct str script;   /* .s NULL: not a script */
    const char **envp;   /* NULL-terminated: all that the command sees, but for the secrets
                          * that its step lists: a plan is printed, and has no values of them */
    struct str *own_env; /* the names that jobrun or the manifest set or unset, sorted */
    size_t own_env_count;
    bool inherits_all;     /* the caller's environment, but for credentials and what is unset */
    struct str *inherited; /* else the names in envp that came from there, sorted */
    size_t inherited_count;
    /* Where argv[0] is looked up; NULL: in envp's PATH. `inherit-env` says what the command sees,
     * not which program is meant: where it keeps PATH from the command and `env` does not name
     * it, the program is the one that the caller's PATH finds (env(1) would take the system's
     * default path, in which the tools of a project are not). */
    const char *search_path;
    struct str workdir; /* absolute */
};

#define PLAN_LANDINGS_MAX  ARTIFACT_ENTRIES_MAX
#define PLAN_ARGUMENTS_MAX 100000 /* of one command; systems take fewer */

struct plan {
    const struct job *job;         /* with the vars that are made of inputs */
    const struct supply *supplies; /* of all wanted inputs, in their order */
    size_t supply_count;
    struct landing *landings; /* in the order of the supplies, then of the path */
    size_t landing_count;
    struct command *commands; /* of the wanted steps, in their order */
    size_t command_count;
    int64_t timeout_ms; /* 0: none */
    int64_t kill_after_ms;
};

/* NULL when `diags` gained an error: two files for one destination, several
 * files for a destination that is one file's name, a destination in `.git`,
 * `.jobrun` or the store, a value that a path may not hold.
 *
 * ${inputs.x.path} and INPUT_X are absolute: the file, where the input is one
 * artifact (no fan-in) of one file; else the folder that all of its `to` lie in.
 * Of an input that is not wanted, or absent and optional, they are empty. An
 * input that is unknown, or absent and not optional, as --dry-run has them, is its
 * `to`, and {files: x} and {urls: x} give one item that says so.
 *
 * INPUT_X_URLS is set for inputs without `to`, and for these alone; INPUT_X of
 * them is empty.
 *
 * An input that is unpacked is its folder. What is in it is not known yet, so that
 * {files: x} is an error. */
const struct plan *plan_make(struct arena *arena, const struct job *job,
                             const struct supply *supplies, size_t supply_count,
                             struct diags *diags);
/* The same without a store: every input is SUPPLY_UNKNOWN. */
const struct plan *plan_make_unsupplied(struct arena *arena, const struct job *job,
                                        struct diags *diags);

/* The value of a variable that the command sees; .s NULL: it sees none of that name. */
struct str command_variable(const struct command *command, struct str name);

/* A command on one line, as a shell would read it; a script's text is not shown. */
struct str command_show(const struct command *command, struct arena *arena);

#endif
