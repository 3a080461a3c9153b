/*
 * What a command runs, where that is a job: `jobrun JOB`, `jobrun run MANIFEST`,
 * `pixi run TASK`; in a task of pixi, in a script, or as an argument list.
 */
#ifndef LINT_CALL_H
#define LINT_CALL_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct lint;
struct shell_command;

enum call_kind {
    CALL_NONE,
    CALL_JOBRUN, /* the target is a job's name, or the path of a manifest */
    CALL_PIXI    /* the target is a task's name */
};

struct call {
    enum call_kind kind;
    struct str target;
    size_t at; /* the word that names it */
};

/* Whether a call can be in the code of a shell: where nothing has the name of a program
 * that runs jobs, it need not be read. */
bool call_may_be_in(struct str code);
/* The words of one command; .s NULL for a word that is known only when it runs. */
struct call call_read(const struct lint *lint, const struct str *words, size_t count);
struct call call_of_command(const struct lint *lint, const struct shell_command *command);

/* Whether what follows the command runs in another folder, where names of jobs may be
 * those of another workspace. */
bool call_leaves_folder(const struct shell_command *command);

/* The job that the target of a CALL_JOBRUN names, as far as its text tells: "build" of
 * "manifests/build.yaml". Empty for a path outside of the manifests folder. */
struct str call_job(const struct lint *lint, struct str target);

/* The names of the jobs in the manifests folder, which is read once. */
void call_jobs(struct lint *lint, struct str **names, size_t *count);
bool call_has_job(struct lint *lint, struct str job);

#endif
