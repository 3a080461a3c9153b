/*
 * Relative paths as texts: of a manifest, of a store, within a workspace.
 * Nothing here looks at a disk.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/base.h"
#include "base/str.h"

struct arena;

#define PATH_BYTES_MAX 4000

/* NULL where a relative path is plain: not empty, no "..", ".", empty segment,
 * leading or trailing '/', backslash, NUL, control character, and at most
 * PATH_BYTES_MAX bytes; else what is wrong with it ("is absolute"). */
const char *path_problem(struct str path);

/* The same without a look at the bytes, for names that files of this machine have. */
const char *path_segments_problem(struct str path);

/* As path_problem(), for a path that may name a folder by a '/' at its end. */
const char *path_or_folder_problem(struct str path);

/* Whether the path leads into a repository's own folder or that of a workspace:
 * `.git` or `.jobrun` as any segment, in any case, for the disks that do not
 * tell. */
bool path_is_reserved(struct str path);

/* "a/b" of "a" and "b", or of "a/" and "b"; one alone where the other is empty. */
struct str path_below(struct arena *arena, struct str folder, struct str path);

/* Without the slashes at its end; "/" stays as it is. */
struct str path_without_slash(struct str path);

/* What stands before the last '/', or nothing: "a/b" of "a/b/c", "" of "a". */
struct str path_folder(struct str path);

/* Whether the path is in the folder, at any depth; false for the folder itself.
 * Everything is in the folder "". */
bool path_is_below(struct str path, struct str folder);

/* Bytewise order in which '/' comes before every other byte, so that what lies
 * in a folder stands directly behind it: "a", "a/b", "a-b". */
int path_compare(struct str a, struct str b);

#endif
