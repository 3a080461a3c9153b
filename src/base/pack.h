/*
 * The formats in which a tree of files becomes one file: a tar, compressed.
 */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/base.h"
#include "base/str.h"

enum pack_format { PACK_NONE, PACK_TAR_ZST, PACK_TAR_GZ };

/* As manifests and receipts write them, and as file names end: "tar.zst" and
 * "tar.gz", NULL-terminated; the format of number i is i + 1. */
extern const char *const PACK_NAMES[];

/* Not of PACK_NONE. */
const char *pack_name(enum pack_format format);
/* PACK_NONE where it is the name of no format. */
enum pack_format pack_parse(struct str name);

#endif
