/*
 * Where in the workspace a job's inputs land and its outputs lie, for any
 * values of its params: globs (base/glob.h) relative to the workspace root.
 *
 * A run's own products must not make the tree look changed, so the dirty
 * fingerprint leaves out what lies there. A placeholder becomes what it can
 * stand for: the cells of a table one by one, the values of an enum one by one,
 * else `*`. Where that gives more than FOOTPRINT_MAX globs, `*` is used for the
 * finite ones too.
 */
#ifndef MANIFEST_FOOTPRINT_H
#define MANIFEST_FOOTPRINT_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct manifest;

#define FOOTPRINT_MAX 1000

struct footprint {
    struct str *globs; /* a folder is given with two stars behind it */
    size_t count;
};

/* The files of `stdout` are among them. */
struct footprint footprint_of_outputs(const struct manifest *manifest, struct arena *arena);
struct footprint footprint_of_inputs(const struct manifest *manifest, struct arena *arena);
bool footprint_covers(const struct footprint *footprint, struct str path);

#endif
