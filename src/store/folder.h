/*
 * A folder as a store: an object is a file, its key the path below the root.
 *
 * Writes go to a temporary file in the same folder, are synced, and get their
 * name by link(2) or rename(2); then the folder is synced. A compare-and-swap
 * holds flock(2) on the object's folder from reading the version to the rename.
 * Nothing outside the root is ever opened: keys are opened beneath it without
 * following links (sys/fs.h). Files are copied by reflink where the file system
 * can, never hard-linked.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "store/store.h"

/* `path` is absolute. */
int folder_store_open(struct arena *arena, struct str path, enum store_mode mode,
                      struct store **store, struct error *err) MUST_USE;

#endif
