/*
 * Where and when a job runs: workspace, configuration, environment, commit and
 * machine. Made once for a run, from the command line's wishes, the variables
 * and the disk; read-only after.
 */
#ifndef JOB_CONTEXT_H
#define JOB_CONTEXT_H

#include "base/base.h"
#include "base/diag.h"
#include "job/config.h"
#include "sys/git.h"

struct arena;
struct error;

/* What the command line asked for; all zero for nothing. */
struct context_wishes {
    struct str store;       /* --store */
    struct str environment; /* --env */
    struct str commit;      /* --commit */
    struct str inputs_from; /* --inputs-from */
};

/* The environment of a process as getenv(3) sees it, made explicit so that
 * tests can give their own: NULL-terminated "NAME=value". */
struct variables {
    const char *const *list;
};
/* .s NULL where it is not set. */
struct str variables_get(const struct variables *variables, const char *name);

struct context {
    struct str start; /* where the user stands: absolute, without links */
    struct str root;  /* the workspace: absolute, without links, at or above `start` */
    int root_fd;      /* -1 where it is not open */
    struct config config;
    struct variables variables;

    struct str environment;
    struct str environment_why; /* "by --env", "CI=true is set", "no CI system": for messages */
    bool is_protected;
    struct str ci_system;  /* "GitHub Actions" where its own run id is there, the variable of
                            * `recognised-ci` that is set; else empty */
    struct str ci_run_url; /* where it is known */

    struct str store_url;     /* an URL as given, or an absolute path */
    struct str store_url_why; /* "--store", "JOBRUN_STORE", "jobrun.yaml", "default" */
    bool store_is_given;      /* with --store or JOBRUN_STORE: it serves every environment */
    bool store_read_only;     /* JOBRUN_STORE_MODE=read-only */
    struct str inputs_from;   /* --inputs-from: inputs are read there instead; .s NULL */

    bool has_git;
    struct str git_top;         /* absolute, at or above `root` */
    struct git_status status;   /* where has_git, after context_read_commit() */
    struct str commit;          /* the full id that addresses have */
    struct str commit_wish;     /* as asked for with --commit or JOBRUN_COMMIT; empty: HEAD */
    struct str commit_wish_why; /* "--commit" or "JOBRUN_COMMIT"; empty: HEAD */
    bool commit_is_head;        /* true outside of git too, where the commit asked for is all
                                 * that says what is here */

    struct str host_platform;
    struct str host_name;
    struct str user;
};

/* Finds the workspace root from the folder `start` upwards (the nearest with a
 * jobrun.yaml, else git's top level, else `start` itself), opens it, reads
 * jobrun.yaml. The commit is not looked up yet. An empty variable counts as
 * one that is not set. After a failure there is nothing to close, and
 * context_close() does no harm. */
int context_open(struct context *context, struct arena *arena, const char *start,
                 const struct variables *variables, const struct context_wishes *wishes,
                 struct diags *diags, struct error *err) MUST_USE;
void context_close(struct context *context);

/* Runs git once: commit and status. What is wrong with the commit asked for
 * (unknown revision, none outside of a repository, no commit yet) is a
 * diagnostic. A full id that this clone does not have is taken as it is. */
int context_read_commit(struct context *context, struct arena *arena, struct diags *diags,
                        struct error *err) MUST_USE;

/* The full id of the commit that a revision names. A full id that this clone does
 * not have is taken as it is; ERROR_NOT_FOUND for all else that git does not know,
 * and outside of a repository; ERROR_USAGE for what is no revision. */
int context_resolve_commit(const struct context *context, struct arena *arena, struct str revision,
                           struct str *commit, struct error *err) MUST_USE;

/* Whether this machine may publish to a protected environment: a CI system's
 * own run id is there. */
bool context_is_recognised_ci(const struct context *context);

/* Where this user's caches are ("XDG Base Directory"): $XDG_CACHE_HOME/jobrun, else
 * ~/.cache/jobrun. A variable that is no absolute path counts as one that is not set;
 * empty where neither is. */
struct str context_cache_folder(const struct context *context, struct arena *arena);

/* A path from the root as the user sees it from where they stand; an absolute
 * one is itself. */
struct str context_show_path(const struct context *context, struct arena *arena, struct str path);

#endif
