/* What a job's outputs are on disk: the patterns resolved, the files hashed. */
#ifndef RUN_OUTPUTS_H
#define RUN_OUTPUTS_H

#include "base/base.h"
#include "base/diag.h"
#include "job/artifact.h"

struct arena;
struct error;
struct job;
struct secrets;

/* An entry and where it lies. */
struct output_file {
    struct str workspace_path; /* from the workspace root */
    struct entry *entry;
    struct str secret; /* whose value its bytes hold, by name; .s NULL: of none */
};

struct outputs {
    struct artifact artifact;  /* sealed by outputs_hash() */
    struct output_file *files; /* in the order of artifact.entries once sealed */
    size_t count;
    uint64_t total_bytes;
    const struct secrets *secrets; /* what outputs_hash() looks for; NULL: nothing */
};

/* Finds what every wanted output matches, without reading contents.
 *
 * A pattern without '*' or the like names one file, or with '/' at its end one
 * folder with all in it, and what it names must be there; of an output's globs
 * one must match something. An optional output that matches nothing is left out,
 * whatever its count.
 *
 * Problems (nothing matched, not the count, a link that leaves the output, a
 * device, one file of two outputs) are diagnostics with status 118, at the
 * output's line, with what did match. `.git`, `.jobrun`, the stores
 * of the workspace, jobrun's temporary files and files
 * of credentials (gha-creds-*.json and such) never match. */
int outputs_find(struct arena *arena, const struct job *job, struct outputs *outputs,
                 struct diags *diags, struct error *err) MUST_USE;

/* SHA-256 and CRC32C of every file, several files at a time; seals the artifact.
 * A file that changes while it is read is ERROR_OUTPUTS. */
int outputs_hash(struct arena *arena, const struct job *job, struct outputs *outputs,
                 struct error *err) MUST_USE;

/* Reports every entry that holds a secret's value, in its bytes, its path or the
 * target of a link: status 121, at the output's line. After outputs_hash(). */
void outputs_check_secrets(const struct job *job, const struct outputs *outputs,
                           struct diags *diags);

#endif
