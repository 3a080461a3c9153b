/* Runs a fuzz target once with each file that is named, as a test: no libFuzzer,
 * any compiler. The file that fails is the last one that was printed. */
#include "fuzz.h"

#include "base/arena.h"

#include <stdio.h>

static void close_file(FILE **file)
{
    if (*file != NULL) {
        fclose(*file);
    }
}

static bool read_all(struct arena *arena, const char *path, struct str *text)
{
    FILE *file CLEANUP(close_file) = fopen(path, "rb");
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    char piece[4096];
    size_t n;

    if (file == NULL) {
        return false;
    }
    while ((n = fread(piece, 1, sizeof piece, file)) > 0) {
        buf_add(&buf, (struct str){piece, n});
    }
    *text = buf_str(&buf);
    return ferror(file) == 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        struct str text;

        printf("%s\n", argv[i]);
        fflush(stdout);
        if (!read_all(&arena, argv[i], &text)) {
            fprintf(stderr, "cannot read '%s'\n", argv[i]);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)text.s, text.n);
    }
    return 0;
}
