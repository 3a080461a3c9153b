/*
 * The manifests of a workspace, found by job name and read at most once each.
 */
#ifndef JOB_CATALOG_H
#define JOB_CATALOG_H

#include "base/base.h"
#include "base/diag.h"

struct arena;
struct context;
struct manifest;

struct catalog;
struct catalog *catalog_make(struct arena *arena, const struct context *context);

/* The manifest at a path as the user gave it (from the current folder). Its
 * problems are added to `diags`. NULL where there is none to use: a file that
 * cannot be read is a diagnostic too. */
const struct manifest *catalog_read(struct catalog *catalog, struct str path, struct diags *diags);

/* The same of a text that stands for the file at `path`, which need not be there:
 * from here on the text is that file. With an empty path it is no file's: what it
 * includes begins at the current folder, and its job may have any name. */
const struct manifest *catalog_read_text(struct catalog *catalog, struct str path, struct str text,
                                         struct diags *diags);

/* The manifest of a job, `<manifests>/<name>.yaml`, or NULL where there is no
 * such file. Problems in the file go to `diags` the first time it is read. */
const struct manifest *catalog_find(struct catalog *catalog, struct str job, struct diags *diags);

/* Says that there is no such job, or file, and what it could have been: of the
 * jobs, or of `also` (the names of commands). */
void catalog_report_missing(struct catalog *catalog, struct str path, const struct str *also,
                            size_t also_count, struct diags *diags);

/* Whether the file at a path, as the user gives it, has a top-level `job`; one
 * that cannot be read counts, so that it is read and reported. */
bool catalog_is_manifest(const struct catalog *catalog, struct str path);

/* For the regular files of a folder, which is walked: catalog_is_manifest(), and where it
 * is one, catalog_read() in the same reading. */
bool catalog_read_found(struct catalog *catalog, struct str path, struct diags *diags,
                        const struct manifest **manifest);

/* The names of all jobs in the manifests folder, sorted; files without a
 * top-level `job` are left out. */
void catalog_names(struct catalog *catalog, struct str **names, size_t *count);

/* The path of a manifest from the workspace root, for messages and receipts. */
struct str catalog_path(const struct catalog *catalog, const struct manifest *manifest);

/* Hexadecimal SHA-256 of all that the manifest was read from, fragments too. */
struct str catalog_digest(const struct catalog *catalog, const struct manifest *manifest);

#endif
