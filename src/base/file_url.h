/*
 * "file:///absolute/path": the address of a folder on this machine (RFC 8089),
 * as a text. Nothing here looks at a disk.
 */
#ifndef BASE_FILE_URL_H
#define BASE_FILE_URL_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;

/* Whether it begins with "file://", in any case. */
bool file_url_is(struct str text);

/* "file://host/absolute/path"; without a host where that is empty. */
struct str file_url_format(struct arena *arena, struct str host, struct str path);

/* A path as an address has it: every byte outside of [A-Za-z0-9._~/-] is
 * percent-encoded. */
struct str file_url_encode(struct arena *arena, struct str path);

/* The absolute path, with its percent signs decoded; ERROR_USAGE for the address
 * of another machine and for a '%' that two hexadecimal digits do not follow. */
int file_url_path(struct arena *arena, struct str url, struct str *path,
                  struct error *err) MUST_USE;

#endif
