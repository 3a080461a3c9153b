/*
 * What every fuzz target uses. A target is a file fuzz_<name>.c with the one
 * function that libFuzzer calls with each input; replay.c calls it with files
 * instead. An input that breaks a promise ends the program by BUG().
 *
 *     FUZZ_REQUIRE(root != NULL || diags.error_count > 0, "it is refused in silence");
 *     fuzz_check_diags(&diags);
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/base.h"
#include "base/diag.h"
#include "base/source.h"
#include "base/str.h"

struct arena;
struct fragment_reader;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_REQUIRE(condition, what)        \
    do {                                     \
        if (!(condition)) {                  \
            BUG("%s: %s", what, #condition); \
        }                                    \
    } while (0)

/* The bytes as a text that ends where its memory does, so that reading behind it
 * is seen. */
struct str fuzz_text(struct arena *arena, const uint8_t *data, size_t size);

void fuzz_check_span(struct span span);

/* Every diagnostic has its place within a text, and is shown without a byte that a
 * terminal would take for more than text. Sorts them. */
void fuzz_check_diags(struct diags *diags);

/* The files of one input: the first is "a.yaml", each other begins behind a line
 * "--- name". */
#define FUZZ_FILES_MAX 32

struct fuzz_files {
    const struct source *sources[FUZZ_FILES_MAX];
    size_t count;
};

struct fuzz_files fuzz_files_make(struct arena *arena, struct str text);
/* A file's name without its ".yaml". */
struct str fuzz_stem(const struct source *source);
/* Gives the files as fragments. */
struct fragment_reader fuzz_files_reader(struct fuzz_files *files);

#endif
