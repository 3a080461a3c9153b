/*
 * Absolute paths as text. No disk is looked at, so a path must come without
 * symbolic links where ".." is to mean what the system means by it.
 */
#ifndef JOB_LOCATION_H
#define JOB_LOCATION_H

#include "base/base.h"
#include "base/str.h"

struct arena;

/* An absolute path without empty segments, "." and "..", and without a '/' at
 * its end. */
struct str location_normal(struct arena *arena, struct str absolute);

/* How `to` is written from the folder `from`; both are normal. "." for itself. */
struct str location_relative(struct arena *arena, struct str from, struct str to);

/* Whether a normal path is the normal folder or something in it; *rest is what
 * stands behind the folder, without a '/', and may be NULL. */
bool location_is_within(struct str folder, struct str path, struct str *rest);

/* "scheme://...". */
bool location_is_url(struct str text);

#endif
