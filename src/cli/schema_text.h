/*
 * The files of schema/, byte for byte. schema_text.c is made of them by the
 * Makefile, so that the program carries what an editor needs.
 */
#ifndef CLI_SCHEMA_TEXT_H
#define CLI_SCHEMA_TEXT_H

#include "base/base.h"

struct schema_text {
    const char *name; /* "job" of schema/job.schema.json */
    const unsigned char *bytes;
    size_t size;
};

/* Ends with a NULL name; the first is the one that is meant where none is named. */
extern const struct schema_text SCHEMA_TEXTS[];

#endif
