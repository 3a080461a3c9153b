/*
 * A folder as a store: an object is a file, its key the path below the root.
 *
 * Writes go to a temporary file in the same folder, are synced, and get their
 * name by rename(2), exclusively where nothing may be replaced; then the folder
 * is synced. A compare-and-swap holds flock(2) on the object's folder from
 * reading the version to the rename. Nothing outside the root is ever opened:
 * keys are opened beneath it without following links (sys/fs.h). Files are
 * copied by reflink where the file system can, never hard-linked.
 *
 * The root is made by the first write; folders that store_remove() leaves empty
 * go away. Links and special files in it are no objects: they are not listed,
 * and reading one is ERROR_DAMAGED, as it is for a folder in an object's place. Objects get mode 0644, less the umask, folders
 * 0777, less the umask. store_list_folders() names folders as they are on the
 * disk: one in which a writer failed may hold nothing.
 *
 * An upload goes in batches: all files of one to temporary files, one sync of
 * them (syncfs(2) where there are many), all renames, one sync of each folder.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "store/store.h"

/* `path` is absolute. */
int folder_store_open(struct arena *arena, struct str path, enum store_mode mode,
                      struct store **store, struct error *err) MUST_USE;

#endif
