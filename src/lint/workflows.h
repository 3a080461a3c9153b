/*
 * The workflows of GitHub (.github/workflows/ *.yml in the workspace root) and the jobs
 * that they run: a line `pixi run JOB ...` or `jobrun JOB ...` of a step names a job
 * that is there, params that it has, and values that it takes. What is made of
 * ${{ }} or of variables is not known and not looked at; nor is a file that is
 * written in more of YAML than a manifest may be.
 */
#ifndef LINT_WORKFLOWS_H
#define LINT_WORKFLOWS_H

#include "base/base.h"

struct error;
struct lint;
struct pixi;

#define WORKFLOWS_MAX 1000 /* files; more are not read */

int workflows_check(struct lint *lint, const struct pixi *pixi, struct error *err) MUST_USE;

#endif
