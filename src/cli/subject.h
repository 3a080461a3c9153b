/*
 * The job that a line names, and its params: what `jobrun JOB` and `jobrun show
 * JOB` have in common.
 *
 *     manifest = subject_open(&workspace, &options, &wish, &status);
 *     job = manifest != NULL ? subject_bind(&workspace, &options, &wish, manifest, &status) : NULL;
 *     if (job == NULL)
 *         return status;
 */
#ifndef CLI_SUBJECT_H
#define CLI_SUBJECT_H

#include "base/base.h"

struct job;
struct manifest;
struct options;
struct workspace;

struct subject_wish {
    const char *name;    /* of the command, for its help */
    unsigned command;    /* FOR_RUN, FOR_SHOW: whose options are taken */
    bool may_be_command; /* the first word may have been meant as a command */
    const char *const *arguments;
    size_t count;
};

/* Reads the options, opens the workspace and finds the manifest. NULL where there
 * is nothing more to do: help was asked for and printed, or there are problems,
 * which were reported; *status is the exit status then. */
const struct manifest *subject_open(struct workspace *workspace, struct options *options,
                                    const struct subject_wish *wish, int *status);

/* The job with the params of the line, at the commit; NULL likewise. */
const struct job *subject_bind(struct workspace *workspace, const struct options *options,
                               const struct subject_wish *wish, const struct manifest *manifest,
                               int *status);

#endif
