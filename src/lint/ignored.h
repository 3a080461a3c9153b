/*
 * What lands or is published is ignored by git: what a job makes would else be
 * offered for the next commit.
 *
 * git is asked once for all manifests, with a path of each place (a wildcard stands for
 * a letter there). A place that holds tracked files is meant to, and is left alone.
 * Outside of a repository there is nothing to say.
 */
#ifndef LINT_IGNORED_H
#define LINT_IGNORED_H

#include "base/base.h"

struct error;
struct lint;

#define IGNORED_PLACES_MAX 100000 /* of all manifests together; more are not asked for */

int ignored_check(struct lint *lint, struct error *err) MUST_USE;

#endif
