/*
 * What `jobrun show` prints of a plan that was made without a store
 * (plan_make_unsupplied): as text for people, or as one JSON document.
 *
 * The document, "version": 1. Members are only added within a version; those that
 * do not apply are null, empty or false, and never left out.
 *
 *     version, job, help
 *     manifest     {path (from the workspace root), sha256 (with its fragments)}
 *     commit, environment
 *     store        its URL, or the absolute path of a folder
 *     address      the key of the job below the store's root, without <content>
 *     url          store and address: ${job.url}
 *     params       [{name, type, value, origin, variant}]: value is text, or a list of
 *                  texts; origin is "default", "command line", "params file", "variable"
 *     vars         [{name, value}]: value is text, or null
 *     inputs       [{name, label, from, output, params {name: value}, address, receipt,
 *                  to, else, unpack, optional, wanted}]: one for each element of an input
 *                  that fans in, told apart by label; of one that is not wanted a single
 *                  one without them
 *     outputs      [{name, patterns, on, pack, wanted}]: on is "success", "failure" or
 *                  "always", pack "tar.zst", "tar.gz" or null
 *     requires     {platform, tools, env, clean_tree, lfs, history, disk_bytes}
 *     clean        [pattern]
 *     once         whether a success is recorded
 *     commands     [{name, argv, script, shell, workdir, stdout, effect,
 *                  always, continue_on_error, env {NAME: value}, secrets [{name, optional}],
 *                  inherits_all, inherited}]: of the steps whose `when` holds; argv, or
 *                  script and shell, else null; stdout is a path or null; env are the
 *                  variables that jobrun and the manifest set, null where they unset; of
 *                  secrets there are names alone. Which files an input has is not asked:
 *                  its path is its `to`, and its {files: x} and {urls: x} are one item
 *                  that says so
 *     timeout_ms   or null; kill_after_ms
 *     ci           as in the manifest, every scalar text; or null
 */
#ifndef CLI_SHOW_JOB_H
#define CLI_SHOW_JOB_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct plan;

#define SHOW_JSON_VERSION 1

struct str show_job_text(struct arena *arena, const struct plan *plan);
struct str show_job_json(struct arena *arena, const struct plan *plan);

#endif
