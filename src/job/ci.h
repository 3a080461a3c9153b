/*
 * The CI systems that jobrun knows, by the variables that they set.
 *
 * A marker (GITHUB_ACTIONS, CI=true) chooses the environment; only the system's
 * own run id makes it recognised, which is what protected environments ask for.
 */
#ifndef JOB_CI_H
#define JOB_CI_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct config;
struct variables;

/* Why this looks like a CI system ("GITHUB_ACTIONS is set"), or empty. */
struct str ci_marker(struct arena *arena, const struct config *config,
                     const struct variables *variables);

/* The system whose own run id is there, with the address of the run where it is
 * known; both empty where there is none. */
void ci_recognise(struct arena *arena, const struct config *config,
                  const struct variables *variables, struct str *system, struct str *run_url);

#endif
