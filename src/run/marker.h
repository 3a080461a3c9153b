/*
 * The marker of an effect: what the store knows of a step that cannot be undone,
 * at address_effect_key(). One JSON object:
 *
 *     jobrun_effect   the version of this format
 *     state           "begun": the step was about to start; "done": it has succeeded
 *     run             the random id of the run
 *     address         environment/commit/job[/variant]
 *     step, digest    the step's name, or the job's; what it was made of (run/effect.h)
 *     command         as people read it, cut at MARKER_COMMAND_MAX bytes; no secret is in it
 *     user, host, pid
 *     ci              {system, url}, empty where there is none
 *     started_ms, finished_ms   since 1970, UTC; finished_ms is 0 until it is done
 *
 * A person who found out that an effect did happen may write "done" for "begun".
 * A marker that is read is hostile input until marker_parse() took it.
 */
#ifndef RUN_MARKER_H
#define RUN_MARKER_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;

#define MARKER_VERSION      1
#define MARKER_BYTES_MAX    ((size_t)64 << 10)
#define MARKER_COMMAND_MAX  2000
#define MARKER_CONTENT_TYPE "application/json"

struct marker {
    bool done;
    struct str run;
    struct str address;
    struct str step;
    struct str digest;
    struct str command;
    struct str user, host_name;
    int64_t pid;
    struct str ci_system, ci_run_url;
    int64_t started_ms, finished_ms;
};

struct str marker_format(const struct marker *marker, struct arena *arena);

/* Every field must be there and of its kind. ERROR_DAMAGED, ERROR_LIMIT, and
 * ERROR_NOT_ALLOWED for a newer version: nobody may take that for damage and
 * replace it. */
int marker_parse(struct str text, struct arena *arena, struct marker *marker,
                 struct error *err) MUST_USE;

/* Who and when, for people: "login@host (process 12) at 2026-01-31T23:59:59Z,
 * GitHub Actions, https://..."; the end's time where it is done. */
struct str marker_who(const struct marker *marker, struct arena *arena);

#endif
