/*
 * The files that manifests include, each read once, whichever manifest names it.
 *
 *     struct including including = including_begin(&fragments, folder_of_manifest);
 *     const struct fragment_reader reader = including_reader(&including);
 *     manifest_parse(arena, source, stem, &reader, diags);
 *
 * A fragment lies in the workspace, links followed; its path begins at the folder
 * of the manifest that includes it.
 */
#ifndef JOB_FRAGMENTS_H
#define JOB_FRAGMENTS_H

#include "base/base.h"
#include "base/str.h"
#include "base/table.h"
#include "manifest/manifest.h"

struct arena;
struct context;

struct fragments {
    struct arena *arena;
    const struct context *context;
    struct table by_path, by_real_path; /* of fragments: the place that is asked for, and
                                          * that without links, which tells files apart */
    struct table by_source;
};

struct fragments fragments_make(struct arena *arena, const struct context *context);

/* The fragments of one manifest, while it is read. */
struct including {
    struct fragments *fragments;
    struct str folder;  /* of the manifest, without links */
    struct buf digests; /* a line for each that was read: SHA-256 of its text */
};

/* `folder` is absolute; empty: "/". */
struct including including_begin(struct fragments *fragments, struct str folder);
struct fragment_reader including_reader(struct including *including);

#endif
