/*
 * What is in an archive, before anything of it is written: its whole table of
 * contents, with the digest of each file.
 *
 * An archive is hostile input. Its names are held to what a receipt's are
 * (artifact_check_names), a segment of a name to what a file system takes, and all
 * of it to the size of the disk.
 */
#ifndef RUN_CONTENTS_H
#define RUN_CONTENTS_H

#include "base/base.h"
#include "base/pack.h"
#include "job/artifact.h"

struct arena;
struct error;

#define CONTENTS_NAME_MAX 255 /* bytes of one segment */

/* The entries are in the order of the archive, so that number i of a second
 * tarball_read() is entry i. `bytes_max`: of all files together, over which it is
 * ERROR_LIMIT; else ERROR_DAMAGED, and as tarball_read(). */
int contents_read(struct arena *arena, int fd, enum pack_format format, struct str output,
                  uint64_t bytes_max, struct artifact *contents, struct error *err) MUST_USE;

#endif
